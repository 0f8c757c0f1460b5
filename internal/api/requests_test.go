package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

func TestEveryAnswerHasARequestIDAndIsFoundByIt(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.NewSession("found")
	seen := map[string]bool{}
	for _, c := range []struct {
		answer nodetest.Answer
		code   any
	}{
		{e.Do("GET", "/payments/"+id, nil), nil}, {e.Do("GET", "/payments/none", nil), "not_found"}, {e.Do("POST", "/payment-sessions", `{`), "malformed_json"},
		{e.Do("POST", "/payment-sessions", nodetest.Session("fault"), "Juicer-Fault", "server_error"), "server_error"},
		{e.Capture(id, declined), nil}, {e.Capture(id, declined), "payment_session_completed"}, {e.Do("GET", "/payments?limit=0", nil), "invalid_request"},
		{e.Do("GET", "/payments/"+id, nil, "If-None-Match", "*"), nil}, {e.Do("HEAD", "/payments/"+id, nil), nil},
		{e.Do("GET", "/payments", nil, "Authorization", e.NewKey("keys:read")), "insufficient_permissions"},
	} {
		rid := c.answer.Header.Get("X-Request-Id")
		line := set(e, "GET", "/requests/"+rid, nil)
		equal(t, rid+": status", line.At("data.status"), any(float64(c.answer.Status)))
		equal(t, rid+": code", line.At("data.code"), c.code)
		if seen[rid] || !requestID.MatchString(rid) {
			t.Errorf("request id %q: seen before %v", rid, seen[rid])
		}
		seen[rid] = true
	}
	want(t, e.Do("GET", "/requests/req_00000000000000000000000000", nil), http.StatusNotFound, "not_found")
	nobody := e.Do("GET", "/payments", nil, "Authorization", unknownKey).Header.Get("X-Request-Id")
	want(t, e.Do("GET", "/requests/"+nobody, nil), http.StatusNotFound, "not_found")
}

func TestTheTimelineNamesEveryStep(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.NewSession("timeline")
	a := e.Capture(id, approved, "Idempotency-Key", "line", "X-Request-Id", "theirs", "X-Juicer-Attempt", "2")
	line := set(e, "GET", "/requests/"+a.Header.Get("X-Request-Id"), nil)
	for at, want := range map[string]any{
		"data.method": "POST", "data.path": "/payment-sessions/" + id, "data.status": float64(http.StatusOK), "data.outcome": "succeeded", "data.replayed": false,
		"data.idempotency_key": "line", "data.client_request_id": "theirs", "data.attempt": float64(2), "data.ip": "127.0.0.1", "data.code": nil,
		"data.resource.id": id, "data.resource.type": "payment", "data.key.prefix": e.Key[:12],
	} {
		equal(t, at, line.At(at), want)
	}
	names := []string{}
	for _, step := range line.At("data.steps").([]any) {
		names = append(names, step.(map[string]any)["name"].(string)+" "+step.(map[string]any)["note"].(string))
	}
	if diff := cmp.Diff([]string{"key accepted", "limiter no limits", "idempotency free", "commit processing", "commit captured"}, names); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	rail := line.At("data.rail_attempts").([]any)[0].(map[string]any)
	equal(t, "rail attempt", fmt.Sprint(rail["kind"], " ", rail["answer"], " ", rail["rail"], " ", rail["rail_reference"]), "execute approved card "+id+"/1")
	hook := line.At("data.webhooks").([]any)[0].(map[string]any)
	equal(t, "event", hook["event"], any("payment.session.succeeded"))
	if body := line.Text("data.request_body"); !strings.Contains(body, `"card_number":"[redacted]"`) || !strings.Contains(body, `"expiry_year":39`) {
		t.Errorf("request body: got %s, want it with its secrets hidden", body)
	}
	if body := line.Text("data.reply_body"); !strings.Contains(body, `"message":"Successful payment"`) {
		t.Errorf("reply body: got %s, want what was answered", body)
	}

	again := e.Capture(id, approved, "Idempotency-Key", "line")
	repeat := set(e, "GET", "/requests/"+again.Header.Get("X-Request-Id"), nil)
	equal(t, "a repeat is marked", repeat.At("data.replayed"), any(true))
	equal(t, "a repeat meets no rail", fmt.Sprint(repeat.At("data.rail_attempts")), "[]")
}

