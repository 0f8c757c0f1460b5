package conformance

import "net/http"

func stepCases() []Case {
	out := []Case{
		{ID: "steps/wrong-code", Sentence: "a wrong code leaves tries; the third wrong one ends the payment with authentication_failed", run: threeWrongCodes},
		{ID: "steps/wrong-then-right", Sentence: "after a wrong code the right one still pays", run: wrongThenRight},
		{ID: "steps/two-steps", Sentence: "a further step sets a new auth_type", run: pinThenOTP},
		{ID: "steps/declined-after", Sentence: "a card may be declined after the step", run: declinedAfterOTP},
		{ID: "steps/mismatch", Sentence: "the answer to another step is 400 auth_type_mismatch and names the awaited one", run: stepMismatch},
		{ID: "steps/one-field", Sentence: "exactly one field: none is required on otp, several are conflict", run: oneStepField},
		{ID: "steps/field-forms", Sentence: "the form of a code is looked at before it is sent to the bank", run: stepFieldForms},
		{ID: "steps/not-expected", Sentence: "an answer before any step is 400 authentication_not_expected", run: stepNotExpected},
		{ID: "steps/capture-again", Sentence: "capturing again while a step is awaited returns the current state; another card is 409", run: captureWhileAuthenticating},
		{ID: "steps/repeat", Sentence: "a step repeated under its key is not taken twice", run: stepRepeated},
	}
	for _, s := range steps() {
		out = append(out, Case{
			ID:       "steps/" + s.name,
			Sentence: "a card with the step " + s.name + " is paid once the step is taken",
			run:      func(t *trial) { takeStep(t, s) },
		})
	}
	return out
}

// step is a card that asks for something, with a right and a wrong answer.
type step struct {
	name, card   string
	right, wrong object
	code         string // of the failure after the wrong answer
	reason       any    // the bank's own code for it, nil if it has none
}

func steps() []step {
	address := func(zip string) object {
		return object{"avs": object{"line1": "5 Marina Road", "city": "Lagos", "country": "NG", "zip_code": zip}}
	}
	return []step{
		{"otp", cardOTP, object{"otp": goodOTP}, object{"otp": "000000"}, "incorrect_otp", nil},
		{"pin", cardPIN, object{"pin": goodPIN}, object{"pin": "0000"}, "incorrect_pin", nil},
		{"avs", cardAVS, address("100001"), address("999999"), "address_mismatch", nil},
		{"card_enroll", cardEnrol, object{"card_enroll": "enrol-ok"}, object{"card_enroll": "enrol-no"}, "enrollment_rejected", nil},
		{"cvv", cardCVVStep, object{"cvv": goodCVV}, object{"cvv": "999"}, "incorrect_cvv", "N7"},
	}
}

// asked makes a session whose card asks for a step.
func (t *trial) asked(card, authType string) string {
	id, r := t.paid(card)
	for path, want := range map[string]any{
		"data.status": "authenticating", "data.auth_type": authType, "data.message": "Waiting for payment", "data.failure": nil,
		"data.payment.state": "authenticating", "data.payment.status": "authenticating", "data.payment.amount_paid": 0,
	} {
		t.equal(r, path, want)
	}
	if authType == "3ds" {
		t.present(r, "data.links.redirect_url")
	} else {
		t.equal(r, "data.links", object{})
	}
	t.money(r, "pending", "no")
	t.equal(t.get("/payments/"+id), "data.status", "pending")
	return id
}

func takeStep(t *trial, s step) {
	id := t.asked(s.card, s.name)
	wrong := t.authorize(id, s.wrong)
	t.wrongAnswer(wrong, s.code, 2)
	t.equal(wrong, "data.failure.reason", s.reason)
	t.equal(wrong, "data.auth_type", s.name)
	r := t.authorize(id, s.right)
	t.paidByStep(r)
	t.equal(t.get("/payments/"+id), "data.status", "succeeded")
}

func (t *trial) wrongAnswer(r reply, code string, left int) {
	t.status(r, http.StatusOK)
	for path, want := range map[string]any{
		"data.status": "authenticating", "data.failure.code": code, "data.failure.attempts_left": left, "data.failure.retryable": true,
		"data.payment.state": "authenticating",
	} {
		t.equal(r, path, want)
	}
	t.equal(r, "data.message", r.text("data.failure.message"))
	if _, there := r.at("data.url"); !there {
		t.failed(&r, "data.url, null or a page")
	}
	t.money(r, "pending", "no")
}

func (t *trial) paidByStep(r reply) {
	t.status(r, http.StatusOK)
	for path, want := range map[string]any{
		"data.status": "captured", "data.auth_type": nil, "data.failure": nil, "data.payment.status": "succeeded", "data.url": nil,
		"data.payment.amount_paid": 250000,
	} {
		t.equal(r, path, want)
	}
	t.money(r, "succeeded", "no")
}

