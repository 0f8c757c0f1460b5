package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
)

// foresee notes a transfer that a chain has not confirmed yet. Money that will have to go
// back is not told of before it is here.
func (e *Engine) foresee(ctx context.Context, l *landing) error {
	switch {
	case l.payment == nil && l.known, l.payment != nil && !l.fits():
		return nil
	case l.payment == nil:
		return e.writeLanding(ctx, l)
	}
	p, a := l.payment, l.arrival
	before := *p.Course.Payer
	if l.known && before.Hash == a.Reference && before.Confirmations >= a.Confirmations && a.Stage == rail.Seen {
		return nil // told before
	}
	if a.Stage == rail.Confirmed && before.Hash == a.Reference && before.Confirmations >= a.Needed {
		return nil
	}
	to := before
	to.Hash, to.Confirmations, to.Needed = a.Reference, a.Confirmations, a.Needed
	p.Course.Payer = &to
	n := newsOf(p)
	n.advance(payment.Part)
	n.due, n.newPay = &p.ExpiresAt, true
	if err := e.compose(ctx, n); err != nil {
		return err
	}
	l.news = append(l.news, n)
	if !l.known || a.Stage == rail.Confirmed {
		if err := e.tellChain(ctx, l); err != nil {
			return err
		}
	}
	return e.writeLanding(ctx, l)
}

// tellChain leaves the event of how far a transfer on a chain has come.
func (e *Engine) tellChain(ctx context.Context, l *landing) error {
	if l.arrival.Chain == "" {
		return nil
	}
	m, err := e.merchant(ctx, l.payment.Business)
	if err != nil {
		return err
	}
	name, data := e.Site.ChainEvent(l.payment, m, l.arrival)
	l.told = append(l.told, store.Event{ID: e.IDs.Event(), Business: l.payment.Business, Event: name, Object: l.payment.ID,
		Data: string(data), CreatedAt: e.now()})
	return nil
}
