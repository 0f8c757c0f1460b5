package conformance

import (
	"net/http"
	"strings"
	"time"
)

func payoutCases() []Case {
	return []Case{
		{ID: "payouts/create", Sentence: "a payout is 201 and pending, told where, with its fee and what leaves the wallet", run: payoutCreated},
		{ID: "payouts/succeeds", Sentence: "it succeeds by itself, and is found by id and by reference", run: payoutSucceeds},
		{ID: "payouts/fails", Sentence: "a payout that the bank refuses is 200 with its failure, and the money is back", run: payoutFails},
		{ID: "payouts/doubt", Sentence: "without an answer of the bank the outcome is unknown, until the bank tells the truth", run: payoutInDoubt},
		{ID: "payouts/reversed", Sentence: "a payout may come back: the amount is returned, the fee is kept", run: payoutReversed},
		{ID: "payouts/fee", Sentence: "the recipient may bear the fee", run: payoutFeeOnRecipient},
		{ID: "payouts/flat", Sentence: "the beneficiary may be given flat", run: payoutFlat},
		{ID: "payouts/snapshot", Sentence: "a payout keeps its beneficiary as it was, also when that is deleted", run: payoutKeepsBeneficiary},
		{ID: "payouts/exchanged", Sentence: "from another currency the money is exchanged first", run: payoutExchanged},
		{ID: "payouts/reference", Sentence: "the same reference returns the first payout, with other money fields it is 400 reference_exists", run: payoutReference},
		{ID: "payouts/idempotency", Sentence: "a payout repeated under its key is made once", run: payoutTwice},
		{ID: "payouts/at-once", Sentence: "one reference at the same moment is one payout", run: payoutsAtOnce},
		{ID: "payouts/beneficiary", Sentence: "a beneficiary that is not there, is deleted, or of another type or currency is 400 invalid_beneficiary", run: payoutToNobody},
		{ID: "payouts/limits", Sentence: "amounts outside of the rail's limits are 400 invalid_amount", run: payoutLimits},
		{ID: "payouts/funds", Sentence: "more than the wallet holds is 400 insufficient_funds", run: payoutTooMuch},
		{ID: "payouts/fields", Sentence: "fields of a payout are checked, all at once", run: payoutFields},
		{ID: "payouts/charge", Sentence: "the fee can be asked for, and whether a payout would be taken", run: payoutCharged},
		{ID: "payouts/list", Sentence: "payouts are listed by status, ids and references", run: payoutList},
		{ID: "payouts/event", Sentence: "what became of a payout is told as an event", run: payoutEvent},
		{ID: "payouts/books", Sentence: "the bank's own books show the payout", run: payoutInBooks},
	}
}

const payoutAmount = 50_000

// account is a naira account with an ending that decides what becomes of a payout.
func (t *trial) account(ending string) string { return t.accountNumber()[:6] + ending }

// beneficiary makes one with such an account and gives its id.
func (t *trial) beneficiary(ending string) string {
	r := t.post("/beneficiaries", set(t.payee(), "account_number", t.account(ending)))
	t.status(r, http.StatusCreated)
	return r.text("data.id")
}

// payout is the body of a payout that every Juicer accepts.
func (t *trial) payout(to string) object {
	return object{"amount": payoutAmount, "beneficiary": object{"id": to, "type": "bank_account"}, "description": "Refund 77", "destination_currency": "NGN",
		"reference": t.unique(), "source_currency": "NGN"}
}

// paidOut orders a payout to an account with the ending and expects its status in the end.
func (t *trial) paidOut(ending, status string) reply {
	made := t.post("/payouts", t.payout(t.beneficiary(ending)))
	t.status(made, http.StatusCreated)
	return t.decided(made, status)
}

// decided waits for the rail's word.
func (t *trial) decided(made reply, status string) reply {
	r := t.get("/payouts/" + made.text("data.id") + "?wait=20")
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", status)
	return r
}

