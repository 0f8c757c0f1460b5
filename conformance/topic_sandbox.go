package conformance

import (
	"net/http"
	"strings"
	"time"
)

func sandboxCases() []Case {
	return []Case{
		{ID: "sandbox/catalogue", Sentence: "the catalogue lists the test cards as data", run: catalogueListsCards},
		{ID: "sandbox/clock", Sentence: "the clock tells its time and what is open", run: clockIsShown},
		{ID: "sandbox/clock-fields", Sentence: "a clock cannot be moved by nothing, backwards or too far", run: clockFields},
		{ID: "sandbox/clock-wait", Sentence: "waiting for idleness ends at its time-out at the latest, always with 200", run: clockWait},
		{ID: "sandbox/rails", Sentence: "every rail shows its behaviour, and a bad change is refused", run: railsAreShown},
		{ID: "sandbox/rail-books", Sentence: "the bank's own books list its entries oldest first, page by page", run: booksAreListed},
		{ID: "sandbox/settings", Sentence: "settings are shown, and a bad change is refused", run: settingsAreShown},
		{ID: "sandbox/reset-fields", Sentence: "a reset that would keep something unknown is refused", run: resetFields},
		{ID: "sandbox/resolve-refund", Sentence: "a refund that is final cannot be resolved", run: resolveFinalRefund},
		{ID: "sandbox/audit", Sentence: "an audit compares what happened and signs what it found", run: auditReport},
		{ID: "sandbox/audit-expected", Sentence: "an audit agrees with a caller who believes what happened", run: auditAgrees},
		{ID: "sandbox/audit-lost", Sentence: "an audit finds a success that the caller believes in and nobody knows", run: auditFindsLost},
		{ID: "sandbox/audit-fields", Sentence: "what the caller believes is checked like any other body", run: auditFields},
	}
}

func catalogueListsCards(t *trial) {
	r := t.get("/sandbox/catalogue")
	t.status(r, http.StatusOK)
	for _, card := range []string{
		cardDocumented, cardMastercard, card3DSDocumented, "5200000000001005", "4000000000000010", "4000000000000002",
		cardApproved, cardOTP, cardPIN, cardAVS, cardEnrol, cardCVVStep, card3DS, cardRefundFails, cardReplyLost,
	} {
		if !strings.Contains(string(r.body), `"`+card+`"`) {
			t.failed(&r, "card %s in the catalogue", card)
		}
	}
}

func clockIsShown(t *trial) {
	r := t.get("/sandbox/clock")
	t.status(r, http.StatusOK)
	t.matches(r, "data.now", stampForm)
	for _, path := range []string{"data.offset_ms", "data.queues.in_flight", "data.queues.rail", "data.queues.timers_due", "data.queues.webhooks_due"} {
		if _, ok := r.number(path); !ok {
			t.failed(&r, "a number at %s", path)
		}
	}
	for _, path := range []string{"data.frozen", "data.idle"} {
		if v, _ := r.at(path); v != true && v != false {
			t.failed(&r, "true or false at %s", path)
		}
	}
}

func clockFields(t *trial) {
	before := t.clockNow()
	for _, c := range []struct {
		body  object
		field string
	}{
		{object{"advance_ms": 0}, "advance_ms"}, {object{"advance_ms": -1}, "advance_ms"}, {object{"advance_ms": 34560000001}, "advance_ms"},
		{object{"advance_ms": 1.5}, "advance_ms"}, {object{"set": "2020-01-01T00:00:00Z"}, "set"}, {object{"set": "noon"}, "set"},
		{object{"frozen": "yes"}, "frozen"}, {object{"colour": "red"}, "colour"},
	} {
		r := t.post("/sandbox/clock", c.body)
		t.refused(r, http.StatusUnprocessableEntity, "validation_error")
		if fieldMessage(r, c.field) == "" {
			t.failed(&r, "a breach of %s", c.field)
		}
	}
	t.field(t.post("/sandbox/clock", object{"set": "2020-01-01T00:00:00Z"}), "set", "past_date")
	if moved := t.clockNow().Sub(before); moved > 10*time.Minute || moved < 0 {
		t.failed(nil, "a clock that goes on by itself only, not by %s", moved)
	}
}

