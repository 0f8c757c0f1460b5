package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// Swap asks to exchange money of the business's own.
type Swap struct {
	Amount         int64          // minor units of the source
	QuoteID        string         // "" for the rate of the moment
	Source, Target money.Currency // may be "" with a quote
}

// Swap exchanges money between two wallets of the business, at once. The same quote
// with the same amount again gives the first swap. It raises not_found, quote_mismatch,
// quote_already_used, quote_expired, invalid_currency, invalid_amount,
// insufficient_funds.
func (e *Engine) Swap(ctx context.Context, c *Call, in Swap) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutQuote, in.QuoteID}, func() (err error) {
		out, err = e.swapOnce(ctx, c, in)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) swapOnce(ctx context.Context, c *Call, in Swap) (Reply, error) {
	d := e.newDeal(c, exchange.Swap)
	q, err := e.priceSwap(ctx, c, in, d)
	if problem.QuoteAlreadyUsed.Is(err) {
		return e.sameSwap(ctx, c, q, in, err)
	}
	if err != nil {
		return Reply{}, err
	}
	if d.Terms, err = given(d.Price, in.Amount); err != nil {
		return Reply{}, err
	}
	out, err := e.swapReply(ctx, d)
	if err != nil {
		return Reply{}, err
	}
	out.Status, out.Location = wire.Made, PathOf(aboutSwap, d.ID)
	return out, e.book(ctx, c, d, q, &out, nothingElse)
}

// priceSwap gives the deal its price: the quote's, which it uses, or the present one.
func (e *Engine) priceSwap(ctx context.Context, c *Call, in Swap, d *exchange.Deal) (q *exchange.Quote, err error) {
	if in.QuoteID == "" {
		d.Price, _, err = e.swapPrice(ctx, in.Source, in.Target)
		return nil, err
	}
	if q, err = e.FindQuote(ctx, c.Business, exchange.ForSwap, in.QuoteID); err != nil {
		return nil, err
	}
	c.Trace.About(aboutQuote, q.ID)
	if err := q.Fits(in.Source, in.Target); err != nil {
		return q, err
	}
	d.Price, d.QuoteID = q.Price, q.ID
	return q, q.Uses(d.CreatedAt, d.ID)
}

// sameSwap answers for a quote that was used: with the first swap if that had the same
// amount.
func (e *Engine) sameSwap(ctx context.Context, c *Call, q *exchange.Quote, in Swap, used error) (Reply, error) {
	var first *exchange.Deal
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		first, err = v.Deal(q.UsedBy)
		return err
	})
	switch {
	case store.IsMissing(err): // a payout's
		return Reply{}, used
	case err != nil:
		return Reply{}, err
	case first.Kind != exchange.Swap || first.Terms.Source.Minor != in.Amount:
		return Reply{}, used
	}
	out, err := e.swapReply(ctx, first)
	if err != nil {
		return Reply{}, err
	}
	out.Status, out.Location = wire.Made, PathOf(aboutSwap, first.ID)
	return e.keep(ctx, c, object{aboutSwap, first.ID}, out.replayed())
}

func (e *Engine) newDeal(c *Call, kind exchange.DealKind) *exchange.Deal {
	return &exchange.Deal{ID: e.IDs.New(), Business: c.Business, Kind: kind, State: exchange.DealDone, CorrelationID: e.IDs.New(), CreatedAt: e.now()}
}

// given works out what an amount of the source becomes. It raises invalid_amount
// outside of what a pair takes, and for what would become nothing.
func given(p exchange.Price, amount int64) (exchange.Terms, error) {
	bounds := p.Given(exchange.Bounds{Least: exchangeLeast, Most: exchangeMost})
	if !bounds.Holds(amount) {
		return exchange.Terms{}, outside(bounds, p.Source())
	}
	return p.Give(amount)
}

func outside(b exchange.Bounds, c money.Currency) error {
	return problem.InvalidAmount.With(problem.Details{"currency": string(c), "maximum": b.Most, "method": exchangeMethod, "minimum": b.Least})
}

