package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// No text of a cause, and no detail that the row does not list, ever reaches a
// caller: in the body, the headers or the message.
func TestCauseNeverLeaves(t *testing.T) {
	kinds := All()
	rapid.Check(t, func(t *rapid.T) {
		marker := "MARK" + rapid.StringMatching(`[0-9A-F]{12}`).Draw(t, "marker")
		cause := error(errors.New("SELECT * FROM cards -- " + marker))
		for range rapid.IntRange(0, 3).Draw(t, "wraps") {
			cause = fmt.Errorf("%s: %w", marker, cause)
		}
		e := From(cause)
		if rapid.Bool().Draw(t, "known") {
			e = raise(t, kinds, marker).Because(cause)
		}
		if rapid.Bool().Draw(t, "wrapped") {
			e = From(fmt.Errorf("%s: %w", marker, e))
		}
		e = e.BrokeOff(Work(rapid.IntRange(0, 2).Draw(t, "work")))
		env := Envelope{RequestID: "req_1", PublicURL: "https://x", ClientRequestID: rapid.String().Draw(t, "client id")}
		body := e.Body(env)
		if out := string(body) + fmt.Sprint(e.Headers(env)) + e.Message(); strings.Contains(out, marker) {
			t.Fatalf("%s leaks: %s", e.Kind.Code, out)
		}
		if !json.Valid(body) {
			t.Fatalf("%s: not JSON: %s", e.Kind.Code, body)
		}
		if !errors.Is(e, cause) {
			t.Fatal("the operator's log lost the cause")
		}
	})
}

// raise makes an error of any row with its sample's details and a secret one.
func raise(t *rapid.T, kinds []*Kind, marker string) *Error {
	k := rapid.SampledFrom(kinds).Draw(t, "kind")
	e := Sample(k)
	secret := Details{}
	for name, v := range e.Details {
		secret[name] = v
	}
	if k != InvalidRequest { // its names come from the request
		secret["sql"] = marker
	}
	e.Details = secret
	return e
}

func TestALeakWouldBeSeen(t *testing.T) {
	if body := string(NotFound.With(Details{"id": "MARK1", "resource": "payment"}).Body(Envelope{})); !strings.Contains(body, "MARK1") {
		t.Errorf("a listed detail does not arrive: %s", body)
	}
}
