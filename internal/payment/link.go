package payment

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
)

// LinkState is the state of a payment link, as people see it.
type LinkState string

// The states of a payment link.
const (
	LinkActive    LinkState = "active"
	LinkInactive  LinkState = "inactive"
	LinkCompleted LinkState = "completed" // its payment is captured
)

// LinkStates lists all of them.
var LinkStates = []LinkState{LinkActive, LinkInactive, LinkCompleted}

// nextLink has Approve from an inactive link too: a payer may have been on the page when
// the merchant switched the link off, and what is paid must not be payable again.
var nextLink = map[LinkState]map[Event]LinkState{
	LinkActive:   {Cancel: LinkInactive, Approve: LinkCompleted},
	LinkInactive: {Submit: LinkActive, Approve: LinkCompleted},
}

// NextLink is the state after e, or false if e cannot happen in s. Submit puts a link up
// again, Cancel takes it down, Approve is the capture of its payment.
func NextLink(s LinkState, e Event) (LinkState, bool) {
	to, ok := nextLink[s][e]
	return to, ok
}

// Final reports whether the state never changes again.
func (s LinkState) Final() bool { return len(nextLink[s]) == 0 }

// Link is an address under which a payer pays a fixed amount.
type Link struct {
	ID        string
	Business  string
	Reference string
	State     LinkState
	Version   int64
	Amount    money.Amount
	Method    string // "": the payer chooses
	Payment   string // the newest session that an opening made; "" before
	Tries     int64  // how many sessions there have been
	Fixed     LinkFixed
	CreatedAt time.Time
	UpdatedAt time.Time
}

// LinkFixed is what a payment link is made with and keeps.
type LinkFixed struct {
	Description string          `json:"description"`
	RedirectURL string          `json:"redirect_url,omitempty"`
	Customer    json.RawMessage `json:"customer"` // as given
	Metadata    json.RawMessage `json:"metadata,omitempty"`
}

// Methods are those by which the link's amount can be paid.
func (l *Link) Methods() (out []Method) {
	for _, m := range Methods {
		if (l.Method == "" || l.Method == m.Name) && m.Admit(l.Amount) == nil {
			out = append(out, m)
		}
	}
	return out
}

// LimitsOf are the least and the largest amount that any method takes in a currency.
func LimitsOf(c money.Currency) (least, most int64) {
	for _, m := range Methods {
		if !slices.Contains(m.Currencies, c) {
			continue
		}
		if most == 0 {
			least = m.Minimum
		}
		least, most = min(least, m.Minimum), max(most, m.Maximum)
	}
	return least, most
}