func payoutCreated(t *trial) {
	to := t.beneficiary("0031")
	body := set(t.payout(to), "metadata", object{"class": "JSS2"})
	r := t.post("/payouts", body)
	t.status(r, http.StatusCreated)
	t.head(r, "Location", "/payouts/"+r.text("data.id"))
	t.matches(r, "data.id", uuidForm)
	t.money(r, "pending", "no")
	t.equal(r, "money.retry.after_ms", 2000)
	for path, want := range map[string]any{
		"data.amount": payoutAmount, "data.destination_amount": payoutAmount, "data.source_amount": payoutAmount + 2500, "data.fee": object{"amount": 2500, "currency": "NGN"},
		"data.state": "pending", "data.status": "pending", "data.failure": nil, "data.reason": nil, "data.rate": nil, "data.provider_reference": nil, "data.mode": "test",
		"data.fee_charged_to": "sender", "data.beneficiary.id": to, "data.beneficiary.bank_code": "999001", "data.beneficiary_type": "bank_account",
		"data.metadata": object{"class": "JSS2"}, "data.reference": body["reference"], "data.source_currency": "NGN", "data.destination_currency": "NGN",
	} {
		t.equal(r, path, want)
	}
	t.decided(r, "succeeded")
}

func payoutSucceeds(t *trial) {
	r := t.paidOut("0031", "succeeded")
	t.money(r, "succeeded", "no")
	t.present(r, "data.provider_reference")
	t.equal(t.get("/payouts/"+r.text("data.reference")), "data.id", r.text("data.id"))
	t.refused(t.get("/payouts/"+t.unique()), http.StatusNotFound, "not_found")
}

func payoutFails(t *trial) {
	for ending, want := range map[string]struct{ code, advice string }{"9112": {"account_closed", "no"}, "9117": {"receiving_limit_exceeded", "new_key"}} {
		r := t.paidOut(ending, "failed")
		t.equal(r, "data.failure.code", want.code)
		t.equal(r, "data.reason", r.text("data.failure.message"))
		t.money(r, "refused", want.advice)
	}
}

func payoutInDoubt(t *trial) {
	made := t.post("/payouts", t.payout(t.beneficiary("9135")))
	t.status(made, http.StatusCreated)
	path := "/sandbox/payouts/" + made.text("data.id") + "/resolve"
	defer t.tidy(path) // else it stays in flight if the case fails
	r := t.get("/payouts/" + made.text("data.id") + "?wait=3")
	t.equal(r, "data.state", "in_doubt")
	t.equal(r, "data.status", "processing")
	t.money(r, "unknown", "no")
	r = t.post(path, object{"outcome": "succeeded"})
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", "succeeded")
	t.refused(t.post(path, object{"outcome": "failed"}), http.StatusBadRequest, "invalid_status_transition")
}

func payoutReversed(t *trial) {
	made := t.paidOut("0031", "succeeded")
	r := t.post("/sandbox/payouts/"+made.text("data.id")+"/resolve", object{"outcome": "reversed"})
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", "reversed")
	t.equal(r, "data.failure.code", "reversed_by_bank")
	t.money(r, "refused", "no")
	t.equal(t.get("/payouts/"+made.text("data.reference")), "data.state", "reversed")
}

func payoutFeeOnRecipient(t *trial) {
	r := t.post("/payouts", set(t.payout(t.beneficiary("0031")), "fee_charged_to", "recipient"))
	t.status(r, http.StatusCreated)
	t.equal(r, "data.amount", payoutAmount)
	t.equal(r, "data.destination_amount", payoutAmount-2500)
	t.equal(r, "data.source_amount", payoutAmount)
	t.decided(r, "succeeded")
}

func payoutFlat(t *trial) {
	to := t.beneficiary("0031")
	body := t.payout(to)
	delete(body, "beneficiary")
	r := t.post("/payouts", set(set(body, "beneficiary_id", to), "beneficiary_type", "bank_account"))
	t.status(r, http.StatusCreated)
	t.equal(r, "data.beneficiary.id", to)
}

func payoutKeepsBeneficiary(t *trial) {
	to := t.beneficiary("0031")
	body := t.payout(to)
	r := t.post("/payouts", body)
	t.status(r, http.StatusCreated)
	t.status(t.delete("/beneficiaries/"+to), http.StatusNoContent)
	t.equal(t.decided(r, "succeeded"), "data.beneficiary.account_name", "ADA OBI")
	again := t.post("/payouts", body)
	t.status(again, http.StatusCreated)
	t.equal(again, "data.id", r.text("data.id"))
}

