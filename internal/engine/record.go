package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
)

// record writes what a rail said of an instruction: the object's new state, its
// postings, its event, the next due moment and, if a call waits, its reply under
// its key - in one transaction. Rails repeat and contradict themselves; what is
// not news changes nothing.
func (e *Engine) record(ctx context.Context, ref string, got answer, a *attempt) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{"instruction", ref}, func() error {
		n, err := e.news(ctx, ref, got)
		if err != nil {
			return err
		}
		return e.write(ctx, n, a, &out)
	})
	if err != nil {
		return out, fmt.Errorf("record what the rail said of %s: %w", ref, err)
	}
	e.bump()
	return out, nil
}

// news is what an answer changes. It is worked out from what was read; every
// change is guarded when it is written.
type news struct {
	about   object
	ins     *store.Instruction // the one the answer is about
	open    bool               // it had no outcome when it was read
	mine    bool               // nobody else can be handing it over right now
	wallet  string             // of the business, in the payment's currency
	also    *store.Instruction // another one that the answer closes as well; may be nil
	payment *payment.Payment
	refund  *payment.Refund  // nil for payments
	link    *payment.Link    // that the payment completes; nil for none
	payout  *payment.Payout  // alone if it is about one
	deposit *deposit.Deposit // alone if it is about one
	newPay  bool             // payment is to be saved
	newRef  bool             // refund is to be saved
	newOut  bool             // payout is to be saved
	undone  bool             // payout has come to nothing: what it used is free again
	entries []ledger.Entry
	due     *time.Time         // next due moment; nil: nothing is due any more
	idle    bool               // leave the due moment as it is
	event   bool               // the new state is told
	told    *store.Event       // how it is told; nil: it is not
	send    bool               // hand the instruction over again
	back    *store.Instruction // sends money back that a contradicting rail took
}

func (e *Engine) news(ctx context.Context, ref string, got answer) (*news, error) {
	n := &news{}
	var all []*store.Instruction
	err := e.Store.Snapshot(ctx, func(v store.View) (err error) {
		if all, err = v.Instructions(objectOf(ref)); err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(i *store.Instruction) bool { return i.Ref == ref })
		if at < 0 {
			return fmt.Errorf("instruction %s: %w", ref, store.ErrNotFound)
		}
		own := *all[at] // judging changes it, and must not change what it is judged by
		n.ins, n.about = &own, object{own.ObjectType, own.ObjectID}
		s, err := e.load(v, n.about)
		n.payment, n.refund, n.payout, n.deposit = s.payment, s.refund, s.payout, s.deposit
		return err
	})
	if err != nil {
		return nil, err
	}
	n.open = n.ins.ClosedAt == nil
	if n.mine, err = e.mine(ctx, n.ins); err != nil {
		return nil, err
	}
	if n.deposit != nil {
		e.judgeDeposit(n, got)
		return n, nil
	}
	if n.payout != nil {
		n.wallet = n.payout.Wallet
	} else if n.wallet, err = e.walletOf(ctx, n.payment.Business, n.payment.Amount.Currency); err != nil {
		return nil, err
	}
	e.judge(n, all, got)
	return n, nil
}

func (e *Engine) judge(n *news, all []*store.Instruction, got answer) {
	if got.asked {
		n.ins.Asks++
	}
	switch {
	case n.ins.Kind == rail.Return:
		e.judgeReturn(n, got)
	case n.refund != nil, n.payout != nil:
		e.judgeOutgoing(n, all, got)
	case n.ins.Kind == rail.Void:
		e.judgeVoid(n, got)
	default:
		e.judgeCharge(n, all, got)
	}
}

// openMoney is the payment's instruction whose money stands in clearing.
func openMoney(all []*store.Instruction) *store.Instruction {
	for _, i := range all {
		if movesMoney(i.Kind) && i.ClosedAt == nil {
			return i
		}
	}
	return nil
}

