package engine

import (
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
)

// judgeCharge works out what an answer about a charge, or about a payer's proof,
// changes. all are the payment's instructions.
func (e *Engine) judgeCharge(n *news, all []*store.Instruction, got answer) {
	noteAnswer(n.ins, got)
	switch {
	case got.err != nil:
		e.noAnswer(n, got)
	case got.result.State == rail.Approved:
		e.approved(n, all, got.result)
	case got.result.State == rail.Declined:
		e.declined(n, openMoney(all), got.result)
	case got.result.State == rail.Challenged:
		e.challenged(n, got.result)
	case got.result.State == rail.NotFound:
		e.notFound(n)
	default: // accepted: the result comes later
		n.keepWatch(e)
	}
	e.dropVoid(n, all)
}

// dropVoid closes a void that has become idle: the payer was faster, and what is
// over need not be given up. At most one is open, and then no money is on its way.
func (e *Engine) dropVoid(n *news, all []*store.Instruction) {
	i := slices.IndexFunc(all, func(i *store.Instruction) bool { return i.Kind == rail.Void && i.ClosedAt == nil })
	if i < 0 || !n.newPay || !n.payment.State.Completed() {
		return
	}
	e.closed(all[i])
	n.also, n.payment.Course.Giving = all[i], ""
}

// advance moves the payment along the machine; false: it cannot happen, so the
// answer is no news.
func (n *news) advance(ev payment.Event) bool {
	to, ok := payment.Next(n.payment.State, ev)
	if ok {
		n.payment.State, n.newPay = to, true
	}
	return ok
}

// noNews closes nothing and changes nothing but the record of the answer.
func (n *news) noNews() { n.idle = true }

// keepWatch asks again later if the instruction is still open.
func (n *news) keepWatch(e *Engine) {
	if !n.open {
		n.noNews()
		return
	}
	n.due = e.nextAsk(n.ins)
}

func (e *Engine) noAnswer(n *news, got answer) {
	switch {
	case !n.open:
		n.noNews()
	case unreachable(got) && !got.asked && n.ins.DoubtAt == nil:
		n.due = e.nextKnock(n.ins) // certainly not handed over: still processing
	default:
		e.doubt(n.ins)
		n.advance(payment.Doubt)
		n.due = e.nextAsk(n.ins)
	}
}

func (e *Engine) approved(n *news, all []*store.Instruction, r rail.Result) {
	switch {
	case n.payment.State.Paid() && n.open: // paid by another instruction: this one's money is not on its way
		e.release(n, "capture.superseded")
		n.idle = true
	case n.payment.State.Paid():
		n.noNews() // rails repeat themselves
	case n.payment.State.Completed():
		e.contradicted(n, all, r)
	default:
		e.capture(n, openMoney(all), r)
	}
}

// capture books an executed charge.
func (e *Engine) capture(n *news, open *store.Instruction, r rail.Result) {
	if !n.advance(payment.Approve) {
		n.noNews()
		return
	}
	p, amount := n.payment, n.payment.ChargeAmount()
	p.AmountPaid, p.Unsettled = amount.Minor, amount.Minor
	p.Course.Executed = n.ins.Ref
	p.Course.Provider, p.Course.Failure, p.Course.AuthType, p.Course.PageURL, p.Course.Giving = r.Provider, nil, "", "", ""
	from := ledger.Rail(n.ins.Rail) // the payer finished at the bank: nothing of ours was in clearing
	if open != nil {
		from = ledger.Clearing(n.ins.Rail)
		e.closeOther(n, open)
	}
	if n.ins.ClosedAt == nil {
		e.closed(n.ins)
	}
	n.entries = append(n.entries, e.entry(p.Business, "capture.succeeded", p.ID, n.ins.Ref,
		ledger.Move(from, ledger.Pending(n.wallet), amount)))
	due := e.now().Add(e.Settings().settlementDelay())
	p.Course.SettlesAt = &due
	n.due, n.event = &due, true
	e.Hold.Drop(n.ins.Ref)
}

// closeOther closes the open instruction when the news came by another one of
// the same payment.
func (e *Engine) closeOther(n *news, open *store.Instruction) {
	if open.Ref == n.ins.Ref {
		return
	}
	open.Answer = n.ins.Answer
	e.closed(open)
	n.also = open
}

func (e *Engine) declined(n *news, open *store.Instruction, r rail.Result) {
	current := open == nil || open.Ref == n.ins.Ref // with none open, a refusal of any step ends the chain
	if !current || !n.advance(payment.Decline) {
		n.noNews()
		return
	}
	n.payment.Course.Failure = failureOf(r)
	n.payment.Course.Failure.AttemptsLeft = 0
	n.payment.Course.Provider = r.Provider
	n.payment.Course.AuthType, n.payment.Course.PageURL = "", ""
	e.release(n, "capture.refused")
	n.event = true
	e.Hold.Drop(n.ins.Ref)
}

// release takes the instruction's money out of clearing and closes it.
func (e *Engine) release(n *news, kind string) {
	if n.ins.ClosedAt != nil {
		return
	}
	e.closed(n.ins)
	n.entries = append(n.entries, e.entry(n.ins.Business, kind, n.about.id, n.ins.Ref,
		ledger.Move(ledger.Clearing(n.ins.Rail), ledger.Rail(n.ins.Rail), n.ins.Amount)))
}

