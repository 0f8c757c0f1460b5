package store

import (
	"database/sql"

	"github.com/juicer-pay/juicer/internal/exchange"
)

var (
	insertOrder = query("insert_order")
	saveOrder   = query("save_order")
	orderByID   = query("order_by_id")
	ordersOlder = query("orders_older")
	ordersNewer = query("orders_newer")
)

// InsertOrder writes a new order.
func (t Tx) InsertOrder(o *exchange.Order) error {
	return t.s.Exec(insertOrder, One, o.ID, o.Business, o.Pair.Symbol(), string(o.Type), o.Qty, o.TimeInForce, microsOrNull(o.ExpiresAt),
		string(o.State), o.Version, o.FillPrice, o.FillAmount, micros(o.CreatedAt), micros(o.UpdatedAt))
}

// SaveOrder writes the state of o, guarded by its version.
func (t Tx) SaveOrder(o *exchange.Order) error {
	return t.s.Exec(saveOrder, One, string(o.State), micros(o.UpdatedAt), o.ID, o.Version)
}

// Order reads one order by id, whoever owns it; ErrNotFound.
func (v View) Order(id string) (*exchange.Order, error) { return one(v, orderByID, readOrder, id) }

// OrdersOlder reads a page of a business's orders below pos, newest first.
func (v View) OrdersOlder(business string, pos Position, f ExchangeFilter, limit int) ([]*exchange.Order, error) {
	return many(v, ordersOlder, readOrder, business, micros(pos.At), pos.ID, f.Symbol, f.State, limit)
}

// OrdersNewer reads a page above pos, oldest first.
func (v View) OrdersNewer(business string, pos Position, f ExchangeFilter, limit int) ([]*exchange.Order, error) {
	return many(v, ordersNewer, readOrder, business, micros(pos.At), pos.ID, f.Symbol, f.State, limit)
}

func readOrder(scan Scan) (*exchange.Order, error) {
	var o exchange.Order
	var symbol, kind, state string
	var expires sql.NullInt64
	var created, updated int64
	err := scan(&o.ID, &o.Business, &symbol, &kind, &o.Qty, &o.TimeInForce, &expires, &state, &o.Version, &o.FillPrice, &o.FillAmount,
		&created, &updated)
	if err != nil {
		return nil, err
	}
	o.Pair, _ = exchange.ReadSymbol(symbol)
	o.Type, o.State, o.ExpiresAt = exchange.OrderType(kind), exchange.OrderState(state), fromNullable(expires)
	o.CreatedAt, o.UpdatedAt = fromMicros(created), fromMicros(updated)
	return &o, nil
}
