package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/ratelimit"
)

// flaw is something wrong with a capture. Flaws stand in the order in which the
// server must look for them.
type flaw struct {
	name string
	step int
	code string
	slot string // flaws of one slot exclude each other
	add  func(*faulty)
}

// faulty is a capture that is made wrong on purpose.
type faulty struct {
	path, query string
	key         string   // Authorization; "" unless a flaw said otherwise
	scopes      []string // of a key made for it
	spent       bool     // the key's limit is used up
	revoked     bool
	body        any
	headers     map[string]string
}

func (f *faulty) header(name, value string) { f.headers[name] = value }

const (
	unknownKey = "test_0000000000000000000000000000000HGh7u"
	liveKey    = "live_0000000000000000000000000000004DY1fB"
	noUUID     = "00000000-0000-7000-8000-000000000000"
)

func flaws() []flaw {
	return []flaw{
		{"an unknown path", 1, "route_not_found", "path", func(f *faulty) { f.path = "/no-such-endpoint/x" }},
		{"no key", 2, "missing_api_key", "key", func(f *faulty) { f.key = " " }},
		{"a key that is none", 2, "invalid_api_key", "key", func(f *faulty) { f.key = "abc" }},
		{"a key of the other environment", 3, "production_key_in_test", "key", func(f *faulty) { f.key = liveKey }},
		{"an unknown key", 3, "invalid_api_key", "key", func(f *faulty) { f.key = unknownKey }},
		{"a revoked key", 3, "revoked_api_key", "revoked", func(f *faulty) { f.revoked = true }},
		{"a used-up limit", 4, "rate_limit_exceeded", "limit", func(f *faulty) { f.spent = true }},
		{"a malformed Idempotency-Key", 5, "invalid_idempotency_key", "idempotency", func(f *faulty) { f.header("Idempotency-Key", "two words") }},
		{"another media type", 6, "unsupported_media_type", "media", func(f *faulty) { f.header("Content-Type", "text/plain") }},
		{"a body that is no JSON", 7, "malformed_json", "body", func(f *faulty) { f.body = `{"card":` }},
		{"a reused Idempotency-Key", 8, "idempotency_key_reused", "idempotency", func(f *faulty) { f.header("Idempotency-Key", "used") }},
		{"a missing scope", 9, "insufficient_permissions", "scope", func(f *faulty) { f.scopes = []string{"payments:read"} }},
		{"an unknown parameter", 10, "invalid_request", "query", func(f *faulty) { f.query = "?colour=red" }},
		{"a bad header", 10, "invalid_request", "header", func(f *faulty) { f.header("Juicer-Deadline-Ms", "soon") }},
		{"a bad field", 11, "validation_error", "body", func(f *faulty) { f.body = map[string]any{"card": 5} }},
		{"a session that does not exist", 12, "not_found", "path", func(f *faulty) { f.path = "/payment-sessions/" + noUUID }},
	}
}

// onePerKey allows each key one capture, so that a limit can be used up.
func onePerKey(c *node.Config) {
	documented(c)
	c.Limits = &ratelimit.Table{Endpoints: map[string]ratelimit.Limit{"POST /payment-sessions/{id}": {Quota: 1, Window: time.Hour, Burst: 1}}}
}

func TestTheFirstFailingStepAnswers(t *testing.T) {
	t.Parallel()
	e := start(t, onePerKey)
	session := e.NewSession("order")
	set(e, "POST", "/payment-sessions", nodetest.Session("other"), "Idempotency-Key", "used")
	send := func(e *nodetest.Env, chosen ...flaw) nodetest.Answer {
		f := &faulty{path: "/payment-sessions/" + session, scopes: []string{access.Everything}, headers: map[string]string{}}
		f.body = map[string]any{"card": e.Card(approved)}
		for _, c := range chosen {
			c.add(f)
		}
		return f.send(e, session)
	}
	for i, first := range flaws() {
		t.Run(first.name, func(t *testing.T) {
			e := under(t, e)
			want(t, send(e, first), statusOf(t, first.code), first.code)
			for _, second := range flaws()[i+1:] {
				if second.slot == first.slot || second.step == first.step {
					continue
				}
				if a := send(e, second, first); a.Text("error.code") != first.code {
					t.Errorf("with %s as well: got %d %s, want %s", second.name, a.Status, a.Body, first.code)
				}
			}
		})
	}
}

func (f *faulty) send(e *nodetest.Env, session string) nodetest.Answer {
	key := f.key
	if key == "" {
		key = e.NewKey(f.scopes...)
	}
	if f.spent {
		e.Do("POST", "/payment-sessions/"+session, `{`, "Authorization", key)
	}
	if f.revoked && f.key == "" {
		all := set(e, "GET", "/keys?limit=1", nil)
		set(e, "DELETE", "/keys/"+all.At("data").([]any)[0].(map[string]any)["id"].(string), nil)
	}
	headers := []string{"Authorization", key}
	for name, value := range f.headers {
		headers = append(headers, name, value)
	}
	return e.Do("POST", f.path+f.query, f.body, headers...)
}

