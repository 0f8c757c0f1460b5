package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
)

// status: the reply has this status.
func (t *trial) status(r reply, want int) {
	if r.status != want {
		t.failed(&r, "status %d", want)
	}
}

// refused: the reply is an error with this status and code.
func (t *trial) refused(r reply, status int, code string) {
	if r.status != status || r.text("error.code") != code {
		t.failed(&r, "%d %s", status, code)
	}
}

// outcome: the refusal says this of money, with this advice ("no" for none).
func (t *trial) outcome(r reply, outcome, advice string) {
	t.equal(r, "error.outcome", outcome)
	t.advice(r, "error.retry", advice)
}

// money: the success says this of money, with this advice ("no" for none).
func (t *trial) money(r reply, outcome, advice string) {
	t.equal(r, "money.outcome", outcome)
	t.advice(r, "money.retry", advice)
}

func (t *trial) advice(r reply, path, advice string) {
	if advice == "no" {
		t.equal(r, path+".allowed", false)
		t.equal(r, path+".with", nil)
		return
	}
	t.equal(r, path+".allowed", true)
	t.equal(r, path+".with", advice)
}

// equal: the JSON value at path is want. Integers may be given as int.
func (t *trial) equal(r reply, path string, want any) {
	got, ok := r.at(path)
	if !ok {
		t.failed(&r, "%s = %s, but it is absent", path, shown(want))
	}
	if !same(got, want) {
		t.failed(&r, "%s = %s, not %s", path, shown(want), shown(got))
	}
}

// absent: there is nothing at path.
func (t *trial) absent(r reply, path string) {
	if v, ok := r.at(path); ok {
		t.failed(&r, "no %s, not %s", path, shown(v))
	}
}

// present: there is a value other than null at path.
func (t *trial) present(r reply, path string) {
	if v, _ := r.at(path); v == nil {
		t.failed(&r, "a value at %s", path)
	}
}

// same compares a decoded JSON value with a Go value.
func same(got, want any) bool {
	text, err := json.Marshal(want)
	if err != nil {
		return false
	}
	var w reply
	w.body = text
	w.parse()
	return reflect.DeepEqual(got, w.json)
}

func shown(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// head: the reply's header has this value.
func (t *trial) head(r reply, name, want string) {
	if got := r.header.Get(name); got != want {
		t.failed(&r, "header %s: %q, not %q", name, want, got)
	}
}

// replayed: the reply says whether it repeats an earlier one.
func (t *trial) replayed(r reply, want bool) {
	if r.replayed() != want {
		t.failed(&r, "header Idempotent-Replayed: %t, not %q", want, r.header.Get("Idempotent-Replayed"))
	}
}

// identical: two replies have the same status and the same bytes.
func (t *trial) identical(got, want reply) {
	if got.status != want.status || string(got.body) != string(want.body) {
		t.failed(&got, "the first answer again: %d %s", want.status, want.excerpt())
	}
}

// fields: the reply is a 422 with exactly these breaches, in this order. Each is
// "field code".
func (t *trial) fields(r reply, want ...string) {
	t.refused(r, http.StatusUnprocessableEntity, "validation_error")
	if got := breaches(r); !reflect.DeepEqual(got, want) {
		t.failed(&r, "exactly these breaches in this order: %s; not: %s", strings.Join(want, ", "), strings.Join(got, ", "))
	}
}

// field: the reply is a 422 that names this breach among others.
func (t *trial) field(r reply, field, code string) {
	t.refused(r, http.StatusUnprocessableEntity, "validation_error")
	for _, b := range breaches(r) {
		if b == field+" "+code {
			return
		}
	}
	t.failed(&r, "a breach %s of %s", code, field)
}

func breaches(r reply) []string {
	var out []string
	for i := range r.list("error.errors") {
		at := fmt.Sprintf("error.errors.%d.", i)
		out = append(out, r.text(at+"field")+" "+r.text(at+"code"))
	}
	return out
}

// fieldMessage is what a 422 says of a field, "" if it does not name it.
func fieldMessage(r reply, field string) string {
	for i := range r.list("error.errors") {
		at := fmt.Sprintf("error.errors.%d.", i)
		if r.text(at+"field") == field {
			return r.text(at + "message")
		}
	}
	return ""
}

// message: a 422 says this of the field.
func (t *trial) message(r reply, field, want string) {
	if got := fieldMessage(r, field); got != want {
		t.failed(&r, "the message %q for %s, not %q", want, field, got)
	}
}

// pathf makes a path for reply.at.
func pathf(format string, args ...any) string { return fmt.Sprintf(format, args...) }
