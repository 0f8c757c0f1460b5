package engine

import (
	"fmt"
	"time"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

func (a *audit) readPayouts(v store.View) error {
	a.payouts = map[string]*payment.Payout{}
	return walk(v.PayoutsAfter, func(p *payment.Payout) string { return p.ID }, func(p *payment.Payout) {
		a.payouts[p.ID] = p
		if p.State == payment.PayoutPending {
			a.open++ // it will be sent at any moment
		}
	})
}

// lateReversal is how long the news that a payout has come back may take: a rail that is
// closed for the night tells nothing.
const lateReversal = 3 * time.Hour

func (a *audit) checkPayout(p *payment.Payout) {
	i := intent{p.ID, p.Reference, aboutPayout, p.Sends(), p.State == payment.PayoutSucceeded, p.State.Decided(), "payout.succeeded"}
	switch at, back := a.sentBack(p.ID); {
	case p.State == payment.PayoutReversed:
		a.checkReversed(i)
	case !i.succeeded || !back:
		a.check(i)
	case at.Add(lateReversal).After(a.e.now()):
		a.open++ // the news of it is on its way
	default:
		a.find(wire.Lost, fmt.Sprintf("payout %s was sent back to us, and its money is in no wallet", p.Reference), i, 0, 0)
	}
	a.checkFee(p, i)
}

// sentBack tells whether the bank has got an executed payout back, and since when.
func (a *audit) sentBack(object string) (at time.Time, back bool) {
	for _, row := range a.theirs[object] {
		if row.Kind == "reversal" {
			at, back = row.At, true
		}
	}
	return at, back
}

// checkReversed: a payout that came back was executed and booked once, and came back and
// was booked once.
func (a *audit) checkReversed(i intent) {
	executions, net, atBank, back := a.atRail(i.id)
	postings, out := a.booked(i.id, i.posted)
	returns, in := a.booked(i.id, "payout.reversed")
	found := func(kind, detail string) {
		a.find(kind, fmt.Sprintf("payout %s was reversed: %s", i.reference, detail), i, out-in, atBank)
	}
	known := a.q.Books != nil
	switch {
	case known && (executions == 0 || back == 0):
		found(wire.Lost, "the bank knows nothing of it")
	case known && net > 0:
		found(wire.Doubled, fmt.Sprintf("the bank executed it %d times", executions))
	case postings == 0 || returns == 0:
		found(wire.Lost, "a posting is missing")
	case postings > 1 || returns > 1:
		found(wire.Doubled, fmt.Sprintf("%d postings of its success, %d of its return", postings, returns))
	case out != in || out != i.amount.Minor:
		found(wire.Lost, fmt.Sprintf("%d went out, %d came back", out, in))
	}
}

// checkFee: a payout that was executed has cost its fee, once; any other nothing.
func (a *audit) checkFee(p *payment.Payout, i intent) {
	var want int64
	if i.succeeded || p.State == payment.PayoutReversed {
		want = p.Fee
	}
	if _, fee := a.booked(p.ID, "payout.fee"); fee != want {
		a.find(wire.Unbalanced, fmt.Sprintf("payout %s: a fee of %d is booked, it is %d", p.Reference, fee, want), i, fee, 0)
	}
}

// checkHeld: what is held of wallets is what the payouts without an outcome need, and
// nothing else. The amount of one that was sent stands in clearing.
func (a *audit) checkHeld() {
	need := map[accountCurrency]int64{}
	for _, p := range a.payouts {
		held := p.FeeAmount()
		switch {
		case p.State == payment.PayoutPending:
			held = p.Holds()
		case p.State.Decided():
			held.Minor = 0
		}
		need[accountCurrency{ledger.Held(p.Wallet), held.Currency}] += held.Minor
	}
	for k, amount := range a.sums {
		if k.account.IsHeld() && amount != need[k] {
			a.wrong(fmt.Sprintf("%s holds %s, the payouts on their way need %s", k.account, money.Of(amount, k.currency), money.Of(need[k], k.currency)))
		}
	}
}
