package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

func bodyRules() []rule {
	return []rule{
		{"replies/compact", "JSON is UTF-8 and compact, without a newline at the end", compactBreach},
		{"replies/key-order", "the keys of every object stand in byte order, each once", keyOrderBreach},
		{"replies/no-fractions", "no number is a fraction, except in what the caller stored", fractionBreach},
		{"replies/one-envelope", "every refusal has the one envelope, and nothing else at its top level", envelopeBreach},
		{"replies/mirrors", "message and errors at the top level repeat those of error", mirrorBreach},
		{"replies/same-request-id", "error.request_id equals X-Request-Id", sameRequestIDBreach},
		{"replies/doc-url", "error.doc_url leads to the code on the errors page", docURLBreach},
		{"replies/success-top-level", "a success has neither message nor errors at its top level", successBreach},
		{"replies/no-500", "nothing that a caller sends makes the server fail with 500", noFaultBreach},
	}
}

func compactBreach(r reply) string {
	if r.json == nil {
		return ""
	}
	if !utf8.Valid(r.body) {
		return "valid UTF-8"
	}
	var squeezed bytes.Buffer
	if err := json.Compact(&squeezed, r.body); err != nil {
		return "one JSON value: " + err.Error()
	}
	if !bytes.Equal(squeezed.Bytes(), r.body) {
		return "no white space outside strings"
	}
	return ""
}

// isRefusal: the reply is JSON that a refusal should be; pages may refuse in
// their own way.
func isRefusal(r reply) bool {
	return r.status >= 400 && r.request.method != "HEAD" && !isPage(r)
}

var errorMembers = map[string]bool{
	"code": true, "details": false, "doc_url": true, "errors": false, "message": true, "outcome": true,
	"request_id": true, "retry": true, "retry_after": false, "type": true,
}

func envelopeBreach(r reply) string {
	if !isRefusal(r) {
		return ""
	}
	top, _ := r.json.(map[string]any)
	body, _ := top["error"].(map[string]any)
	if body == nil {
		return "an object error"
	}
	for name := range top {
		if name != "error" && name != "message" && name != "errors" {
			return "no " + name + " at the top level"
		}
	}
	for name := range body {
		if _, known := errorMembers[name]; !known {
			return "no error." + name
		}
	}
	for name, required := range errorMembers {
		if _, there := body[name]; required && !there {
			return "error." + name
		}
	}
	return retryFormBreach(r)
}

func retryFormBreach(r reply) string {
	v, _ := r.at("error.retry")
	retry, _ := v.(map[string]any)
	if len(retry) != 3 {
		return "error.retry with after_ms, allowed and with"
	}
	allowed, isBool := retry["allowed"].(bool)
	_, named := retry["with"].(string)
	if !isBool || allowed != named {
		return "error.retry.with to be a word if allowed, else null"
	}
	return ""
}

var bareCodes = map[string]bool{"invalid_amount": true, "invalid_currency": true, "reference_exists": true, "duplicate_currency_wallet": true}

func mirrorBreach(r reply) string {
	if !isRefusal(r) {
		return ""
	}
	want := r.text("error.message")
	if code := r.text("error.code"); bareCodes[code] {
		want = code
		if !strings.HasPrefix(r.text("error.message"), code+": ") {
			return "error.message to begin with the code"
		}
	}
	if got := r.text("message"); got != want || got == "" {
		return fmt.Sprintf("message %q, not %q", want, got)
	}
	inner, hasInner := r.at("error.errors")
	outer, hasOuter := r.at("errors")
	if hasInner != hasOuter || !reflect.DeepEqual(inner, outer) {
		return "errors to repeat error.errors"
	}
	if hasInner != (r.text("error.code") == "validation_error") {
		return "error.errors with validation_error and only there"
	}
	return ""
}

func sameRequestIDBreach(r reply) string {
	if got := r.text("error.request_id"); isRefusal(r) && (got == "" || got != r.requestID()) {
		return fmt.Sprintf("error.request_id %q as in the header, not %q", r.requestID(), r.text("error.request_id"))
	}
	return ""
}

func docURLBreach(r reply) string {
	want := "/docs/errors#" + r.text("error.code")
	if isRefusal(r) && !strings.HasSuffix(r.text("error.doc_url"), want) {
		return fmt.Sprintf("error.doc_url to end with %s, not %q", want, r.text("error.doc_url"))
	}
	return ""
}

func successBreach(r reply) string {
	if r.status >= 400 {
		return ""
	}
	for _, name := range []string{"message", "errors", "error"} {
		if _, there := r.at(name); there {
			return "no " + name + " at the top level of a success"
		}
	}
	return ""
}

func noFaultBreach(r reply) string {
	if r.status == 500 {
		return "any answer but 500"
	}
	return ""
}

func keyOrderBreach(r reply) string {
	return walkTokens(r, func(at []string, token any, isKey bool, last string) string {
		if name, ok := token.(string); ok && isKey && name <= last && last != "" {
			return fmt.Sprintf("%s before %s in %s", name, last, strings.Join(at, "."))
		}
		return ""
	})
}

func fractionBreach(r reply) string {
	return walkTokens(r, func(at []string, token any, _ bool, _ string) string {
		n, ok := token.(json.Number)
		if ok && strings.ContainsAny(n.String(), ".eE") && !stored(at) {
			return fmt.Sprintf("an integer at %s, not %s", strings.Join(at, "."), n)
		}
		return ""
	})
}

// stored: a value below at is what a caller sent, and comes back as given.
func stored(at []string) bool {
	for _, name := range at {
		if name == "metadata" || name == "request_body" || name == "reply_body" {
			return true
		}
	}
	return false
}

// walkTokens calls look for every token of a JSON reply: at are the keys above
// it, last is the key before it in the same object. It returns what look says
// first.
func walkTokens(r reply, look func(at []string, token any, isKey bool, last string) string) string {
	if r.json == nil {
		return ""
	}
	dec := json.NewDecoder(bytes.NewReader(r.body))
	dec.UseNumber()
	w := walker{dec: dec, look: look}
	if err := w.value(nil); err != nil && !errors.Is(err, io.EOF) && w.found == "" {
		return "one JSON value: " + err.Error()
	}
	return w.found
}

type walker struct {
	dec   *json.Decoder
	look  func(at []string, token any, isKey bool, last string) string
	found string
}

func (w *walker) note(at []string, token any, isKey bool, last string) {
	if wrong := w.look(at, token, isKey, last); wrong != "" && w.found == "" {
		w.found = wrong
	}
}

func (w *walker) value(at []string) error {
	token, err := w.dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return w.members(at)
	case json.Delim('['):
		for w.dec.More() {
			if err := w.value(at); err != nil {
				return err
			}
		}
		_, err = w.dec.Token()
		return err
	default:
		w.note(at, token, false, "")
		return nil
	}
}

func (w *walker) members(at []string) error {
	last := ""
	for w.dec.More() {
		key, err := w.dec.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		w.note(at, key, true, last)
		last = name
		if err := w.value(append(at[:len(at):len(at)], name)); err != nil {
			return err
		}
	}
	_, err := w.dec.Token()
	return err
}
