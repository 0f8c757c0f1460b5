package conformance

import (
	"net/http"
	"time"
)

func clockCases() []Case {
	cases := []Case{
		{ID: "clock/moves", Sentence: "the clock moves by what is asked, and tells its offset", run: clockMoves},
		{ID: "clock/stands", Sentence: "a frozen clock stands until it is let go", run: clockStands},
		{ID: "clock/late-success", Sentence: "a success that the bank tells a minute later is a success", run: lateSuccess},
		{ID: "clock/late-failure", Sentence: "a failure that the bank tells a minute later is a failure", run: lateFailure},
		{ID: "clock/never-arrived", Sentence: "what the bank never saw is sent again only after it was asked, and executed once", run: neverArrived},
		{ID: "clock/unreachable", Sentence: "a bank that cannot be reached for half a minute then approves", run: unreachableBank},
		{ID: "clock/contradiction", Sentence: "a confirmed failure stays failed; what the bank executes later goes back to the payer", run: contradiction},
		{ID: "clock/slow-refund", Sentence: "a refund of an hour ends after an hour", run: hourLongRefund},
		{ID: "clock/expiry", Sentence: "a session on which nothing was paid expires, and says so to late callers", run: sessionExpires},
		{ID: "clock/settlement", Sentence: "a captured card payment is settled after the delay, and can still be refunded", run: paymentSettles},
		{ID: "clock/spent-key", Sentence: "after 24 hours an idempotency key never executes again: 409 idempotency_key_expired", run: keyIsSpent},
		{ID: "clock/key-expiry", Sentence: "an API key ends at its expiry date", run: keyExpires},
		{ID: "clock/rotation", Sentence: "a rotated key ends 24 hours after the first use of the new one", run: rotationEnds},
		{ID: "clock/probable-duplicate", Sentence: "with the guard on, the same amount for the same payer is 409 probable_duplicate unless allowed", run: probableDuplicate},
		{ID: "clock/rail-down", Sentence: "a rail that is down refuses new operations with 503 rail_unavailable, and nothing was attempted", run: railDown},
		{ID: "clock/unused-rotation", Sentence: "a rotated key ends 7 days after rotation at the latest", run: unusedRotationEnds},
	}
	for i := range cases {
		cases[i].clock = true
	}
	return cases
}

// advance moves the clock and waits until everything due has happened.
func (t *trial) advance(d time.Duration) reply {
	r := t.post("/sandbox/clock", object{"advance_ms": d.Milliseconds()})
	t.status(r, http.StatusOK)
	for range 10 {
		if r.isTrue("data.idle") {
			return r
		}
		r = t.post("/sandbox/clock/wait", object{"timeout_ms": 5000})
		t.status(r, http.StatusOK)
	}
	t.failed(&r, "the environment to become idle after the clock was moved by %s", d)
	return r
}

func clockMoves(t *trial) {
	before := t.get("/sandbox/clock")
	was, _ := before.number("data.offset_ms")
	from := t.clockNow()
	r := t.advance(time.Hour)
	t.equal(r, "data.offset_ms", was+time.Hour.Milliseconds())
	if moved := t.clockNow().Sub(from); moved < time.Hour || moved > time.Hour+time.Minute {
		t.failed(&r, "a time one hour later, not %s", moved)
	}
	target := t.clockNow().Add(time.Hour)
	set := t.post("/sandbox/clock", object{"set": target.Format(time.RFC3339Nano)})
	t.status(set, http.StatusOK)
	if off := t.clockNow().Sub(target); off < 0 || off > time.Minute {
		t.failed(&set, "the time %s, not %s later", target, off)
	}
}

func clockStands(t *trial) {
	r := t.post("/sandbox/clock", object{"frozen": true})
	t.status(r, http.StatusOK)
	first := t.clockNow()
	sleep(t.ctx, pollInterval)
	second := t.clockNow()
	r = t.post("/sandbox/clock", object{"frozen": false})
	t.status(r, http.StatusOK)
	if !first.Equal(second) {
		t.failed(&r, "a frozen clock to stand, but it went from %s to %s", first, second)
	}
	sleep(t.ctx, pollInterval)
	if !t.clockNow().After(second) {
		t.failed(&r, "a clock that was let go to go on")
	}
}

func lateSuccess(t *trial) {
	id, r := t.paid(cardLateSuccess, deadline(500))
	t.processing(r)
	t.advance(70 * time.Second)
	t.equal(t.becomes(id, stateTime, "captured"), "data.amount_paid", 250000)
	t.executedOnce(id)
}