// badKeys are keys that must not get in, by how they are bad.
func badKeys(e *nodetest.Env) map[string]string {
	e.T.Helper()
	revoked := set(e, "POST", "/keys", map[string]any{"name": "revoked", "scopes": []string{"*"}})
	set(e, "DELETE", "/keys/"+revoked.Text("data.id"), nil)
	expiry := e.Engine.Clock.Now().Add(time.Hour).Format(time.RFC3339)
	expired := set(e, "POST", "/keys", map[string]any{"name": "expired", "scopes": []string{"*"}, "expiry_date": expiry})
	e.Advance(2 * hour)
	return map[string]string{"missing": " ", "malformed": "abc", "unknown": unknownKey, "of live": liveKey,
		"revoked": revoked.Text("data.key"), "expired": expired.Text("data.key")}
}

// What is behind the key check must not show in any way: not whether a resource
// exists, not whether the request would be good.
func TestABadKeyLearnsNothingElse(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.Paid("hidden")
	set(e, "POST", "/payment-sessions", nodetest.Session("k"), "Idempotency-Key", "used")
	for name, key := range badKeys(e) {
		t.Run(name, func(t *testing.T) {
			e := under(t, e)
			usual := transcript(e, e.Do("GET", "/payments", nil, "Authorization", key))
			for _, r := range []struct {
				method, path string
				body         any
				header       [2]string
			}{
				{"GET", "/payments/" + id, nil, [2]string{}}, {"GET", "/payments/none", nil, [2]string{}}, {"GET", "/payments?limit=0", nil, [2]string{}},
				{"GET", "/requests", nil, [2]string{}}, {"GET", "/idempotency-keys/used", nil, [2]string{}}, {"GET", "/sandbox/settings", nil, [2]string{}},
				{"POST", "/payment-sessions", nodetest.Session("hidden"), [2]string{}}, {"POST", "/payment-sessions", `{`, [2]string{}},
				{"POST", "/payment-sessions", nodetest.Session("k"), [2]string{"Idempotency-Key", "used"}},
				{"POST", "/payment-sessions", nodetest.Session("x"), [2]string{"Idempotency-Key", "two words"}},
				{"POST", "/payment-sessions", nodetest.Session("x"), [2]string{"Juicer-Fault", "server_error"}},
				{"POST", "/payments/" + id + "/refunds", nil, [2]string{}}, {"DELETE", "/keys/" + noUUID, nil, [2]string{}},
				{"POST", "/sandbox/reset", nil, [2]string{}},
			} {
				a := e.Do(r.method, r.path, r.body, "Authorization", key, r.header[0], r.header[1])
				if found := transcript(e, a); string(found) != string(usual) {
					t.Errorf("%s %s %v: got\n%s\nwant the same as for every other request:\n%s", r.method, r.path, r.header, found, usual)
				}
			}
		})
	}
	equal(t, "payments afterwards", len(set(e, "GET", "/payments", nil).At("data").([]any)), 2)
}

// Another business's things do not exist.
func TestForeignThingsAreNotFound(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.Paid("mine")
	refund := set(e, "POST", "/payments/"+id+"/refunds", map[string]any{"amount": 1}, "Idempotency-Key", "mine").Text("data.id")
	request := e.Do("GET", "/payments/"+id, nil).Header.Get("X-Request-Id")
	key := set(e, "POST", "/keys", map[string]any{"name": "mine too", "scopes": []string{"*"}}).Text("data.id")
	stranger := under(t, e)
	stranger.Key = foreignKey(e)
	for _, r := range [][2]string{
		{"GET", "/payments/" + id}, {"GET", "/payments/mine"}, {"GET", "/payment-sessions/" + id}, {"POST", "/payment-sessions/" + id + "/cancel"},
		{"POST", "/payment-sessions/" + id + "/authorize"}, {"POST", "/payments/" + id + "/refunds"}, {"GET", "/payments/" + id + "/refunds"},
		{"GET", "/refunds/" + refund}, {"GET", "/requests/" + request}, {"GET", "/idempotency-keys/mine"}, {"GET", "/keys/" + key},
		{"DELETE", "/keys/" + key}, {"POST", "/keys/" + key + "/rotate"}, {"POST", "/sandbox/payments/" + id + "/resolve"},
	} {
		var body any
		switch r[1] {
		case "/payment-sessions/" + id + "/authorize":
			body = map[string]any{"otp": "123456"}
		case "/sandbox/payments/" + id + "/resolve":
			body = map[string]any{"outcome": "succeeded"}
		}
		want(t, stranger.Do(r[0], r[1], body), http.StatusNotFound, "not_found")
	}
	want(t, stranger.Capture(id, approved), http.StatusNotFound, "not_found")
	for _, path := range []string{"/payments", "/requests?resource_id=" + id} {
		equal(t, "what a stranger sees in GET "+path, len(set(stranger, "GET", path, nil).At("data").([]any)), 0)
	}
	a := set(stranger, "GET", "/payments?references=mine", nil)
	equal(t, "missing of a foreign reference", fmt.Sprint(a.At("missing")), "[mine]")
}

func TestEveryRouteWantsAKeyExceptThoseForPeople(t *testing.T) {
	t.Parallel()
	e := start(t)
	var open []string
	for _, r := range e.API.Routes() {
		if a := e.Do(r.Method, variable.ReplaceAllString(r.Path, noUUID), nil, "Authorization", ""); a.Text("error.code") != "missing_api_key" {
			open = append(open, nameless(r.Method, r.Path))
		}
	}
	slices.Sort(open)
	equal(t, "routes without a key", fmt.Sprint(open), fmt.Sprint([]string{"GET /docs/errors", "GET /issuer/{}", "GET /openapi.json",
		"GET /pay/{}", "GET /payment-sessions/{}/3ds", "POST /issuer/{}", "POST /pay/{}"}))
}