func payoutExchanged(t *trial) {
	r := t.post("/payouts", set(t.payout(t.beneficiary("0031")), "source_currency", "CAD"))
	t.status(r, http.StatusCreated)
	t.present(r, "data.rate")
	t.equal(r, "data.source_currency", "CAD")
	t.decided(r, "succeeded")
	to := t.beneficiary("0031")
	t.refused(t.post("/payouts", set(set(t.payout(to), "source_currency", "CAD"), "quote_id", to)), http.StatusNotFound, "not_found")
}

func payoutReference(t *trial) {
	body := t.payout(t.beneficiary("0031"))
	first := t.post("/payouts", body)
	t.decided(first, "succeeded")
	again := t.post("/payouts", set(body, "description", "Another"))
	t.status(again, http.StatusCreated)
	t.replayed(again, true)
	t.equal(again, "data.id", first.text("data.id"))
	t.equal(again, "data.status", "succeeded")
	r := t.post("/payouts", set(body, "amount", payoutAmount+1))
	t.refused(r, http.StatusBadRequest, "reference_exists")
	t.equal(r, "message", "reference_exists")
	t.equal(r, "error.details.differs", []string{"amount"})
	t.equal(r, "error.details.id", first.text("data.id"))
	t.equal(r, "error.details.status", "succeeded")
}

func payoutTwice(t *trial) {
	body, key := t.payout(t.beneficiary("0031")), idempotent(t.unique())
	first := t.post("/payouts", body, key)
	t.status(first, http.StatusCreated)
	again := t.post("/payouts", body, key)
	t.identical(again, first)
	t.replayed(again, true)
	r := t.post("/payouts", set(body, "amount", payoutAmount+1), key)
	t.refused(r, http.StatusUnprocessableEntity, "idempotency_key_reused")
	t.decided(first, "succeeded")
}

func payoutsAtOnce(t *trial) {
	body := t.payout(t.beneficiary("0031"))
	ids := map[string]bool{}
	for _, r := range t.atOnce(6, func() (reply, error) { return t.try("POST", "/payouts", body) }) {
		t.status(r, http.StatusCreated)
		ids[r.text("data.id")] = true
	}
	r := t.get(pathf("/payouts?references=%s", body["reference"]))
	if len(ids) != 1 {
		t.failed(&r, "one payout under one reference, not %d", len(ids))
	}
}

func payoutToNobody(t *trial) {
	to, gone := t.beneficiary("0031"), t.beneficiary("0032")
	t.status(t.delete("/beneficiaries/"+gone), http.StatusNoContent)
	for _, c := range []struct {
		reason string
		body   object
	}{
		{"not_found", t.payout("01a20297-bb20-7830-8a8e-bd356b0a18e8")}, {"not_found", t.payout("somebody")}, {"deleted", t.payout(gone)},
		{"type", set(t.payout(to), "beneficiary", object{"id": to, "type": "interac"})},
		{"currency", set(set(t.payout(to), "destination_currency", "CAD"), "source_currency", "CAD")},
	} {
		r := t.post("/payouts", c.body)
		t.refused(r, http.StatusBadRequest, "invalid_beneficiary")
		t.outcome(r, "not_attempted", "no")
		t.equal(r, "error.details.reason", c.reason)
	}
}

func payoutLimits(t *trial) {
	to := t.beneficiary("0031")
	for _, amount := range []int{1, 9_999, 1_000_000_001} {
		r := t.post("/payouts", set(t.payout(to), "amount", amount))
		t.refused(r, http.StatusBadRequest, "invalid_amount")
		t.equal(r, "error.details.minimum", 10_000)
		t.equal(r, "error.details.maximum", 1_000_000_000)
		t.equal(r, "error.details.method", "nuban")
	}
}