func lateFailure(t *trial) {
	id, r := t.paid(cardLateFailure, deadline(500))
	t.processing(r)
	t.advance(70 * time.Second)
	t.equal(t.becomes(id, stateTime, "failed"), "data.failure.code", "card_declined")
}

func neverArrived(t *trial) {
	id, r := t.paid(cardNeverArrived, deadline(1000))
	t.processing(r)
	t.advance(20 * time.Second)
	early := t.get("/payments/" + id)
	if state := early.text("data.state"); state != "in_doubt" && state != "processing" {
		t.failed(&early, "nothing sent again within 90 seconds, but the payment is %s", state)
	}
	for range 4 {
		t.advance(5 * time.Minute)
	}
	t.equal(t.becomes(id, stateTime, "captured"), "data.amount_paid", 250000)
	t.executedOnce(id)
}

func unreachableBank(t *trial) {
	id, r := t.paid(cardUnreachable, deadline(500))
	t.processing(r)
	for range 5 {
		t.advance(time.Minute)
	}
	t.equal(t.becomes(id, stateTime, "captured"), "data.amount_paid", 250000)
	t.executedOnce(id)
}

func contradiction(t *trial) {
	id, _ := t.paid(cardContrary)
	t.becomes(id, stateTime, "failed")
	for range 6 {
		t.advance(5 * time.Minute)
	}
	r := t.get("/payments/" + id)
	t.equal(r, "data.state", "failed")
	t.equal(r, "data.amount_paid", 0)
	audit := t.get("/sandbox/audit?wait=10")
	for i := range audit.list("data.findings") {
		if audit.text(pathf("data.findings.%d.id", i)) == id {
			t.equal(audit, pathf("data.findings.%d.kind", i), "exception")
			t.equal(audit, pathf("data.findings.%d.rail_amount", i), 0)
			return
		}
	}
	t.failed(&audit, "the exception of payment %s in the audit", id)
}

func hourLongRefund(t *trial) {
	id, r := t.paid(cardRefundSlow)
	t.equal(r, "data.status", "captured")
	made := t.refund(id, object{"amount": 50000}, deadline(500))
	t.equal(made, "data.status", "processing")
	t.advance(50 * time.Minute)
	t.equal(t.get("/refunds/"+made.text("data.id")), "data.status", "processing")
	t.advance(15 * time.Minute)
	t.refunded(made, "succeeded")
}

func sessionExpires(t *trial) {
	untouched := t.created()
	asked := t.asked(cardOTP, "otp")
	t.advance(12*time.Hour + time.Minute)
	for _, id := range []string{untouched, asked} {
		session, payment := t.get("/payment-sessions/"+id), t.get("/payments/"+id)
		t.equal(session, "data.status", "expired")
		t.equal(session, "data.payment.status", "cancelled")
		t.equal(payment, "data.status", "cancelled")
		t.equal(payment, "data.state", "expired")
		t.equal(payment, "data.cancellation_reason", "expired")
		t.money(payment, "refused", "no")
		for _, r := range []reply{t.capture(id, cardApproved), t.authorize(id, object{"otp": goodOTP}), t.post("/payment-sessions/"+id+"/cancel", nil)} {
			t.refused(r, http.StatusBadRequest, "payment_session_expired")
			t.outcome(r, "refused", "new_key")
			t.equal(r, "error.details.payment.state", "expired")
		}
	}
}

func paymentSettles(t *trial) {
	settings := t.get("/sandbox/settings")
	delay, _ := settings.number("data.settlement_delay_s")
	id := t.succeeded()
	before := t.get("/payments/stats")
	t.advance(time.Duration(delay)*time.Second + time.Minute)
	r := t.becomes(id, stateTime, "settled")
	t.equal(r, "data.status", "succeeded")
	t.money(r, "succeeded", "no")
	t.equal(t.get("/payment-sessions/"+id), "data.status", "captured")
	again := t.capture(id, cardApproved)
	t.refused(again, http.StatusBadRequest, "payment_session_completed")
	t.outcome(again, "succeeded", "no")
	was, _ := before.number("data.settled")
	after := t.get("/payments/stats")
	if is, _ := after.number("data.settled"); is <= was {
		t.failed(&after, "more than %d settled", was)
	}
	t.refunded(t.refund(id, object{"amount": 1000}), "succeeded")
}