func clockWait(t *trial) {
	r := t.post("/sandbox/clock/wait", object{"timeout_ms": 500})
	t.status(r, http.StatusOK)
	t.present(r, "data.now")
	if r.took > 5*time.Second {
		t.failed(&r, "an answer within half a second or so, not after %s", r.took)
	}
	for _, ms := range []any{0, 25001, "1"} {
		r := t.post("/sandbox/clock/wait", object{"timeout_ms": ms})
		t.refused(r, http.StatusUnprocessableEntity, "validation_error")
	}
}

func railsAreShown(t *trial) {
	r := t.get("/sandbox/rails")
	t.status(r, http.StatusOK)
	found := false
	for i := range r.list("data") {
		if r.text(pathf("data.%d.rail", i)) == "card" {
			found = true
			t.present(r, pathf("data.%d.personality", i))
		}
	}
	if !found {
		t.failed(&r, "the rail card")
	}
	for body, field := range map[string]string{
		`{"personality":"kind"}`: "personality", `{"seed":"x"}`: "seed", `{"down_until":"later"}`: "down_until", `{"colour":"red"}`: "colour",
	} {
		r := t.call("PATCH", "/sandbox/rails/card", raw(body))
		t.refused(r, http.StatusUnprocessableEntity, "validation_error")
		if fieldMessage(r, field) == "" {
			t.failed(&r, "a breach of %s", field)
		}
	}
	t.refused(t.call("PATCH", "/sandbox/rails/pigeon", object{}), http.StatusNotFound, "not_found")
}

func booksAreListed(t *trial) {
	id := t.succeeded()
	mine := t.get("/sandbox/rail-books?rail=card&rail_reference=" + escaped(id+"/1"))
	t.status(mine, http.StatusOK)
	for path, want := range map[string]any{
		"data.0.amount": 250000, "data.0.currency": "NGN", "data.0.direction": "in", "data.0.kind": "execution", "data.0.rail": "card",
		"data.0.rail_reference": id + "/1",
	} {
		t.equal(mine, path, want)
	}
	t.present(mine, "data.0.provider_reference")
	first := t.get("/sandbox/rail-books?limit=1")
	second := t.get("/sandbox/rail-books?limit=1&after=" + escaped(first.text("pagination.after")))
	a, _ := first.number("data.0.entry")
	b, ok := second.number("data.0.entry")
	if !ok || b <= a {
		t.failed(&second, "an entry after number %d", a)
	}
	entry, _ := mine.number("data.0.entry")
	later := t.get(pathf("/sandbox/rail-books?after_entry=%d", entry))
	t.status(later, http.StatusOK)
	for i := range later.list("data") {
		if n, _ := later.number(pathf("data.%d.entry", i)); n <= entry {
			t.failed(&later, "no entry up to number %d", entry)
		}
	}
}

func settingsAreShown(t *trial) {
	r := t.get("/sandbox/settings")
	t.status(r, http.StatusOK)
	for _, name := range []string{
		"account_delay_ms", "deadline_ms", "kyc", "limits", "probable_duplicate_s", "rates", "settlement_delay_s", "success_events",
		"webhook_private_addresses", "webhook_timeout_ms",
	} {
		t.present(r, "data."+name)
	}
	same, _ := r.at("data.settlement_delay_s")
	kept := t.call("PATCH", "/sandbox/settings", object{"settlement_delay_s": same})
	t.status(kept, http.StatusOK)
	want, _ := r.at("data")
	t.equal(kept, "data", want)
	for body, field := range map[string]string{`{"kyc":"maybe"}`: "kyc", `{"limits":7}`: "limits", `{"colour":"red"}`: "colour", `{"deadline_ms":-1}`: "deadline_ms"} {
		r := t.call("PATCH", "/sandbox/settings", raw(body))
		t.refused(r, http.StatusUnprocessableEntity, "validation_error")
		if fieldMessage(r, field) == "" {
			t.failed(&r, "a breach of %s", field)
		}
	}
}