func threeWrongCodes(t *trial) {
	id := t.asked(cardOTPNever, "otp")
	t.wrongAnswer(t.authorize(id, object{"otp": goodOTP}), "incorrect_otp", 2)
	t.wrongAnswer(t.authorize(id, object{"otp": goodOTP}), "incorrect_otp", 1)
	last := t.authorize(id, object{"otp": goodOTP})
	t.status(last, http.StatusOK)
	t.equal(last, "data.status", "failed")
	t.equal(last, "data.failure.code", "authentication_failed")
	t.equal(last, "data.failure.message", "Authentication failed.")
	t.equal(last, "data.payment.state", "failed")
	t.money(last, "refused", "new_key")
	t.refused(t.authorize(id, object{"otp": goodOTP}), http.StatusBadRequest, "payment_session_completed")
}

func wrongThenRight(t *trial) {
	id := t.asked(cardOTP, "otp")
	t.wrongAnswer(t.authorize(id, object{"otp": "000000"}), "incorrect_otp", 2)
	t.wrongAnswer(t.authorize(id, object{"otp": "11111"}), "incorrect_otp", 1)
	t.paidByStep(t.authorize(id, object{"otp": goodOTP}))
	t.executedOnce(id)
}

func pinThenOTP(t *trial) {
	id := t.asked(cardPINThenOTP, "pin")
	r := t.authorize(id, object{"pin": goodPIN})
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", "authenticating")
	t.equal(r, "data.auth_type", "otp")
	t.equal(r, "data.failure", nil)
	t.refused(t.authorize(id, object{"pin": goodPIN}), http.StatusBadRequest, "auth_type_mismatch")
	t.paidByStep(t.authorize(id, object{"otp": goodOTP}))
}

func declinedAfterOTP(t *trial) {
	id := t.asked(cardOTPDeclined, "otp")
	r := t.authorize(id, object{"otp": goodOTP})
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", "failed")
	t.equal(r, "data.failure.code", "insufficient_funds")
	t.money(r, "refused", "new_key")
}

func stepMismatch(t *trial) {
	id := t.asked(cardOTP, "otp")
	for _, body := range []object{{"pin": goodPIN}, {"cvv": goodCVV}, {"card_enroll": "enrol-ok"}} {
		r := t.authorize(id, body)
		t.refused(r, http.StatusBadRequest, "auth_type_mismatch")
		t.outcome(r, "not_attempted", "no")
		t.equal(r, "error.details.expected", "otp")
	}
	t.paidByStep(t.authorize(id, object{"otp": goodOTP}))
}

func oneStepField(t *trial) {
	id := t.asked(cardOTP, "otp")
	t.fields(t.authorize(id, object{}), "otp required")
	r := t.authorize(id, object{"otp": goodOTP, "pin": goodPIN})
	t.refused(r, http.StatusUnprocessableEntity, "validation_error")
	for _, b := range breaches(r) {
		if b != "otp conflict" && b != "pin conflict" {
			t.failed(&r, "conflict only, not %s", b)
		}
	}
	t.equal(t.get("/payments/"+id), "data.state", "authenticating")
}

func stepFieldForms(t *trial) {
	id := t.asked(cardOTP, "otp")
	for field, values := range map[string][]any{
		"otp": {"1234", "1234567", "12a456", 123456}, "pin": {"123", "12345", "abcd"}, "cvv": {"12", "12345"},
	} {
		for _, value := range values {
			r := t.authorize(id, object{field: value})
			t.refused(r, http.StatusUnprocessableEntity, "validation_error")
			if fieldMessage(r, field) == "" {
				t.failed(&r, "a breach of %s", field)
			}
		}
	}
	t.wrongAnswer(t.authorize(id, object{"otp": "000000"}), "incorrect_otp", 2)
}

func stepNotExpected(t *trial) {
	id := t.created()
	r := t.authorize(id, object{"otp": goodOTP})
	t.refused(r, http.StatusBadRequest, "authentication_not_expected")
	t.outcome(r, "not_attempted", "no")
	t.equal(r, "error.details.state", "created")
}

func captureWhileAuthenticating(t *trial) {
	id := t.asked(cardOTP, "otp")
	again := t.capture(id, cardOTP)
	t.status(again, http.StatusOK)
	t.replayed(again, true)
	t.equal(again, "data.status", "authenticating")
	t.equal(again, "data.auth_type", "otp")
	other := t.capture(id, cardApproved)
	t.refused(other, http.StatusConflict, "payment_in_progress")
	t.outcome(other, "pending", "same_key")
	t.equal(other, "error.retry.after_ms", 2000)
	t.equal(other, "error.details.payment.id", id)
	t.paidByStep(t.authorize(id, object{"otp": goodOTP}))
}

func stepRepeated(t *trial) {
	id, key := t.asked(cardOTPNever, "otp"), idempotent(t.unique())
	first := t.authorize(id, object{"otp": goodOTP}, key)
	t.wrongAnswer(first, "incorrect_otp", 2)
	again := t.authorize(id, object{"otp": goodOTP}, key)
	t.identical(again, first)
	t.replayed(again, true)
	t.wrongAnswer(t.authorize(id, object{"otp": goodOTP}), "incorrect_otp", 1)
}
