package exchange

import (
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
)

// OrderState is how far an order has come.
type OrderState string

// The states of an order.
const (
	OrderOpen      OrderState = "open"
	OrderFilled    OrderState = "filled"
	OrderCancelled OrderState = "cancelled"
	OrderExpired   OrderState = "expired"
	OrderRejected  OrderState = "rejected"
)

// OrderStates lists all of them.
var OrderStates = []OrderState{OrderOpen, OrderFilled, OrderCancelled, OrderExpired, OrderRejected}

// OrderEvent is what happens to an order.
type OrderEvent string

// The events of an order.
const (
	FillOrder   OrderEvent = "fill"
	CancelOrder OrderEvent = "cancel"
	EndOrder    OrderEvent = "timeout"
	RejectOrder OrderEvent = "reject"
)

// OrderEvents lists all of them.
var OrderEvents = []OrderEvent{FillOrder, CancelOrder, EndOrder, RejectOrder}

type orderEdge struct {
	from OrderState
	by   OrderEvent
}

// nextOrder is the whole machine. A market order is filled with its creation, or it is
// refused and does not exist: none is ever seen open.
var nextOrder = map[orderEdge]OrderState{
	{OrderOpen, FillOrder}:   OrderFilled,
	{OrderOpen, CancelOrder}: OrderCancelled,
	{OrderOpen, EndOrder}:    OrderExpired,
	{OrderOpen, RejectOrder}: OrderRejected,
}

// NextOrder is the state after ev, or false if ev cannot happen in s.
func NextOrder(s OrderState, ev OrderEvent) (OrderState, bool) {
	to, ok := nextOrder[orderEdge{s, ev}]
	return to, ok
}

var orderOutcomes = map[OrderState]problem.Outcome{OrderOpen: problem.Pending, OrderFilled: problem.Succeeded,
	OrderCancelled: problem.Refused, OrderExpired: problem.Refused, OrderRejected: problem.Refused}

// Outcome answers "did money move?" for an order in this state.
func (s OrderState) Outcome() problem.Outcome { return orderOutcomes[s] }

// OrderType is what the customer wants with the first currency: the provider does the
// opposite.
type OrderType string

// The types of order.
const (
	BuyOrder  OrderType = "buy"
	SellOrder OrderType = "sell"
)

// Side is the provider's side of an order.
func (t OrderType) Side() Side {
	if t == SellOrder {
		return Buy
	}
	return Sell
}

// TimesInForce are how long an order may wait.
var TimesInForce = []string{UntilCancelled, UntilTime, "ioc", "fok"}

// Two of them have rules of their own.
const (
	UntilCancelled = "gtc"
	UntilTime      = "gtt"
)

// Order is an order at the rate of the moment.
type Order struct {
	ID          string
	Business    string
	Pair        Pair
	Type        OrderType
	Qty         int64 // minor units of the pair's first currency
	TimeInForce string
	ExpiresAt   *time.Time
	State       OrderState
	Version     int64
	FillPrice   int64 // minor units of the second currency for one unit of the first
	FillAmount  int64 // minor units of the second currency
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// At works out what filling the order moves.
func (o *Order) At(p Price) (Terms, error) {
	if o.Type == SellOrder {
		return p.Give(o.Qty)
	}
	return p.Take(o.Qty)
}

// Within narrows the bounds of what may be ordered.
func (o *Order) Within(p Price, b Bounds) Bounds {
	if o.Type == SellOrder {
		return p.Given(b)
	}
	return p.Taken(b)
}

// Fill notes what filling the order has moved.
func (o *Order) Fill(p Price, t Terms) {
	o.State, _ = NextOrder(o.State, FillOrder)
	o.FillPrice, o.FillAmount = p.Minor(), t.Source.Minor
	if o.Type == SellOrder {
		o.FillAmount = t.Target.Minor
	}
}

// Cancel raises order_not_open unless the order is.
func (o *Order) Cancel(now time.Time) error {
	to, ok := NextOrder(o.State, CancelOrder)
	if !ok {
		return problem.OrderNotOpen.With(problem.Details{"status": string(o.State)})
	}
	o.State, o.UpdatedAt = to, now
	return nil
}
