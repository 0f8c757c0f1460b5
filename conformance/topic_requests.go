package conformance

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func requestCases() []Case {
	return []Case{
		{ID: "requests/timeline", Sentence: "a request is found by its id with its steps and what the bank was asked", run: timeline},
		{ID: "requests/refusal", Sentence: "a refused request is found with its code", run: refusedTimeline},
		{ID: "requests/bad-key", Sentence: "a request with a bad key is refused with an id, and shows to nobody who may not see it", run: strangersRequest},
		{ID: "requests/client-id", Sentence: "the caller's own id and try number are kept", run: clientIDKept},
		{ID: "requests/replayed", Sentence: "a replay is marked as one", run: replayMarked},
		{ID: "requests/redaction", Sentence: "no card field, code or key shows in the request log", run: logIsRedacted},
		{ID: "requests/list", Sentence: "requests are listed newest first, without their steps", run: requestListed},
		{ID: "requests/filters", Sentence: "requests are chosen by status, code, path, idempotency key and resource", run: requestFilters},
		{ID: "requests/unknown", Sentence: "an unknown request id is 404", run: unknownRequest},
	}
}

// logTime is how long a request may take to show in the log.
const logTime = 5 * time.Second

// logged reads the timeline of an earlier reply.
func (t *trial) logged(of reply) reply {
	until := now().Add(logTime)
	for {
		r := t.get("/requests/" + of.requestID())
		if r.status == http.StatusOK {
			t.equal(r, "data.id", of.requestID())
			return r
		}
		if now().After(until) {
			t.failed(&r, "the request %s in the log within %s", of.requestID(), logTime)
		}
		sleep(t.ctx, pollInterval)
	}
}

func timeline(t *trial) {
	id, key := t.created(), t.unique()
	captured := t.capture(id, cardApproved, idempotent(key))
	t.equal(captured, "data.status", "captured")
	r := t.logged(captured)
	for path, want := range map[string]any{
		"data.method": "POST", "data.path": "/payment-sessions/" + id, "data.status": 200, "data.code": nil, "data.outcome": "succeeded",
		"data.idempotency_key": key, "data.replayed": false, "data.resource": object{"id": id, "type": "payment"}, "data.client_request_id": nil,
		"data.key.prefix": t.key[:12], "data.rail_attempts.0.rail": "card", "data.rail_attempts.0.rail_reference": id + "/1",
		"data.rail_attempts.0.answer": "approved", "data.rail_attempts.0.kind": "execute",
	} {
		t.equal(r, path, want)
	}
	for _, path := range []string{"data.ip", "data.created_at", "data.duration_ms"} {
		t.present(r, path)
	}
	names := stepNames(r)
	for _, want := range []string{"key", "limiter", "idempotency", "commit"} {
		if !slices.Contains(names, want) {
			t.failed(&r, "a step %s among %v", want, names)
		}
	}
	if _, there := r.at("data.webhooks"); !there {
		t.failed(&r, "data.webhooks, empty or not")
	}
}

func stepNames(r reply) []string {
	var out []string
	for i := range r.list("data.steps") {
		out = append(out, r.text(pathf("data.steps.%d.name", i)))
	}
	return out
}

func refusedTimeline(t *trial) {
	r := t.logged(t.post("/payment-sessions", object{"amount": -1}))
	for path, want := range map[string]any{
		"data.status": 422, "data.code": "validation_error", "data.outcome": "not_attempted", "data.path": "/payment-sessions",
		"data.resource": nil, "data.rail_attempts": []any{},
	} {
		t.equal(r, path, want)
	}
	missing := t.logged(t.get("/payments/" + t.unique()))
	t.equal(missing, "data.code", "not_found")
	t.equal(missing, "data.status", 404)
}

func strangersRequest(t *trial) {
	bad := t.get(probePath, withKey(withChecksum("test_"+randomText(30))))
	t.unauthorized(bad, "invalid_api_key")
	r := t.get("/requests/"+bad.requestID(), t.scoped("payments:read"))
	t.refused(r, http.StatusForbidden, "insufficient_permissions")
}

func clientIDKept(t *trial) {
	mine := "trace-" + t.unique()
	r := t.logged(t.get("/payments/stats", header("X-Request-Id", mine), header("X-Juicer-Attempt", "3")))
	t.equal(r, "data.client_request_id", mine)
	if v, there := r.at("data.attempt"); there {
		t.equal(r, "data.attempt", 3)
	} else if !strings.Contains(string(r.body), `attempt 3`) {
		t.failed(&r, "the try number 3 in the log, not %v", v)
	}
}

