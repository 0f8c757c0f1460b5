package payment

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
)

// PayoutState is the internal state of a payout.
type PayoutState string

// The states of a payout.
const (
	PayoutPending    PayoutState = "pending"
	PayoutProcessing PayoutState = "processing"
	PayoutInDoubt    PayoutState = "in_doubt"
	PayoutSucceeded  PayoutState = "succeeded"
	PayoutFailed     PayoutState = "failed"
	PayoutReversed   PayoutState = "reversed"
)

// PayoutStates lists all of them.
var PayoutStates = []PayoutState{PayoutPending, PayoutProcessing, PayoutInDoubt, PayoutSucceeded, PayoutFailed, PayoutReversed}

var nextPayout = map[PayoutState]map[Event]PayoutState{
	PayoutPending:    {Submit: PayoutProcessing, Decline: PayoutFailed},
	PayoutProcessing: {Doubt: PayoutInDoubt, Approve: PayoutSucceeded, Decline: PayoutFailed},
	PayoutInDoubt:    {Approve: PayoutSucceeded, Decline: PayoutFailed},
	PayoutSucceeded:  {Reverse: PayoutReversed},
}

// NextPayout is the state after e, or false if e cannot happen in s.
func NextPayout(s PayoutState, e Event) (PayoutState, bool) {
	to, ok := nextPayout[s][e]
	return to, ok
}

// Final reports whether the state never changes again.
func (s PayoutState) Final() bool { return s == PayoutFailed || s == PayoutReversed }

// Decided reports whether the rail has said what became of the payout: a success may
// still be reversed.
func (s PayoutState) Decided() bool { return s == PayoutSucceeded || s.Final() }

var payoutOutcomes = map[PayoutState]problem.Outcome{
	PayoutPending: problem.Pending, PayoutProcessing: problem.Pending, PayoutInDoubt: problem.Unknown,
	PayoutSucceeded: problem.Succeeded, PayoutFailed: problem.Refused, PayoutReversed: problem.Refused,
}

// Outcome answers "did money move?" for a payout in this state.
func (s PayoutState) Outcome() problem.Outcome { return payoutOutcomes[s] }

// FeePayer is who bears the fee of a payout.
type FeePayer string

// The two who can.
const (
	FeeOnSender    FeePayer = "sender"
	FeeOnRecipient FeePayer = "recipient"
)

// Payout sends money of a business to a beneficiary. All amounts but Source are in the
// destination currency.
type Payout struct {
	ID        string
	Business  string
	Reference string
	Amount    money.Amount // as ordered
	Fee       int64
	FeePayer  FeePayer
	Source    money.Amount // what leaves the wallet, fee included
	Rail      string
	Wallet    string // that holds the money until the rail has it
	State     PayoutState
	Failure   *Failure
	Provider  string // the rail's own reference
	Steps     int64
	Version   int64
	Fixed     PayoutFixed
	CreatedAt time.Time
	UpdatedAt time.Time
}

