package conformance

import (
	"fmt"
	"net/http"
	"strings"
)

func refundCases() []Case {
	return []Case{
		{ID: "refunds/part", Sentence: "a part of a captured payment is refunded and counted", run: refundPart},
		{ID: "refunds/rest", Sentence: "without an amount the rest is refunded", run: refundRest},
		{ID: "refunds/too-much", Sentence: "more than is left is 400 refund_exceeds_payment and says what is left", run: refundTooMuch},
		{ID: "refunds/not-refundable", Sentence: "a payment that was not captured is 400 payment_not_refundable", run: refundUnpaid},
		{ID: "refunds/fails", Sentence: "a refund that the bank refuses is failed and no longer counted", run: refundFails},
		{ID: "refunds/slow", Sentence: "a refund that takes long is processing, and ends when the bank says so", run: refundSlow},
		{ID: "refunds/reference", Sentence: "the same reference returns the first refund, with other money fields it is 400 reference_exists", run: refundReference},
		{ID: "refunds/idempotency", Sentence: "a refund repeated under its key is made once", run: refundTwice},
		{ID: "refunds/at-once", Sentence: "refunds at the same moment never give back more than was paid", run: refundsAtOnce},
		{ID: "refunds/fields", Sentence: "fields of a refund are checked", run: refundFields},
		{ID: "refunds/list", Sentence: "the refunds of a payment are listed page by page, newest first", run: refundList},
		{ID: "refunds/processing", Sentence: "a payment that is being processed cannot be refunded yet: 409 payment_in_progress", run: refundProcessing},
		{ID: "refunds/books", Sentence: "the bank's own books show the refund", run: refundInBooks},
	}
}

func (t *trial) refund(id string, body object, options ...option) reply {
	return t.post("/payments/"+id+"/refunds", body, options...)
}

// refunded waits until the refund is final and expects this status.
func (t *trial) refunded(made reply, status string) reply {
	t.status(made, http.StatusCreated)
	id := made.text("data.id")
	r := t.get("/refunds/" + id + "?wait=20")
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", status)
	return r
}

func refundPart(t *trial) {
	id, ref := t.succeeded(), t.unique()
	made := t.refund(id, object{"amount": 50000, "reason": "One book missing", "reference": ref})
	t.status(made, http.StatusCreated)
	t.head(made, "Location", "/refunds/"+made.text("data.id"))
	for path, want := range map[string]any{
		"data.amount": 50000, "data.currency": "NGN", "data.payment_id": id, "data.reason": "One book missing", "data.reference": ref, "data.mode": "test",
		"data.failure": nil,
	} {
		t.equal(made, path, want)
	}
	t.matches(made, "data.id", uuidForm)
	r := t.refunded(made, "succeeded")
	t.equal(r, "data.state", "succeeded")
	t.money(r, "succeeded", "no")
	payment := t.get("/payments/" + id)
	t.equal(payment, "data.amount_refunded", 50000)
	t.equal(payment, "data.status", "succeeded")
	t.equal(payment, "data.amount_paid", 250000)
}

func refundRest(t *trial) {
	id := t.succeeded()
	t.refunded(t.refund(id, object{"amount": 50000}), "succeeded")
	rest := t.refund(id, object{})
	t.equal(rest, "data.amount", 200000)
	t.equal(rest, "data.reference", nil)
	t.equal(rest, "data.reason", nil)
	t.refunded(rest, "succeeded")
	t.equal(t.get("/payments/"+id), "data.amount_refunded", 250000)
}

func refundTooMuch(t *trial) {
	id := t.succeeded()
	r := t.refund(id, object{"amount": 250001})
	t.refused(r, http.StatusBadRequest, "refund_exceeds_payment")
	t.outcome(r, "refused", "no")
	t.equal(r, "error.details.refundable", 250000)
	t.equal(r, "error.details.currency", "NGN")
	t.refunded(t.refund(id, object{}), "succeeded")
	r = t.refund(id, object{"amount": 1})
	t.refused(r, http.StatusBadRequest, "refund_exceeds_payment")
	t.equal(r, "error.details.refundable", 0)
}

func refundUnpaid(t *trial) {
	failed, _ := t.paid(cardNoFunds)
	cancelled := t.created()
	t.status(t.post("/payment-sessions/"+cancelled+"/cancel", nil), http.StatusOK)
	for id, state := range map[string]string{t.created(): "created", failed: "failed", cancelled: "cancelled"} {
		r := t.refund(id, object{"amount": 100})
		t.refused(r, http.StatusBadRequest, "payment_not_refundable")
		t.outcome(r, "refused", "no")
		t.equal(r, "error.details.state", state)
		t.equal(r, "error.details.method", "card")
	}
}

func refundFails(t *trial) {
	id, paid := t.paid(cardRefundFails)
	t.equal(paid, "data.status", "captured")
	r := t.refunded(t.refund(id, object{"amount": 50000}), "failed")
	t.equal(r, "data.failure.code", "account_closed")
	t.equal(r, "data.failure.retryable", false)
	t.money(r, "refused", "no")
	t.equal(t.get("/payments/"+id), "data.amount_refunded", 0)
}

