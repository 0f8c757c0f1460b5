package exchange

import (
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
)

// DealKind tells for what money was exchanged.
type DealKind string

// The kinds of deal.
const (
	Swap         DealKind = "swap"
	Conversion   DealKind = "conversion"
	Fill         DealKind = "order"         // of an order of the same id
	Payout       DealKind = "payout"        // the reference is the payout's id
	PayoutUndone DealKind = "payout_undone" // likewise
)

// DealState is how far a deal has come. Deals are booked at once, so that the first
// is never seen.
type DealState string

// The states of a deal.
const (
	DealPending DealState = "pending"
	DealDone    DealState = "success"
	DealFailed  DealState = "failed"
)

// DealStates lists all of them.
var DealStates = []DealState{DealPending, DealDone, DealFailed}

var dealOutcomes = map[DealState]problem.Outcome{DealPending: problem.Pending, DealDone: problem.Succeeded, DealFailed: problem.Refused}

// Outcome answers "did money move?" for a deal in this state.
func (s DealState) Outcome() problem.Outcome { return dealOutcomes[s] }

// Deal is money that was exchanged: a swap, a conversion, the fill of an order, or the
// exchange that a payout needed.
type Deal struct {
	ID            string // also the object of its ledger entry
	Business      string
	Kind          DealKind
	QuoteID       string // "" for the rate of the moment
	Reference     string // "" for none
	Price         Price
	Terms         Terms
	State         DealState
	CorrelationID string
	CreatedAt     time.Time
}

// Currencies are what the deal's terms are in: those of its price, or the other way
// round if it gives an exchange back.
func (d *Deal) Currencies() (source, target money.Currency) {
	if d.Kind == PayoutUndone {
		return d.Price.Target(), d.Price.Source()
	}
	return d.Price.Source(), d.Price.Target()
}
