package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
)

// AnyPayment reads a payment whoever owns it, for pages that are opened by their
// unguessable link; not_found.
func (e *Engine) AnyPayment(ctx context.Context, id string) (*payment.Payment, error) {
	var p *payment.Payment
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		p, err = v.Payment(id)
		return err
	})
	if store.IsMissing(err) {
		return nil, missing("payment", id)
	}
	return p, err
}

// Returned is called when a payer's browser comes back from the bank: the rail is
// asked what the payer did there.
func (e *Engine) Returned(ctx context.Context, p *payment.Payment) (*payment.Payment, error) {
	if p.State == payment.Authenticating {
		if err := e.askAgain(ctx, p.Course.Challenged); err != nil {
			return nil, err
		}
	}
	return e.AnyPayment(ctx, p.ID)
}

// MerchantName is the business's name, for pages.
func (e *Engine) MerchantName(ctx context.Context, business string) (string, error) {
	m, err := e.merchant(ctx, business)
	return m.Name, err
}
