package conformance

import (
	"net/http"
	"strings"
)

func captureCases() []Case {
	out := []Case{
		{ID: "capture/approved", Sentence: "an approved card is captured: money has moved", run: captureApproved},
		{ID: "capture/documented", Sentence: "documented cards work with their expiry date although it has passed", run: captureDocumented},
		{ID: "capture/masked", Sentence: "of a card only the first six and last four digits come back", run: cardIsMasked},
		{ID: "capture/partial", Sentence: "less than the session's amount may be captured, more is 400 invalid_amount", run: capturePart},
		{ID: "capture/expiry-spellings", Sentence: "expiry is read from numbers and from strings of digits, the year with two or four", run: expirySpellings},
		{ID: "capture/wrong-cvv", Sentence: "another CVV than the card's is declined incorrect_cvv", run: captureWrongCVV},
		{ID: "capture/past-expiry", Sentence: "a past expiry date is declined by the bank, not refused by us", run: capturePastExpiry},
		{ID: "capture/unlisted", Sentence: "a well-formed number that is no test card is declined card_not_supported", run: captureUnlisted},
		{ID: "capture/blanks", Sentence: "blanks and hyphens inside the number are removed", run: captureWithBlanks},
		{ID: "capture/invalid-card", Sentence: "a number or CVV that cannot be one is 400 invalid_card and names the field", run: captureInvalidCard},
		{ID: "capture/invalid-encryption", Sentence: "a value that does not decrypt is 400 invalid_encryption and names the field", run: captureInvalidEncryption},
		{ID: "capture/fields", Sentence: "fields of the card that are missing or bad are reported at once", run: captureFields},
		{ID: "capture/again-captured", Sentence: "capturing a captured session is 400 payment_session_completed with the payment, never 404", run: captureCaptured},
		{ID: "capture/again-failed", Sentence: "capturing a failed session is 400 payment_session_completed, advice new_key", run: captureFailed},
		{ID: "capture/other-method", Sentence: "fields of another method are 400 payment_method_mismatch", run: captureOtherMethod},
		{ID: "capture/executed-once", Sentence: "the bank's own books show one execution of a captured payment", run: func(t *trial) { t.executedOnce(t.succeeded()) }},
	}
	for _, d := range declines() {
		out = append(out, Case{
			ID:       "capture/declined-" + d.code,
			Sentence: "a card declined with " + d.code + " is 200 with the failure in data",
			run:      func(t *trial) { captureDeclined(t, d) },
		})
	}
	return out
}

// decline is how a test card is refused.
type decline struct {
	card, code, reason, message string
	retryable                   bool
	afterMS                     any // nil: null
}

func declines() []decline {
	return []decline{
		{"4000000000012015", "insufficient_funds", "51", "The card has insufficient funds.", true, nil},
		{"4000000000012023", "card_declined", "05", "The card was declined.", false, nil},
		{"4000000000012031", "transaction_not_permitted", "57", "The card does not allow this payment.", false, nil},
		{"4000000000012049", "expired_card", "54", "The card has expired.", false, nil},
		{"4000000000012056", "incorrect_cvv", "N7", "The security code is wrong.", true, nil},
		{"4000000000012064", "lost_card", "41", "The card was declined.", false, nil},
		{"4000000000012072", "stolen_card", "43", "The card was declined.", false, nil},
		{"4000000000012080", "suspected_fraud", "59", "The card was declined.", false, nil},
		{"4000000000012098", "restricted_card", "62", "The card is restricted.", false, nil},
		{"4000000000012106", "card_limit_exceeded", "61", "The card's limit is exceeded.", true, nil},
		{"4000000000012114", "card_not_supported", "12", "The card type is not supported.", false, nil},
		{"4000000000012122", "issuer_unavailable", "91", "The card's bank does not answer.", true, 5000},
		{"4000000000012130", "processing_error", "96", "The payment could not be processed.", true, 5000},
	}
}

func captureDeclined(t *trial, d decline) {
	id, r := t.paid(d.card)
	t.declined(r, d)
	for _, later := range []reply{t.get("/payment-sessions/" + id), t.get("/payments/" + id)} {
		t.status(later, http.StatusOK)
		t.equal(later, "data.status", "failed")
		t.equal(later, "data.failure.code", d.code)
		t.equal(later, "money.outcome", "refused")
	}
}

func (t *trial) declined(r reply, d decline) {
	failure := object{"code": d.code, "message": d.message, "reason": d.reason, "retryable": d.retryable}
	for path, want := range map[string]any{
		"data.status": "failed", "data.auth_type": nil, "data.links": object{}, "data.failure": failure, "data.message": d.message,
		"data.payment.failure": failure, "data.payment.status": "failed", "data.payment.state": "failed", "data.payment.amount_paid": 0,
		"money.retry.after_ms": d.afterMS,
	} {
		t.equal(r, path, want)
	}
	advice := "no"
	if d.retryable {
		advice = "new_key"
	}
	t.money(r, "refused", advice)
}