// write commits the news; if a call waits, its reply is stored with it.
func (e *Engine) write(ctx context.Context, n *news, a *attempt, out *Reply) error {
	if err := e.compose(ctx, n); err != nil {
		return err
	}
	if a.answers() {
		*out = a.reply(standing{payment: n.payment, refund: n.refund, payout: n.payout})
	}
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := e.save(tx, n); err != nil || !a.answers() {
			return err
		}
		return e.complete(tx, a.call, a.about, out)
	})
	if err != nil {
		return err
	}
	if a.answers() {
		a.call.done.Store(true)
		a.call.Trace.Step("commit", n.state())
		n.trace(a.call)
	}
	e.Log.Info("outcome recorded", "object", n.about.id, "ref", n.ins.Ref, "answer", n.ins.Answer, "state", n.state())
	return nil
}

// answers reports whether a call waits for what is recorded.
func (a *attempt) answers() bool { return a != nil && a.call != nil && !a.quiet }

func (n *news) state() string {
	state, _ := standing{n.payment, n.refund, n.payout, n.deposit}.state()
	return state
}

func (e *Engine) save(tx store.Tx, n *news) error {
	if err := n.saveInstructions(tx); err != nil {
		return err
	}
	if n.newPay {
		if err := tx.SavePayment(n.payment); err != nil {
			return err
		}
	}
	if n.link != nil {
		if err := tx.SaveLink(n.link); err != nil {
			return err
		}
	}
	if n.newRef {
		if err := tx.SaveRefund(n.refund); err != nil {
			return err
		}
	}
	if n.deposit != nil && n.open {
		if err := tx.SaveDeposit(n.deposit); err != nil {
			return err
		}
	}
	if n.newOut {
		if err := tx.SavePayout(n.payout); err != nil {
			return err
		}
	}
	for _, entry := range n.entries {
		if err := post(tx, entry); err != nil {
			return err
		}
	}
	if n.undone {
		if err := e.undo(tx, n.payout); err != nil {
			return err
		}
	}
	if n.newOut {
		if err := e.countItem(tx, n.payout); err != nil {
			return err
		}
	}
	if err := e.plan(tx, n); err != nil || n.told == nil {
		return err
	}
	return tx.InsertEvent(*n.told)
}

// saveInstructions writes what is open: a closed instruction never changes.
func (n *news) saveInstructions(tx store.Tx) error {
	if n.open {
		if err := tx.SaveInstruction(n.ins); err != nil {
			return err
		}
	}
	if n.also != nil {
		if err := tx.SaveInstruction(n.also); err != nil {
			return err
		}
	}
	if n.back != nil {
		return tx.InsertInstruction(n.back)
	}
	return nil
}

func (e *Engine) plan(tx store.Tx, n *news) error {
	switch {
	case n.idle:
		return nil
	case n.due == nil:
		return tx.Unschedule(n.about.kind, n.about.id)
	case n.open && n.ins.ClosedAt == nil:
		return tx.ScheduleOn(n.ins.Node, n.about.kind, n.about.id, n.ins.Business, *n.due)
	default:
		return tx.Schedule(n.about.kind, n.about.id, n.ins.Business, *n.due)
	}
}

// compose dates the news and writes its event out. That comes before the
// transaction: all transactions take turns, and to write JSON takes longer than
// the statements that store it.
func (e *Engine) compose(ctx context.Context, n *news) error {
	now := e.now()
	if n.newPay {
		n.payment.UpdatedAt = now
		if err := e.fulfil(ctx, n); err != nil {
			return err
		}
	}
	if n.newRef {
		n.refund.UpdatedAt = now
	}
	if n.deposit != nil {
		n.deposit.UpdatedAt = now
	}
	if n.newOut {
		if !now.After(n.payout.UpdatedAt) { // a clock that stands still must not mix up a success and its reversal
			now = n.payout.UpdatedAt.Add(time.Microsecond)
		}
		n.payout.UpdatedAt = now
	}
	if !n.event {
		return nil
	}
	name, data, err := e.tell(ctx, n)
	if err == nil && name != "" {
		n.told = &store.Event{ID: e.IDs.Event(), Business: n.ins.Business, Event: name, Object: n.about.id, Data: string(data), CreatedAt: now}
	}
	return err
}

