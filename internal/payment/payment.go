package payment

import (
	"encoding/json"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
)

// Payment is a payment session and its payment: one object with one id.
type Payment struct {
	ID        string
	Business  string
	Reference string
	Amount    money.Amount
	Method    string
	State     State
	Version   int64 // counts changes; every change is guarded by it

	CustomerID    string
	CorrelationID string
	Fixed         Fixed
	Course        Course

	AmountPaid     int64 // minor units of Amount.Currency, as the next three
	AmountRefunded int64 // refunds that have not failed
	Unsettled      int64 // captured and not yet moved to the wallet or taken by a refund
	Steps          int64 // instructions given to the rail so far

	CreatedAt time.Time
	UpdatedAt time.Time
	ExpiresAt time.Time
}

// Fixed is what the merchant gave at the start; it never changes.
type Fixed struct {
	Description string          `json:"description"`
	RedirectURL string          `json:"redirect_url,omitempty"`
	Customer    json.RawMessage `json:"customer"`
	Order       json.RawMessage `json:"order"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	Link        string          `json:"link,omitempty"` // the payment link whose opening made it
}

// Course is what has become of the payment so far, beside its state.
type Course struct {
	Card               *Card    `json:"card,omitempty"`
	Payer              *Payer   `json:"payer,omitempty"`
	AuthType           string   `json:"auth_type,omitempty"`
	PageURL            string   `json:"page_url,omitempty"` // of the rail, during 3ds
	Failure            *Failure `json:"failure,omitempty"`
	Provider           string   `json:"provider,omitempty"`
	CancellationReason string   `json:"cancellation_reason,omitempty"`

	// Giving is set while a void is at the rail: what the payment becomes if the
	// rail confirms that nothing will be taken.
	Giving Event `json:"giving,omitempty"`
	// Challenged is the instruction whose challenge the payer faces.
	Challenged string `json:"challenged,omitempty"`
	// Executed is the instruction by which the rail took the money.
	Executed string `json:"executed,omitempty"`
	// Attempted is the money of the running attempt, if less than the amount.
	Attempted int64 `json:"attempted,omitempty"`
	// SettlesAt is when captured money becomes available.
	SettlesAt *time.Time `json:"settles_at,omitempty"`
}

// Card is what may be kept of a card.
type Card struct {
	MethodID    string `json:"method_id"`
	Masked      string `json:"masked"`
	ExpiryMonth int    `json:"expiry_month"`
	ExpiryYear  int    `json:"expiry_year"`
	Fingerprint string `json:"fingerprint"` // keyed hash of number and expiry
}

// Payer is what the payer was told to do, where the payer sends the money instead of
// having it taken.
type Payer struct {
	MethodID string `json:"method_id"`
	Account  string `json:"account"` // the reference under which the rail has opened the number
	Number   string `json:"number"`  // account number, address, or what stands in the gateway's link
	Name     string `json:"name,omitempty"`
	BankCode string `json:"bank_code,omitempty"`
	BankName string `json:"bank_name,omitempty"`
	Chain    string `json:"chain,omitempty"`

	// Of the last transfer that was seen on a chain.
	Hash          string `json:"hash,omitempty"`
	Confirmations int64  `json:"confirmations,omitempty"`
	Needed        int64  `json:"needed,omitempty"`
}

// Failure says why a payment or refund failed, or why a step was not accepted.
type Failure struct {
	Code         string `json:"code"`
	Reason       string `json:"reason,omitempty"`
	AttemptsLeft int    `json:"attempts_left,omitempty"`
}

// ChargeAmount is what the running or coming attempt takes.
func (p *Payment) ChargeAmount() money.Amount {
	if p.Course.Attempted > 0 {
		return money.Of(p.Course.Attempted, p.Amount.Currency)
	}
	return p.Amount
}

// Retry is the money block's advice for the payment as it is.
func (p *Payment) Retry() problem.Retry {
	switch {
	case p.State == AwaitingPayment, p.State == Processing && p.Course.Payer != nil:
		return problem.LookAfter(awaitPayerMS)
	case p.State.Running():
		return problem.LookAfter(lookAgainMS)
	case p.State == Failed && p.Course.Failure != nil:
		return FailureRetry(p.Course.Failure.Code)
	default:
		return problem.Never()
	}
}

// Waits that answers advise, in milliseconds.
const (
	lookAgainMS  = 2000
	awaitPayerMS = 15000
	whenever     = -1 // only when the cause is gone
)

// FailureRetry is the advice after a final failure with the given code.
func FailureRetry(code string) problem.Retry {
	row, ok := problem.FailureByCode(code)
	if !ok || !row.Retryable {
		return problem.Never()
	}
	if row.AfterMS == 0 {
		return problem.Again(problem.NewKey, whenever)
	}
	return problem.Again(problem.NewKey, row.AfterMS)
}
