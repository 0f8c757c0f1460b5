package juicer

import (
	"sync"
	"time"
)

// account is the retry budget that all calls of a client share. Time counts as idle
// only while no call is under way, so that waiting for a retry earns nothing.
type account struct {
	mu     sync.Mutex
	tokens int
	active int
	since  time.Time // when the last call ended; zero before the first
	idle   int64     // milliseconds not yet turned into tokens
}

func (a *account) begin(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.active == 0 && !a.since.IsZero() {
		a.idle += max(now.Sub(a.since).Milliseconds(), 0)
	}
	a.active++
}

func (a *account) end(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.active--
	a.since = now
}

// decide asks the policy and books what it says, as one step.
func (a *account) decide(p Policy, c call, at progress, r reply, now time.Time, rand float64) verdict {
	a.mu.Lock()
	defer a.mu.Unlock()
	at.idleMS = a.idle
	v := decide(p, c, at, r, now, rand, a.tokens)
	a.tokens = v.tokens
	a.idle %= 1000
	return v
}

// left is how many tokens there are.
func (a *account) left() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tokens
}
