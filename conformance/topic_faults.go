package conformance

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

func faultCases() []Case {
	out := []Case{
		{ID: "faults/grammar", Sentence: "a bad Juicer-Fault header is 400 invalid_request that names it", run: badFaults},
		{ID: "faults/spellings", Sentence: "blanks around separators are allowed, and the bare code means error=", run: faultSpellings},
		{ID: "faults/before", Sentence: "a fault before the work runs nothing", run: faultBefore},
		{ID: "faults/after-commit", Sentence: "a fault after the work says unknown, and the same key brings the answer", run: faultAfterCommit},
		{ID: "faults/storage", Sentence: "storage_unavailable after the work is 503 with outcome unknown", run: storageAfterCommit},
		{ID: "faults/drop-before", Sentence: "a connection dropped before the work leaves nothing behind", run: dropBefore},
		{ID: "faults/drop-after-commit", Sentence: "executed, reply lost: the same key brings the answer and the bank executed once", run: dropAfterCommit},
		{ID: "faults/times", Sentence: "times limits a constant header to the first matches of one request", run: faultTimes},
		{ID: "faults/skip", Sentence: "skip lets the first matches pass", run: faultSkip},
		{ID: "faults/probability", Sentence: "probability 0 never fires, 1 always", run: faultProbability},
		{ID: "faults/truncate", Sentence: "a cut reply has whole headers and the first bytes of its body", run: faultTruncate},
		{ID: "faults/garbage", Sentence: "garbage is 200 with a body that is not JSON, after the work", run: faultGarbage},
		{ID: "faults/delay", Sentence: "a delayed request is answered late, and a delay combines with another fault", run: faultDelay},
		{ID: "faults/hang", Sentence: "a hanging request says nothing and breaks off, after the work or before", run: faultHang},
		{ID: "faults/proxy", Sentence: "502 and 504 come as an HTML page, as from a proxy", run: faultProxy},
		{ID: "faults/retry-after", Sentence: "retry-after sets the wait of a 429 or 503", run: faultRetryAfter},
		{ID: "faults/sandbox", Sentence: "faults never match the sandbox, nor a request whose key is refused", run: faultElsewhere},
		{ID: "faults/rules", Sentence: "rules for requests strike what they match, are listed in the form in which they are taken, and traced", run: faultRules},
		{ID: "faults/timeline", Sentence: "what fired is shown in the request's timeline", run: faultInTimeline},
	}
	for _, row := range statusFaults() {
		out = append(out, Case{
			ID:       pathf("faults/status-%d", row.status),
			Sentence: pathf("status=%d brings %s as in the catalogue", row.status, row.code),
			run:      func(t *trial) { faultByStatus(t, row) },
		})
	}
	for _, row := range catalogueRows() {
		out = append(out, Case{
			ID:       "faults/code-" + row.code,
			Sentence: "error=" + row.code + " brings that refusal as in the catalogue",
			run:      func(t *trial) { faultByCode(t, row) },
		})
	}
	return out
}

func badFaults(t *trial) {
	for _, rules := range []string{
		"error=nonsense", "nonsense", "sleep=5", "drop=sometimes", "drop", "status=abc", "status=299", "delay=abc", "delay=-1", "delay=120001",
		"hang=120001", "truncate=x", "server_error;colour=red", "server_error;times=abc", "server_error;times=0", "server_error;probability=2",
		"not_found;at=after-commit", "server_error;at=lunch", "delay=1,delay=1,delay=1,delay=1,server_error", "error=", ";", ",",
	} {
		r := t.get("/payments/stats", fault(rules))
		t.refused(r, http.StatusBadRequest, "invalid_request")
		t.outcome(r, "not_attempted", "no")
		if len(r.list("error.details.Juicer-Fault")) == 0 {
			t.failed(&r, "details.Juicer-Fault with a list of texts")
		}
	}
}

func faultSpellings(t *trial) {
	for _, rules := range []string{"error=server_error", "server_error", " error = server_error ", "delay = 1 , server_error ; at = before"} {
		t.refused(t.get("/payments/stats", fault(rules)), http.StatusInternalServerError, "server_error")
	}
}

func faultBefore(t *trial) {
	body, key := t.session(), idempotent(t.unique())
	for _, code := range []string{"server_error", "storage_unavailable", "request_timeout"} {
		r := t.post("/payment-sessions", body, key, fault("error="+code))
		t.equal(r, "error.code", code)
		t.outcome(r, "not_attempted", "same_key")
	}
	t.refused(t.get("/payments/"+body["reference"].(string)), http.StatusNotFound, "not_found")
	r := t.post("/payment-sessions", body, key)
	t.status(r, http.StatusCreated)
	t.replayed(r, false)
}