func resetFields(t *trial) {
	id := t.created()
	for _, keep := range []any{[]string{"nonsense"}, "keys", 7} {
		t.refused(t.post("/sandbox/reset", object{"keep": keep}), http.StatusUnprocessableEntity, "validation_error")
	}
	t.fields(t.post("/sandbox/reset", object{"colour": "red"}), "colour unknown_field")
	t.status(t.get("/payments/"+id), http.StatusOK)
}

func resolveFinalRefund(t *trial) {
	made := t.refund(t.succeeded(), object{"amount": 100})
	t.refunded(made, "succeeded")
	path := "/sandbox/refunds/" + made.text("data.id") + "/resolve"
	t.refused(t.post(path, object{"outcome": "failed"}), http.StatusBadRequest, "invalid_status_transition")
	t.fields(t.post(path, object{"outcome": "reversed"}), "outcome not_allowed")
	t.refused(t.post("/sandbox/refunds/01a20297-0000-7000-8000-000000000000/resolve", object{"outcome": "failed"}), http.StatusNotFound, "not_found")
}

func auditReport(t *trial) {
	t.succeeded()
	r := t.get("/sandbox/audit")
	t.status(r, http.StatusOK)
	for _, name := range []string{"lost", "doubled", "orphaned", "unbalanced", "exception", "undelivered"} {
		if _, ok := r.number("data.totals." + name); !ok {
			t.failed(&r, "a number at data.totals.%s", name)
		}
	}
	for _, name := range []string{"payments", "executions", "postings", "refunds", "requests", "events"} {
		if _, ok := r.number("data.counts." + name); !ok {
			t.failed(&r, "a number at data.counts.%s", name)
		}
	}
	for _, path := range []string{"data.checked_at", "data.digest", "data.findings", "data.clearing", "data.in_flight"} {
		t.present(r, path)
	}
	if n, _ := r.number("data.counts.executions"); n == 0 {
		t.failed(&r, "executions to be counted")
	}
}

// believed is one entry of what a caller believes.
func believed(reference, result string) object {
	return object{"amount": 250000, "currency": "NGN", "kind": "payment", "reference": reference, "result": result}
}

func auditAgrees(t *trial) {
	paid, failed := t.get("/payments/"+t.succeeded()), t.unique()
	made := t.createdAs("reference", failed)
	t.equal(t.capture(made.text("data.id"), cardDeclined), "data.status", "failed")
	good := paid.text("data.reference")
	r := t.post("/sandbox/audit", object{"expected": []object{believed(good, "succeeded"), believed(failed, "failed")}})
	t.status(r, http.StatusOK)
	for i := range r.list("data.findings") {
		if ref := r.text(pathf("data.findings.%d.reference", i)); ref == good || ref == failed {
			t.failed(&r, "no finding about %s", ref)
		}
	}
	t.equal(r, "data.counts.expected", 2)
}

func auditFindsLost(t *trial) {
	ref := t.unique()
	r := t.post("/sandbox/audit", object{"expected": []object{believed(ref, "succeeded")}})
	t.status(r, http.StatusOK)
	t.equal(r, "data.clean", false)
	for i := range r.list("data.findings") {
		if r.text(pathf("data.findings.%d.reference", i)) == ref {
			t.equal(r, pathf("data.findings.%d.kind", i), "lost")
			return
		}
	}
	t.failed(&r, "a finding about %s", ref)
}

func auditFields(t *trial) {
	for _, change := range []struct {
		name  string
		value any
	}{
		{"kind", "gift"}, {"result", "maybe"}, {"amount", "5"}, {"currency", "XYZ"}, {"reference", nil}, {"colour", "red"},
	} {
		r := t.post("/sandbox/audit", object{"expected": []object{set(believed("r", "succeeded"), change.name, change.value)}})
		t.refused(r, http.StatusUnprocessableEntity, "validation_error")
		if fieldMessage(r, "expected[0]."+change.name) == "" {
			t.failed(&r, "a breach of expected[0].%s", change.name)
		}
	}
	t.badRequest(t.get("/sandbox/audit?wait=x"), "wait")
}
