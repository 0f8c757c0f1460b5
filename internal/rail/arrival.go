package rail

import "time"

// Arrival tells of money that comes to an account which the rail has opened. Nobody on
// our side has ordered it, so the rail's own reference is its name.
type Arrival struct {
	Rail      string
	Reference string // the rail's own: the same in every notice about this transfer
	Account   string // the Ref of the AccountOrder
	Number    string // the account's number, address or e-mail
	BankCode  string // of the account; "" where there is no bank
	BankName  string
	Amount    int64 // minor units
	Currency  string
	Chain     string // the chain it came by; "" where there is none
	Stage     Stage
	Sender    Sender
	Narration string
	At        time.Time // when it was sent

	Confirmations, Needed int64 // of a chain; 0 where there is none
}

// Stage is how far a transfer has come.
type Stage string

// The stages. Money has moved at Credited alone; rails without confirmations tell
// of nothing before that. GivenUp is no transfer: the payer has left the gateway for
// good, and Narration is the failure code.
const (
	Seen      Stage = "seen"
	Confirmed Stage = "confirmed"
	Credited  Stage = "credited"
	GivenUp   Stage = "given_up"
)

// Sender is who sent the money, as far as the rail knows.
type Sender struct {
	Name    string `json:"name,omitempty"`
	Account string `json:"account,omitempty"`
	Bank    string `json:"bank,omitempty"`
}