func nothingElse(store.Tx) error { return nil }

// book moves the money of a deal between the business's wallets, with the use of its
// quote (nil for none), what also writes, and the reply, in one transaction: of two who
// race for one quote the slower finds it used.
func (e *Engine) book(ctx context.Context, c *Call, d *exchange.Deal, q *exchange.Quote, out *Reply, also func(store.Tx) error) error {
	from, err := e.walletOf(ctx, d.Business, d.Terms.Source.Currency)
	if err != nil {
		return err
	}
	to, err := e.walletOf(ctx, d.Business, d.Terms.Target.Currency)
	if err != nil {
		return err
	}
	c.Trace.About(string(d.Kind), d.ID)
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if err := e.claim(tx, c, object{string(d.Kind), d.ID}, out); err != nil {
			return err
		}
		if err := also(tx); err != nil {
			return err
		}
		return e.bookDeal(tx, d, q, ledger.Wallet(from), ledger.Wallet(to))
	})
	c.finished(err)
	if store.Lost(err, "change_guarded_balance") {
		return e.Standing(ctx, from, d.Terms.Source)
	}
	if err == nil {
		c.Trace.Step("commit", string(d.State))
	}
	return err
}

// bookDeal writes a deal, the use of its quote (nil for none) and its ledger entry.
func (e *Engine) bookDeal(tx store.Tx, d *exchange.Deal, q *exchange.Quote, from, to ledger.Account) error {
	if q != nil {
		if err := tx.SaveQuote(q); err != nil {
			return err
		}
	}
	if err := tx.InsertDeal(d); err != nil {
		return err
	}
	return tx.Post(e.entry(d.Business, bookingOf(d.Kind), d.ID, "", d.Terms.Postings(from, to)))
}

// bookingOf is the kind of the ledger entry of a deal.
func bookingOf(k exchange.DealKind) string { return string(k) + ".exchanged" }

// swapReply is a swap with its money block.
func (e *Engine) swapReply(ctx context.Context, d *exchange.Deal) (Reply, error) {
	merchant, err := e.merchant(ctx, d.Business)
	money := e.Site.SwapMoney(d)
	return Reply{Status: wire.OK, Body: wire.Marshal(wire.About{Data: wire.ShowSwap(d, merchant.Name), Money: money}), Outcome: money.Outcome}, err
}

// FindSwap reads a business's swap with its money block; not_found for any other.
func (e *Engine) FindSwap(ctx context.Context, business, key string) (Reply, error) {
	var d *exchange.Deal
	err := store.ErrNotFound
	if id.Valid(key) {
		err = e.Store.Read(ctx, func(v store.View) (err error) {
			d, err = v.Deal(id.Fold(key))
			return err
		})
	}
	if store.IsMissing(err) || err == nil && (d.Business != business || d.Kind != exchange.Swap) {
		return Reply{}, missing("swap", key)
	}
	if err != nil {
		return Reply{}, err
	}
	return e.swapReply(ctx, d)
}

// Swaps reads a page of a business's swaps, newest first, as they are shown.
func (e *Engine) Swaps(ctx context.Context, business string, page wire.Page, f store.ExchangeFilter) (out []wire.Swap, block wire.Pagination, err error) {
	var rows []*exchange.Deal
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if page.OldestFirst() {
			rows, err = v.DealsNewer(business, exchange.Swap, place(*page.Before), f, page.Fetch())
			return err
		}
		rows, err = v.DealsOlder(business, exchange.Swap, under(page), f, page.Fetch())
		return err
	})
	if err != nil {
		return nil, block, err
	}
	merchant, err := e.merchant(ctx, business)
	rows, block = wire.Show(page, rows, func(d *exchange.Deal) wire.Cursor { return wire.Cursor{CreatedAt: d.CreatedAt, ID: d.ID} })
	out = []wire.Swap{}
	for _, d := range rows {
		out = append(out, wire.ShowSwap(d, merchant.Name))
	}
	return out, block, err
}
