package exchange

import (
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
)

// QuoteState is how far a quote or an FX rate has come.
type QuoteState string

// The states of a quote.
const (
	Open    QuoteState = "open"    // may be locked
	Locked  QuoteState = "locked"  // its price is held
	Used    QuoteState = "used"    // money was moved at its price
	Expired QuoteState = "expired" // its time is over
)

// QuoteStates lists all of them.
var QuoteStates = []QuoteState{Open, Locked, Used, Expired}

// QuoteEvent is what happens to a quote.
type QuoteEvent string

// The events of a quote.
const (
	Lock    QuoteEvent = "lock"
	Use     QuoteEvent = "use"
	Timeout QuoteEvent = "timeout"
)

// QuoteEvents lists all of them.
var QuoteEvents = []QuoteEvent{Lock, Use, Timeout}

type quoteEdge struct {
	from QuoteState
	by   QuoteEvent
}

var nextQuote = map[quoteEdge]QuoteState{
	{Open, Lock}:    Locked,
	{Open, Use}:     Used, // who uses it in time has locked it with the same breath
	{Open, Timeout}: Expired,

	{Locked, Lock}:    Locked, // again: its time does not begin anew
	{Locked, Use}:     Used,
	{Locked, Timeout}: Expired,
}

// NextQuote is the state after ev, or false if ev cannot happen in s.
func NextQuote(s QuoteState, ev QuoteEvent) (QuoteState, bool) {
	to, ok := nextQuote[quoteEdge{s, ev}]
	return to, ok
}

// QuoteKind tells quotes of swaps from FX rates: neither is found as the other.
type QuoteKind string

// The kinds.
const (
	ForSwap QuoteKind = "quote"
	ForFX   QuoteKind = "fx_rate"
)

// Quote is a price that a business may have for a while.
type Quote struct {
	ID            string
	Business      string
	Kind          QuoteKind
	Price         Price
	State         QuoteState // as kept: the end of its time is not written down, see StateAt
	Version       int64
	TimeToLock    int64 // seconds
	TimeToConvert int64 // seconds
	CreatedAt     time.Time
	ExpiresAt     time.Time
	UsedBy        string // the deal or payout; "" before
}

// NewQuote is an open quote made at a moment.
func NewQuote(q Quote, now time.Time) *Quote {
	q.State, q.CreatedAt = Open, now
	q.ExpiresAt = now.Add(time.Duration(q.TimeToLock) * time.Second)
	return &q
}

// StateAt is the state at a moment: time may have run out since it was kept.
func (q *Quote) StateAt(now time.Time) QuoteState {
	if to, ok := NextQuote(q.State, Timeout); ok && !now.Before(q.ExpiresAt) {
		return to
	}
	return q.State
}

// Locks locks the quote, and tells whether that is news. It raises quote_expired or
// quote_already_used.
func (q *Quote) Locks(now time.Time) (news bool, err error) {
	before := q.StateAt(now)
	to, err := q.after(Lock, now)
	if err != nil || before == to {
		return false, err
	}
	q.State, q.ExpiresAt = to, now.Add(time.Duration(q.TimeToConvert)*time.Second)
	return true, nil
}

// Uses spends the quote on a deal or payout. It raises quote_expired or
// quote_already_used.
func (q *Quote) Uses(now time.Time, by string) error {
	to, err := q.after(Use, now)
	if err == nil {
		q.State, q.UsedBy = to, by
	}
	return err
}

func (q *Quote) after(ev QuoteEvent, now time.Time) (QuoteState, error) {
	state := q.StateAt(now)
	to, ok := NextQuote(state, ev)
	switch {
	case ok:
		return to, nil
	case state == Used:
		return "", problem.QuoteAlreadyUsed.With(problem.Details{"id": q.ID, "resource_id": q.UsedBy})
	default:
		return "", problem.QuoteExpired.With(problem.Details{"expired_at": q.ExpiresAt, "id": q.ID})
	}
}

// Fits raises quote_mismatch unless the quote turns source into target; "" is any.
func (q *Quote) Fits(source, target money.Currency) error {
	if (source == "" || source == q.Price.Source()) && (target == "" || target == q.Price.Target()) {
		return nil
	}
	return problem.QuoteMismatch.With(problem.Details{"symbol": q.Symbol()})
}

// Symbol is the pair of a quote; of an FX rate source and target.
func (q *Quote) Symbol() string {
	if q.Kind == ForFX {
		return Pair{q.Price.Source(), q.Price.Target()}.Symbol()
	}
	return q.Price.Pair.Symbol()
}
