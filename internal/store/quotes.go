package store

import (
	"time"

	"github.com/juicer-pay/juicer/internal/exchange"
)

// Rate is what the operator has set for a pair.
type Rate struct {
	Symbol    string
	Buy, Sell int64 // minor units of the second currency for one unit of the first
	TTL       int64 // seconds
	Version   int64
	UpdatedAt time.Time
}

var (
	insertQuote  = query("insert_quote")
	saveQuote    = query("save_quote")
	quoteByID    = query("quote_by_id")
	forgetQuotes = query("forget_quotes")
	rates        = query("rates")
	insertRate   = query("insert_rate")
	saveRate     = query("save_rate")
)

// InsertQuote writes a new quote or FX rate.
func (t Tx) InsertQuote(q *exchange.Quote) error {
	return t.s.Exec(insertQuote, One, q.ID, q.Business, string(q.Kind), q.Price.Pair.Symbol(), string(q.Price.Side), string(q.Price.Rate),
		string(q.State), q.Version, q.TimeToLock, q.TimeToConvert, micros(q.CreatedAt), micros(q.ExpiresAt), q.UsedBy)
}

// SaveQuote writes what may change of q, guarded by its version.
func (t Tx) SaveQuote(q *exchange.Quote) error {
	return t.s.Exec(saveQuote, One, string(q.State), micros(q.ExpiresAt), q.UsedBy, q.ID, q.Version)
}

// Quote reads one quote by id, whoever owns it; ErrNotFound.
func (v View) Quote(id string) (*exchange.Quote, error) { return one(v, quoteByID, readQuote, id) }

// ForgetQuotes deletes those created before a moment that were never used, some
// hundreds at a time; more tells that there may be others.
func (t Tx) ForgetQuotes(before time.Time) (more bool, err error) {
	gone, err := many(t.View, forgetQuotes, readText, micros(before))
	return len(gone) > 0, err
}

func readQuote(scan Scan) (*exchange.Quote, error) {
	var q exchange.Quote
	var kind, symbol, side, rate, state string
	var created, expires int64
	err := scan(&q.ID, &q.Business, &kind, &symbol, &side, &rate, &state, &q.Version, &q.TimeToLock, &q.TimeToConvert, &created, &expires,
		&q.UsedBy)
	if err != nil {
		return nil, err
	}
	q.Kind, q.Price, q.State = exchange.QuoteKind(kind), readPrice(symbol, side, rate), exchange.QuoteState(state)
	q.CreatedAt, q.ExpiresAt = fromMicros(created), fromMicros(expires)
	return &q, nil
}

// Rates lists what the operator has set.
func (v View) Rates() ([]Rate, error) {
	return many(v, rates, func(scan Scan) (r Rate, err error) {
		var updated int64
		err = scan(&r.Symbol, &r.Buy, &r.Sell, &r.TTL, &r.Version, &updated)
		r.UpdatedAt = fromMicros(updated)
		return r, err
	})
}

// InsertRate keeps the first rate of a pair; a Conflict of "insert_rate" means that
// there is one.
func (t Tx) InsertRate(r Rate) error {
	return t.s.Exec(insertRate, One, r.Symbol, r.Buy, r.Sell, r.TTL, r.Version, micros(r.UpdatedAt))
}

// SaveRate replaces the rate of a pair, guarded by its version.
func (t Tx) SaveRate(r Rate) error {
	return t.s.Exec(saveRate, One, r.Buy, r.Sell, r.TTL, micros(r.UpdatedAt), r.Symbol, r.Version)
}