func faultAfterCommit(t *trial) {
	body, key := t.session(), idempotent(t.unique())
	r := t.post("/payment-sessions", body, key, fault("error=server_error;at=after-commit"))
	t.refused(r, http.StatusInternalServerError, "server_error")
	t.outcome(r, "unknown", "same_key")
	t.equal(r, "error.retry.after_ms", 1000)
	t.head(r, "Juicer-Outcome", "unknown")
	there := t.get("/payments/" + body["reference"].(string))
	t.status(there, http.StatusOK)
	again := t.post("/payment-sessions", body, key)
	t.status(again, http.StatusCreated)
	t.equal(again, "data.id", there.text("data.id"))
}

func storageAfterCommit(t *trial) {
	id, key := t.created(), idempotent(t.unique())
	r := t.capture(id, cardApproved, key, fault("storage_unavailable;at=after-commit"))
	t.refused(r, http.StatusServiceUnavailable, "storage_unavailable")
	t.outcome(r, "unknown", "same_key")
	t.equal(r, "error.retry_after", 1)
	t.equal(t.capture(id, cardApproved, key), "data.status", "captured")
	t.executedOnce(id)
}

// lost sends a request whose connection must break before any answer.
func (t *trial) lost(method, path string, body any, options ...option) {
	r, err := t.try(method, path, body, options...)
	if err == nil {
		t.failed(&r, "a connection that breaks without an answer")
	}
	if errors.Is(err, errCut) {
		t.failed(&r, "a connection that breaks without a byte")
	}
}

func dropBefore(t *trial) {
	body, key := t.session(), idempotent(t.unique())
	t.lost("POST", "/payment-sessions", body, key, fault("drop=before"))
	t.refused(t.get("/payments/"+body["reference"].(string)), http.StatusNotFound, "not_found")
	t.replayed(t.post("/payment-sessions", body, key), false)
}

func dropAfterCommit(t *trial) {
	id, key := t.created(), idempotent(t.unique())
	t.lost("POST", "/payment-sessions/"+id, t.card(cardApproved), key, fault("drop=after-commit"))
	t.equal(t.becomes(id, stateTime, "captured"), "data.amount_paid", 250000)
	again := t.capture(id, cardApproved, key)
	t.equal(again, "data.status", "captured")
	t.replayed(again, true)
	t.executedOnce(id)
}

func faultTimes(t *trial) {
	id, key := t.created(), idempotent(t.unique())
	body, rules := t.card(cardApproved), fault("drop=after-commit;times=2")
	t.lost("POST", "/payment-sessions/"+id, body, key, rules)
	t.lost("POST", "/payment-sessions/"+id, body, key, rules)
	r := t.post("/payment-sessions/"+id, body, key, rules)
	t.equal(r, "data.status", "captured")
	t.replayed(r, true)
	t.executedOnce(id)
}

func faultSkip(t *trial) {
	path := "/payments/" + t.created()
	t.status(t.get(path, fault("server_error;skip=1")), http.StatusOK)
	t.refused(t.get(path, fault("server_error;skip=1")), http.StatusInternalServerError, "server_error")
}

func faultProbability(t *trial) {
	path := "/payments/" + t.created()
	for range 5 {
		t.status(t.get(path, fault("server_error;probability=0")), http.StatusOK)
		t.refused(t.get(path, fault("server_error;probability=1")), http.StatusInternalServerError, "server_error")
	}
}

func faultTruncate(t *trial) {
	id, key := t.created(), idempotent(t.unique())
	r, err := t.try("POST", "/payment-sessions/"+id, t.card(cardApproved), key, fault("truncate=20"))
	if !errors.Is(err, errCut) || len(r.body) != 20 {
		t.failed(&r, "20 bytes of a longer body, then a broken connection, not %d bytes (%v)", len(r.body), err)
	}
	t.status(r, http.StatusOK)
	t.head(r, "Juicer-Outcome", "succeeded")
	if !requestIDForm.MatchString(r.requestID()) {
		t.failed(&r, "an X-Request-Id")
	}
	whole := t.capture(id, cardApproved, key)
	t.equal(whole, "data.status", "captured")
	if !strings.HasPrefix(string(whole.body), string(r.body)) {
		t.failed(&whole, "a body that begins with the part that came: %s", r.body)
	}
}

func faultGarbage(t *trial) {
	body := t.session()
	r := t.post("/payment-sessions", body, idempotent(t.unique()), fault("garbage"))
	t.status(r, http.StatusOK)
	if r.json != nil || len(r.body) == 0 {
		t.failed(&r, "a body that is not JSON")
	}
	t.status(t.get("/payments/"+body["reference"].(string)), http.StatusOK)
}

func faultDelay(t *trial) {
	r := t.get("/payments/stats", fault("delay=1200"))
	t.status(r, http.StatusOK)
	if r.took < 1200*time.Millisecond {
		t.failed(&r, "an answer after 1.2 seconds, not after %s", r.took)
	}
	r = t.get("/payments/stats", fault("delay=600,error=overloaded"))
	t.refused(r, http.StatusServiceUnavailable, "overloaded")
	if r.took < 600*time.Millisecond {
		t.failed(&r, "a refusal after 0.6 seconds, not after %s", r.took)
	}
}

