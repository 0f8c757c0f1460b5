// Package ledger is double entry: accounts, postings that balance, and the hash
// chain that shows if a sealed entry was changed. It is pure and knows no trade
// but bookkeeping.
package ledger

import (
	"fmt"
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
)

// Account names one account; each posting on it carries its currency.
//
// Positive balances are what we owe (wallets, fees earned), negative ones what
// we are owed (rail accounts): so all accounts of a currency sum to zero.
type Account string

// Accounts of the operator.
const (
	Outside        Account = "outside"         // counterpart of opening balances and sandbox funding
	Fees           Account = "fees"            // earned
	RailExceptions Account = "rail_exceptions" // executed by a rail after it confirmed a failure
	FX             Account = "fx"              // the operator's position in each currency, from exchanges
	FXRounding     Account = "fx_rounding"     // what rounding in exchanges left over
)

// Wallet is available money of a business or customer.
func Wallet(wallet string) Account { return Account("wallet:" + wallet) }

// Held is reserved money of a wallet: refunds and payouts on their way.
func Held(wallet string) Account { return Account("held:" + wallet) }

// Pending is captured money of a wallet that is not settled yet.
func Pending(wallet string) Account { return Account("pending:" + wallet) }

// Rail is what a rail owes us (negative) or we owe it.
func Rail(rail string) Account { return Account("rail:" + rail) }

// Clearing is money handed to a rail whose outcome is not recorded: zero when
// nothing is in flight.
func Clearing(rail string) Account { return Account("clearing:" + rail) }

// Guarded reports whether an account may never fall below zero and therefore has
// its balance kept in the statement that changes it.
func (a Account) Guarded() bool {
	return strings.HasPrefix(string(a), "wallet:") || strings.HasPrefix(string(a), "held:")
}

// IsHeld reports whether the account is reserved money of a wallet.
func (a Account) IsHeld() bool { return strings.HasPrefix(string(a), "held:") }

// IsClearing reports whether the account must be zero when nothing is in flight.
func (a Account) IsClearing() bool { return strings.HasPrefix(string(a), "clearing:") }

// Posting is one line of an entry.
type Posting struct {
	Account  Account
	Amount   int64 // minor units, signed
	Currency money.Currency
}

// Entry is one balanced movement. It is never changed once written.
type Entry struct {
	ID       string
	Business string
	At       time.Time
	Kind     string // e.g. capture.sent
	Object   string // id of the payment or refund it belongs to
	RailRef  string // the instruction it stands for, or ""
	Postings []Posting
}

// Move is the two postings that take amount from the left account to the right.
func Move(from, to Account, amount money.Amount) []Posting {
	return []Posting{
		{Account: from, Amount: -amount.Minor, Currency: amount.Currency},
		{Account: to, Amount: amount.Minor, Currency: amount.Currency},
	}
}

// Check reports why an entry may not be written: no postings, a zero posting, or
// a currency that does not sum to zero.
func (e Entry) Check() error {
	if len(e.Postings) < 2 {
		return fmt.Errorf("entry %s (%s) has %d postings", e.ID, e.Kind, len(e.Postings))
	}
	for _, p := range e.Postings {
		if p.Amount == 0 {
			return fmt.Errorf("entry %s (%s) posts nothing on %s", e.ID, e.Kind, p.Account)
		}
	}
	for currency, sum := range Sums(e.Postings) {
		if sum != 0 {
			return fmt.Errorf("entry %s (%s) is out by %s", e.ID, e.Kind, money.Of(sum, currency))
		}
	}
	return nil
}

// Sums adds the postings up by currency.
func Sums(postings []Posting) map[money.Currency]int64 {
	sums := map[money.Currency]int64{}
	for _, p := range postings {
		sums[p.Currency] += p.Amount
	}
	return sums
}