func TestRequestsAreFiltered(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	id := e.NewSession("filtered")
	e.Advance(second)
	middle := e.Do("GET", "/sandbox/clock", nil).Text("data.now")
	e.Advance(second)
	captured := e.Capture(id, approved, "Idempotency-Key", "filter").Header.Get("X-Request-Id")
	refused := e.Capture(id, approved).Header.Get("X-Request-Id")
	for query, wanted := range map[string][]string{
		"idempotency_key=filter": {captured}, "code=payment_session_completed": {refused}, "status=400": {refused},
		"resource_id=" + id + "&created_after=" + middle: {refused, captured}, "path=/payment-sessions/" + id: {refused, captured}, "code=none": nil,
	} {
		t.Run(query, func(t *testing.T) {
			a := set(under(t, e), "GET", "/requests?"+query, nil)
			equal(t, "requests", fmt.Sprint(column(a, "id")), fmt.Sprint(wanted))
			for _, item := range a.At("data").([]any) {
				for _, hidden := range []string{"steps", "rail_attempts", "webhooks", "request_body"} {
					if _, there := item.(map[string]any)[hidden]; there {
						t.Errorf("an item of the list shows %s", hidden)
					}
				}
			}
		})
	}
	older := column(set(e, "GET", "/requests?created_before="+middle, nil), "id")
	if len(older) == 0 || slices.Contains(older, captured) {
		t.Errorf("before the middle: got %v", older)
	}
}

// In live no body is kept.
func TestLiveKeepsNoBodies(t *testing.T) {
	t.Parallel()
	e := start(t, nodetest.Live)
	a := e.Do("POST", "/payment-sessions", nodetest.Session("live"))
	line := set(e, "GET", "/requests/"+a.Header.Get("X-Request-Id"), nil)
	equal(t, "code", line.Text("data.code"), "rail_unavailable")
	equal(t, "bodies", fmt.Sprint(line.At("data.request_body"), line.At("data.reply_body")), "<nil> <nil>")
	equal(t, "environment", a.Header.Get("Juicer-Environment"), "live")
}

func TestRequestsAreCountedAndLogged(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.Paid("counted")
	missing := e.Do("GET", "/payments/none", nil)
	e.Do("BREW", "/payments/none", nil)
	families, err := e.Metrics.Gather()
	nodetest.Must(t, err)
	counted := []string{}
	for _, f := range families {
		if f.GetName() != "juicer_requests_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			line := []string{}
			for _, l := range m.GetLabel() {
				line = append(line, l.GetName()+"="+l.GetValue())
			}
			counted = append(counted, strings.Join(line, " ")+fmt.Sprintf(" %v", m.GetCounter().GetValue()))
		}
	}
	wanted := []string{
		"code= env=test method=POST outcome=not_attempted route=/payment-sessions status=201 1", "code= env=test method=POST outcome=succeeded route=/payment-sessions/{id} status=200 1",
		"code=method_not_allowed env=test method=OTHER outcome=not_attempted route=unknown status=405 1",
		"code=not_found env=test method=GET outcome=not_attempted route=/payments/{id} status=404 1",
	}
	slices.Sort(counted)
	if diff := cmp.Diff(wanted, counted); diff != "" {
		t.Errorf("juicer_requests_total (-want +got):\n%s", diff)
	}
	for _, part := range []string{"request_id=" + missing.Header.Get("X-Request-Id"), "object=" + id, "code=not_found", "route=/payments/{id}"} {
		if !strings.Contains(e.Log.String(), part) {
			t.Errorf("the log lacks %s", part)
		}
	}
}
