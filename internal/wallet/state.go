package wallet

import "github.com/juicer-pay/juicer/internal/problem"

// Status is the state of a wallet, as people see it.
type Status string

// The states of a wallet.
const (
	Active  Status = "active"
	Frozen  Status = "frozen"  // no credit, no debit, no new payment method
	Deleted Status = "deleted" // final
)

// Statuses lists all of them.
var Statuses = []Status{Active, Frozen, Deleted}

// Event is what may happen to a wallet.
type Event string

// The events.
const (
	Freeze Event = "freeze"
	Thaw   Event = "thaw"
	Delete Event = "delete" // only at balance zero, which the store guards
)

// Events lists all of them.
var Events = []Event{Freeze, Thaw, Delete}

var next = map[Status]map[Event]Status{
	Active:  {Freeze: Frozen, Thaw: Active, Delete: Deleted},
	Frozen:  {Freeze: Frozen, Thaw: Active, Delete: Deleted},
	Deleted: {Delete: Deleted}, // deleting again is no change
}

// Next is the status after e, or false if e cannot happen in s.
func Next(s Status, e Event) (Status, bool) {
	to, ok := next[s][e]
	return to, ok
}

// Final reports whether the status never changes again.
func (s Status) Final() bool { return s == Deleted }

// Moves reports whether money may come and go.
func (s Status) Moves() bool { return s == Active }

// becoming is the event that leads to a status.
var becoming = map[Status]Event{Active: Thaw, Frozen: Freeze, Deleted: Delete}

// actions are the words of the wallet's own list of events.
var actions = map[Event]string{Freeze: "frozen", Thaw: "activated", Delete: "deleted"}

// Created is the first action in a wallet's list of events.
const Created = "created"

// Become is the action by which the wallet takes a status, "" if it has it already.
// It raises invalid_status_transition: wallets of the business stay active.
func (w Wallet) Become(to Status) (action string, err error) {
	e := becoming[to]
	got, ok := Next(w.Status, e)
	switch {
	case !ok || got != to || w.OfBusiness() && to != w.Status:
		return "", problem.InvalidStatusTransition.With(problem.Details{"from": string(w.Status), "to": string(to)})
	case to == w.Status:
		return "", nil
	}
	return actions[e], nil
}

// Refusal is wallet_not_active with what the wallet is.
func (w Wallet) Refusal() error {
	return problem.WalletNotActive.With(problem.Details{"id": w.ID, "status": string(w.Status)})
}
