package engine

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/store"
)

// Call is one request on its way through the engine.
type Call struct {
	RequestID string
	Business  string
	Deadline  time.Time         // real time until which it may wait for a rail
	Trace     *requestlog.Trace // nil in background work
	Claim     *store.Claim      // of its Idempotency-Key, nil without one
	Resumes   bool              // the claim's first run broke off

	begun   atomic.Bool // something was committed or handed to a rail
	done    atomic.Bool // the claim is completed
	forgets bool        // a claim of the same key is there, so old that it counts as gone
}

// Begun reports whether an error now leaves open what happened.
func (c *Call) Begun() bool { return c.begun.Load() }

// mark notes how the commit that begins the work went: after an uncertain one the
// work may have begun.
func (c *Call) mark(err error) {
	if c != nil && (err == nil || errors.Is(err, store.ErrUncertain)) {
		c.begun.Store(true)
	}
}

// finished notes how a commit went that was all of the work, with the reply.
func (c *Call) finished(err error) {
	c.mark(err)
	c.done.Store(err == nil)
}

// Reply is an answer whose bytes are also what is stored under the key.
type Reply struct {
	Status   int
	Body     []byte
	Kept     []byte          // stored for replays instead of Body, where Body shows a secret once
	Outcome  problem.Outcome // "" if the answer is not about money
	Replayed bool            // repeats an earlier reply or shows an earlier resource
	Location string          // path of a created resource
}

// replayed is the same reply marked as a repetition.
func (r Reply) replayed() Reply { r.Replayed = true; return r }
