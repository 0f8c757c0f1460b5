// Package wallet says what a wallet is, which of its states follow which, and what
// moves between wallets. It is pure.
package wallet

import (
	"time"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
)

// Wallet is one owner's account in one currency. Its money is in the ledger.
type Wallet struct {
	ID         string
	Business   string
	Owner      string // who holds the place in the currency: the business, a customer, the wallet itself once deleted
	CustomerID string // "" for a wallet of the business
	AccountID  string
	Currency   money.Currency
	Status     Status
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// OfBusiness reports whether the wallet is the business's own.
func (w Wallet) OfBusiness() bool { return w.CustomerID == "" }

// Happening is an entry of the wallet's own list of events.
type Happening struct {
	ID     string
	Wallet string
	Number int64 // the wallet's version by it, which tells the order
	Action string
	Reason string
	At     time.Time
}

// Account is where money can be sent to a wallet. Number is "" until the rail has
// given one.
type Account struct {
	ID        string
	Wallet    string
	Business  string
	Type      string
	Name      string
	Number    string
	BankCode  string
	BankName  string
	CreatedAt time.Time
	IssuedAt  *time.Time
}

// BankAccount is the one type of account that wallets can have.
const BankAccount = "bank_account"

// Direction says which way a transaction moves money, seen from the customer's wallet.
type Direction string

// The directions.
const (
	Credit Direction = "credit" // from the business's wallet
	Debit  Direction = "debit"  // back to it
)

// Directions lists both.
var Directions = []Direction{Credit, Debit}

// Transaction moves money between a customer's wallet and the business's.
type Transaction struct {
	ID           string
	Business     string
	Wallet       string
	Reference    string // "" for none
	Type         Direction
	Amount       money.Amount
	Description  string
	BalanceAfter int64 // of the customer's wallet, minor units
	CreatedAt    time.Time
}

// Postings are the two lines of the transaction; house is the business's wallet.
func (t Transaction) Postings(house string) []ledger.Posting {
	from, to := ledger.Wallet(house), ledger.Wallet(t.Wallet)
	if t.Type == Debit {
		from, to = to, from
	}
	return ledger.Move(from, to, t.Amount)
}

// Kind is the kind of the transaction's ledger entry.
func (t Transaction) Kind() string { return "wallet." + string(t.Type) }

// Giver is the wallet that pays.
func (t Transaction) Giver(house string) string {
	if t.Type == Debit {
		return t.Wallet
	}
	return house
}

// Differs names the money fields in which a repetition under the same reference
// differs from t.
func (t Transaction) Differs(again Transaction) []string {
	differs := []string{}
	if t.Amount.Minor != again.Amount.Minor {
		differs = append(differs, "amount")
	}
	if t.Type != again.Type {
		differs = append(differs, "type")
	}
	if t.Wallet != again.Wallet {
		differs = append(differs, "wallet_id")
	}
	return differs
}
