package juicer

import (
	"context"
	"errors"
	"time"
)

// journey is a call from its beginning to its end: what stands around the loop.
func (c *Client) journey(ctx context.Context, l *loop, decline *bool) (answer, error) {
	ctx = c.callStarts(ctx, l)
	began := time.Now()
	a, err := c.travel(ctx, l)
	a.verb, a.route, a.decline = l.out.method, l.route, c.decline
	if decline != nil {
		a.decline = *decline
	}
	c.rates.count(time.Now(), err)
	c.callEnds(ctx, l, a, err, time.Since(began))
	return a, err
}

// travel takes the answer from the cache, or asks the server: a write with the outbox
// in between.
func (c *Client) travel(ctx context.Context, l *loop) (answer, error) {
	if c.cache != nil && l.call.method == "GET" && l.out.options.header == nil {
		return c.cache.read(ctx, l)
	}
	if c.outbox != nil && l.out.key != nil {
		return c.outbox.write(ctx, l)
	}
	return l.answer(ctx)
}

// answer runs the loop, behind the pacer.
func (l *loop) answer(ctx context.Context) (answer, error) {
	l.start = time.Now()
	if err := l.client.pace.hold(ctx, l.out.method, l.route, time.Duration(l.policy.DeadlineMS)*time.Millisecond); err != nil {
		return answer{}, l.unsent(err)
	}
	l.policy.DeadlineMS -= l.elapsed()
	in, err := l.run(ctx)
	a := answer{incoming: in, tries: l.tries}
	if l.out.key != nil {
		a.key = l.out.key[0]
	}
	return a, err
}

// declined turns a failed payment into an error, for callers who want that.
func declined(a answer, outcome func() Outcome, failure func() *Failure) error {
	if !a.decline || outcome() != OutcomeRefused {
		return nil
	}
	e := &JuicerError{Method: a.verb, Route: a.route, Status: a.status, Outcome: OutcomeRefused, Key: a.key, Attempts: a.tries, Failure: failure(), Body: a.body}
	for _, try := range a.tries {
		e.Total += try.Took + try.Wait
	}
	e.Message = "the payment did not succeed"
	if e.Failure != nil {
		e.Code, e.Message = string(e.Failure.Code), e.Failure.Message
	}
	return &PaymentDeclined{e}
}

// base is the JuicerError in an error of this package; nil if there is none.
func base(err error) *JuicerError {
	var e *JuicerError
	if errors.As(err, &e) {
		return e
	}
	return nil
}