func captureApproved(t *trial) {
	id, r := t.paid(cardApproved)
	for path, want := range map[string]any{
		"data.status": "captured", "data.auth_type": nil, "data.links": object{}, "data.message": "Successful payment", "data.failure": nil,
		"data.payment.status": "succeeded", "data.payment.state": "captured", "data.payment.amount_paid": 250000, "data.id": id,
	} {
		t.equal(r, path, want)
	}
	t.present(r, "data.payment.provider_id")
	t.money(r, "succeeded", "no")
	t.equal(r, "money.retry.after_ms", nil)
	payment := t.get("/payments/" + id)
	t.equal(payment, "data.status", "succeeded")
	t.equal(payment, "data.state", "captured")
	t.equal(t.get("/payment-sessions/"+id), "data.status", "captured")
}

func captureDocumented(t *trial) {
	for _, c := range []struct {
		number      string
		month, year int
		code        any
	}{
		{cardDocumented, 1, 39, nil}, {cardMastercard, 12, 25, nil},
		{"4000000000000010", 1, 25, "insufficient_funds"}, {"4000000000000002", 1, 25, "card_declined"},
	} {
		body := set(set(t.card(c.number), "card.expiry_month", c.month), "card.expiry_year", c.year)
		r := t.post("/payment-sessions/"+t.created(), body)
		t.status(r, http.StatusOK)
		if c.code == nil {
			t.equal(r, "data.status", "captured")
			continue
		}
		t.equal(r, "data.status", "failed")
		t.equal(r, "data.failure.code", c.code)
	}
}

func cardIsMasked(t *trial) {
	id, r := t.paid(cardApproved)
	t.equal(r, "data.payment.payment_method.card_number", "400000******1009")
	t.equal(r, "data.payment.payment_method.expiry_month", 1)
	t.equal(r, "data.payment.payment_method.expiry_year", 2039)
	t.equal(r, "data.payment.payment_method.type", "card")
	t.matches(r, "data.payment.payment_method.id", uuidForm)
	for _, path := range []string{"/payments/" + id, "/payment-sessions/" + id, "/payments?ids=" + id} {
		if shown := t.get(path); strings.Contains(string(shown.body), cardApproved) {
			t.failed(&shown, "no card number")
		}
	}
}

func capturePart(t *trial) {
	id := t.created()
	more := t.post("/payment-sessions/"+id, set(t.card(cardApproved), "amount", 250001))
	t.refused(more, http.StatusBadRequest, "invalid_amount")
	t.outcome(more, "not_attempted", "no")
	t.field(t.post("/payment-sessions/"+id, set(t.card(cardApproved), "amount", 0)), "amount", "must_be_positive")
	t.field(t.post("/payment-sessions/"+id, set(t.card(cardApproved), "amount", 1.5)), "amount", "must_be_integer")
	r := t.post("/payment-sessions/"+id, set(t.card(cardApproved), "amount", 100000))
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", "captured")
	t.equal(r, "data.payment.amount", 250000)
	t.equal(r, "data.payment.amount_paid", 100000)
	t.refused(t.post("/payments/"+id+"/refunds", object{"amount": 100001}), http.StatusBadRequest, "refund_exceeds_payment")
}

func expirySpellings(t *trial) {
	for _, c := range []struct{ month, year any }{{"01", "39"}, {"1", "2039"}, {12, 39}, {"12", 2039}} {
		body := set(set(t.card(cardApproved), "card.expiry_month", c.month), "card.expiry_year", c.year)
		r := t.post("/payment-sessions/"+t.created(), body)
		t.status(r, http.StatusOK)
		t.equal(r, "data.payment.payment_method.expiry_year", 2039)
	}
}

func captureWrongCVV(t *trial) {
	r := t.post("/payment-sessions/"+t.created(), set(t.card(cardApproved), "card.cvv", t.sealed("999")))
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", "failed")
	t.equal(r, "data.failure.code", "incorrect_cvv")
}

func capturePastExpiry(t *trial) {
	r := t.post("/payment-sessions/"+t.created(), set(t.card(cardApproved), "card.expiry_year", 2020))
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", "failed")
	t.equal(r, "data.failure.code", "expired_card")
}

func captureUnlisted(t *trial) {
	_, r := t.paid("4111111111111111")
	t.equal(r, "data.status", "failed")
	t.equal(r, "data.failure.code", "card_not_supported")
}

func captureWithBlanks(t *trial) {
	for _, number := range []string{"4000 0000 0001 1009", "4000-0000-0001-1009"} {
		_, r := t.paid(number)
		t.equal(r, "data.status", "captured")
		t.equal(r, "data.payment.payment_method.card_number", "400000******1009")
	}
}

