package main

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	callersMax = 1024
	unmeasured = time.Duration(-1) // the CPU of a side that does not tell
)

// burst is one round: n calls made by callers who take turns.
type burst struct {
	n       int
	took    time.Duration
	waits   []time.Duration // of each call, sorted
	cpu     time.Duration   // of the side that is measured, or unmeasured
	mallocs float64         // allocations of that side; 0 where unknown
	bytes   float64         // what they took
}

func (b burst) perSecond() float64 { return float64(b.n) / b.took.Seconds() }

func (b burst) each(total float64) float64 { return total / float64(b.n) }

// percentile is the wait that a share of the calls did not exceed.
func (b burst) percentile(share float64) time.Duration {
	at := int(share * float64(len(b.waits)))
	return b.waits[min(at, len(b.waits)-1)]
}

// drive makes calls 0..n-1 and ends early at the first error: a fast wrong answer
// is worth nothing. Each caller makes one call after another.
func drive(callers, n int, call func(caller, i int) error) (burst, error) {
	var next, failed atomic.Int64
	var trouble error
	var once sync.Once
	var all sync.WaitGroup
	waits := make([]time.Duration, n)
	start := time.Now()
	for caller := range min(callers, n) {
		all.Go(func() {
			for failed.Load() == 0 {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				at := time.Now()
				if err := call(caller, i); err != nil {
					failed.Add(1)
					once.Do(func() { trouble = err })
					return
				}
				waits[i] = time.Since(at)
			}
		})
	}
	all.Wait()
	b := burst{n: n, took: time.Since(start), waits: waits}
	slices.Sort(b.waits)
	return b, trouble
}
