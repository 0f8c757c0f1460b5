package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/store"
)

// available is what the business wallet holds.
func available(e *nodetest.Env, currency money.Currency) (balance int64) {
	e.T.Helper()
	b, err := e.Business(e.T.Context())
	nodetest.Must(e.T, err)
	nodetest.Must(e.T, e.Engine.Store.Read(e.T.Context(), func(v store.View) error {
		w, err := v.WalletOf(b.ID, b.ID, currency)
		if err == nil {
			balance, err = v.Balance(ledger.Wallet(w.ID), currency)
		}
		return err
	}))
	return balance
}

func refund(e *nodetest.Env, id string, amount int64, more ...any) nodetest.Answer {
	e.T.Helper()
	body := with(map[string]any{}, more...)
	if amount > 0 {
		body["amount"] = amount
	}
	return e.Do("POST", "/payments/"+id+"/refunds", body)
}

func TestRefundsNeverExceedThePayment(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.Paid("many")
	var all []<-chan reply
	for i := range 12 {
		all = append(all, later(e, "POST", "/payments/"+id+"/refunds", map[string]any{"amount": 40_000}, "Idempotency-Key", nodetest.Ref("r", i)))
	}
	accepted := 0
	for _, c := range all {
		switch a := got(t, c); {
		case a.Status == http.StatusCreated:
			accepted++
		default:
			want(t, a, http.StatusBadRequest, "refund_exceeds_payment")
		}
	}
	equal(t, "refunds of 40000 out of 250000", accepted, 6)
	p := set(e, "GET", "/payments/"+id, nil)
	equal(t, "amount_refunded", p.At("data.amount_refunded"), any(float64(240_000)))
	rest := refund(e, id, 0)
	equal(t, "without an amount: what is left", rest.At("data.amount"), any(float64(10_000)))
	a := refund(e, id, 0)
	want(t, a, http.StatusBadRequest, "refund_exceeds_payment")
	equal(t, "refundable", a.At("error.details.refundable"), any(float64(0)))
	equal(t, "entries at the bank", executions(e, id), 1)
	e.Clean()
}

func TestWhereTheMoneyOfARefundComesFrom(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	opening := available(e, money.NGN)

	t.Run("before settlement from the payment's own money", func(t *testing.T) {
		e := under(t, e)
		id := e.Paid("before")
		equal(t, "status", refund(e, id, 50_000).Status, http.StatusCreated)
		equal(t, "wallet", available(e, money.NGN), opening)
		e.Advance(24*hour - second)
		equal(t, "state a second before", e.State(id), "captured")
		e.Advance(second)
		equal(t, "state after 24 hours", e.State(id), "settled")
		equal(t, "wallet after settlement", available(e, money.NGN), opening+200_000)
	})
	t.Run("after settlement from the wallet", func(t *testing.T) {
		e := under(t, e)
		before := available(e, money.NGN)
		id := e.Paid("after")
		e.Advance(24 * hour)
		equal(t, "wallet after settlement", available(e, money.NGN), before+250_000)
		a := refund(e, id, 250_000, "reason", "all of it")
		equal(t, "state", a.Text("data.state"), "succeeded")
		equal(t, "outcome", a.Text("money.outcome"), "succeeded")
		equal(t, "wallet", available(e, money.NGN), before)
		equal(t, "state of the payment", e.State(id), "settled")
	})
	t.Run("a payment that was refunded whole settles with nothing", func(t *testing.T) {
		e := under(t, e)
		before := available(e, money.NGN)
		id := e.Paid("whole")
		refund(e, id, 0)
		e.Advance(24 * hour)
		equal(t, "state", e.State(id), "settled")
		equal(t, "wallet", available(e, money.NGN), before)
	})
	t.Run("not from an empty wallet", func(t *testing.T) {
		e := under(t, e)
		id := e.Paid("empty")
		e.Advance(24 * hour)
		withdraw(e, money.NGN, 1000)
		a := refund(e, id, 2000)
		want(t, a, http.StatusBadRequest, "insufficient_funds")
		equal(t, "available", a.At("error.details.available"), any(float64(1000)))
		equal(t, "amount_refunded", set(e, "GET", "/payments/"+id, nil).At("data.amount_refunded"), any(float64(0)))
		equal(t, "what there is can be refunded", refund(e, id, 1000).Status, http.StatusCreated)
	})
	e.Clean()
}

