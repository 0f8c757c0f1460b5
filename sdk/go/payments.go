package juicer

import (
	"context"
	"time"
)

const (
	pollSeconds = 25 // the longest the server lets a read wait
	pollPause   = 2 * time.Second
)

// Wait reads a payment, by id or reference, until its money has moved or certainly will
// not: outcome succeeded or refused. The context ends it earlier; then the last state
// is given back beside the error.
func (r *Payments) Wait(ctx context.Context, id string, options ...Option) (*Result[Payment], error) {
	var last *Result[Payment]
	for {
		began := time.Now()
		now, err := r.Get(ctx, id, &PaymentsGetQuery{Wait: new(int64(pollSeconds))}, options...)
		if err != nil {
			return last, err
		}
		last = now
		if o := now.Outcome(); o == OutcomeSucceeded || o == OutcomeRefused {
			return now, nil
		}
		if err := r.c.pause(ctx, now.pauseAfter(time.Since(began))); err != nil {
			l := &loop{client: r.c, call: call{method: "GET"}, out: &outgoing{method: "GET"}, route: "/payments/{id}", start: began}
			return last, l.unsent(err)
		}
	}
}

// pauseAfter is how long to leave the server alone: not at all, if it has just held the
// read back itself.
func (r *Result[T]) pauseAfter(took time.Duration) time.Duration {
	if took > pollSeconds*time.Second/2 {
		return 0
	}
	if r.Money != nil && r.Money.Retry.AfterMS != nil {
		return time.Duration(*r.Money.Retry.AfterMS) * time.Millisecond
	}
	return pollPause
}