func (e *Engine) challenged(n *news, r rail.Result) {
	if !n.open || !n.advance(payment.Challenge) {
		n.noNews()
		return
	}
	c := &n.payment.Course
	c.AuthType, c.PageURL, c.Challenged, c.Provider, c.Failure = string(r.Challenge), r.URL, n.ins.Ref, r.Provider, nil
	if r.Failure != "" {
		c.Failure = failureOf(r)
	}
	e.release(n, "capture.challenged")
	n.due = &n.payment.ExpiresAt
	e.Hold.Drop(n.ins.Ref)
}

// notFound: the rail knows nothing of the instruction. Only long enough after
// the first sending does that mean that it may be sent again.
func (e *Engine) notFound(n *news) {
	switch {
	case !n.open:
		n.noNews()
	case !e.mayResend(n):
		e.doubt(n.ins)
		n.advance(payment.Doubt)
		n.due = e.nextAsk(n.ins)
	case n.ins.Kind == rail.Charge && e.Hold.Peek(n.ins.Ref) == nil:
		n.advance(payment.Decline) // the card is no longer in memory: the payer has to start over
		n.payment.Course.Failure = &payment.Failure{Code: problem.FailureProcessingError, Reason: "not sent"}
		e.release(n, "capture.refused")
		n.event = true
	case n.ins.Kind == rail.Authenticate:
		n.advance(payment.Challenge) // a payer's proof is never kept: ask for it again
		n.payment.Course.Challenged = n.ins.Target
		e.release(n, "capture.challenged")
		n.due = &n.payment.ExpiresAt
	default:
		e.resend(n)
	}
}

func (e *Engine) mayResend(n *news) bool {
	return n.mine && (e.Flaws.SendUnasked || e.now().Sub(n.ins.SentAt) >= sendAgainAfter)
}

func (e *Engine) resend(n *news) {
	n.ins.Sends++
	n.ins.Node = e.nodeID()
	n.send = true
	t := e.now().Add(watchAfter)
	n.due = &t
}

// judgeVoid works out what an answer about giving a payment up changes.
func (e *Engine) judgeVoid(n *news, got answer) {
	noteAnswer(n.ins, got)
	switch {
	case !n.open:
		n.noNews()
	case got.err != nil:
		e.noAnswer(n, got)
	case got.result.State == rail.Approved:
		e.closed(n.ins)
		if n.advance(n.payment.Course.Giving) {
			n.payment.Course.AuthType, n.payment.Course.PageURL, n.payment.Course.Giving = "", "", ""
			n.event = true
			return
		}
		n.noNews()
	case got.result.State == rail.NotFound:
		if !e.mayResend(n) {
			n.keepWatch(e)
			return
		}
		e.resend(n)
	case got.result.State == rail.Declined: // the payer was faster: ask what became of it
		e.closed(n.ins)
		n.due = timeOf(e.now())
	default:
		n.keepWatch(e)
	}
}

// contradicted books an execution that came after the rail had confirmed a
// failure, and sends the money back: once for each execution, which the rail's
// own reference names.
func (e *Engine) contradicted(n *news, all []*store.Instruction, r rail.Result) {
	ref := n.about.id + "/return-" + r.Provider
	if slices.ContainsFunc(all, func(i *store.Instruction) bool { return i.Ref == ref }) {
		n.noNews()
		return
	}
	amount := n.ins.Amount
	from, to := n.exceptional()
	n.entries = append(n.entries, e.entry(n.ins.Business, "exception.executed", n.about.id, n.ins.Ref, ledger.Move(from, to, amount)))
	n.back = e.intend(n.ins.Business, n.about, n.ins.Rail,
		rail.Instruction{Ref: ref, Kind: rail.Return, Amount: amount.Minor, Currency: string(amount.Currency), Target: n.ins.Ref}, e.now())
	n.back.Sends = 0 // the job that is due now sends it
	n.due = timeOf(e.now())
	e.Log.Warn("the rail executed after it confirmed a failure", "object", n.about.id, "ref", n.ins.Ref, "provider", r.Provider)
}

// exceptional is the way of money that a rail moved against its own word: in from a
// payer, out to a beneficiary.
func (n *news) exceptional() (from, to ledger.Account) {
	if n.payout != nil {
		return ledger.RailExceptions, ledger.Rail(n.ins.Rail)
	}
	return ledger.Rail(n.ins.Rail), ledger.RailExceptions
}

// judgeReturn works out what an answer about sending money back changes.
func (e *Engine) judgeReturn(n *news, got answer) {
	noteAnswer(n.ins, got)
	switch {
	case !n.open:
		n.noNews()
	case got.err == nil && got.result.State == rail.Approved:
		e.closed(n.ins)
		to, from := n.exceptional()
		n.entries = append(n.entries, e.entry(n.ins.Business, "exception.returned", n.about.id, n.ins.Ref, ledger.Move(from, to, n.ins.Amount)))
	case got.err == nil && got.result.State == rail.NotFound && e.mayResend(n):
		e.resend(n)
	case got.err == nil && got.result.State == rail.Declined: // nobody but people can help: the audit shows it as lost
		e.closed(n.ins)
		e.Log.Error("the rail refuses to take money back", "object", n.about.id, "ref", n.ins.Ref, "failure", got.result.Failure)
	default:
		n.due = e.nextAsk(n.ins)
	}
}

func timeOf(t time.Time) *time.Time { return &t }
