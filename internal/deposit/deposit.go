// Package deposit holds what money is that arrives by itself, and how it may change.
// It is pure: no context, no database, no clock.
package deposit

import (
	"time"

	"github.com/juicer-pay/juicer/internal/money"
)

// Deposit is money that somebody sent to an account number, an address or an e-mail
// of ours.
type Deposit struct {
	ID         string
	Business   string
	Rail       string
	Reference  string // the rail's own; with Rail it names the transfer
	PaymentID  string // of the session on whose instructions it came; "" for wallets
	WalletID   string // into which it went or was to go; "" for sessions
	CustomerID string
	Amount     money.Amount
	State      State
	Listed     bool // shown by itself; else it shows in its payment
	Details    Details
	Steps      int64 // instructions given to the rail so far
	Version    int64 // counts changes; every change is guarded by it
	OccurredAt time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Details is what is kept of a deposit beside what is asked for.
type Details struct {
	Method    string `json:"method"` // bank_account, interac, crypto_address
	Number    string `json:"number"` // it came to: account number, address, e-mail
	BankCode  string `json:"bank_code,omitempty"`
	BankName  string `json:"bank_name,omitempty"`
	Chain     string `json:"chain,omitempty"`
	Narration string `json:"narration,omitempty"`

	SenderName    string `json:"sender_name,omitempty"`
	SenderAccount string `json:"sender_account,omitempty"`
	SenderBank    string `json:"sender_bank,omitempty"`
}
