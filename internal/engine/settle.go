package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
)

// settle makes captured money available.
func (e *Engine) settle(ctx context.Context, p *payment.Payment) error {
	wallet, err := e.walletOf(ctx, p.Business, p.Amount.Currency)
	if err != nil {
		return err
	}
	moved := money.Of(p.Unsettled, p.Amount.Currency)
	p.State, _ = payment.Next(p.State, payment.Settle)
	p.Unsettled, p.UpdatedAt = 0, e.now()
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if err := tx.SavePayment(p); err != nil {
			return err
		}
		if moved.Minor > 0 {
			entry := e.entry(p.Business, "capture.settled", p.ID, "", ledger.Move(ledger.Pending(wallet), ledger.Wallet(wallet), moved))
			if err := tx.Post(entry); err != nil {
				return err
			}
		}
		return tx.Unschedule(aboutPayment, p.ID)
	})
	if store.Lost(err, "save_payment") {
		return nil // changed meanwhile: the job comes back
	}
	e.bump()
	return err
}

// expire ends a session whose time is over. If a payer stands before a page of
// the bank, the bank is told first: only it knows that nothing was taken.
func (e *Engine) expire(ctx context.Context, p *payment.Payment) error {
	if p.State == payment.Authenticating {
		a, err := e.giveUp(ctx, nil, p, payment.Expire)
		if err != nil {
			return err
		}
		e.start(a)
		return nil
	}
	return e.end(ctx, nil, p, payment.Expire, nil)
}

// end completes a payment of which no rail knows.
func (e *Engine) end(ctx context.Context, c *Call, p *payment.Payment, ev payment.Event, reply *Reply) error {
	n := &news{about: object{aboutPayment, p.ID}, payment: p, event: true, ins: &store.Instruction{Business: p.Business}}
	if !n.advance(ev) {
		return &store.Conflict{Query: "save_payment"}
	}
	if err := e.compose(ctx, n); err != nil {
		return err
	}
	if reply != nil {
		*reply = e.sessionReply(n.payment)
	}
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if reply != nil {
			if err := e.claim(tx, c, n.about, reply); err != nil {
				return err
			}
		}
		return e.save(tx, n)
	})
	if err == nil {
		e.bump()
		n.trace(c)
	}
	return err
}

// giveUp writes the intent to void what waits for the payer. Its answer alone is
// not the end: if the payer was faster, the rail is asked what became of it.
func (e *Engine) giveUp(ctx context.Context, c *Call, p *payment.Payment, ev payment.Event) (*attempt, error) {
	p.Course.Giving = ev
	a := e.order(c, p, rail.Instruction{Kind: rail.Void, Currency: string(p.Amount.Currency), Target: p.Course.Challenged}, nil)
	a.quiet = true
	a.after = func(ctx context.Context) error { return e.Look(ctx, a.about.kind, a.about.id) }
	return a, e.intent(ctx, a, p)
}