func TestRefundsThatDoNotSucceedAtOnce(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	paid := func(e *nodetest.Env, reference, card string) string {
		id := e.NewSession(reference)
		equal(e.T, "capture", e.Capture(id, card).Text("data.payment.state"), "captured")
		return id
	}
	t.Run("a refund the bank refuses gives the money back", func(t *testing.T) {
		e := under(t, e)
		id := paid(e, "fails", refundFails)
		a := refund(e, id, 1000)
		equal(t, "status", a.Status, http.StatusCreated)
		equal(t, "state", a.Text("data.state"), "failed")
		equal(t, "failure", a.Text("data.failure.code"), "account_closed")
		equal(t, "money", fmt.Sprintf("%v %v", a.At("money.outcome"), a.At("money.retry.allowed")), "refused false")
		equal(t, "amount_refunded", set(e, "GET", "/payments/"+id, nil).At("data.amount_refunded"), any(float64(0)))
		equal(t, "all of it is refundable again", refund(e, id, 250_000).Status, http.StatusCreated)
	})
	t.Run("a slow refund is pending, then succeeds", func(t *testing.T) {
		e := under(t, e)
		id := paid(e, "slow", refundSlow)
		a := refund(e, id, 1000)
		equal(t, "state", a.Text("data.state"), "processing")
		equal(t, "money", fmt.Sprintf("%v %v", a.At("money.outcome"), a.At("money.retry.after_ms")), "pending 2000")
		equal(t, "it counts from the start", set(e, "GET", "/payments/"+id, nil).At("data.amount_refunded"), any(float64(1000)))
		e.Advance(hour)
		equal(t, "state after an hour", set(e, "GET", "/refunds/"+a.Text("data.id"), nil).Text("data.state"), "succeeded")
	})
	t.Run("a pending refund can be ended by hand, once", func(t *testing.T) {
		e := under(t, e)
		id := paid(e, "hand", refundSlow)
		r := refund(e, id, 1000).Text("data.id")
		a := set(e, "POST", "/sandbox/refunds/"+r+"/resolve", map[string]any{"outcome": "failed", "code": "account_restricted"})
		equal(t, "state", a.Text("data.state"), "failed")
		equal(t, "failure", a.Text("data.failure.code"), "account_restricted")
		want(t, e.Do("POST", "/sandbox/refunds/"+r+"/resolve", map[string]any{"outcome": "succeeded"}), http.StatusBadRequest, "invalid_status_transition")
	})
	t.Run("a refund that fails after settlement goes to the wallet", func(t *testing.T) {
		e := under(t, e)
		set(e, "PATCH", "/sandbox/settings", map[string]any{"settlement_delay_s": 60})
		before := available(e, money.NGN)
		id := paid(e, "late", refundSlow)
		r := refund(e, id, 50_000).Text("data.id")
		e.Advance(minute)
		equal(t, "state of the payment", e.State(id), "settled")
		equal(t, "wallet after settlement", available(e, money.NGN), before+200_000)
		set(e, "POST", "/sandbox/refunds/"+r+"/resolve", map[string]any{"outcome": "failed"})
		equal(t, "wallet after the failure", available(e, money.NGN), before+250_000)
	})
	e.Clean()
}

func TestWhichPaymentsCanBeRefunded(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	for state, make := range map[string]func(*nodetest.Env) string{
		"created": func(e *nodetest.Env) string { return e.NewSession("created") },
		"authenticating": func(e *nodetest.Env) string {
			id := e.NewSession("authenticating")
			e.Capture(id, withOTP)
			return id
		},
		"failed": func(e *nodetest.Env) string {
			id := e.NewSession("failed")
			e.Capture(id, declined)
			return id
		},
		"cancelled": func(e *nodetest.Env) string {
			id := e.NewSession("cancelled")
			set(e, "POST", "/payment-sessions/"+id+"/cancel", nil)
			return id
		},
	} {
		t.Run(state, func(t *testing.T) {
			e := under(t, e)
			id := make(e)
			a := refund(e, id, 1)
			want(t, a, http.StatusBadRequest, "payment_not_refundable")
			equal(t, "state", a.Text("error.details.state"), state)
		})
	}
	t.Run("not while the bank works on it", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("running")
		first := slowCapture(e, id)
		want(t, refund(e, id, 1), http.StatusConflict, "payment_in_progress")
		e.Advance(20 * second)
		got(t, first)
	})
	t.Run("a partial capture is refunded up to its part", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("part")
		a := set(e, "POST", "/payment-sessions/"+id, map[string]any{"amount": 100_000, "card": e.Card(approved)})
		equal(t, "amount_paid", a.At("data.payment.amount_paid"), any(float64(100_000)))
		want(t, refund(e, id, 100_001), http.StatusBadRequest, "refund_exceeds_payment")
		equal(t, "refund of the part", refund(e, id, 100_000).Status, http.StatusCreated)
	})
	e.Clean()
}

func TestRefundsHaveReferencesToo(t *testing.T) {
	t.Parallel()
	e := start(t)
	id, other := e.Paid("one"), e.Paid("two")
	first := refund(e, id, 1000, "reference", "rf-1")
	same := refund(e, id, 1000, "reference", "rf-1")
	equal(t, "a repeat is the first", same.Text("data.id"), first.Text("data.id"))
	equal(t, "and says so", replayed(same), true)
	for differs, a := range map[string]nodetest.Answer{"[amount]": refund(e, id, 2000, "reference", "rf-1"), "[payment_id]": refund(e, other, 1000, "reference", "rf-1")} {
		want(t, a, http.StatusBadRequest, "reference_exists")
		equal(t, "differs", fmt.Sprint(a.At("error.details.differs")), differs)
	}
	var all []<-chan reply
	for range 20 {
		all = append(all, later(e, "POST", "/payments/"+id+"/refunds", map[string]any{"amount": 5, "reference": "rf-20"}))
	}
	ids := map[string]bool{}
	for _, c := range all {
		a := got(t, c)
		equal(t, "status", a.Status, http.StatusCreated)
		ids[a.Text("data.id")] = true
	}
	equal(t, "20 at once make one", len(ids), 1)
	equal(t, "amount_refunded", set(e, "GET", "/payments/"+id, nil).At("data.amount_refunded"), any(float64(1005)))
	e.Clean()
}
