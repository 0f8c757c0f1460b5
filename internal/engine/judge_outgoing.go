package engine

import (
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
)

// judgeOutgoing works out what an answer about money on its way out changes: a refund
// or a payout. all are the object's instructions.
func (e *Engine) judgeOutgoing(n *news, all []*store.Instruction, got answer) {
	noteAnswer(n.ins, got)
	switch {
	case !n.open:
		e.judgeAfterwards(n, all, got)
	case got.err != nil && unreachable(got) && !got.asked && n.ins.DoubtAt == nil:
		n.due = e.nextKnock(n.ins)
	case got.err != nil:
		e.doubtOutgoing(n)
	case got.result.State == rail.Approved:
		e.wentOut(n, got.result)
	case got.result.State == rail.Reversed: // it has been sent back already: first things first
		e.wentOut(n, got.result)
		n.due = timeOf(e.now())
	case got.result.State == rail.Declined:
		e.cameToNothing(n, got.result)
	case got.result.State == rail.NotFound && e.mayResend(n):
		e.resend(n)
	case got.result.State == rail.NotFound:
		e.doubtOutgoing(n)
	default:
		n.keepWatch(e)
	}
}

// judgeAfterwards: the outcome is recorded, and the rail says something else. Of a
// refund that is no news. A payout may come back, and one that the rail has refused may
// turn out to have been executed.
func (e *Engine) judgeAfterwards(n *news, all []*store.Instruction, got answer) {
	switch {
	case n.payout == nil || got.err != nil:
		n.noNews()
	case got.result.State == rail.Reversed && n.advanceOutgoing(payment.Reverse):
		e.cameBack(n, got.result)
	case got.result.State == rail.Approved && n.payout.State == payment.PayoutFailed:
		e.contradicted(n, all, got.result)
	default:
		n.idle = !got.asked // whoever asked had nothing else to do
	}
}

// advanceOutgoing moves the refund or payout along its machine.
func (n *news) advanceOutgoing(ev payment.Event) (ok bool) {
	if n.refund != nil {
		if n.refund.State, ok = next(n.refund.State, ev, payment.NextRefund); ok {
			n.newRef = true
		}
		return ok
	}
	if n.payout.State, ok = next(n.payout.State, ev, payment.NextPayout); ok {
		n.newOut = true
	}
	return ok
}

// next is the state after an event, or the same one if it cannot happen.
func next[S ~string](s S, ev payment.Event, machine func(S, payment.Event) (S, bool)) (S, bool) {
	if to, ok := machine(s, ev); ok {
		return to, true
	}
	return s, false
}

// outgoing is what the entries of the object are called, and its business.
func (n *news) outgoing() (kind, business string) {
	if n.refund != nil {
		return aboutRefund, n.refund.Business
	}
	return aboutPayout, n.payout.Business
}

// post adds an entry of the object; ref is the instruction it stands for, or "".
func (e *Engine) postOutgoing(n *news, what, ref string, from, to ledger.Account, amount money.Amount) {
	kind, business := n.outgoing()
	n.entries = append(n.entries, e.entry(business, kind+"."+what, n.about.id, ref, ledger.Move(from, to, amount)))
}

func (e *Engine) doubtOutgoing(n *news) {
	e.doubt(n.ins)
	n.advanceOutgoing(payment.Doubt)
	n.due = e.nextAsk(n.ins)
}

// wentOut books an executed instruction, and the fee of a payout.
func (e *Engine) wentOut(n *news, r rail.Result) {
	n.advanceOutgoing(payment.Approve)
	e.closed(n.ins)
	e.postOutgoing(n, "succeeded", n.ins.Ref, ledger.Clearing(n.ins.Rail), ledger.Rail(n.ins.Rail), n.ins.Amount)
	n.event = true
	if n.payout == nil {
		return
	}
	n.payout.Provider = r.Provider
	if n.payout.Fee > 0 {
		e.postOutgoing(n, "fee", "", ledger.Held(n.payout.Wallet), ledger.Fees, n.payout.FeeAmount())
	}
}

// cameToNothing gives the money of a refused instruction back to where it came from.
func (e *Engine) cameToNothing(n *news, r rail.Result) {
	n.advanceOutgoing(payment.Decline)
	e.closed(n.ins)
	e.postOutgoing(n, "failed", n.ins.Ref, ledger.Clearing(n.ins.Rail), ledger.Held(n.wallet), n.ins.Amount)
	if n.refund != nil {
		n.refund.Failure = failureOf(r)
		e.releaseRefund(n)
		return
	}
	n.payout.Failure, n.payout.Provider = failureOf(r), r.Provider
	n.event, n.undone = true, true
	if !n.payout.Exchanged() {
		e.postOutgoing(n, "released", "", ledger.Held(n.wallet), ledger.Wallet(n.wallet), n.payout.Holds())
	}
}

// releaseRefund: the payment's own unsettled money if it is still unsettled, else the
// wallet.
func (e *Engine) releaseRefund(n *news) {
	amount := n.refund.Amount
	n.payment.AmountRefunded -= amount.Minor
	n.newPay = true
	home := ledger.Wallet(n.wallet)
	if n.refund.Source == payment.FromPending && n.payment.State == payment.Captured {
		home = ledger.Pending(n.wallet)
		n.payment.Unsettled += amount.Minor
	}
	e.postOutgoing(n, "released", "", ledger.Held(n.wallet), home, amount)
}

// cameBack books a payout that its receiver has sent back: the amount is the business's
// again, in the currency in which it came back, and the fee is kept.
func (e *Engine) cameBack(n *news, r rail.Result) {
	n.payout.Failure = failureOf(r)
	e.postOutgoing(n, "reversed", n.ins.Ref, ledger.Rail(n.ins.Rail), ledger.Wallet(n.wallet), n.ins.Amount)
	n.event = true
}

// undo gives back what a payout that came to nothing has used beside its hold: the
// exchange of its money, and its part of the day's sum.
func (e *Engine) undo(tx store.Tx, p *payment.Payout) error {
	if r, ok := payment.PayoutRailByName(p.Rail); ok && r.Daily > 0 {
		if err := tx.UnspendDaily(p.Business, p.Rail, p.CreatedAt, p.Amount.Minor); err != nil {
			return err
		}
	}
	if !p.Exchanged() {
		return nil
	}
	return e.UndoExchange(tx, p.Business, p.ID, ledger.Held(p.Wallet), ledger.Wallet(p.Fixed.Origin))
}
