package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
)

// Exchanged is the exchange that a payout in another currency needs: worked out, not
// yet booked.
type Exchanged struct {
	Terms exchange.Terms // Source is what leaves the wallet, Target what was asked for
	Rate  string         // target units for one source unit, as a conversion shows it

	deal  *exchange.Deal
	quote *exchange.Quote
}

// ExchangeFor works out what a payout of exactly target costs in another currency of
// the business: at the price of a quote (locked, or still open), or at the present rate
// if quoteID is "". payout is the id of the payout; it is what the quote names as its
// user. What is given is rounded up to the next minor unit of source. Nothing is
// written: Book does that, inside the transaction that holds the money.
//
// It raises invalid_currency if source does not convert to target's currency,
// not_found, quote_mismatch, quote_expired, quote_already_used for the quote, and
// invalid_amount if no amount of source pays for target.
func (e *Engine) ExchangeFor(ctx context.Context, business, payout string, target money.Amount, source money.Currency, quoteID string) (*Exchanged, error) {
	d := &exchange.Deal{ID: e.IDs.New(), Business: business, Kind: exchange.Payout, Reference: payout, State: exchange.DealDone,
		CorrelationID: e.IDs.New(), CreatedAt: e.now()}
	x := &Exchanged{deal: d}
	var err error
	if quoteID == "" {
		d.Price, _, err = e.swapPrice(ctx, source, target.Currency)
	} else if x.quote, err = e.FindQuote(ctx, business, exchange.ForSwap, quoteID); err == nil {
		d.Price, d.QuoteID = x.quote.Price, x.quote.ID
		if err = x.quote.Fits(source, target.Currency); err == nil {
			err = x.quote.Uses(d.CreatedAt, payout)
		}
	}
	if err != nil {
		return nil, err
	}
	if d.Terms, err = d.Price.Take(target.Minor); err != nil {
		return nil, outside(d.Price.Taken(exchange.Bounds{Least: 1, Most: money.Max}), target.Currency)
	}
	x.Terms, x.Rate = d.Terms, string(d.Price.Text())
	return x, nil
}

// Book writes the exchange inside the caller's transaction: the use of the quote, the
// deal, and the entry that takes Terms.Source from one account and puts Terms.Target on
// the other, over fx. A Conflict of "save_quote" or "insert_deal" means that somebody
// else has used the quote: work it out again. One of "change_guarded_balance" means
// that there is too little on from.
func (x *Exchanged) Book(tx store.Tx, e *Engine, from, to ledger.Account) error {
	return e.bookDeal(tx, x.deal, x.quote, from, to)
}

// UndoExchange gives back inside the caller's transaction what Book exchanged for a
// payout that came to nothing, to the minor unit: Terms.Target leaves from, Terms.Source
// goes to the other account. It may be done once; a second time is a Conflict of
// "insert_deal". The quote stays used.
func (e *Engine) UndoExchange(tx store.Tx, business, payout string, from, to ledger.Account) error {
	done, err := tx.DealByReference(business, exchange.Payout, payout)
	if err != nil {
		return err
	}
	undo := &exchange.Deal{ID: e.IDs.New(), Business: business, Kind: exchange.PayoutUndone, Reference: payout, Price: done.Price,
		Terms: done.Terms.Undone(), State: exchange.DealDone, CorrelationID: done.CorrelationID, CreatedAt: e.now()}
	return e.bookDeal(tx, undo, nil, from, to)
}

// stateOfExchange is StateOf for what exchanges leave behind.
func (e *Engine) stateOfExchange(ctx context.Context, kind, id string) (state string, o problem.Outcome, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		if kind == aboutOrder {
			order, err := v.Order(id)
			if err == nil {
				state, o = string(order.State), order.State.Outcome()
			}
			return err
		}
		deal, err := v.Deal(id)
		if err == nil {
			state, o = string(deal.State), deal.State.Outcome()
		}
		return err
	})
	if store.IsMissing(err) {
		return "", "", nil
	}
	return state, o, err
}
