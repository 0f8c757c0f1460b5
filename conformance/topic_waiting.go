package conformance

import (
	"net/http"
	"time"
)

func waitingCases() []Case {
	return []Case{
		{ID: "waiting/answers-early", Sentence: "wait answers as soon as the state is final", run: waitAnswersEarly},
		{ID: "waiting/time-up", Sentence: "wait answers 200 with the current state when the time is up", run: waitTimeUp},
		{ID: "waiting/range", Sentence: "wait is 0 to 25 seconds; another is 400 invalid_request", run: waitRange},
		{ID: "waiting/deadline", Sentence: "a slow bank is not waited for beyond Juicer-Deadline-Ms: the answer is processing", run: deadlineIsKept},
		{ID: "waiting/deadline-form", Sentence: "a Juicer-Deadline-Ms that is no integer is 400 invalid_request; one out of range is clamped", run: deadlineForm},
		{ID: "waiting/busy", Sentence: "while a payment is processed, all that would disturb it is 409 payment_in_progress", run: busyPayment},
		{ID: "waiting/slow-bank", Sentence: "a bank of 40 seconds outlasts the request: processing first, then captured", run: slowBank},
		{ID: "waiting/reply-lost", Sentence: "a lost reply of the bank leaves the payment in doubt until the bank was asked", run: replyLost},
		{ID: "waiting/silent", Sentence: "a bank that never answers leaves the payment in doubt until it is resolved", run: silentBank},
		{ID: "waiting/resolved-failed", Sentence: "a doubtful payment may turn out not to have been paid", run: resolvedAsFailed},
		{ID: "waiting/told-twice", Sentence: "a result told twice, or before the reply, counts once", run: toldTwice},
	}
}

func waitAnswersEarly(t *trial) {
	id, r := t.paid(card5s, deadline(500))
	t.equal(r, "data.status", "processing")
	r = t.get("/payments/" + id + "?wait=20")
	t.status(r, http.StatusOK)
	t.equal(r, "data.state", "captured")
	if r.took > 12*time.Second {
		t.failed(&r, "an answer soon after the bank's 5 seconds, not after %s", r.took)
	}
	final := t.get("/payment-sessions/" + id + "?wait=20")
	t.equal(final, "data.status", "captured")
	if final.took > 5*time.Second {
		t.failed(&final, "an answer at once for a completed session, not after %s", final.took)
	}
}

func waitTimeUp(t *trial) {
	id := t.created()
	r := t.get("/payments/" + id + "?wait=1")
	t.status(r, http.StatusOK)
	t.equal(r, "data.state", "created")
	if r.took < 900*time.Millisecond {
		t.failed(&r, "an answer after one second, not after %s", r.took)
	}
	t.equal(t.get("/payments/"+id+"?wait=0"), "data.state", "created")
}

func waitRange(t *trial) {
	id := t.created()
	for _, path := range []string{"/payments/", "/payment-sessions/"} {
		for _, wait := range []string{"26", "-1", "abc", "1.5"} {
			t.badRequest(t.get(path+id+"?wait="+wait), "wait")
		}
	}
}

// processing: the reply says that the bank has not answered yet.
func (t *trial) processing(r reply) {
	t.status(r, http.StatusOK)
	for path, want := range map[string]any{
		"data.status": "processing", "data.message": "Processing", "data.failure": nil, "data.auth_type": nil, "data.links": object{},
		"data.payment.status": "processing", "data.payment.amount_paid": 0, "money.retry.after_ms": 2000,
	} {
		t.equal(r, path, want)
	}
	if outcome := r.text("money.outcome"); outcome != "pending" && outcome != "unknown" {
		t.failed(&r, "money.outcome pending or unknown")
	}
	t.advice(r, "money.retry", "no")
}

func deadlineIsKept(t *trial) {
	id, r := t.paid(card5s, deadline(1000))
	t.processing(r)
	if r.took > 4*time.Second {
		t.failed(&r, "an answer after about one second, not after %s", r.took)
	}
	payment := t.get("/payments/" + id)
	t.equal(payment, "data.status", "processing")
	t.becomes(id, stateTime, "captured")
	t.executedOnce(id)
}

