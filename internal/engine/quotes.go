package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// The kinds of object that exchanges have.
const (
	aboutQuote      = string(exchange.ForSwap)
	aboutFXRate     = string(exchange.ForFX)
	aboutSwap       = string(exchange.Swap)
	aboutConversion = string(exchange.Conversion)
	aboutOrder      = string(exchange.Fill)
	aboutRate       = "rate"
)

// Quote gives the price of a swap, open or locked. It raises invalid_currency.
func (e *Engine) Quote(ctx context.Context, c *Call, source, target money.Currency, lock bool) (Reply, error) {
	p, o, err := e.swapPrice(ctx, source, target)
	if err != nil {
		return Reply{}, err
	}
	q, err := e.newQuote(c, exchange.ForSwap, p, o, lock)
	if err != nil {
		return Reply{}, err
	}
	return e.giveQuote(ctx, c, q, Reply{Status: wire.OK, Body: wire.Marshal(wire.Data{Data: wire.ShowQuote(q)})})
}

// FXRate gives the rate of a conversion, not yet locked. It raises invalid_currency.
func (e *Engine) FXRate(ctx context.Context, c *Call, source, target money.Currency) (Reply, error) {
	p, o, err := e.fxPrice(ctx, source, target)
	if err != nil {
		return Reply{}, err
	}
	q, err := e.newQuote(c, exchange.ForFX, p, o, false)
	if err != nil {
		return Reply{}, err
	}
	return e.giveQuote(ctx, c, q, Reply{Status: wire.OK, Body: wire.Marshal(wire.Data{Data: wire.ShowFXRate(q)})})
}

// LockAggregatorRate gives the rate of a conversion and locks it with the same breath.
// It raises invalid_currency.
func (e *Engine) LockAggregatorRate(ctx context.Context, c *Call, source, target money.Currency) (Reply, error) {
	p, o, err := e.fxPrice(ctx, source, target)
	if err != nil {
		return Reply{}, err
	}
	q, err := e.newQuote(c, exchange.ForFX, p, o, true)
	if err != nil {
		return Reply{}, err
	}
	out, err := e.giveQuote(ctx, c, q, Reply{Status: wire.Made, Location: PathOf(aboutFXRate, q.ID),
		Body: wire.Marshal(wire.Data{Data: wire.ShowAggregatorRate(q)})})
	return out, taken(c, err)
}

func (e *Engine) newQuote(c *Call, kind exchange.QuoteKind, p exchange.Price, o offer, lock bool) (*exchange.Quote, error) {
	now := e.now()
	q := exchange.NewQuote(exchange.Quote{ID: e.IDs.New(), Business: c.Business, Kind: kind, Price: p,
		TimeToLock: min(timeToLock, o.ttl), TimeToConvert: min(timeToConvert, o.ttl)}, now)
	if !lock {
		return q, nil
	}
	_, err := q.Locks(now)
	return q, err
}

// giveQuote keeps a new quote, and the reply under the call's key if it has one.
func (e *Engine) giveQuote(ctx context.Context, c *Call, q *exchange.Quote, out Reply) (Reply, error) {
	c.Trace.About(string(q.Kind), q.ID)
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := e.claim(tx, c, object{string(q.Kind), q.ID}, &out); err != nil {
			return err
		}
		return tx.InsertQuote(q)
	})
	c.finished(err)
	return out, err
}

// FindQuote reads a business's quote or FX rate; not_found for any other.
func (e *Engine) FindQuote(ctx context.Context, business string, kind exchange.QuoteKind, key string) (*exchange.Quote, error) {
	var q *exchange.Quote
	err := store.ErrNotFound
	if id.Valid(key) {
		err = e.Store.Read(ctx, func(v store.View) (err error) {
			q, err = v.Quote(id.Fold(key))
			return err
		})
	}
	if store.IsMissing(err) || err == nil && (q.Business != business || q.Kind != kind) {
		return nil, missing(string(kind), key)
	}
	return q, err
}

// LockQuote holds the price of a quote; locked already, it is shown as it is. It raises
// quote_expired, quote_already_used.
func (e *Engine) LockQuote(ctx context.Context, c *Call, key string) (Reply, error) {
	return e.lock(ctx, c, exchange.ForSwap, key, func(q *exchange.Quote) any { return wire.ShowQuote(q) })
}

// LockFXRate holds an FX rate; locked already, it is shown as it is. It raises
// quote_expired, quote_already_used.
func (e *Engine) LockFXRate(ctx context.Context, c *Call, key string) (Reply, error) {
	return e.lock(ctx, c, exchange.ForFX, key, func(q *exchange.Quote) any { return wire.ShowLockedFXRate(q) })
}

func (e *Engine) lock(ctx context.Context, c *Call, kind exchange.QuoteKind, key string, show func(*exchange.Quote) any) (out Reply, err error) {
	err = e.optimistic(ctx, object{string(kind), key}, func() error {
		q, err := e.FindQuote(ctx, c.Business, kind, key)
		if err != nil {
			return err
		}
		c.Trace.About(string(kind), q.ID)
		news, err := q.Locks(e.now())
		if err != nil {
			return err
		}
		out = Reply{Status: wire.OK, Body: wire.Marshal(wire.Data{Data: show(q)})}
		if !news {
			out, err = e.keep(ctx, c, object{string(kind), q.ID}, out.replayed())
			return err
		}
		err = e.Store.Write(ctx, func(tx store.Tx) error {
			if err := e.claim(tx, c, object{string(kind), q.ID}, &out); err != nil {
				return err
			}
			return tx.SaveQuote(q)
		})
		c.finished(err)
		return err
	})
	return out, taken(c, err)
}
