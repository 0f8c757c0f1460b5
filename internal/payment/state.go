// Package payment holds what card payments, their refunds, and payouts are and how they
// may change. It is pure: no context, no database, no clock.
package payment

import (
	"slices"

	"github.com/juicer-pay/juicer/internal/problem"
)

// State is the internal state of a payment.
type State string

// The states of a payment.
const (
	Created         State = "created"
	Authenticating  State = "authenticating"
	AwaitingPayment State = "awaiting_payment"
	Processing      State = "processing"
	InDoubt         State = "in_doubt"
	Captured        State = "captured"
	Settled         State = "settled"
	Failed          State = "failed"
	Cancelled       State = "cancelled"
	Expired         State = "expired"
)

// States lists all of them in the order of the life of a payment.
var States = []State{Created, Authenticating, AwaitingPayment, Processing, InDoubt, Captured, Settled, Failed, Cancelled, Expired}

// Event is what happens to a payment.
type Event string

// The events of a payment.
const (
	Submit    Event = "submit"    // an instruction goes to the rail
	Instruct  Event = "instruct"  // the payer got instructions to pay
	Part      Event = "part"      // part of the money is here, or a transfer that is not confirmed yet
	Challenge Event = "challenge" // the rail wants proof from the payer
	Doubt     Event = "doubt"     // the rail gave no usable answer
	Approve   Event = "approve"   // the rail executed
	Decline   Event = "decline"   // the rail refused for good
	Cancel    Event = "cancel"    // the merchant gave it up
	Expire    Event = "expire"    // its time is over
	Settle    Event = "settle"    // the money is available
	Reverse   Event = "reverse"   // the receiving bank sent a payout back
)

// Events lists all of them.
var Events = []Event{Submit, Instruct, Part, Challenge, Doubt, Approve, Decline, Cancel, Expire, Settle, Reverse}

type edge struct {
	from State
	by   Event
}

// next is the whole machine; what is not here cannot happen.
var next = map[edge]State{
	{Created, Submit}:   Processing,
	{Created, Instruct}: AwaitingPayment,
	{Created, Cancel}:   Cancelled,
	{Created, Expire}:   Expired,

	{Authenticating, Submit}:  Processing,
	{Authenticating, Approve}: Captured, // the payer finished on the bank's page
	{Authenticating, Decline}: Failed,
	{Authenticating, Cancel}:  Cancelled,
	{Authenticating, Expire}:  Expired,

	{AwaitingPayment, Part}:    Processing,
	{AwaitingPayment, Approve}: Captured,
	{AwaitingPayment, Decline}: Failed, // the payer gave up at the gateway
	{AwaitingPayment, Cancel}:  Cancelled,
	{AwaitingPayment, Expire}:  Expired,

	{Processing, Part}:      Processing, // more of it
	{Processing, Challenge}: Authenticating,
	{Processing, Doubt}:     InDoubt,
	{Processing, Approve}:   Captured,
	{Processing, Decline}:   Failed,
	{Processing, Cancel}:    Cancelled, // the rail confirmed a void
	{Processing, Expire}:    Expired,   // likewise

	{InDoubt, Challenge}: Authenticating,
	{InDoubt, Approve}:   Captured,
	{InDoubt, Decline}:   Failed,
	{InDoubt, Cancel}:    Cancelled,
	{InDoubt, Expire}:    Expired,

	{Captured, Settle}: Settled,
}

// Next is the state after e, or false if e cannot happen in s.
func Next(s State, e Event) (State, bool) {
	to, ok := next[edge{s, e}]
	return to, ok
}

// Completed reports whether the session is over: nothing a caller does to it now
// can change whether money moved.
func (s State) Completed() bool {
	return slices.Contains([]State{Captured, Settled, Failed, Cancelled, Expired}, s)
}

// Final reports whether the state never changes again.
func (s State) Final() bool { return s.Completed() && s != Captured }

// Running reports whether the rail has the word.
func (s State) Running() bool { return s == Processing || s == InDoubt }

// Paid reports whether the money is ours.
func (s State) Paid() bool { return s == Captured || s == Settled }

var outcomes = map[State]problem.Outcome{
	Created: problem.NotAttempted, Authenticating: problem.Pending, AwaitingPayment: problem.Pending,
	Processing: problem.Pending, InDoubt: problem.Unknown, Captured: problem.Succeeded, Settled: problem.Succeeded,
	Failed: problem.Refused, Cancelled: problem.Refused, Expired: problem.Refused,
}

// Outcome answers "did money move?" for a payment in this state.
func (s State) Outcome() problem.Outcome { return outcomes[s] }

// Buckets are the four parts of the statistics, and the states in each.
var Buckets = map[string][]State{
	"pending":  {Created, Authenticating, AwaitingPayment, Processing, InDoubt},
	"captured": {Captured},
	"settled":  {Settled},
	"failed":   {Failed, Cancelled, Expired},
}
