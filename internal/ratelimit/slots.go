package ratelimit

import (
	"fmt"
	"sync"

	"github.com/juicer-pay/juicer/internal/problem"
)

// Lane separates requests that work from reads that only wait, so that neither
// takes the other's places.
type Lane int

// The lanes.
const (
	Working Lane = iota
	Polling      // ?wait=
	lanes
)

const crowdedRetryMS = 1000 // nobody can know when another request of the key ends

// Slots bounds how many requests of a key run at the same time in this process.
// Safe for concurrent use.
type Slots struct {
	mu    sync.Mutex
	limit [lanes]int // 0: any number
	taken [lanes]map[string]int
}

// NewSlots bounds by t.
func NewSlots(t Table) *Slots {
	s := &Slots{taken: [lanes]map[string]int{{}, {}}}
	s.Use(t)
	return s
}

// Use changes to other bounds; requests that run already stay.
func (s *Slots) Use(t Table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = [lanes]int{Working: t.InFlight, Polling: t.LongPolls}
}

// Enter takes a place. If there is none, ok is false: raise Crowded. release may
// be called more than once.
func (s *Slots) Enter(keyID string, lane Lane) (release func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if limit := s.limit[lane]; limit > 0 && s.taken[lane][keyID] >= limit {
		return func() {}, false
	}
	s.taken[lane][keyID]++
	return sync.OnceFunc(func() { s.leave(keyID, lane) }), true
}

func (s *Slots) leave(keyID string, lane Lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken[lane][keyID]--
	if s.taken[lane][keyID] == 0 {
		delete(s.taken[lane], keyID)
	}
}

// Crowded is the refusal of a key that has no place left in the lane:
// problem.RateLimitExceeded, limit "concurrency". Its policy is written with the
// quota unit of the RateLimit header fields draft, for it has no window.
func (s *Slots) Crowded(lane Lane) *problem.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return problem.RateLimitExceeded.With(problem.Details{
		"limit":  concurrencyLimit,
		"policy": fmt.Sprintf(`%d;qu="concurrent-requests"`, s.limit[lane]),
	}).Advise(problem.Again(problem.SameKey, crowdedRetryMS))
}
