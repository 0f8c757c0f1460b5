package party

import "github.com/juicer-pay/juicer/internal/problem"

// Status is the state of a customer, as people see it.
type Status string

// The states of a customer.
const (
	PendingKYC Status = "pending_kyc" // the identity check is not over
	Active     Status = "active"
	Rejected   Status = "rejected" // by the identity check
	Deleted    Status = "deleted"  // final; the e-mail is free again
)

// Statuses lists all of them.
var Statuses = []Status{PendingKYC, Active, Rejected, Deleted}

// Event is what may happen to a customer.
type Event string

// The events.
const (
	Accept Event = "accept" // by the identity check
	Reject Event = "reject"
	Delete Event = "delete" // only with empty wallets, which the store guards
)

// Events lists all of them.
var Events = []Event{Accept, Reject, Delete}

var next = map[Status]map[Event]Status{
	PendingKYC: {Accept: Active, Reject: Rejected, Delete: Deleted},
	Active:     {Delete: Deleted},
	Rejected:   {Delete: Deleted},
}

// Next is the status after e, or false if e cannot happen in s.
func Next(s Status, e Event) (Status, bool) {
	to, ok := next[s][e]
	return to, ok
}

// Final reports whether the status never changes again.
func (s Status) Final() bool { return s == Deleted }

// First is the status of a new customer where an identity check is required, or not.
func First(checked bool) Status {
	if checked {
		return PendingKYC
	}
	return Active
}

// decisions are the events that lead to what an identity check may decide.
var decisions = map[Status]Event{Active: Accept, Rejected: Reject}

// Decide takes the result of the identity check: active or rejected. It raises
// invalid_status_transition.
func (c *Customer) Decide(to Status) error {
	got, ok := Next(c.Status, decisions[to])
	if !ok {
		return problem.InvalidStatusTransition.With(problem.Details{"from": string(c.Status), "to": string(to)})
	}
	c.Status = got
	return nil
}

// MayOpenWallet raises customer_not_verified for a customer whose identity is not
// checked.
func (c *Customer) MayOpenWallet() error {
	if c.Status == Active {
		return nil
	}
	return problem.CustomerNotVerified.With(problem.Details{"customer_id": c.ID, "status": string(c.Status)})
}
