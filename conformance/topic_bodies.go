package conformance

import (
	"fmt"
	"net/http"
	"strings"
)

func bodyCases() []Case {
	out := []Case{
		{ID: "bodies/empty", Sentence: "an empty body, null and [] equal {}", run: emptyBodies},
		{ID: "bodies/empty-object", Sentence: "[] where an object is expected is an empty object", run: emptyObjects},
		{ID: "bodies/too-large", Sentence: "a body above 1 MiB is 413 payload_too_large", run: tooLarge},
		{ID: "bodies/media-type", Sentence: "a body of another type or charset is 415 unsupported_media_type", run: otherMediaType},
		{ID: "bodies/media-type-absent", Sentence: "a body without a Content-Type is read as JSON, and parameters are ignored", run: noMediaType},
		{ID: "bodies/ignored", Sentence: "the body of a GET is ignored", run: bodyOfGet},
		{ID: "bodies/before-fields", Sentence: "an unreadable body is answered before the existence of the object", run: bodyBeforeExistence},
	}
	for _, b := range malformedBodies() {
		out = append(out, Case{
			ID:       "bodies/malformed-" + b.name,
			Sentence: "400 malformed_json for " + b.what,
			run:      func(t *trial) { malformed(t, b.text) },
		})
	}
	return out
}

type malformedBody struct{ name, what, text string }

func malformedBodies() []malformedBody {
	nest := func(depth int) string {
		return `{"metadata":` + strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth) + "}"
	}
	return []malformedBody{
		{"text", "a body that is not JSON", "amount=1"},
		{"cut", "a body that ends too early", `{"amount": 1`},
		{"list", "a list that is not empty", `[{"amount": 1}]`},
		{"string", "a string", `"amount"`},
		{"number", "a number", `17`},
		{"true", "a boolean", `true`},
		{"twice", "a key that stands twice", `{"amount": 1, "amount": 2}`},
		{"twice-inside", "a key that stands twice inside an object", `{"customer": {"email": "a@b", "email": "c@d"}}`},
		{"utf8", "invalid UTF-8", "{\"description\": \"\xff\xfe\"}"},
		{"surrogate", "a lone surrogate", `{"description": "\ud800"}`},
		{"tail", "something behind the object", `{"amount": 1} x`},
		{"two", "two objects", `{} {}`},
		{"comma", "a comma too many", `{"amount": 1,}`},
		{"quotes", "single quotes", `{'amount': 1}`},
		{"comment", "a comment", `{"amount": 1 /* one */}`},
		{"nan", "NaN", `{"amount": NaN}`},
		{"depth", "a body deeper than 32", nest(40)},
		{"control", "a raw control character in a string", "{\"description\": \"a\nb\"}"},
	}
}

func malformed(t *trial, text string) {
	r := t.post("/payment-sessions", raw(text))
	t.refused(r, http.StatusBadRequest, "malformed_json")
	t.outcome(r, "not_attempted", "no")
	t.present(r, "error.details.reason")
	if _, ok := r.number("error.details.position"); !ok {
		t.failed(&r, "a number at error.details.position")
	}
}

func emptyBodies(t *trial) {
	for _, text := range []string{"", "null", "[]", "{}", "  {} ", " [ ] "} {
		r := t.post("/payment-sessions/"+t.created()+"/cancel", raw(text))
		t.status(r, http.StatusOK)
		t.equal(r, "data.payment.cancellation_reason", "merchant")
		t.field(t.post("/payment-sessions", raw(text)), "amount", "required")
	}
	t.status(t.post("/payment-sessions/"+t.created()+"/cancel", nil), http.StatusOK)
}

func emptyObjects(t *trial) {
	r := t.post("/payment-sessions", set(t.session(), "metadata", []any{}))
	t.status(r, http.StatusCreated)
	t.equal(r, "data.payment.metadata", object{})
	t.field(t.post("/payment-sessions", set(t.session(), "customer", []any{})), "customer.email", "required")
}

const bodyLimit = 1 << 20

func tooLarge(t *trial) {
	body := `{"description":"` + strings.Repeat("x", bodyLimit) + `"}`
	r := t.post("/payment-sessions", raw(body))
	t.refused(r, http.StatusRequestEntityTooLarge, "payload_too_large")
	t.outcome(r, "not_attempted", "no")
	t.equal(r, "error.details.limit", bodyLimit)
	fits := `{"amount": 1` + strings.Repeat(" ", bodyLimit-13) + `}`
	t.field(t.post("/payment-sessions", raw(fits)), "currency", "required")
}

func otherMediaType(t *trial) {
	for _, ct := range []string{"text/plain", "application/x-www-form-urlencoded", "application/xml", "application/json; charset=iso-8859-1"} {
		r := t.post("/payment-sessions", t.session(), plain(ct))
		t.refused(r, http.StatusUnsupportedMediaType, "unsupported_media_type")
		t.outcome(r, "not_attempted", "no")
		t.present(r, "error.details.content_type")
	}
}

func noMediaType(t *trial) {
	for _, ct := range []string{"", "application/json; charset=utf-8", "application/json; charset=UTF-8", "APPLICATION/JSON", "application/json; version=7"} {
		t.status(t.post("/payment-sessions", t.session(), plain(ct)), http.StatusCreated)
	}
	t.status(t.post("/payment-sessions/"+t.created()+"/cancel", nil, plain("")), http.StatusOK)
}

func bodyOfGet(t *trial) {
	id := t.created()
	for _, body := range []raw{"{", `{"amount": 1}`, "\xff"} {
		t.status(t.call("GET", "/payments/"+id, body), http.StatusOK)
		t.status(t.call("GET", "/payment-sessions/encryption-keys/test", body, plain("text/plain")), http.StatusOK)
	}
}

func bodyBeforeExistence(t *trial) {
	none := fmt.Sprintf("/payment-sessions/%s", t.unique())
	t.refused(t.post(none, raw("{")), http.StatusBadRequest, "malformed_json")
	t.fields(t.post(none+"/cancel", object{"why": "x"}), "why unknown_field")
	t.refused(t.post(none+"/cancel", object{}), http.StatusNotFound, "not_found")
}
