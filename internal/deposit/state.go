package deposit

// State is the internal state of a deposit.
type State string

// The states of a deposit.
const (
	Pending   State = "pending"   // seen on its way, not ours yet
	Held      State = "held"      // counted in a payment
	Settled   State = "settled"   // in a wallet
	Returning State = "returning" // fits nothing: on its way back
	Returned  State = "returned"
)

// States lists all of them.
var States = []State{Pending, Held, Settled, Returning, Returned}

// Event is what happens to a deposit.
type Event string

// The events of a deposit.
const (
	Hold   Event = "hold"   // a payment takes it
	Settle Event = "settle" // a wallet takes it
	Refuse Event = "refuse" // nothing takes it, or the payment is over without being whole
	Leave  Event = "leave"  // the rail has sent it back
)

// Events lists all of them.
var Events = []Event{Hold, Settle, Refuse, Leave}

var next = map[State]map[Event]State{
	Pending:   {Hold: Held, Settle: Settled, Refuse: Returning},
	Held:      {Refuse: Returning},
	Returning: {Leave: Returned},
}

// Next is the state after e, or false if e cannot happen in s.
func Next(s State, e Event) (State, bool) {
	to, ok := next[s][e]
	return to, ok
}

// Here reports whether the money has come and has not gone.
func (s State) Here() bool { return s == Held || s == Settled || s == Returning }