// PayoutFixed is what a payout was ordered with; it never changes.
type PayoutFixed struct {
	Beneficiary Payee           `json:"beneficiary"`
	Description string          `json:"description,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	Rate        string          `json:"rate,omitempty"`   // of the exchange: destination units for one source unit
	Origin      string          `json:"origin,omitempty"` // the wallet that gave Source, if the money was exchanged
}

// Payee is a beneficiary as it was when the payout was ordered.
type Payee struct {
	ID            string `json:"id"`
	Type          string `json:"type"`
	AccountName   string `json:"account_name,omitempty"`
	AccountNumber string `json:"account_number,omitempty"`
	BankCode      string `json:"bank_code,omitempty"` // a routing number in the USA
	BankName      string `json:"bank_name,omitempty"`
	Chain         string `json:"chain,omitempty"`
	Address       string `json:"address,omitempty"`
	Email         string `json:"email,omitempty"`
	FirstName     string `json:"first_name,omitempty"`
	LastName      string `json:"last_name,omitempty"`
}

// Sends is what the beneficiary gets.
func (p *Payout) Sends() money.Amount {
	if p.FeePayer == FeeOnRecipient {
		return money.Of(p.Amount.Minor-p.Fee, p.Amount.Currency)
	}
	return p.Amount
}

// Holds is what is held until the rail has spoken: what is sent, and the fee.
func (p *Payout) Holds() money.Amount { return money.Of(p.Sends().Minor+p.Fee, p.Amount.Currency) }

// FeeAmount is the fee with its currency.
func (p *Payout) FeeAmount() money.Amount { return money.Of(p.Fee, p.Amount.Currency) }

// Exchanged reports whether the money was exchanged first.
func (p *Payout) Exchanged() bool { return p.Source.Currency != p.Amount.Currency }

// Differs names the money fields in which two orders under one reference differ.
func (p *Payout) Differs(from *Payout) (names []string) {
	for _, f := range []struct {
		name string
		same bool
	}{
		{"amount", p.Amount.Minor == from.Amount.Minor},
		{"beneficiary.id", p.Fixed.Beneficiary.ID == from.Fixed.Beneficiary.ID},
		{"destination_currency", p.Amount.Currency == from.Amount.Currency},
		{"fee_charged_to", p.FeePayer == from.FeePayer},
		{"source_currency", p.Source.Currency == from.Source.Currency},
	} {
		if !f.same {
			names = append(names, f.name)
		}
	}
	return names
}

// Retry is the money block's advice for the payout as it is.
func (p *Payout) Retry() problem.Retry {
	switch {
	case !p.State.Decided():
		return problem.LookAfter(lookAgainMS)
	case p.State.Final() && p.Failure != nil:
		return FailureRetry(p.Failure.Code)
	default:
		return problem.Never()
	}
}

// The rails that payouts go over.
const (
	RailNuban   = "nuban"
	RailACH     = "ach"
	RailWire    = "wire"
	RailInterac = "interac"
	RailCrypto  = "crypto"
)

// PayoutRail is what a rail takes of a payout. Amounts are in minor units.
type PayoutRail struct {
	Method
	Fee   int64
	Daily int64 // of a business, over all currencies; 0: no limit
}

// PayoutRails lists them in the order of the contract.
var PayoutRails = []PayoutRail{
	{Method{Name: RailNuban, Currencies: []money.Currency{money.NGN}, Minimum: 10_000, Maximum: 1_000_000_000}, 2500, 0},
	{Method{Name: RailACH, Currencies: []money.Currency{money.USD}, Minimum: 1000, Maximum: 10_000_000}, 100, 0},
	{Method{Name: RailWire, Currencies: []money.Currency{money.USD}, Minimum: 1000, Maximum: 10_000_000}, 2500, 0},
	{Method{Name: RailInterac, Currencies: []money.Currency{money.CAD}, Minimum: 1000, Maximum: 1_000_000}, 100, 0},
	{Method{Name: RailCrypto, Currencies: []money.Currency{money.USDT, money.USDC}, Minimum: 1000, Maximum: 5_000_000}, 100, 10_000_000},
}

// PayoutRailNames lists their names.
func PayoutRailNames() (names []string) {
	for _, r := range PayoutRails {
		names = append(names, r.Name)
	}
	return names
}

// PayoutRailsOf lists the names of the rails that take a currency.
func PayoutRailsOf(c money.Currency) (names []string) {
	for _, r := range PayoutRails {
		if slices.Contains(r.Currencies, c) {
			names = append(names, r.Name)
		}
	}
	return names
}

// PayoutRailByName finds a rail.
func PayoutRailByName(name string) (PayoutRail, bool) {
	i := slices.IndexFunc(PayoutRails, func(r PayoutRail) bool { return r.Name == name })
	if i < 0 {
		return PayoutRail{}, false
	}
	return PayoutRails[i], true
}

// AdmitPayout raises invalid_currency or invalid_amount. Who bears the fee must have
// something left of it.
func (r PayoutRail) AdmitPayout(amount money.Amount, bears FeePayer) error {
	if bears == FeeOnRecipient {
		r.Minimum = max(r.Minimum, r.Fee+1)
	}
	return r.Admit(amount)
}
