package payment

import (
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
)

// RefundState is the internal state of a refund.
type RefundState string

// The states of a refund.
const (
	RefundPending    RefundState = "pending"
	RefundProcessing RefundState = "processing"
	RefundInDoubt    RefundState = "in_doubt"
	RefundSucceeded  RefundState = "succeeded"
	RefundFailed     RefundState = "failed"
)

// RefundStates lists all of them.
var RefundStates = []RefundState{RefundPending, RefundProcessing, RefundInDoubt, RefundSucceeded, RefundFailed}

var nextRefund = map[RefundState]map[Event]RefundState{
	RefundPending:    {Submit: RefundProcessing, Decline: RefundFailed},
	RefundProcessing: {Doubt: RefundInDoubt, Approve: RefundSucceeded, Decline: RefundFailed},
	RefundInDoubt:    {Approve: RefundSucceeded, Decline: RefundFailed},
}

// NextRefund is the state after e, or false if e cannot happen in s.
func NextRefund(s RefundState, e Event) (RefundState, bool) {
	to, ok := nextRefund[s][e]
	return to, ok
}

// Final reports whether the state never changes again.
func (s RefundState) Final() bool { return s == RefundSucceeded || s == RefundFailed }

var refundOutcomes = map[RefundState]problem.Outcome{
	RefundPending: problem.Pending, RefundProcessing: problem.Pending, RefundInDoubt: problem.Unknown,
	RefundSucceeded: problem.Succeeded, RefundFailed: problem.Refused,
}

// Outcome answers "did money move?" for a refund in this state.
func (s RefundState) Outcome() problem.Outcome { return refundOutcomes[s] }

// Source names where a refund's money came from.
type Source string

// The sources of a refund.
const (
	FromPending Source = "pending" // the payment's own unsettled money
	FromWallet  Source = "wallet"  // the business's wallet, once settled
)

// Refund gives part or all of a payment back to the payer.
type Refund struct {
	ID        string
	Business  string
	PaymentID string
	Reference string // "" if the merchant gave none
	Amount    money.Amount
	Reason    string
	State     RefundState
	Source    Source
	Failure   *Failure
	Steps     int64
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Retry is the money block's advice for the refund as it is.
func (r *Refund) Retry() problem.Retry {
	switch {
	case !r.State.Final():
		return problem.LookAfter(lookAgainMS)
	case r.State == RefundFailed && r.Failure != nil:
		return FailureRetry(r.Failure.Code)
	default:
		return problem.Never()
	}
}
