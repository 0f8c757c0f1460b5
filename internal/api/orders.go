package api

import (
	fx "github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/wire"
)

func createOrder(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	o := fx.Order{Qty: r.Int("qty", wire.Required, wire.Positive, wire.AtMost(money.Max))}
	symbol := r.Text("symbol", wire.Required, wire.MaxLength(symbolMax))
	o.Type = wire.OneOf(r, "type", wire.Required, fx.BuyOrder, fx.SellOrder)
	readPrice(r)
	readPatience(x, r, &o)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().PlaceOrder(x.ctx(), x.call, symbol, o))
}

// readPrice refuses a price: an order that names one must not be filled at another.
func readPrice(r *wire.Reader) {
	kind := wire.OneOf(r, "price_type", wire.Optional, wire.MarketPrice)
	r.Int("price", wire.Positive, wire.AtMost(money.Max))
	if market := kind != "" || !r.Has("price_type"); market && r.Has("price") {
		r.Breach("price", problem.FieldConflict, problem.Details{"other": "price_type"})
	}
}

// readPatience reads how long the order may wait; a time belongs to gtt alone.
func readPatience(x *exchange, r *wire.Reader, o *fx.Order) {
	if o.TimeInForce = wire.OneOf(r, "time_in_force", wire.Optional, fx.TimesInForce...); o.TimeInForce == "" {
		o.TimeInForce = fx.UntilCancelled
	}
	need := wire.Optional
	if o.TimeInForce == fx.UntilTime {
		need = wire.Required
	}
	t := r.Time("expires_at", need, wire.After(x.engine().Clock.Now()))
	if need == wire.Optional && r.Has("expires_at") {
		r.Breach("expires_at", problem.FieldConflict, problem.Details{"other": "time_in_force"})
	}
	if !t.IsZero() {
		o.ExpiresAt = &t.Time
	}
}

func listOrders(x *exchange) (answer, error) {
	page, f := x.query.Page("orders", pageSizeDefault), readExchangeFilter(x.query, fx.OrderStates)
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	rows, block, err := x.engine().Orders(x.ctx(), x.business(), page, f)
	return listed(wire.List{Data: rows, Pagination: block}), err
}

func getOrder(x *exchange) (answer, error) {
	out, err := x.engine().FindOrder(x.ctx(), x.business(), x.param("id"))
	if err == nil {
		x.trace.About("order", x.param("id"))
	}
	return reply(out, err)
}

func cancelOrder(x *exchange) (answer, error) {
	return reply(x.engine().CancelOrder(x.ctx(), x.call, x.param("id")))
}
