package api_test

import (
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// awaited makes a session by a method other than card, captures it, and gives the capture.
func awaited(e *nodetest.Env, reference, method string, capture map[string]any, changes ...any) nodetest.Answer {
	e.T.Helper()
	body := with(nodetest.Session(reference), append([]any{"payment_method", map[string]any{"type": method}}, changes...)...)
	made := set(e, "POST", "/payment-sessions", body)
	return set(e, "POST", "/payment-sessions/"+made.Text("data.id"), capture)
}

// transfer sends money to the account of a captured session.
func transfer(e *nodetest.Env, number string, amount int64, more ...any) nodetest.Answer {
	e.T.Helper()
	return set(e, "POST", "/sandbox/deposits/bank", with(map[string]any{"account_number": number, "amount": amount}, more...))
}

func TestABankTransferPaysItsSession(t *testing.T) {
	t.Parallel()
	e := start(t)
	a := awaited(e, "transfer", "bank_account", nil)
	id, number := a.Text("data.id"), a.Text("data.payment.payment_method.account_number")
	equal(t, "state", a.Text("data.payment.state"), "awaiting_payment")
	equal(t, "message", a.Text("data.message"), "Waiting for payment resolution")
	equal(t, "outcome", a.Text("money.outcome"), "pending")
	part := transfer(e, number, 100_000)
	equal(t, "the bank's record", part.Text("data.account_number"), number)
	p := set(e, "GET", "/payments/"+id, nil)
	equal(t, "after a part", p.Text("data.state"), "processing")
	equal(t, "paid so far", p.At("data.amount_paid"), any(float64(100_000)))
	want(t, e.Do("POST", "/payment-sessions/"+id+"/cancel", nil), 409, "payment_in_progress")
	before := available(e, "NGN")
	transfer(e, number, 150_000, "reference", "t-2")
	transfer(e, number, 150_000, "reference", "t-2", "notify_times", 3)
	p = set(e, "GET", "/payments/"+id, nil)
	equal(t, "after the rest", p.Text("data.state"), "settled")
	equal(t, "paid", p.At("data.amount_paid"), any(float64(250_000)))
	equal(t, "available at once", available(e, "NGN")-before, 250_000)
	again := e.Do("POST", "/payment-sessions/"+id, nil)
	want(t, again, 400, "payment_session_completed")
	r := refund(e, id, 60_000)
	equal(t, "refund", r.Text("data.state"), "succeeded")
	e.Clean()
}

func TestPartOfATransferGoesBackWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	a := awaited(e, "part", "bank_account", nil)
	id, number := a.Text("data.id"), a.Text("data.payment.payment_method.account_number")
	transfer(e, number, 100_000)
	transfer(e, number, 50_000)
	e.Advance(day + 1000)
	p := set(e, "GET", "/payments/"+id, nil)
	equal(t, "state", p.Text("data.state"), "failed")
	equal(t, "why", p.Text("data.failure.code"), "underpaid")
	equal(t, "in words", p.Text("data.failure.message"), "Only 1500.00 NGN of 2500.00 NGN arrived; it was returned.")
	e.Clean()
	transfer(e, number, 250_000, "reference", "late")
	equal(t, "a final state never changes", e.State(id), "failed")
	e.Clean()
}