func replayMarked(t *trial) {
	body, key := t.session(), idempotent(t.unique())
	first, again := t.post("/payment-sessions", body, key), t.post("/payment-sessions", body, key)
	t.equal(t.logged(first), "data.replayed", false)
	t.equal(t.logged(again), "data.replayed", true)
}

func logIsRedacted(t *trial) {
	id := t.created()
	body := t.card(cardOTP)
	secrets := []string{cardOTP, goodCVV + `"`, t.key[12:], body["card"].(object)["card_number"].(string), body["card"].(object)["cvv"].(string)}
	captured := t.post("/payment-sessions/"+id, body)
	t.equal(captured, "data.auth_type", "otp")
	t.hides(t.logged(captured), secrets)
	t.hides(t.logged(t.authorize(id, object{"otp": "98765"})), []string{`"98765"`})
	refused := t.authorize(id, object{"otp": "98765", "pin": "4321"})
	t.hides(t.logged(refused), []string{`"98765"`, `"4321"`})
	bad := t.post("/payment-sessions/"+t.created(), set(t.card(cardApproved), "card.card_number", cardApproved))
	t.refused(bad, http.StatusBadRequest, "invalid_encryption")
	t.hides(t.logged(bad), []string{cardApproved})
	made := t.newKey(nil)
	t.hides(t.logged(made), []string{made.text("data.key")[12:]})
}

// hides: none of the secrets shows in the reply.
func (t *trial) hides(r reply, secrets []string) {
	for _, s := range secrets {
		if strings.Contains(string(r.body), s) {
			t.failed(&reply{request: r.request, status: r.status, header: r.header}, "a log without secrets, but one shows in the timeline of this request")
		}
	}
}

func requestListed(t *trial) {
	made := t.post("/payment-sessions", t.session())
	t.logged(made)
	r := t.get("/requests?limit=100&resource_id=" + made.text("data.id"))
	t.status(r, http.StatusOK)
	if !slices.Contains(idsOf(r), made.requestID()) {
		t.failed(&r, "request %s in the list", made.requestID())
	}
	for _, name := range []string{"steps", "rail_attempts", "webhooks"} {
		t.absent(r, "data.0."+name)
	}
	t.equal(t.get("/requests"), "pagination.limit", 15)
	first := t.get("/requests?limit=2")
	second := t.get("/requests?limit=2&after=" + escaped(first.text("pagination.after")))
	t.status(second, http.StatusOK)
	times := append(textsOf(first, "created_at"), textsOf(second, "created_at")...)
	if !slices.IsSorted(reversed(times)) || len(times) != 4 {
		t.failed(&second, "four requests on two pages, newest first: %v", times)
	}
	if slices.Contains(idsOf(first), second.text("data.0.id")) {
		t.failed(&second, "a second page without requests of the first")
	}
}

func requestFilters(t *trial) {
	id, key := t.created(), t.unique()
	captured := t.capture(id, cardApproved, idempotent(key))
	again := t.capture(id, cardApproved)
	t.refused(again, http.StatusBadRequest, "payment_session_completed")
	t.logged(captured)
	t.logged(again)
	for query, want := range map[string]reply{
		"resource_id=" + id: captured, "idempotency_key=" + key: captured, "path=" + escaped("/payment-sessions/"+id): captured,
		"status=400&resource_id=" + id: again, "code=payment_session_completed&path=" + escaped("/payment-sessions/"+id): again,
	} {
		r := t.get("/requests?limit=100&" + query)
		t.status(r, http.StatusOK)
		if !slices.Contains(idsOf(r), want.requestID()) {
			t.failed(&r, "request %s with %s", want.requestID(), query)
		}
	}
	only := t.get("/requests?limit=100&code=payment_session_completed&idempotency_key=" + key)
	t.equal(only, "data", []any{})
	t.badRequest(t.get("/requests?status=abc"), "status")
}

func unknownRequest(t *trial) {
	for _, id := range []string{"req_01m819ge10es0vfhb0nknb8xyj", "nonsense", t.unique()} {
		t.refused(t.get("/requests/"+id), http.StatusNotFound, "not_found")
	}
}
