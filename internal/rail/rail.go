// Package rail is the contract between Juicer and whatever moves money outside:
// a card acquirer, a bank, a network. A rail never learns what a payment is; it
// moves an amount under a reference that Juicer chose, at most once.
package rail

import (
	"context"
	"errors"
	"time"
)

// Kind says what an instruction asks for.
type Kind string

// The kinds of instruction.
const (
	Charge       Kind = "charge"       // take Amount from Card
	Authenticate Kind = "authenticate" // answer the challenge of Target
	Void         Kind = "void"         // give up Target, which waits for the payer
	Refund       Kind = "refund"       // send Amount of the executed Target back to the payer
	Return       Kind = "return"       // send Amount back that Target executed against our books
	Payout       Kind = "payout"       // send Amount to Payee
)

// Instruction is one order to a rail. Ref is the idempotency key of the rail: a
// rail executes a Ref at most once, and can always be asked about it.
type Instruction struct {
	Ref      string // "<object id>/<step>"
	Kind     Kind
	Amount   int64 // minor units
	Currency string
	Target   string // the Ref acted on: Authenticate, Void, Refund, Return
	Card     *Card  // Charge only
	Proof    *Proof // Authenticate only
	Payee    *Payee // Payout only

	// ReturnURL is where a payer's browser is sent back to after a page of the rail.
	ReturnURL string
}

// Payee is who gets a payout.
type Payee struct {
	Account  string // an account number, an address of a chain, or an e-mail
	BankCode string // "" where the rail has no banks
	Name     string
}

// Proof is what a payer answered to a challenge. Exactly one field is set.
type Proof struct {
	OTP, PIN, Enrol, CVV string
	Address              *Address
}

// Address is what AVS compares.
type Address struct {
	Line1, Line2, City, State, Country, ZipCode string
}

// State is where an instruction stands at the rail.
type State string

// The states an answer or a status query can report.
const (
	Approved   State = "approved"   // executed: money moved
	Declined   State = "declined"   // finally refused
	Challenged State = "challenged" // the payer must prove something; nothing moved
	Accepted   State = "accepted"   // taken, the result comes later
	NotFound   State = "not_found"  // status query only: the rail knows no such Ref
	Reversed   State = "reversed"   // a payout that was executed, and sent back by its receiver
)

// ChallengeType is a step the payer must take.
type ChallengeType string

// The six authentication steps.
const (
	ThreeDS    ChallengeType = "3ds"
	OTP        ChallengeType = "otp"
	PIN        ChallengeType = "pin"
	AVS        ChallengeType = "avs"
	CardEnroll ChallengeType = "card_enroll"
	CVV        ChallengeType = "cvv"
)

// Result is what a rail says of an instruction.
type Result struct {
	State        State
	Provider     string        // the rail's own reference
	Challenge    ChallengeType // Challenged
	URL          string        // Challenged by 3ds: the page the payer opens
	AttemptsLeft int           // Challenged after a wrong Proof: > 0
	Failure      string        // a failure code of problem.Failures: Declined, Reversed, or Challenged after a wrong Proof
	Reason       string        // the rail's own code for Failure, or ""
}

// ErrUnreachable is given by Execute and Status when the rail certainly did not
// get the message. Every other error leaves open whether it did.
var ErrUnreachable = errors.New("rail unreachable")

// Rail moves money outside. Implementations are safe for concurrent use.
type Rail interface {
	// Execute hands the instruction over and waits for the answer. It may take
	// as long as the rail takes; ctx ends the wait, not the instruction.
	Execute(ctx context.Context, in Instruction) (Result, error)
	// Status asks what became of ref.
	Status(ctx context.Context, ref string) (Result, error)
}

// Outages is implemented by rails that know when they cannot be reached, so that
// a new operation can be refused before anything is begun.
type Outages interface {
	Down(ctx context.Context) (bool, error)
}

// Notice is a message from the rail about an instruction, or about an earlier
// one that turned out otherwise. Rails repeat themselves.
type Notice struct {
	ID      string // the rail's id of the notice
	Ref     string
	Result  Result
	Arrival *Arrival // money that has come; then Result says nothing
	At      time.Time
}

// Listener takes notices. An error means "tell me again later".
type Listener interface {
	Notice(ctx context.Context, n Notice) error
}

// Entry is one line of a rail's own books, as its statement shows it.
type Entry struct {
	Number       int64 // counts from 1
	At           time.Time
	Amount       int64  // minor units, positive
	Currency     string //
	Direction    string // "in": to us, "out": from us
	Kind         string // "execution", "return", "reversal", "refund"
	Rail         string // "card", "nuban"
	BankCode     string
	Counterparty string // masked
	Provider     string
	Ref          string
	BalanceAfter int64 // of this rail and currency, "in" minus "out"
}

// Books is a rail's statement, oldest entry first.
type Books interface {
	// Statement gives up to limit entries after the given number that fit the
	// filters; an empty filter fits all.
	Statement(ctx context.Context, f Filter) ([]Entry, error)
}

// Filter narrows a statement.
type Filter struct {
	Rail  string
	Ref   string
	After int64
	Limit int
}
