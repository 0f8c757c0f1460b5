package engine

import (
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
)

// judgeRefund works out what an answer about a refund changes.
func (e *Engine) judgeRefund(n *news, got answer) {
	noteAnswer(n.ins, got)
	switch {
	case !n.open:
		n.noNews()
	case got.err != nil && unreachable(got) && !got.asked && n.ins.DoubtAt == nil:
		n.due = e.nextKnock(n.ins)
	case got.err != nil:
		e.doubtRefund(n)
	case got.result.State == rail.Approved:
		e.refunded(n)
	case got.result.State == rail.Declined:
		e.refundRefused(n, got.result)
	case got.result.State == rail.NotFound && e.mayResend(n):
		e.resend(n)
	case got.result.State == rail.NotFound:
		e.doubtRefund(n)
	default:
		n.keepWatch(e)
	}
}

func (n *news) advanceRefund(ev payment.Event) bool {
	to, ok := payment.NextRefund(n.refund.State, ev)
	if ok {
		n.refund.State, n.newRef = to, true
	}
	return ok
}

func (e *Engine) doubtRefund(n *news) {
	e.doubt(n.ins)
	n.advanceRefund(payment.Doubt)
	n.due = e.nextAsk(n.ins)
}

func (e *Engine) refunded(n *news) {
	n.advanceRefund(payment.Approve)
	e.closed(n.ins)
	n.entries = append(n.entries, e.entry(n.refund.Business, "refund.succeeded", n.refund.ID, n.ins.Ref,
		ledger.Move(ledger.Clearing(n.ins.Rail), ledger.Rail(n.ins.Rail), n.ins.Amount)))
	n.event = true
}

// refundRefused gives the money back to where it came from: the payment's own
// unsettled money if it is still unsettled, else the wallet.
func (e *Engine) refundRefused(n *news, r rail.Result) {
	n.advanceRefund(payment.Decline)
	n.refund.Failure = failureOf(r)
	e.closed(n.ins)
	amount := n.refund.Amount
	n.payment.AmountRefunded -= amount.Minor
	n.newPay = true
	home := ledger.Wallet(n.wallet)
	if n.refund.Source == payment.FromPending && n.payment.State == payment.Captured {
		home = ledger.Pending(n.wallet)
		n.payment.Unsettled += amount.Minor
	}
	n.entries = append(n.entries,
		e.entry(n.refund.Business, "refund.failed", n.refund.ID, n.ins.Ref,
			ledger.Move(ledger.Clearing(n.ins.Rail), ledger.Held(n.wallet), amount)),
		e.entry(n.refund.Business, "refund.released", n.refund.ID, "", ledger.Move(ledger.Held(n.wallet), home, amount)))
}