func payoutTooMuch(t *trial) {
	place := object{"city": "Austin", "country": "US", "line1": "1 Main St", "state": "TX", "zip_code": "73301"}
	to := t.post("/beneficiaries", object{"account_name": "Ada Obi", "account_number": t.accountNumber(), "address": place, "bank_address": place,
		"bank_name": "First Bank", "currency": "USD", "rail": "ach", "routing_number": "021000021", "type": "bank_account"})
	t.status(to, http.StatusCreated)
	// 100,000.00 USD cost more naira than any wallet of a test run holds.
	r := t.post("/payouts", set(set(set(t.payout(to.text("data.id")), "amount", 10_000_000), "destination_currency", "USD"), "source_currency", "NGN"))
	t.refused(r, http.StatusBadRequest, "insufficient_funds")
	t.outcome(r, "refused", "new_key")
	t.present(r, "error.details.available")
	t.equal(r, "error.details.currency", "NGN")
}

func payoutFields(t *trial) {
	r := t.post("/payouts", object{"amount": 1.5, "beneficiary": object{"id": "x", "type": "cheque"}, "colour": "red", "description": strings.Repeat("x", 201),
		"destination_currency": "GHS", "fee_charged_to": "nobody", "pin": "12a4", "reference": "a b"})
	for _, want := range [][2]string{{"amount", "must_be_integer"}, {"beneficiary.type", "not_allowed"}, {"colour", "unknown_field"}, {"description", "too_long"},
		{"destination_currency", "not_allowed"}, {"fee_charged_to", "not_allowed"}, {"pin", "invalid_format"}, {"reference", "invalid_characters"},
		{"source_currency", "required"}} {
		t.field(r, want[0], want[1])
	}
	t.field(t.post("/payouts", object{}), "beneficiary", "required")
}

func payoutCharged(t *trial) {
	r := t.get("/payouts/Charge?amount=150000&currency=NGN&currency_rail=nuban")
	t.status(r, http.StatusOK)
	t.equal(r, "data", object{"can_perform": true, "fee": object{"amount": 2500, "currency": "NGN"}, "reason": ""})
	r = t.get("/payouts/charge?amount=50&currency=NGN&rail=nuban")
	t.equal(r, "data.can_perform", false)
	t.equal(r, "data.reason", "invalid_amount")
	t.badRequest(t.get("/payouts/Charge?currency=NGN"), "amount")
	t.badRequest(t.get("/payouts/Charge?amount=150000&currency=USD"), "currency_rail")
}

func payoutList(t *trial) {
	good, bad := t.paidOut("0031", "succeeded"), t.paidOut("9112", "failed")
	none := t.unique()
	r := t.get(pathf("/payouts?references=%s,%s,%s", bad.text("data.reference"), none, good.text("data.reference")))
	t.status(r, http.StatusOK)
	t.equal(r, "data.0.id", bad.text("data.id"))
	t.equal(r, "data.1.id", good.text("data.id"))
	t.equal(r, "missing", []string{none})
	failed := t.get("/payouts?status=failed&limit=5")
	for i := range failed.list("data") {
		t.equal(failed, pathf("data.%d.status", i), "failed")
	}
	t.badRequest(t.get("/payouts?status=paid"), "status")
	t.absent(r, "money")
}

func payoutEvent(t *trial) {
	made := t.paidOut("9112", "failed")
	after := ""
	for end := now().Add(5 * time.Second); now().Before(end); {
		r := t.get("/events?event=payout.failed&limit=100" + after)
		t.status(r, http.StatusOK)
		for i := range r.list("data") {
			if r.text(pathf("data.%d.data.id", i)) == made.text("data.id") {
				t.equal(r, pathf("data.%d.data.status", i), "failed")
				t.equal(r, pathf("data.%d.data.failure.code", i), "account_closed")
				return
			}
		}
		if after = r.text("pagination.after"); after == "" {
			sleep(t.ctx, pollInterval) // events are numbered a moment after the commit
			continue
		}
		after = "&after=" + after
	}
	t.failed(&made, "an event payout.failed")
}

func payoutInBooks(t *trial) {
	made := t.paidOut("0031", "succeeded")
	r := t.get(pathf("/sandbox/rail-books?rail_reference=%s%%2F1", made.text("data.id")))
	t.status(r, http.StatusOK)
	for path, want := range map[string]any{"data.0.kind": "execution", "data.0.amount": payoutAmount, "data.0.direction": "out", "data.0.rail": "nuban", "data.0.bank_code": "999001"} {
		t.equal(r, path, want)
	}
	if n := len(r.list("data")); n != 1 {
		t.failed(&r, "one entry for the payout, not %d", n)
	}
}
