package store

import (
	"database/sql"

	"github.com/juicer-pay/juicer/internal/exchange"
)

var (
	insertDeal      = query("insert_deal")
	dealByID        = query("deal_by_id")
	dealByReference = query("deal_by_reference")
	dealsOlder      = query("deals_older")
	dealsNewer      = query("deals_newer")
	dealsAfter      = query("deals_after")
)

// ExchangeFilter narrows lists of deals and orders; "" is any.
type ExchangeFilter struct{ Symbol, State string }

// InsertDeal writes a deal; a Conflict of "insert_deal" means that its quote was used,
// or that its reference is taken.
func (t Tx) InsertDeal(d *exchange.Deal) error {
	return t.s.Exec(insertDeal, One, d.ID, d.Business, string(d.Kind), textOrNull(d.QuoteID), textOrNull(d.Reference), d.Price.Pair.Symbol(),
		string(d.Price.Side), string(d.Price.Rate), d.Terms.Source.Minor, d.Terms.Target.Minor, d.Terms.Rest, string(d.State),
		d.CorrelationID, micros(d.CreatedAt))
}

// Deal reads one deal by id, whoever owns it; ErrNotFound.
func (v View) Deal(id string) (*exchange.Deal, error) { return one(v, dealByID, readDeal, id) }

// DealByReference reads one deal of a business; ErrNotFound.
func (v View) DealByReference(business string, kind exchange.DealKind, reference string) (*exchange.Deal, error) {
	return one(v, dealByReference, readDeal, business, string(kind), reference)
}

// DealsOlder reads a page of a business's deals of a kind below pos, newest first.
func (v View) DealsOlder(business string, kind exchange.DealKind, pos Position, f ExchangeFilter, limit int) ([]*exchange.Deal, error) {
	return many(v, dealsOlder, readDeal, business, string(kind), micros(pos.At), pos.ID, f.Symbol, f.State, limit)
}

// DealsNewer reads a page above pos, oldest first.
func (v View) DealsNewer(business string, kind exchange.DealKind, pos Position, f ExchangeFilter, limit int) ([]*exchange.Deal, error) {
	return many(v, dealsNewer, readDeal, business, string(kind), micros(pos.At), pos.ID, f.Symbol, f.State, limit)
}

// DealsAfter walks all deals in the order of their ids, for the audit.
func (v View) DealsAfter(id string, limit int) ([]*exchange.Deal, error) {
	return many(v, dealsAfter, readDeal, id, limit)
}

func readDeal(scan Scan) (*exchange.Deal, error) {
	var d exchange.Deal
	var kind, symbol, side, rate, state string
	var quote, reference sql.NullString
	var created int64
	err := scan(&d.ID, &d.Business, &kind, &quote, &reference, &symbol, &side, &rate, &d.Terms.Source.Minor, &d.Terms.Target.Minor,
		&d.Terms.Rest, &state, &d.CorrelationID, &created)
	if err != nil {
		return nil, err
	}
	d.Kind, d.QuoteID, d.Reference, d.State = exchange.DealKind(kind), quote.String, reference.String, exchange.DealState(state)
	d.Price, d.CreatedAt = readPrice(symbol, side, rate), fromMicros(created)
	d.Terms.Source.Currency, d.Terms.Target.Currency = d.Currencies()
	return &d, nil
}

func readPrice(symbol, side, rate string) exchange.Price {
	pair, _ := exchange.ReadSymbol(symbol)
	return exchange.Price{Pair: pair, Side: exchange.Side(side), Rate: exchange.Decimal(rate)}
}