func captureInvalidCard(t *trial) {
	id := t.created()
	for field, values := range map[string][]string{
		"card.card_number": {"4111111111111112", "411111111111", "41111111111111111111", "4111x11111111111", "card"},
		"card.cvv":         {"12", "12345", "abc"},
	} {
		for _, value := range values {
			r := t.post("/payment-sessions/"+id, set(t.card(cardApproved), field, t.sealed(value)))
			t.refused(r, http.StatusBadRequest, "invalid_card")
			t.outcome(r, "not_attempted", "no")
			t.equal(r, "error.details.field", field)
		}
	}
	t.equal(t.get("/payments/"+id), "data.state", "created")
	t.equal(t.capture(id, cardApproved), "data.status", "captured")
}

func captureInvalidEncryption(t *trial) {
	id, good := t.created(), t.sealed(cardApproved)
	flipped := good[:len(good)-1] + map[bool]string{true: "1", false: "0"}[good[len(good)-1] == '0']
	foreign, err := encrypt("0123456789abcdef0123456789abcdef", cardApproved, randomBytes(ivLength))
	if err != nil {
		t.failed(nil, "a key of 32 bytes to encrypt: %v", err)
	}
	parts := strings.Split(good, ":")
	for _, value := range []string{
		flipped, foreign, cardApproved, parts[0] + ":" + parts[1], parts[0][:24] + ":" + parts[1] + ":" + parts[2],
		parts[0] + ":" + parts[1] + ":" + parts[2][:24], "zz" + good[2:], good + ":00",
	} {
		for _, field := range []string{"card.card_number", "card.cvv"} {
			r := t.post("/payment-sessions/"+id, set(t.card(cardApproved), field, value))
			t.refused(r, http.StatusBadRequest, "invalid_encryption")
			t.outcome(r, "not_attempted", "no")
			t.equal(r, "error.details.field", field)
		}
	}
	upper := set(t.card(cardApproved), "card.card_number", strings.ToUpper(good))
	t.equal(t.post("/payment-sessions/"+id, upper), "data.status", "captured")
}

func captureFields(t *trial) {
	id := t.created()
	t.fields(t.post("/payment-sessions/"+id, object{}), "card required")
	r := t.post("/payment-sessions/"+id, object{"card": object{}})
	for _, field := range []string{"card.card_number", "card.cvv", "card.expiry_month", "card.expiry_year"} {
		t.field(r, field, "required")
	}
	for _, c := range []struct {
		field string
		value any
		code  string
	}{
		{"card.expiry_month", 0, "too_small"}, {"card.expiry_month", 13, "too_large"}, {"card.expiry_month", true, "invalid_type"},
		{"card.expiry_year", 203, "invalid_format"}, {"card.name", strings.Repeat("x", 101), "too_long"},
		{"card.colour", "red", "unknown_field"}, {"card.card_number", 4111, "invalid_type"},
	} {
		t.fields(t.post("/payment-sessions/"+id, set(t.card(cardApproved), c.field, c.value)), c.field+" "+c.code)
	}
	t.equal(t.get("/payments/"+id), "data.state", "created")
}

func captureCaptured(t *trial) {
	id := t.succeeded()
	for _, r := range []reply{
		t.capture(id, cardApproved), t.capture(id, cardDocumented), t.authorize(id, object{"otp": goodOTP}),
		t.post("/payment-sessions/"+id+"/cancel", nil),
	} {
		t.refused(r, http.StatusBadRequest, "payment_session_completed")
		t.outcome(r, "succeeded", "no")
		t.equal(r, "error.details.payment.id", id)
		t.equal(r, "error.details.payment.status", "succeeded")
		t.equal(r, "error.details.payment.state", "captured")
		t.equal(r, "error.details.payment.amount_paid", 250000)
	}
}

func captureFailed(t *trial) {
	id, _ := t.paid(cardNoFunds)
	for _, r := range []reply{t.capture(id, cardApproved), t.authorize(id, object{"otp": goodOTP}), t.post("/payment-sessions/"+id+"/cancel", nil)} {
		t.refused(r, http.StatusBadRequest, "payment_session_completed")
		t.outcome(r, "refused", "new_key")
		t.equal(r, "error.retry.after_ms", nil)
		t.equal(r, "error.details.payment.state", "failed")
	}
}

func captureOtherMethod(t *trial) {
	id := t.created()
	r := t.post("/payment-sessions/"+id, object{"crypto_address": object{"chain": "ETH", "currency": "USDT"}})
	t.refused(r, http.StatusBadRequest, "payment_method_mismatch")
	t.outcome(r, "not_attempted", "no")
	t.equal(r, "error.details.method", "card")
}
