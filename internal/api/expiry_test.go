package api_test

import (
	"net/http"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

func TestASessionExpires(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))

	t.Run("12 hours after it was created, and is found for ever", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("created")
		e.Advance(12*hour - second)
		equal(t, "a second before", e.State(id), "created")
		e.Advance(second)
		for _, wait := range []int64{0, 400 * day} {
			if wait > 0 {
				e.Advance(wait)
			}
			p, s := set(e, "GET", "/payments/"+id, nil), set(e, "GET", "/payment-sessions/"+id, nil)
			equal(t, "state", p.Text("data.state"), "expired")
			equal(t, "status of the payment", p.Text("data.status"), "cancelled")
			equal(t, "status of the session", s.Text("data.status"), "expired")
			equal(t, "reason", p.Text("data.cancellation_reason"), "expired")
			equal(t, "outcome", p.Text("money.outcome"), "refused")
			for _, a := range []nodetest.Answer{e.Capture(id, approved), e.Do("POST", "/payment-sessions/"+id+"/cancel", nil),
				e.Do("POST", "/payment-sessions/"+id+"/authorize", map[string]any{"otp": "123456"})} {
				want(t, a, http.StatusBadRequest, "payment_session_expired")
				equal(t, "payment in the refusal", a.Text("error.details.payment.id"), id)
			}
		}
	})
	t.Run("while the payer stands before a step", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("otp")
		e.Capture(id, withOTP)
		e.Advance(12 * hour)
		equal(t, "state", e.State(id), "expired")
		want(t, e.Do("POST", "/payment-sessions/"+id+"/authorize", map[string]any{"otp": "123456"}), http.StatusBadRequest, "payment_session_expired")
		equal(t, "executions at the bank", executions(e, id), 0)
	})
	t.Run("while the payer stands before the bank's page, which then takes no approval", func(t *testing.T) {
		e := under(t, e)
		page := challenge(e, "page")
		e.Advance(12 * hour)
		equal(t, "state", e.State(page.id), "expired")
		page.decide("approve", "")
		e.Advance(minute)
		equal(t, "state after an approval that comes too late", e.State(page.id), "expired")
		equal(t, "executions at the bank", executions(e, page.id), 0)
	})
	t.Run("not while the bank has the word", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("late")
		e.Advance(12*hour - 10*second)
		e.Capture(id, lateSuccess)
		e.Advance(30 * second)
		equal(t, "state", e.State(id), "processing")
		e.Advance(minute)
		equal(t, "state after the bank's word", e.State(id), "captured")
	})
	t.Run("by hand", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("hand")
		a := set(e, "POST", "/sandbox/payments/"+id+"/resolve", map[string]any{"outcome": "expired"})
		equal(t, "state", a.Text("data.state"), "expired")
		want(t, e.Do("POST", "/sandbox/payments/"+id+"/resolve", map[string]any{"outcome": "expired"}), http.StatusBadRequest, "invalid_status_transition")
	})
	e.Clean()
}
