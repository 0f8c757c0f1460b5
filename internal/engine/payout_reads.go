package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// FindPayout reads a business's payout by id or by reference, in any state; not_found for
// any other. A value in the form of a UUID is tried as an id first.
func (e *Engine) FindPayout(ctx context.Context, business, key string) (p *payment.Payout, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if id.Valid(key) {
			if p, err = v.Payout(id.Fold(key)); !store.IsMissing(err) && owned(err, err == nil && p.Business == business) == nil {
				return nil
			}
		}
		p, err = v.PayoutByReference(business, key)
		return err
	})
	if store.IsMissing(err) {
		return nil, missing(aboutPayout, key)
	}
	return p, err
}

// PayoutFilter narrows a list of payouts.
type PayoutFilter struct {
	Page   wire.Page
	Span   store.Span
	Status string // "" for all
}

// ListPayouts reads a page of a business's payouts, newest first.
func (e *Engine) ListPayouts(ctx context.Context, business string, f PayoutFilter) (rows []*payment.Payout, err error) {
	var states []payment.PayoutState
	if f.Status != "" {
		states = wire.PayoutStatesOf(f.Status)
	}
	err = e.Store.Snapshot(ctx, func(v store.View) (err error) {
		if f.Page.OldestFirst() {
			rows, err = v.PayoutsNewer(business, place(*f.Page.Before), f.Span, states, f.Page.Fetch())
			return err
		}
		rows, err = v.PayoutsOlder(business, under(f.Page), f.Span, states, f.Page.Fetch())
		return err
	})
	return rows, err
}

// ChosenPayouts reads payouts by ids or references, in the order asked for, and names
// those that do not exist.
func (e *Engine) ChosenPayouts(ctx context.Context, business string, keys []string, byReference bool) (rows []*payment.Payout, missing []string, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		rows, missing, err = chosen(keys, func(key string) (*payment.Payout, error) {
			if byReference {
				return v.PayoutByReference(business, key)
			}
			p, err := v.Payout(id.Fold(key))
			return p, owned(err, err == nil && p.Business == business)
		})
		return err
	})
	return rows, missing, err
}

// PayoutCharge tells what a payout over a rail would cost, and whether it would be taken
// now; if not, why.
func (e *Engine) PayoutCharge(ctx context.Context, business string, amount money.Amount, r payment.PayoutRail) (wire.PayoutCharge, error) {
	out := wire.PayoutCharge{Fee: wire.Fee{Amount: r.Fee, Currency: string(amount.Currency)}}
	err := e.mayPayOut(ctx, business, amount, r)
	if refusal, refused := problem.Of(err); refused {
		out.Reason = refusal.Kind.Code
		return out, nil
	}
	out.CanPerform = err == nil
	return out, err
}

func (e *Engine) mayPayOut(ctx context.Context, business string, amount money.Amount, r payment.PayoutRail) error {
	if err := r.AdmitPayout(amount, payment.FeeOnSender); err != nil {
		return err
	}
	if err := e.lineUp(ctx, r.Name); err != nil {
		return err
	}
	if r.Daily > 0 {
		if err := e.spentToday(ctx, r, &payment.Payout{Business: business, Amount: amount, CreatedAt: e.now()}); !store.Lost(err) {
			return err
		}
	}
	needed := money.Of(amount.Minor+r.Fee, amount.Currency)
	wallet, err := e.walletOf(ctx, business, amount.Currency)
	if err != nil {
		return err
	}
	var available int64
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		available, err = v.Balance(ledger.Wallet(wallet), amount.Currency)
		return err
	})
	if err == nil && available < needed.Minor {
		err = problem.InsufficientFunds.With(problem.Details{"available": available, "currency": needed.Currency, "required": needed.Minor})
	}
	return err
}
