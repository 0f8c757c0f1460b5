package engine

import (
	"context"
	"slices"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// PlaceOrder fills a market order at the present rate; only Type, Qty, TimeInForce and
// ExpiresAt of draft count. An order that cannot be filled is refused and not kept. It
// raises invalid_currency, invalid_amount, insufficient_funds.
func (e *Engine) PlaceOrder(ctx context.Context, c *Call, symbol string, draft exchange.Order) (Reply, error) {
	d := e.newDeal(c, exchange.Fill)
	o := draft
	o.ID, o.Business, o.State, o.CreatedAt, o.UpdatedAt = d.ID, c.Business, exchange.OrderOpen, d.CreatedAt, d.CreatedAt
	var err error
	if d.Price, err = e.orderPrice(ctx, symbol, &o); err != nil {
		return Reply{}, err
	}
	if bounds := o.Within(d.Price, exchange.Bounds{Least: exchangeLeast, Most: exchangeMost}); !bounds.Holds(o.Qty) {
		return Reply{}, outside(bounds, o.Pair.First)
	}
	if d.Terms, err = o.At(d.Price); err != nil {
		return Reply{}, err
	}
	o.Fill(d.Price, d.Terms)
	out := e.orderReply(&o)
	out.Status, out.Location = wire.Made, PathOf(aboutOrder, o.ID)
	err = e.book(ctx, c, d, nil, &out, func(tx store.Tx) error { return tx.InsertOrder(&o) })
	return out, taken(c, err)
}

// orderPrice finds the pair of a symbol and its present price for the order.
func (e *Engine) orderPrice(ctx context.Context, symbol string, o *exchange.Order) (exchange.Price, error) {
	symbols, err := e.Pairs(ctx)
	if err != nil {
		return exchange.Price{}, err
	}
	if !slices.Contains(symbols, symbol) {
		return exchange.Price{}, problem.InvalidCurrency.With(problem.Details{"allowed": symbols, "currency": symbol, "method": exchangeMethod})
	}
	o.Pair, _ = exchange.ReadSymbol(symbol)
	source, target := o.Pair.First, o.Pair.Second
	if o.Type == exchange.BuyOrder {
		source, target = target, source
	}
	p, _, err := e.swapPrice(ctx, source, target)
	return p, err
}

func (e *Engine) orderReply(o *exchange.Order) Reply {
	money := e.Site.OrderMoney(o)
	return Reply{Status: wire.OK, Body: wire.Marshal(wire.About{Data: wire.ShowOrder(o), Money: money}), Outcome: money.Outcome}
}

func (e *Engine) findOrder(ctx context.Context, business, key string) (*exchange.Order, error) {
	var o *exchange.Order
	err := store.ErrNotFound
	if id.Valid(key) {
		err = e.Store.Read(ctx, func(v store.View) (err error) {
			o, err = v.Order(id.Fold(key))
			return err
		})
	}
	if store.IsMissing(err) || err == nil && o.Business != business {
		return nil, missing(aboutOrder, key)
	}
	return o, err
}

// FindOrder reads a business's order with its money block; not_found for any other.
func (e *Engine) FindOrder(ctx context.Context, business, key string) (Reply, error) {
	o, err := e.findOrder(ctx, business, key)
	if err != nil {
		return Reply{}, err
	}
	return e.orderReply(o), nil
}

// CancelOrder takes an open order back. It raises not_found, order_not_open.
func (e *Engine) CancelOrder(ctx context.Context, c *Call, key string) (Reply, error) {
	out := Reply{Status: wire.NoContent}
	err := e.optimistic(ctx, object{aboutOrder, key}, func() error {
		o, err := e.findOrder(ctx, c.Business, key)
		if err != nil {
			return err
		}
		c.Trace.About(aboutOrder, o.ID)
		if err := o.Cancel(e.now()); err != nil {
			return err
		}
		err = e.Store.Write(ctx, func(tx store.Tx) error {
			if err := e.claim(tx, c, object{aboutOrder, o.ID}, &out); err != nil {
				return err
			}
			return tx.SaveOrder(o)
		})
		c.finished(err)
		return err
	})
	return out, taken(c, err)
}

// Orders reads a page of a business's orders, newest first, as they are shown.
func (e *Engine) Orders(ctx context.Context, business string, page wire.Page, f store.ExchangeFilter) (out []wire.ExchangeOrder, block wire.Pagination, err error) {
	var rows []*exchange.Order
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if page.OldestFirst() {
			rows, err = v.OrdersNewer(business, place(*page.Before), f, page.Fetch())
			return err
		}
		rows, err = v.OrdersOlder(business, under(page), f, page.Fetch())
		return err
	})
	rows, block = wire.Show(page, rows, func(o *exchange.Order) wire.Cursor { return wire.Cursor{CreatedAt: o.CreatedAt, ID: o.ID} })
	out = []wire.ExchangeOrder{}
	for _, o := range rows {
		out = append(out, wire.ShowOrder(o))
	}
	return out, block, err
}