func deadlineForm(t *trial) {
	id := t.created()
	for _, value := range []string{"soon", "1.5", "1s"} {
		t.badRequest(t.capture(id, cardApproved, header("Juicer-Deadline-Ms", value)), "Juicer-Deadline-Ms")
	}
	r := t.capture(id, cardApproved, deadline(1)) // becomes 500 ms
	t.status(r, http.StatusOK)
	_, r = t.paid(cardApproved, deadline(9999999))
	t.equal(r, "data.status", "captured")
}

func busyPayment(t *trial) {
	id, r := t.paid(card20s, deadline(500))
	t.processing(r)
	same := t.capture(id, card20s, deadline(500))
	t.status(same, http.StatusOK)
	t.replayed(same, true)
	t.equal(same, "data.status", "processing")
	for _, r := range []reply{
		t.capture(id, cardApproved), t.authorize(id, object{"otp": goodOTP}),
		t.post("/payment-sessions/"+id+"/cancel", nil), t.refund(id, object{"amount": 100}),
	} {
		t.refused(r, http.StatusConflict, "payment_in_progress")
		t.outcome(r, "pending", "same_key")
		t.equal(r, "error.retry.after_ms", 2000)
		t.equal(r, "error.details.payment.id", id)
		t.equal(r, "error.details.payment.status", "processing")
	}
	t.becomes(id, 30*time.Second, "captured")
	t.executedOnce(id)
}

func slowBank(t *trial) {
	id, r := t.paid(card40s)
	t.processing(r)
	if r.took < 20*time.Second || r.took > 29*time.Second {
		t.failed(&r, "an answer after about 25 seconds, not after %s", r.took)
	}
	t.equal(t.becomes(id, 30*time.Second, "captured"), "data.amount_paid", 250000)
	t.executedOnce(id)
}

func replyLost(t *trial) {
	id, r := t.paid(cardReplyLost, deadline(2000))
	if r.text("data.status") != "captured" {
		t.processing(r)
	}
	t.equal(t.becomes(id, 40*time.Second, "captured"), "data.amount_paid", 250000)
	t.executedOnce(id)
}

func silentBank(t *trial) {
	id, r := t.paid(cardSilent, deadline(1000))
	defer t.tidy("/sandbox/payments/" + id + "/resolve") // else it stays in flight if the case fails
	t.processing(r)
	doubt := t.becomes(id, 35*time.Second, "in_doubt")
	t.equal(doubt, "data.status", "processing")
	t.equal(doubt, "money.outcome", "unknown")
	t.equal(doubt, "money.retry.after_ms", 2000)
	other := t.capture(id, cardApproved)
	t.refused(other, http.StatusConflict, "payment_in_progress")
	t.outcome(other, "unknown", "same_key")
	t.status(t.resolve(id, "succeeded"), http.StatusOK)
	t.becomes(id, stateTime, "captured")
	t.executedOnce(id)
}

func resolvedAsFailed(t *trial) {
	id, r := t.paid(card20s, deadline(500))
	t.processing(r)
	done := t.post("/sandbox/payments/"+id+"/resolve", object{"outcome": "failed", "code": "card_declined"})
	t.status(done, http.StatusOK)
	payment := t.becomes(id, stateTime, "failed")
	t.equal(payment, "data.failure.code", "card_declined")
	t.equal(payment, "data.amount_paid", 0)
	t.refused(t.resolve(id, "succeeded"), http.StatusBadRequest, "invalid_status_transition")
	t.fields(t.resolve(id, "maybe"), "outcome not_allowed")
}

func toldTwice(t *trial) {
	for _, card := range []string{cardTwice, cardEarly} {
		id, r := t.paid(card)
		t.equal(r, "data.status", "captured")
		t.equal(t.get("/payments/"+id), "data.amount_paid", 250000)
		t.executedOnce(id)
	}
}
