package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/sandbox"
)

// rule adds one rule for requests and gives its id.
func rule(e *nodetest.Env, text string, match map[string]any) string {
	e.T.Helper()
	a := set(e, "POST", "/sandbox/faults", map[string]any{"rule": text, "match": match})
	return column(a, "id")[0]
}

// tries sends a GET some times.
func tries(e *nodetest.Env, n int, path string) string {
	var out []int
	for range n {
		out = append(out, e.Do("GET", path, nil).Status)
	}
	return fmt.Sprint(out)
}

func TestRulesStrikeWhatTheyMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says, rule string
		match      map[string]any
		path, want string
	}{
		{"once unless it says otherwise", "status=503", nil, "/payments/stats", "[503 200 200]"},
		{"as often as it says", "status=503;times=2", nil, "/payments/stats", "[503 503 200]"},
		{"the n-th alone", "status=503;times=9", map[string]any{"nth": 2}, "/payments/stats", "[200 503 200]"},
		{"not the first", "status=503;skip=2", nil, "/payments/stats", "[200 200 503]"},
		{"a path, without its version", "status=503;times=3", map[string]any{"path": "/payments/stats"}, "/v1/payments/stats", "[503 503 503]"},
		{"one segment by *", "status=503;times=3", map[string]any{"path": "/payments/*"}, "/payments/stats", "[503 503 503]"},
		{"but no more than one", "status=503;times=3", map[string]any{"path": "/payments/*"}, "/payments/none/refunds", "[404 404 404]"},
		{"any number by **", "status=503;times=3", map[string]any{"path": "/pay**"}, "/payments/none/refunds", "[503 503 503]"},
		{"no other method", "status=503;times=3", map[string]any{"method": "POST"}, "/payments/stats", "[200 200 200]"},
		{"no other key", "status=503;times=3", map[string]any{"key_id": "other"}, "/payments/stats", "[200 200 200]"},
		{"one action after another", "status=503,status=500,status=429", nil, "/payments/stats", "[503 500 429]"},
		{"never the sandbox itself", "status=503;times=3", nil, "/sandbox/faults", "[200 200 200]"},
	} {
		t.Run(c.says, func(t *testing.T) {
			t.Parallel()
			e := start(t)
			rule(e, c.rule, c.match)
			equal(t, "statuses", tries(e, 3, c.path), c.want)
		})
	}
}

func TestRulesKnowRequestsByTheirKeyAndReference(t *testing.T) {
	t.Parallel()
	e := start(t)
	rule(e, "status=503;times=9", map[string]any{"reference": "marked"})
	rule(e, "drop=after-commit;times=9", map[string]any{"idempotency_key": "k-1", "method": "POST"})
	want(t, e.Do("POST", "/payment-sessions", nodetest.Session("marked")), http.StatusServiceUnavailable, "overloaded")
	equal(t, "another reference", e.Do("POST", "/payment-sessions", nodetest.Session("plain")).Status, http.StatusCreated)
	if _, err := e.Try("POST", "/payment-sessions", nodetest.Session("keyed"), "Idempotency-Key", "k-1"); !reset(err) {
		t.Errorf("got %v, want a lost reply", err)
	}
	equal(t, "it ran", set(e, "GET", "/payments/keyed", nil).Text("data.reference"), "keyed")
}

func TestTheHeaderComesFirstAndRulesInOrderOfCreation(t *testing.T) {
	t.Parallel()
	e := start(t)
	rule(e, "status=500;times=9", map[string]any{"nth": 2})
	rule(e, "status=503;times=9", nil)
	a := e.Do("GET", "/payments/stats", nil, "Juicer-Fault", "status=429")
	equal(t, "the header", a.Status, http.StatusTooManyRequests)
	equal(t, "the rules", tries(e, 3, "/payments/stats"), "[503 500 503]")
	var seen []string
	for _, rule := range set(e, "GET", "/sandbox/faults", nil).At("data").([]any) {
		r := rule.(map[string]any)
		seen = append(seen, fmt.Sprint(r["rule"], " matched ", r["matched"], " fired ", r["fired"]))
	}
	alike(t, "what the rules say of themselves", seen, []string{"status=500;times=9 matched 3 fired 1", "status=503;times=9 matched 2 fired 2"})
}

// trace is the history of faults, without ids and times.
func trace(e *nodetest.Env) (out []string) {
	e.T.Helper()
	for _, entry := range set(e, "GET", "/sandbox/faults/trace?limit=100", nil).At("data").([]any) {
		f := entry.(map[string]any)
		by := "rule"
		if f["rule_id"] == nil {
			by = "header"
		}
		out = append(out, fmt.Sprint(by, " ", f["action"], " ", f["match"]))
	}
	return out
}

