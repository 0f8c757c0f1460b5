package redis

import (
	"context"
	"sync/atomic"
	"time"
)

// breaker keeps requests away from a Redis that does not answer, and finds out by
// itself when it does again. While it is open no request touches Redis: only watch
// does, in the background.
type breaker struct {
	patience
	probe func(context.Context) error
	sleep func(context.Context, time.Duration) error
	tell  *teller

	open    atomic.Bool
	inARow  atomic.Int64  // failed calls
	tripped chan struct{} // tells watch to begin
}

// try makes a call to Redis and reports whether it succeeded; if the breaker is open
// it makes none. A caller who leaves does not end the call: that would look like a
// failure of Redis, and may leave the connection in the middle of an answer.
func (b *breaker) try(ctx context.Context, call func(context.Context) error) bool {
	if b.open.Load() {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.answer)
	defer cancel()
	err := call(ctx)
	if err != nil {
		b.tell.failure(err)
		if b.inARow.Add(1) >= b.failures {
			b.trip(err)
		}
		return false
	}
	if b.inARow.Load() != 0 { // a write that most calls are spared
		b.inARow.Store(0)
	}
	return true
}

// trip opens the breaker; of several calls that fail together one does it.
func (b *breaker) trip(cause error) {
	if b.open.CompareAndSwap(false, true) {
		b.tell.apart(cause)
		b.tripped <- struct{}{} // never blocks: watch takes one before it closes the breaker
	}
}

// begin asks Redis before the first request does. One that is away is no reason not
// to start.
func (b *breaker) begin(ctx context.Context) {
	if err := b.look(ctx); err != nil {
		b.trip(err)
		return
	}
	b.tell.together()
}

// watch probes whenever the breaker is open, until ctx ends.
func (b *breaker) watch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.tripped:
			b.regain(ctx)
		}
	}
}

// regain probes at growing intervals and closes the breaker at the first success.
func (b *breaker) regain(ctx context.Context) {
	for wait := b.probeFirst; b.sleep(ctx, wait) == nil; wait = min(2*wait, b.probeLast) {
		if b.look(ctx) == nil {
			b.inARow.Store(0)
			b.tell.together() // before the first request can fail again
			b.open.Store(false)
			return
		}
	}
}

// look reports whether Redis answers as fast as requests need it. The first answer
// may take longer: it has to connect, and a Redis that was restarted has lost the
// script.
func (b *breaker) look(ctx context.Context) error {
	for _, limit := range []time.Duration{b.connect, b.answer} {
		within, cancel := context.WithTimeout(ctx, limit)
		err := b.probe(within)
		cancel()
		if err != nil {
			b.tell.failure(err)
			return err
		}
	}
	return nil
}
