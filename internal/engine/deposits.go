package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// FindDeposit reads a business's deposit that is shown by itself; not_found for any other.
func (e *Engine) FindDeposit(ctx context.Context, business, key string) (*deposit.Deposit, error) {
	var d *deposit.Deposit
	err := store.ErrNotFound
	if id.Valid(key) {
		err = e.Store.Read(ctx, func(v store.View) (err error) {
			d, err = v.Deposit(id.Fold(key))
			return err
		})
	}
	if store.IsMissing(err) || err == nil && (d.Business != business || !d.Listed) {
		return nil, missing(aboutDeposit, key)
	}
	return d, err
}

// Deposits reads a page of a business's deposits, newest first.
func (e *Engine) Deposits(ctx context.Context, business string, page wire.Page, span store.Span, f store.DepositFilter) (rows []*deposit.Deposit, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if page.OldestFirst() {
			rows, err = v.DepositsNewer(business, place(*page.Before), span, f, page.Fetch())
			return err
		}
		rows, err = v.DepositsOlder(business, under(page), span, f, page.Fetch())
		return err
	})
	return rows, err
}
