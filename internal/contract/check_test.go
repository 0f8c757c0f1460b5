package contract

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// right is a reply that keeps the contract, ready to be spoilt.
func right(t *testing.T, name string) exchange {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	x := exchange{method: "GET", path: "/payments/ord_1001", status: 200, body: bytes.TrimSpace(body), header: http.Header{
		"Content-Type":       {jsonContentType},
		"X-Request-Id":       {"req_01m819grrrewqt6ag60hkd4a3p"},
		"Juicer-Environment": {"test"},
		"Cache-Control":      {"no-store"},
	}}
	switch name {
	case "payment":
		x.header.Set("Juicer-Outcome", "succeeded")
		x.header.Set("ETag", `"7f3a"`)
		x.header.Set("Cache-Control", "private, no-cache")
		x.header.Set("Vary", "Authorization")
	case "validation":
		x.method, x.path, x.status = "POST", "/payment-sessions", 422
		x.header.Set("Juicer-Outcome", "not_attempted")
	case "limited":
		x.status = 429
		x.header.Set("Juicer-Outcome", "not_attempted")
		x.header.Set("Retry-After", "3")
		x.header["retry_after"] = []string{"3"} // as a server spells it
	case "unauthorized":
		x.status = 401
		x.header.Set("Juicer-Outcome", "not_attempted")
		x.header.Set("WWW-Authenticate", `Bearer realm="juicer-test", error="missing_api_key"`)
	case "no_route":
		x.path, x.status = "/nowhere", 404
		x.header.Set("Juicer-Outcome", "not_attempted")
	case "no_method":
		x.method, x.path, x.status = "DELETE", "/payments", 405
		x.header.Set("Juicer-Outcome", "not_attempted")
		x.header.Set("Allow", "GET, HEAD")
	}
	return x
}

var rightNames = []string{"payment", "validation", "limited", "unauthorized", "no_route", "no_method"}

func TestRepliesThatKeepTheContractPass(t *testing.T) {
	c := load(t)
	for _, name := range rightNames {
		x := right(t, name)
		if err := c.Check(x.method, x.path, x.requestBody, x.status, x.header, x.body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// fault is one breach planted in a right reply.
type fault struct {
	name  string
	reply string
	plant func(*exchange)
	want  string // part of the report
}

func swap(old, new string) func(*exchange) {
	return func(x *exchange) { x.body = bytes.Replace(x.body, []byte(old), []byte(new), 1) }
}

func without(header string) func(*exchange) {
	return func(x *exchange) { x.header.Del(header) }
}

func with(header, value string) func(*exchange) {
	return func(x *exchange) { x.header.Set(header, value) }
}

func TestEveryPlantedFaultIsReported(t *testing.T) {
	faults := []fault{
		{"a member is missing", "payment", swap(`"fee":null,`, ``), "missing property 'fee'"},
		{"a member is unknown", "payment", swap(`"fee":null,`, `"fee":null,"fees":null,`), "/data/fees"},
		{"a member has another type", "payment", swap(`"amount":250000`, `"amount":"250000"`), "got string"},
		{"a state is unknown", "payment", swap(`"state":"captured"`, `"state":"caught"`), "/data/state"},
		{"a session's word stands in a payment", "payment", swap(`"status":"succeeded"`, `"status":"captured"`), "/data/status"},
		{"an amount is a fraction", "payment", swap(`"amount_paid":250000`, `"amount_paid":250000.0`), "is not an integer"},
		{"keys are not sorted", "payment", swap(`"mode":"test","order"`, `"morder":1,"mode":"test","order"`), "not in byte order"},
		{"a key stands twice", "payment", swap(`"fee":null,`, `"fee":null,"fee":null,`), "not JSON"},
		{"the body is not compact", "payment", swap(`"fee":null`, `"fee": null`), "not compact"},
		{"the body ends with a newline", "payment", func(x *exchange) { x.body = append(x.body, '\n') }, "ends with a newline"},
		{"a success has a top-level message", "payment", swap(`"money":{`, `"message":"ok","money":{`), "top level"},
		{"the content type is another", "payment", with("Content-Type", "application/json"), "Content-Type"},
		{"the request id is missing", "payment", without("X-Request-Id"), "X-Request-Id"},
		{"the request id has another form", "payment", with("X-Request-Id", "req_1"), "X-Request-Id"},
		{"the environment is missing", "payment", without("Juicer-Environment"), "Juicer-Environment is missing"},
		{"the validator is missing", "payment", without("ETag"), "Etag is missing"},
		{"the validator is weak", "payment", with("ETag", `W/"7f3a"`), "does not fit"},
		{"the cache rule is another", "payment", with("Cache-Control", "public"), "Cache-Control"},
		{"the outcome is missing", "payment", without("Juicer-Outcome"), "Juicer-Outcome"},
		{"the outcome differs", "payment", with("Juicer-Outcome", "pending"), "money.outcome"},
		{"a query parameter is accepted without being declared", "payment", func(x *exchange) { x.path += "?expand=1" }, "not declared"},
		{"the status is not declared", "payment", func(x *exchange) { x.status = 202 }, "no status 202"},
		{"the message is not mirrored", "validation", swap(`"message":"The request was invalid"}`, `"message":"invalid"}`), "top-level message"},
		{"the errors are not mirrored", "validation", swap(`],"message":"The request was invalid"}`, `,{"code":"required","field":"x","message":"X is required"}],"message":"The request was invalid"}`), "mirror"},
		{"a field code is unknown", "validation", swap(`"must_be_positive"`, `"bad"`), "/error/errors/0/code"},
		{"the request id differs from the header", "validation", with("X-Request-Id", "req_01m819he88etjsdxgva3y8j6ta"), "error.request_id"},
		{"the code belongs to another status", "validation", func(x *exchange) { x.status = 409 }, "value must be one of"},
		{"the type does not go with the code", "validation", swap(`"invalid_request_error"`, `"api_error"`), "/error/type"},
		{"details lack a name", "limited", swap(`,"policy":"100;w=60"`, ``), "policy"},
		{"the documentation link leads elsewhere", "limited", swap(`errors#rate_limit_exceeded`, `errors#server_error`), "doc_url"},
		{"a wait header is missing", "limited", func(x *exchange) { x.header.Del("Retry-After") }, "Retry-After"},
		{"the wait differs", "limited", with("Retry-After", "4"), "Retry-After"},
		{"the wait is not the advice", "limited", swap(`"after_ms":3000`, `"after_ms":4001`), "after_ms"},
		{"advice contradicts itself", "limited", swap(`"with":"same_key"`, `"with":null`), "/error/retry/with"},
		{"the challenge is missing", "unauthorized", without("WWW-Authenticate"), "Www-Authenticate is missing"},
		{"the challenge names another code", "unauthorized", with("WWW-Authenticate", `Bearer realm="juicer-test", error="invalid_api_key"`), "WWW-Authenticate"},
		{"an unknown path is answered otherwise", "no_route", swap(`route_not_found`, `not_found`), "no such path"},
		{"an unknown method is answered otherwise", "no_method", swap(`method_not_allowed`, `not_found`), "no such method"},
		{"Allow lacks a method", "no_method", with("Allow", "POST"), "lacks GET"},
	}
	c := load(t)
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			x := right(t, f.reply)
			before := string(x.body)
			f.plant(&x)
			err := c.check(x)
			if err == nil {
				t.Fatalf("not reported; body changed: %t", before != string(x.body))
			}
			if !strings.Contains(err.Error(), f.want) {
				t.Errorf("report lacks %q:\n%v", f.want, err)
			}
		})
	}
}

