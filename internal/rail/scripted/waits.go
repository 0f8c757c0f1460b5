package scripted

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/world"
)

// reply is what a waiting Execute gets.
type reply struct {
	result rail.Result
	err    error
}

// waiter is one Execute on the line.
type waiter struct {
	ref, rail string
	due       time.Time // when told may be told; zero: the instruction's timer wakes it
	told      reply
	ch        chan reply // of one
	taken     bool       // its instruction is in the books
	promised  bool       // an outcome is on its way: the caller may not hang up
	woken     bool
	parked    bool
}

// waits knows who is on the line. A waiter enters before the books take its
// instruction, so that a timer that fires at once finds it.
type waits struct {
	mu       sync.Mutex
	byRef    map[string][]*waiter
	activity *world.Activity
}

func (w *waits) enter(railName, ref string) *waiter {
	one := &waiter{ref: ref, rail: railName, ch: make(chan reply, 1)}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.byRef[ref] = append(w.byRef[ref], one)
	return one
}

// leave takes a waiter off the line that needs no waking.
func (w *waits) leave(one *waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(one)
}

func (w *waits) remove(one *waiter) {
	rest := w.byRef[one.ref]
	for i, other := range rest {
		if other == one {
			rest = append(rest[:i:i], rest[i+1:]...)
			break
		}
	}
	if len(rest) == 0 {
		delete(w.byRef, one.ref)
		return
	}
	w.byRef[one.ref] = rest
}

// await parks the caller until it is woken, or until ctx ends and nobody has
// promised it anything.
func (w *waits) await(ctx context.Context, one *waiter) (rail.Result, error) {
	w.park(one)
	select {
	case r := <-one.ch:
		return r.result, r.err
	case <-ctx.Done():
	}
	if w.hangUp(one) {
		return rail.Result{}, ctx.Err()
	}
	r := <-one.ch
	return r.result, r.err
}

func (w *waits) park(one *waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !one.woken {
		one.parked = true
		w.activity.Park()
	}
}

// hangUp reports whether the caller may go.
func (w *waits) hangUp(one *waiter) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one.promised || one.woken {
		return false
	}
	w.remove(one)
	if one.parked {
		w.activity.Unpark()
	}
	return true
}

// promise holds everyone who waits for ref on the line and reports whether
// anyone does: then the outcome needs no callback.
func (w *waits) promise(ref string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.byRef[ref] {
		one.promised = true
	}
	return len(w.byRef[ref]) > 0
}

// wake answers everyone who was promised the outcome of ref.
func (w *waits) wake(ref string, r reply) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range append([]*waiter(nil), w.byRef[ref]...) {
		if one.promised {
			w.answer(one, r)
		}
	}
}

// answer counts the waiter as running before it can run.
func (w *waits) answer(one *waiter, r reply) {
	w.remove(one)
	one.woken = true
	if one.parked {
		w.activity.Unpark()
	}
	one.ch <- r
}

// tellAt sets what the waiter is told at due, if nothing else comes first.
func (w *waits) tellAt(one *waiter, due time.Time, r rail.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one.due, one.told, one.taken = due, reply{result: r}, true
}

// begin says that the wait for the instruction's timer begins.
func (w *waits) begin(one *waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one.taken = true
}

// open lists the instructions of the books that somebody waits for and nobody here
// is about to end.
func (w *waits) open() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for ref, all := range w.byRef {
		if slices.ContainsFunc(all, (*waiter).isOpen) {
			out = append(out, ref)
		}
	}
	return out
}

func (one *waiter) isOpen() bool { return one.taken && !one.promised }

// end answers the open waits for ref with what the books say: those for its timer,
// and if the books have lost it also those who have their answer and wait until it
// may be told.
func (w *waits) end(ref string, r reply, lost bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range append([]*waiter(nil), w.byRef[ref]...) {
		if one.isOpen() && (lost || one.due.IsZero()) {
			w.answer(one, r)
		}
	}
}

// hurry lets those be due now who would be before soon.
func (w *waits) hurry(railName string, now, soon time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.timed(railName) {
		if one.due.After(now) && one.due.Before(soon) {
			one.due = now
		}
	}
}

// wakeDue answers those whose own time has come.
func (w *waits) wakeDue(railName string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.timed(railName) {
		if !one.due.After(now) {
			w.answer(one, one.told)
		}
	}
}

// next is the earliest moment at which wakeDue has work; zero: none.
func (w *waits) next(railName string) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	var first time.Time
	for _, one := range w.timed(railName) {
		if first.IsZero() || one.due.Before(first) {
			first = one.due
		}
	}
	return first
}

// dueBy counts those whose own time is not after now.
func (w *waits) dueBy(railName string, now time.Time) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, one := range w.timed(railName) {
		if !one.due.After(now) {
			n++
		}
	}
	return n
}

func (w *waits) timed(railName string) []*waiter {
	var out []*waiter
	for _, all := range w.byRef {
		for _, one := range all {
			if one.rail == railName && !one.due.IsZero() {
				out = append(out, one)
			}
		}
	}
	return out
}

// dropAll ends every wait with err.
func (w *waits) dropAll(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, all := range w.byRef {
		for _, one := range append([]*waiter(nil), all...) {
			w.answer(one, reply{err: err})
		}
	}
}
