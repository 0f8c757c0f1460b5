package api_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
)

// Claims that once did not hold.

func TestARefusalOnTheBanksPageCountsAfterAWrongCode(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.NewSession("page-after-otp")
	e.Capture(id, "4000000000011504")
	e.Do("POST", "/payment-sessions/"+id+"/authorize", map[string]any{"otp": "000000"})
	a := e.Do("POST", "/sandbox/payments/"+id+"/authenticate", map[string]any{"result": "rejected"})
	equal(t, "state", a.Text("data.state"), "failed")
	equal(t, "failure", a.Text("data.failure.code"), "authentication_rejected")
	e.Clean()
}

func TestALateCaptureLearnsTheResultWhateverItSends(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.Paid("late")
	for name, body := range map[string]any{
		"nothing":                        map[string]any{},
		"a card that cannot be opened":   map[string]any{"card": map[string]any{"card_number": "zz", "cvv": "zz", "expiry_month": 1, "expiry_year": 39}},
		"another card, well encrypted":   map[string]any{"card": e.Card("4000000000012015")},
		"the same card with less amount": map[string]any{"card": e.Card("4000000000011009"), "amount": 1},
	} {
		a := e.Do("POST", "/payment-sessions/"+id, body)
		equal(t, name+": code", a.Text("error.code"), "payment_session_completed")
		equal(t, name+": outcome", a.Text("error.outcome"), "succeeded")
	}
}

func TestASessionPastItsTimeIsNotCapturedEvenIfNobodyHasExpiredIt(t *testing.T) {
	t.Parallel()
	e := start(t)
	var last string
	for n := range 100 {
		last = e.NewSession(nodetest.Ref("backlog", n))
	}
	e.Do("POST", "/sandbox/clock", map[string]any{"advance_ms": 13 * 3600 * 1000, "wait": false})
	a := e.Capture(last, "4000000000011009")
	equal(t, "code", a.Text("error.code"), "payment_session_expired")
	equal(t, "executions", executions(e, last), 0)
}

func TestTheRestUnderTheReferenceOfAPartIsAnotherRefund(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.Paid("rest")
	e.Do("POST", "/payments/"+id+"/refunds", map[string]any{"amount": 50000, "reference": "rf"})
	a := e.Do("POST", "/payments/"+id+"/refunds", map[string]any{"reference": "rf"})
	equal(t, "code", a.Text("error.code"), "reference_exists")
	equal(t, "status of the first", a.Text("error.details.status"), "succeeded")
	e.Clean()
}

// Two captures of one session at once with the bank unreachable at first: whoever
// wins, the card that is charged later is the one the payment shows.
func TestTheCardThatIsChargedLaterIsTheOneThatWon(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	for n := range 8 {
		id := e.NewSession(nodetest.Ref("cards", n))
		var both sync.WaitGroup
		for _, number := range []string{"4000000000013096", "4000000000013021"} { // both need a second sending
			body := map[string]any{"card": e.Card(number)}
			both.Go(func() {
				if _, err := e.Try("POST", "/payment-sessions/"+id, body, "Juicer-Deadline-Ms", "500"); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		e.Advance(300 * second)
		a := e.Do("GET", "/payments/"+id, nil)
		equal(t, "state", a.Text("data.state"), "captured")
		rows := set(e, "GET", "/sandbox/rail-books?rail_reference="+id+"/1", nil).At("data").([]any)
		equal(t, "entries in the bank's books", len(rows), 1)
		shown := a.Text("data.payment_method.card_number")
		if got := rows[0].(map[string]any)["counterparty"]; got != shown {
			t.Errorf("the bank charged %v, the payment shows %s", got, shown)
		}
	}
	e.Clean()
}

func TestABusyKeyWhoseReplyIsStoredGivesIt(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.NewSession("hanging")
	card := map[string]any{"card": e.Card("4000000000011009")}
	hung := make(chan struct{})
	go func() {
		defer close(hung)
		_, _ = e.Try("POST", "/payment-sessions/"+id, card, "Idempotency-Key", "hang", "Juicer-Fault", "hang=3000") // its answer never comes
	}()
	until(t, "the reply is stored", func() bool { return e.Do("GET", "/idempotency-keys/hang", nil).Text("data.state") == "completed" })
	a := e.Do("POST", "/payment-sessions/"+id, card, "Idempotency-Key", "hang")
	want(t, a, http.StatusOK, "")
	equal(t, "replayed", replayed(a), true)
	<-hung
}

func TestARefusedReturnOfMoneyIsShownByTheAudit(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	down := "instant"
	_, err := e.Bank.SetRail(t.Context(), "card", scripted.Patch{Personality: &down})
	nodetest.Must(t, err)
	id := e.NewSession("contrary")
	e.Capture(id, "4000000000013088")
	e.Advance(120 * second)
	a := e.Do("GET", "/sandbox/audit", nil)
	equal(t, "exceptions", a.At("data.totals.exception"), 1.0)
	e.Clean()
}