// tell names the event of the news and gives its data; "" if it is not told.
func (e *Engine) tell(ctx context.Context, n *news) (name string, data []byte, err error) {
	switch {
	case n.payout != nil:
		name, data = e.Site.PayoutEvent(n.payout)
		return name, data, nil
	case n.refund != nil:
		name, data = e.Site.RefundEvent(n.refund, n.payment)
		return name, data, nil
	case n.payment.State == payment.Captured && !e.Settings().SuccessEvents:
		return "", nil, nil
	}
	merchant, err := e.merchant(ctx, n.payment.Business)
	if err == nil {
		name, data = e.Site.PaymentEvent(n.payment, merchant)
	}
	return name, data, err
}

// trace notes the event in the timeline of the call that has caused it.
func (n *news) trace(c *Call) {
	if n.told != nil {
		c.trace().Event(n.told.ID, n.told.Event)
	}
}

// noteAnswer keeps the last thing the rail said, for people who look.
func noteAnswer(i *store.Instruction, got answer) {
	switch {
	case got.err == nil:
		i.Answer = string(got.result.State)
		if got.result.Provider != "" {
			i.Provider = got.result.Provider
		}
	case i.Answer == "":
		i.Answer = describe(got.result, got.err)
	}
}

func (e *Engine) closed(i *store.Instruction) {
	now := e.now()
	i.ClosedAt = &now
}

// doubt notes that the outcome is unknown, once.
func (e *Engine) doubt(i *store.Instruction) {
	if i.DoubtAt == nil {
		now := e.now()
		i.DoubtAt = &now
		i.Asks = 0
	}
}

// askAfter are the intervals after doubt began at which the rail is asked; then
// every askEvery.
var askAfter = []time.Duration{2 * time.Second, 5 * time.Second, 15 * time.Second, 60 * time.Second, 120 * time.Second}

const (
	askEvery = 5 * time.Minute
	// knockEvery is how often an unreachable rail is tried while the payer waits;
	// nothing was handed over, so no harm can come of it.
	knockEvery  = 5 * time.Second
	knocksQuick = 24
	// sendAgainAfter: a "not found" counts only this long after the first sending.
	sendAgainAfter = 90 * time.Second
	// watchAfter is when somebody looks after a payment whose answer should have come.
	watchAfter = 60 * time.Second
)

// nextAsk is the next moment on the schedule that lies ahead.
func (e *Engine) nextAsk(i *store.Instruction) *time.Time {
	from, now := i.SentAt, e.now()
	if i.DoubtAt != nil {
		from = *i.DoubtAt
	}
	for _, d := range askAfter {
		if t := from.Add(d); t.After(now) {
			return &t
		}
	}
	t := now.Add(askEvery)
	return &t
}

func (e *Engine) nextKnock(i *store.Instruction) *time.Time {
	t := e.now().Add(knockEvery)
	if i.Sends > knocksQuick {
		t = e.now().Add(askEvery)
	}
	return &t
}

func amountOf(o rail.Instruction) money.Amount { return money.Of(o.Amount, money.Currency(o.Currency)) }

func unreachable(got answer) bool { return errors.Is(got.err, rail.ErrUnreachable) }

// failureOf is the failure a result carries; a rail's word we do not know is
// rail_rejected with the word as its reason.
func failureOf(r rail.Result) *payment.Failure {
	if _, known := problem.FailureByCode(r.Failure); !known {
		return &payment.Failure{Code: problem.FailureRailRejected, Reason: r.Failure}
	}
	return &payment.Failure{Code: r.Failure, Reason: r.Reason, AttemptsLeft: r.AttemptsLeft}
}
