package engine

import (
	"context"
	"time"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
)

// judgeDeposit works out what an answer about sending a deposit back changes.
func (e *Engine) judgeDeposit(n *news, got answer) {
	noteAnswer(n.ins, got)
	switch {
	case !n.open:
		n.noNews()
	case got.err == nil && got.result.State == rail.Approved:
		e.closed(n.ins)
		n.deposit.State, _ = deposit.Next(n.deposit.State, deposit.Leave)
		n.entries = append(n.entries, e.entry(n.ins.Business, entryReturned, n.about.id, n.ins.Ref,
			ledger.Move(ledger.Clearing(n.ins.Rail), ledger.Rail(n.ins.Rail), n.ins.Amount)))
	case got.err == nil && got.result.State == rail.NotFound && e.mayResend(n):
		e.resend(n)
	case got.err == nil && got.result.State == rail.Declined: // nobody but people can help: the audit shows it as lost
		e.closed(n.ins)
		n.entries = append(n.entries, e.entry(n.ins.Business, "exception.not_returned", n.about.id, n.ins.Ref,
			ledger.Move(ledger.Clearing(n.ins.Rail), ledger.RailExceptions, n.ins.Amount)))
		e.Log.Error("the rail refuses to take money back", "deposit", n.about.id, "ref", n.ins.Ref, "failure", got.result.Failure)
	case got.err != nil && unreachable(got) && !got.asked && n.ins.DoubtAt == nil:
		n.due = e.nextKnock(n.ins)
	default:
		n.due = e.nextAsk(n.ins)
	}
}

// confirmTime is how long after its end a session waits for transfers that were seen in
// time, looking every confirmLook.
const (
	confirmTime = 24 * time.Hour
	confirmLook = 10 * time.Minute
)

// underpaid ends a session whose time is over before its money was whole: what has come
// goes back to the payer.
func (e *Engine) underpaid(ctx context.Context, p *payment.Payment) error {
	var parts []*deposit.Deposit
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		parts, err = v.DepositsOfPayment(p.ID)
		return err
	})
	if err != nil {
		return err
	}
	if waits(parts) && e.now().Before(p.ExpiresAt.Add(confirmTime)) {
		return e.lookLater(ctx, p)
	}
	if p.AmountPaid == 0 {
		return e.end(ctx, nil, p, payment.Expire, nil)
	}
	err = e.failPart(ctx, p, parts, problem.FailureUnderpaid)
	if store.Lost(err) {
		return nil // more has come, or somebody ended it: the job comes back
	}
	return err
}

// lookLater is guarded by the payment: money that comes meanwhile sets a due moment of
// its own, which must stay.
func (e *Engine) lookLater(ctx context.Context, p *payment.Payment) error {
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := tx.SavePayment(p); err != nil {
			return err
		}
		return tx.Schedule(aboutPayment, p.ID, p.Business, e.now().Add(confirmLook))
	})
	if store.Lost(err, "save_payment") {
		return nil
	}
	return err
}

// waits reports whether a transfer is on its way.
func waits(parts []*deposit.Deposit) bool {
	for _, d := range parts {
		if d.State == deposit.Pending {
			return true
		}
	}
	return false
}

// givenUp ends a payment whose payer has left the gateway.
func (e *Engine) givenUp(ctx context.Context, a rail.Arrival) error {
	return e.optimistic(ctx, object{aboutPayment, objectOf(a.Account)}, func() error {
		var p *payment.Payment
		var parts []*deposit.Deposit
		err := e.Store.Snapshot(ctx, func(v store.View) (err error) {
			if p, err = v.Payment(objectOf(a.Account)); err != nil {
				return err
			}
			parts, err = v.DepositsOfPayment(p.ID)
			return err
		})
		if store.IsMissing(err) || err == nil && p.State.Completed() {
			return nil
		}
		if err != nil {
			return err
		}
		return e.failPart(ctx, p, parts, a.Narration)
	})
}

// failPart ends a payment that has part of its money, and sends that back.
func (e *Engine) failPart(ctx context.Context, p *payment.Payment, parts []*deposit.Deposit, code string) error {
	wallet, err := e.walletOf(ctx, p.Business, p.Amount.Currency)
	if err != nil {
		return err
	}
	n := newsOf(p)
	if !n.advance(payment.Decline) {
		return &store.Conflict{Query: "save_payment"}
	}
	p.Course.Failure, p.Unsettled, n.event = &payment.Failure{Code: code}, 0, true
	if err := e.compose(ctx, n); err != nil {
		return err
	}
	backs := map[*deposit.Deposit]*store.Instruction{}
	for _, d := range parts {
		if d.State != deposit.Held {
			continue
		}
		d.State, _ = deposit.Next(d.State, deposit.Refuse)
		d.UpdatedAt = e.now()
		back := e.sendBack(d)
		backs[d] = back
		n.entries = append(n.entries, e.entry(d.Business, entryReturning, d.ID, back.Ref,
			ledger.Move(ledger.Pending(wallet), ledger.Clearing(d.Rail), d.Amount)))
	}
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if err := e.save(tx, n); err != nil {
			return err
		}
		for _, d := range parts {
			if backs[d] == nil {
				continue
			}
			if err := tx.SaveDeposit(d); err != nil {
				return err
			}
			if err := e.giveBack(tx, d, backs[d]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		e.bump()
	}
	return err
}