func refundSlow(t *trial) {
	id, paid := t.paid(cardRefundSlow)
	t.equal(paid, "data.status", "captured")
	made := t.refund(id, object{"amount": 50000}, deadline(500))
	t.status(made, http.StatusCreated)
	defer t.tidy("/sandbox/refunds/" + made.text("data.id") + "/resolve") // else it stays in flight if the case fails
	t.equal(made, "data.status", "processing")
	t.money(made, "pending", "no")
	t.equal(made, "money.retry.after_ms", 2000)
	t.equal(t.get("/payments/"+id), "data.amount_refunded", 50000)
	t.status(t.post("/sandbox/refunds/"+made.text("data.id")+"/resolve", object{"outcome": "succeeded"}), http.StatusOK)
	t.refunded(made, "succeeded")
}

func refundReference(t *trial) {
	id, ref := t.succeeded(), t.unique()
	first := t.refund(id, object{"amount": 50000, "reference": ref})
	t.status(first, http.StatusCreated)
	again := t.refund(id, object{"amount": 50000, "reference": ref, "reason": "Another"})
	t.status(again, http.StatusCreated)
	t.replayed(again, true)
	t.equal(again, "data.id", first.text("data.id"))
	r := t.refund(id, object{"amount": 50001, "reference": ref})
	t.refused(r, http.StatusBadRequest, "reference_exists")
	t.equal(r, "message", "reference_exists")
	t.equal(r, "error.details.differs", []string{"amount"})
	t.equal(r, "error.details.id", first.text("data.id"))
	t.refused(t.refund(t.succeeded(), object{"amount": 50000, "reference": ref}), http.StatusBadRequest, "reference_exists")
}

func refundTwice(t *trial) {
	id, key := t.succeeded(), idempotent(t.unique())
	first := t.refund(id, object{"amount": 50000}, key)
	t.status(first, http.StatusCreated)
	again := t.refund(id, object{"amount": 50000}, key)
	t.identical(again, first)
	t.replayed(again, true)
	t.refunded(first, "succeeded")
	t.equal(t.get("/payments/"+id), "data.amount_refunded", 50000)
}

func refundsAtOnce(t *trial) {
	id := t.succeeded()
	given := int64(0)
	for _, r := range t.atOnce(6, func() (reply, error) {
		return t.try("POST", "/payments/"+id+"/refunds", object{"amount": 100000})
	}) {
		if r.status == http.StatusCreated {
			n, _ := r.number("data.amount")
			given += n
			continue
		}
		if code := r.text("error.code"); code != "refund_exceeds_payment" && code != "resource_busy" {
			t.failed(&r, "201, refund_exceeds_payment or resource_busy")
		}
	}
	payment := t.get("/payments/" + id)
	t.equal(payment, "data.amount_refunded", given)
	if given > 250000 {
		t.failed(&payment, "at most 250000 given back, not %d", given)
	}
}

func refundFields(t *trial) {
	id := t.succeeded()
	for _, c := range []struct {
		body object
		want string
	}{
		{object{"amount": 0}, "amount must_be_positive"}, {object{"amount": -1}, "amount must_be_positive"},
		{object{"amount": 1.5}, "amount must_be_integer"}, {object{"amount": "5"}, "amount invalid_type"},
		{object{"reason": strings.Repeat("x", 201)}, "reason too_long"}, {object{"reference": "a b"}, "reference invalid_characters"},
		{object{"colour": "red"}, "colour unknown_field"},
	} {
		t.fields(t.refund(id, c.body), c.want)
	}
	t.equal(t.get("/payments/"+id), "data.amount_refunded", 0)
}

func refundList(t *trial) {
	id := t.succeeded()
	var ids []string
	for range 3 {
		made := t.refund(id, object{"amount": 1000})
		t.status(made, http.StatusCreated)
		ids = append([]string{made.text("data.id")}, ids...)
	}
	all := t.get("/payments/" + id + "/refunds")
	t.status(all, http.StatusOK)
	t.absent(all, "money")
	if got := idsOf(all); strings.Join(got, " ") != strings.Join(ids, " ") {
		t.failed(&all, "the refunds %v, newest first", ids)
	}
	first := t.get("/payments/" + id + "/refunds?limit=2")
	t.equal(first, "pagination.limit", 2)
	second := t.get(fmt.Sprintf("/payments/%s/refunds?limit=2&after=%s", id, escaped(first.text("pagination.after"))))
	if got := append(idsOf(first), idsOf(second)...); strings.Join(got, " ") != strings.Join(ids, " ") {
		t.failed(&second, "the refunds %v on two pages, not %v", ids, got)
	}
	t.equal(second, "pagination.after", nil)
	empty := t.get("/payments/" + t.succeeded() + "/refunds")
	t.equal(empty, "data", []any{})
}

func refundProcessing(t *trial) {
	id, r := t.paid(card5s, deadline(500))
	t.equal(r, "data.status", "processing")
	r = t.refund(id, object{"amount": 100})
	t.refused(r, http.StatusConflict, "payment_in_progress")
	t.outcome(r, "pending", "same_key")
	t.becomes(id, stateTime, "captured")
}

func refundInBooks(t *trial) {
	id := t.succeeded()
	made := t.refunded(t.refund(id, object{"amount": 50000}), "succeeded")
	r := t.get(pathf("/sandbox/rail-books?rail_reference=%s%%2F1", made.text("data.id")))
	t.status(r, http.StatusOK)
	t.equal(r, "data.0.kind", "refund")
	t.equal(r, "data.0.amount", 50000)
	t.equal(r, "data.0.direction", "out")
	if n := len(r.list("data")); n != 1 {
		t.failed(&r, "one entry for the refund, not %d", n)
	}
}