func faultHang(t *trial) {
	after, before := t.session(), t.session()
	started := now()
	t.lost("POST", "/payment-sessions", after, fault("hang=700"))
	if took := now().Sub(started); took < 700*time.Millisecond {
		t.failed(nil, "silence for 0.7 seconds, not for %s", took)
	}
	t.lost("POST", "/payment-sessions", before, fault("hang=200;at=before"))
	t.status(t.get("/payments/"+after["reference"].(string)), http.StatusOK)
	t.refused(t.get("/payments/"+before["reference"].(string)), http.StatusNotFound, "not_found")
}

func faultProxy(t *trial) {
	for _, status := range []string{"502", "504"} {
		body := t.session()
		r := t.post("/payment-sessions", body, fault("status="+status))
		if r.text("error.code") != "" || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") || pathf("%d", r.status) != status {
			t.failed(&r, "an HTML page with status %s", status)
		}
		t.refused(t.get("/payments/"+body["reference"].(string)), http.StatusNotFound, "not_found")
	}
}

func faultRetryAfter(t *trial) {
	for code, status := range map[string]int{"rate_limit_exceeded": 429, "overloaded": 503} {
		r := t.get("/payments/stats", fault("error="+code+";retry-after=7"), impatient())
		t.refused(r, status, code)
		t.head(r, "Retry-After", "7")
		t.head(r, "Retry_after", "7")
		t.equal(r, "error.retry_after", 7)
		t.equal(r, "error.retry.after_ms", 7000)
	}
}

func faultElsewhere(t *trial) {
	t.status(t.get("/sandbox/clock", fault("server_error")), http.StatusOK)
	t.unauthorized(t.get("/payments/stats", fault("server_error"), withoutKey()), "missing_api_key")
	t.refused(t.get("/nowhere", fault("server_error")), http.StatusNotFound, "route_not_found")
}

func faultInTimeline(t *trial) {
	r := t.logged(t.get("/payments/stats", fault("error=overloaded")))
	t.equal(r, "data.status", 503)
	t.equal(r, "data.code", "overloaded")
	if !strings.Contains(string(r.body), "fault") {
		t.failed(&r, "a step that names the fault")
	}
}

// statusFaults are the usual codes of the statuses that can be asked for.
func statusFaults() []catalogueRow {
	usual := []string{
		"invalid_request", "invalid_api_key", "insufficient_permissions", "not_found", "method_not_allowed", "resource_busy", "payload_too_large",
		"unsupported_media_type", "validation_error", "rate_limit_exceeded", "server_error", "overloaded",
	}
	var out []catalogueRow
	for _, code := range usual {
		for _, row := range catalogueRows() {
			if row.code == code {
				out = append(out, row)
			}
		}
	}
	return out
}

func faultByStatus(t *trial, row catalogueRow) {
	r := t.get("/payments/stats", fault(pathf("status=%d", row.status)), impatient())
	t.refused(r, row.status, row.code)
	t.wellFormed(r)
}

// wellFormed holds a reply that a fault made against the rules of all refusals.
func (t *trial) wellFormed(r reply) {
	for _, rule := range allRules() {
		if rule.id == "replies/no-500" {
			continue
		}
		if wrong := rule.breach(r); wrong != "" {
			t.failed(&r, "%s: %s", rule.sentence, wrong)
		}
	}
}

func faultByCode(t *trial, row catalogueRow) {
	body := t.session()
	r := t.post("/payment-sessions", body, fault("error="+row.code), impatient())
	t.refused(r, row.status, row.code)
	t.wellFormed(r)
	if row.outcome != "" {
		t.outcome(r, row.outcome, row.advice)
	}
	t.refused(t.get("/payments/"+body["reference"].(string)), http.StatusNotFound, "not_found")
}

func faultRules(t *trial) {
	made := t.post("/sandbox/faults", object{"match": object{"reference": "none", "nth": 2, "method": "POST"}, "rule": "drop=after-commit;times=3"})
	t.status(made, http.StatusCreated)
	t.equal(made, "data.0.fired", 0)
	path := pathf("/payment*/%s", t.unique())
	rule := t.post("/sandbox/faults", object{"rules": []any{object{"match": object{"path": path}, "rule": "delay=1,status=503;retry-after=2"}}})
	t.status(rule, http.StatusCreated)
	target := strings.Replace(path, "*", "s", 1)
	struck := t.get(target)
	t.refused(struck, http.StatusServiceUnavailable, "overloaded")
	t.head(struck, "Retry-After", "2")
	t.refused(t.get(target), http.StatusNotFound, "not_found")
	for _, r := range []reply{made, rule} {
		one := "/sandbox/faults/" + r.text("data.0.id")
		t.equal(t.get(one), "data.id", r.text("data.0.id"))
		t.status(t.call("DELETE", one, nil), http.StatusNoContent)
		t.refused(t.get(one), http.StatusNotFound, "not_found")
	}
	t.refused(t.post("/sandbox/faults", object{"rule": "explode"}), http.StatusBadRequest, "invalid_request")
	t.status(t.get("/sandbox/faults/trace?limit=1"), http.StatusOK)
}