func TestRequestsThatWereAcceptedMustBeOnOffer(t *testing.T) {
	c := load(t)
	accepted := func(body string) error {
		x := right(t, "session")
		x.method, x.path, x.requestBody = "POST", "/payment-sessions/01a20297-4dc0-74cd-9faf-fc8186734721/cancel", []byte(body)
		x.header.Set("Juicer-Outcome", "refused")
		return c.check(x)
	}
	for _, body := range []string{``, `null`, `[]`, `{}`, `{"reason":null}`, `{"reason":""}`, `{"reason":"Changed my mind"}`} {
		if err := accepted(body); err != nil {
			t.Errorf("%q: %v", body, err)
		}
	}
	for _, body := range []string{`{"why":"x"}`, `{"reason":7}`, `[1]`, `"x"`} {
		if err := accepted(body); err == nil || !strings.Contains(err.Error(), "accepted request") {
			t.Errorf("%q was not reported: %v", body, err)
		}
	}
}

func TestPathsAreFound(t *testing.T) {
	c := load(t)
	for path, want := range map[string]string{
		"/payments/stats":                        "/payments/stats",
		"/payments/a%2Fb":                        "/payments/{id}",
		"/v1/payments/stats/?x=1":                "/payments/stats",
		"/payment-sessions/encryption-keys/test": "/payment-sessions/encryption-keys/{mode}",
		"/payment-sessions/x/authorize":          "/payment-sessions/{id}/authorize",
		"/payments/x/refunds":                    "/payments/{id}/refunds",
	} {
		r := c.find(path)
		if r == nil || r.template != want {
			t.Errorf("%s: got %+v, want %s", path, r, want)
		}
	}
	for _, path := range []string{"/", "/v1", "/payments//", "/payments//refunds", "/v2/payments"} {
		if r := c.find(path); r != nil {
			t.Errorf("%s: found %s", path, r.template)
		}
	}
}

func TestABrokenDocumentIsRefused(t *testing.T) {
	text, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"not YAML":                   []byte("a: b: c"),
		"another shape":              []byte("paths: 7"),
		"a reference leads nowhere":  bytes.Replace(text, []byte("'#/components/responses/SessionCreated'"), []byte("'#/components/responses/None'"), 1),
		"a schema leads nowhere":     bytes.Replace(text, []byte("'#/components/schemas/SessionReply'"), []byte("'#/components/schemas/None'"), 1),
		"a header leads nowhere":     bytes.Replace(text, []byte("'#/components/headers/X-Request-Id'"), []byte("'#/components/headers/None'"), 1),
		"a parameter leads nowhere":  bytes.Replace(text, []byte("'#/components/parameters/Wait'"), []byte("'#/components/parameters/None'"), 1),
		"a regular expression fails": bytes.Replace(text, []byte(`'^[0-9a-f]{8}-`), []byte(`'^([0-9a-f]{8}-`), 1),
	} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Load("testdata/none.yaml"); err == nil {
		t.Error("a missing file was accepted")
	}
}

func TestTheReportNamesTheExchange(t *testing.T) {
	x := right(t, "payment")
	x.status = 202
	err := load(t).check(x)
	if err == nil || !strings.HasPrefix(err.Error(), "GET /payments/ord_1001 -> 202: ") {
		t.Errorf("got %v", err)
	}
}