func keyIsSpent(t *trial) {
	body, name := t.session(), t.unique()
	first := t.post("/payment-sessions", body, idempotent(name))
	t.status(first, http.StatusCreated)
	t.advance(25 * time.Hour)
	r := t.post("/payment-sessions", body, idempotent(name))
	t.refused(r, http.StatusConflict, "idempotency_key_expired")
	t.advice(r, "error.retry", "no")
	t.equal(r, "error.details.resource.id", first.text("data.id"))
	t.present(r, "error.details.completed_at")
	look := t.get("/idempotency-keys/" + name)
	t.equal(look, "data.state", "spent")
	t.equal(look, "data.response", nil)
}

func keyExpires(t *trial) {
	made := t.newKey(object{"expiry_date": t.clockNow().Add(time.Hour).Format(time.RFC3339Nano)})
	key := withKey(made.text("data.key"))
	t.status(t.get(probePath, key), http.StatusOK)
	t.advance(time.Hour + time.Minute)
	t.unauthorized(t.get(probePath, key), "expired_api_key")
	t.equal(t.get("/keys/"+made.text("data.id")), "data.status", "expired")
}

func rotationEnds(t *trial) {
	old := t.newKey(nil)
	rotated := t.post("/keys/"+old.text("data.id")+"/rotate", nil)
	t.status(t.get(probePath, withKey(rotated.text("data.key"))), http.StatusOK)
	t.advance(23 * time.Hour)
	t.status(t.get(probePath, withKey(old.text("data.key"))), http.StatusOK)
	t.advance(2 * time.Hour)
	t.unauthorized(t.get(probePath, withKey(old.text("data.key"))), "expired_api_key")
	t.status(t.get(probePath, withKey(rotated.text("data.key"))), http.StatusOK)
}

func unusedRotationEnds(t *trial) {
	old := t.newKey(nil)
	t.status(t.post("/keys/"+old.text("data.id")+"/rotate", nil), http.StatusCreated)
	t.advance(6 * 24 * time.Hour)
	t.status(t.get(probePath, withKey(old.text("data.key"))), http.StatusOK)
	t.advance(25 * time.Hour)
	t.unauthorized(t.get(probePath, withKey(old.text("data.key"))), "expired_api_key")
}

// guarding sets the window of the guard against probable duplicates, in seconds.
func guarding(seconds int) object {
	return object{"probable_duplicate_s": object{"payment_sessions": seconds}}
}

func probableDuplicate(t *trial) {
	before, _ := t.get("/sandbox/settings").number("data.probable_duplicate_s.payment_sessions")
	defer func() { _, _ = t.try("PATCH", "/sandbox/settings", guarding(int(before))) }()
	t.status(t.call("PATCH", "/sandbox/settings", guarding(300)), http.StatusOK)
	email := t.unique() + "@example.com"
	first := t.createdAs("customer.email", email)
	r := t.post("/payment-sessions", set(t.session(), "customer.email", email))
	t.refused(r, http.StatusConflict, "probable_duplicate")
	t.outcome(r, "not_attempted", "new_key")
	t.equal(r, "error.details.id", first.text("data.id"))
	t.equal(r, "error.details.reference", first.text("data.payment.reference"))
	allowed := set(set(t.session(), "customer.email", email), "allow_duplicate", true)
	t.status(t.post("/payment-sessions", allowed), http.StatusCreated)
	other := set(set(t.session(), "customer.email", email), "amount", 250001)
	t.status(t.post("/payment-sessions", other), http.StatusCreated)
}

func railDown(t *trial) {
	id, paid := t.created(), t.succeeded()
	up := raw(`{"down_until":null}`)
	defer func() { _, _ = t.try("PATCH", "/sandbox/rails/card", up) }()
	down := object{"down_until": t.clockNow().Add(time.Hour).Format(time.RFC3339Nano)}
	t.status(t.call("PATCH", "/sandbox/rails/card", down), http.StatusOK)
	for _, r := range []reply{t.capture(id, cardApproved), t.refund(paid, object{"amount": 100})} {
		t.refused(r, http.StatusServiceUnavailable, "rail_unavailable")
		t.outcome(r, "not_attempted", "same_key")
		t.equal(r, "error.retry.after_ms", 30000)
		t.equal(r, "error.details.reason", "down")
		t.equal(r, "error.details.rail", "card")
	}
	t.status(t.call("PATCH", "/sandbox/rails/card", up), http.StatusOK)
	t.equal(t.capture(id, cardApproved), "data.status", "captured")
	t.equal(t.get("/payments/"+paid), "data.amount_refunded", 0)
}
