package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/store"
)

// sends is how often the charge of a payment was handed to the bank.
func sends(e *nodetest.Env, id string) int64 {
	e.T.Helper()
	return instruction(e, id+"/1").Sends
}

func TestTheBankGivesNoAnswer(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))

	t.Run("...3013: executed, reply lost: the status query tells the truth after 5 s", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("3013")
		a := e.Capture(id, replyLost)
		for at, want := range map[string]any{"data.status": "processing", "data.payment.state": "in_doubt", "money.outcome": "unknown", "money.retry.after_ms": float64(2000)} {
			equal(t, at, a.At(at), want)
		}
		want(t, e.Do("POST", "/payment-sessions/"+id+"/cancel", nil), http.StatusConflict, "payment_in_progress")
		e.Advance(4 * second)
		equal(t, "state after 4 s", e.State(id), "in_doubt")
		e.Advance(second)
		equal(t, "state after 5 s", e.State(id), "captured")
		equal(t, "sent", sends(e, id), 1)
	})
	t.Run("...3021: lost before the bank saw it: sent once more, after 90 s", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("3021")
		equal(t, "outcome", e.Capture(id, neverArrived).Text("money.outcome"), "unknown")
		e.Advance(89 * second)
		equal(t, "state after 89 s", e.State(id), "in_doubt")
		equal(t, "sent until then", sends(e, id), 1)
		e.Advance(31 * second) // the next question on the schedule is at 120 s
		equal(t, "state after 120 s", e.State(id), "captured")
		equal(t, "sent in the end", sends(e, id), 2)
		equal(t, "executions at the bank", executions(e, id), 1)
	})
	t.Run("...3070: no answer at all until somebody ends it", func(t *testing.T) {
		e := under(t, e)
		for outcome, state := range map[string]string{"succeeded": "captured", "failed": "failed"} {
			id := e.NewSession("3070-" + outcome)
			e.Capture(id, silent)
			e.Advance(10 * minute)
			equal(t, "state after ten minutes", e.State(id), "in_doubt")
			audit := set(e, "GET", "/sandbox/audit", nil)
			equal(t, "the audit has it in flight", fmt.Sprint(audit.At("data.clean"), audit.At("data.in_flight")), "false 1")
			a := set(e, "POST", "/sandbox/payments/"+id+"/resolve", map[string]any{"outcome": outcome})
			equal(t, "state by hand", a.Text("data.state"), state)
			e.Clean()
		}
	})
	t.Run("...3096: unreachable for 30 s, then approved", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("3096")
		first := later(e, "POST", "/payment-sessions/"+id, map[string]any{"card": e.Card(unreachable)}, "Juicer-Deadline-Ms", "500")
		a := got(t, first)
		equal(t, "nothing was handed over: still pending", a.Text("money.outcome"), "pending")
		e.Advance(29 * second)
		equal(t, "state after 29 s", e.State(id), "processing")
		e.Advance(6 * second)
		equal(t, "state after 35 s", e.State(id), "captured")
	})
	t.Run("...3088: failed and confirmed, then executed: the money goes back", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("3088")
		a := e.Capture(id, contrary)
		equal(t, "state", a.Text("data.payment.state"), "failed")
		equal(t, "failure", a.Text("data.failure.code"), "card_declined")
		e.Advance(2 * minute)
		p := set(e, "GET", "/payments/"+id, nil)
		equal(t, "a final state never changes", p.Text("data.state"), "failed")
		equal(t, "paid", p.At("data.amount_paid"), any(float64(0)))
		equal(t, "executed at the bank", fmt.Sprint(column(set(e, "GET", "/sandbox/rail-books?rail_reference="+id+"/1", nil), "kind")), "[execution]")
		equal(t, "entries at the bank, with the return", executions(e, id), 2)
		audit := set(e, "GET", "/sandbox/audit?wait=5", nil)
		equal(t, "the audit is clean", audit.At("data.clean"), any(true))
		for _, f := range audit.At("data.findings").([]any) {
			if finding := f.(map[string]any); finding["reference"] == "3088" {
				equal(t, "and lists it", fmt.Sprint(finding["kind"], " ", finding["amount"]), "exception 250000")
				return
			}
		}
		t.Errorf("the audit does not list it: %s", audit.Body)
	})
	t.Run("callbacks that come twice or too early count once", func(t *testing.T) {
		e := under(t, e)
		for _, card := range []string{toldTwice, toldEarly, lateSuccess} {
			id := e.NewSession("callbacks-" + card[12:])
			e.Capture(id, card)
			e.Advance(minute)
			equal(t, card+": state", e.State(id), "captured")
			equal(t, card+": executions", executions(e, id), 1)
		}
	})
	e.Clean()
}

// A rail that is known to be down takes no new work.
func TestARailThatIsDown(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	id, paid := e.NewSession("down"), e.Paid("paid")
	now := clockTime(t, set(e, "GET", "/sandbox/clock", nil))
	set(e, "PATCH", "/sandbox/rails/card", map[string]any{"down_until": now.Add(minute * 1e6)})
	for _, a := range []nodetest.Answer{e.Capture(id, approved, "Idempotency-Key", "down"), refund(e, paid, 1000)} {
		want(t, a, http.StatusServiceUnavailable, "rail_unavailable")
		equal(t, "reason", a.Text("error.details.reason"), "down")
		equal(t, "retry", fmt.Sprint(a.At("error.retry.after_ms"), a.At("error.retry_after")), "30000 30")
	}
	equal(t, "nothing has happened", e.State(id), "created")
	e.Advance(minute)
	equal(t, "the same request when it is up again", e.Capture(id, approved, "Idempotency-Key", "down").Text("data.payment.state"), "captured")
	e.Clean()
}

// The audit is a check; it must see what it is there for.
func TestTheAuditSeesABankThatPaysTwice(t *testing.T) {
	t.Parallel()
	e := start(t, executingTwice)
	e.Paid("doubled")
	a := set(e, "POST", "/sandbox/audit", map[string]any{"expected": []any{
		map[string]any{"amount": 250_000, "currency": "NGN", "kind": "payment", "reference": "doubled", "result": "succeeded"},
		map[string]any{"amount": 1, "currency": "NGN", "kind": "payment", "reference": "never", "result": "succeeded"},
	}})
	equal(t, "clean", a.At("data.clean"), any(false))
	kinds := map[string]bool{}
	for _, kind := range column(nodetest.Answer{JSON: map[string]any{"data": a.At("data.findings")}}, "kind") {
		kinds[kind] = true
	}
	equal(t, "doubled and lost are found", fmt.Sprint(kinds["doubled"], kinds["lost"]), "true true")
}

// executingTwice plants a fault: the bank carries every reference out twice.
func executingTwice(c *node.Config) { c.Twice = func(string) bool { return true } }

// instruction is our record of what was sent to the bank.
func instruction(e *nodetest.Env, ref string) (ins *store.Instruction) {
	e.T.Helper()
	nodetest.Must(e.T, e.Engine.Store.Read(e.T.Context(), func(v store.View) (err error) {
		ins, err = v.Instruction(ref)
		return err
	}))
	return ins
}