// A script that was saved strikes the same requests when it is sent again.
func TestAScriptCanBeReplayed(t *testing.T) {
	t.Parallel()
	first, second := start(t), start(t)
	set(first, "POST", "/sandbox/faults", map[string]any{"rules": []any{
		map[string]any{"match": map[string]any{"path": "/payments/*"}, "rule": "status=429;retry-after=2;probability=0.4;seed=7;times=1000"},
		map[string]any{"rule": "delay=1,status=503;times=2"},
	}})
	saved := set(first, "GET", "/sandbox/faults", nil).At("data")
	set(second, "POST", "/sandbox/faults", map[string]any{"rules": saved})
	before := tries(first, 12, "/payments/stats")
	equal(t, "statuses", tries(second, 12, "/payments/stats"), before)
	alike(t, "the trace", trace(second), trace(first))
	var drawn []string
	for n := range int64(12) {
		if sandbox.Draw(7, n+1) < 0.4 {
			drawn = append(drawn, fmt.Sprint("rule status=429;times=1000;probability=0.4;seed=7;retry-after=2 ", n+1))
		}
	}
	var chance []string
	for _, entry := range trace(first) {
		if strings.Contains(entry, "probability") {
			chance = append(chance, entry)
		}
	}
	alike(t, "drawn as the specification says", chance, drawn)
}

func TestTheTraceTellsWhichRequestMetWhat(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := rule(e, "status=503;times=3", map[string]any{"path": "/payments/*"})
	first := e.Do("GET", "/payments/stats", nil, "Juicer-Fault", "delay=0")
	e.Do("GET", "/payments/stats", nil)
	page := set(e, "GET", "/sandbox/faults/trace?limit=1", nil)
	equal(t, "the request", column(page, "request_id")[0], first.Header.Get("X-Request-Id"))
	equal(t, "the header has no rule", column(page, "rule_id")[0], "<nil>")
	next := set(e, "GET", "/sandbox/faults/trace?after="+page.Text("pagination.after"), nil)
	alike(t, "behind it", column(next, "rule_id"), []string{id, id})
	equal(t, "the end", fmt.Sprint(next.At("pagination.after")), "<nil>")
	want(t, e.Do("GET", "/sandbox/faults/trace?after=none", nil), http.StatusBadRequest, "invalid_request")
	timeline := set(e, "GET", "/requests/"+first.Header.Get("X-Request-Id"), nil)
	if !strings.Contains(string(timeline.Body), "status=503") {
		t.Errorf("the timeline of the request does not name the fault: %s", timeline.Body)
	}
}

func TestRulesStayUntilTheyAreRemoved(t *testing.T) {
	t.Parallel()
	e := start(t)
	kept := rule(e, "status=503;times=9", nil)
	gone := rule(e, "status=500;times=9", nil)
	equal(t, "removed", e.Do("DELETE", "/sandbox/faults/"+gone, nil).Status, http.StatusNoContent)
	want(t, e.Do("DELETE", "/sandbox/faults/"+gone, nil), http.StatusNotFound, "not_found")
	want(t, e.Do("GET", "/sandbox/faults/nothing", nil), http.StatusNotFound, "not_found")
	equal(t, "shown", set(e, "GET", "/sandbox/faults/"+kept, nil).Text("data.rule"), "status=503;times=9")
	set(e, "POST", "/sandbox/reset", map[string]any{"keep": []string{"keys", "faults"}})
	equal(t, "kept by a reset that names them", tries(e, 1, "/payments/stats"), "[503]")
	set(e, "POST", "/sandbox/reset", nil)
	equal(t, "gone with another", tries(e, 1, "/payments/stats"), "[200]")
	rule(e, "status=503;times=9", nil)
	equal(t, "all removed", e.Do("DELETE", "/sandbox/faults", nil).Status, http.StatusNoContent)
	equal(t, "nothing strikes", tries(e, 1, "/payments/stats"), "[200]")
}

func TestBadRulesAreRefusedWhole(t *testing.T) {
	t.Parallel()
	e := start(t)
	for says, body := range map[string]map[string]any{
		"an action that is none":       {"rule": "explode"},
		"one bad rule among good ones": {"rules": []any{map[string]any{"rule": "status=503"}, map[string]any{"rule": "status=299"}}},
	} {
		t.Run(says, func(t *testing.T) {
			a := under(t, e).Do("POST", "/sandbox/faults", body)
			want(t, a, http.StatusBadRequest, "invalid_request")
			if !strings.Contains(string(a.Body), `"rule":["rule 1 (`) {
				t.Errorf("it does not name the rule: %s", a.Body)
			}
		})
	}
	for says, body := range map[string]map[string]any{
		"no rule":            {},
		"no rules":           {"rules": []any{}},
		"an unknown method":  {"rule": "status=503", "match": map[string]any{"method": "BREW"}},
		"the none-th match":  {"rule": "status=503", "match": map[string]any{"nth": 0}},
		"an unknown matcher": {"rule": "status=503", "match": map[string]any{"colour": "red"}},
	} {
		t.Run(says, func(t *testing.T) {
			want(t, under(t, e).Do("POST", "/sandbox/faults", body), http.StatusUnprocessableEntity, "validation_error")
		})
	}
	equal(t, "nothing was kept", len(column(set(e, "GET", "/sandbox/faults", nil), "id")), 0)
}
