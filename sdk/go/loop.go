package juicer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"
)

// loop is one call under way: it owns the timer, the key, the budget, the deadline
// and the list of attempts, and does what decide says.
type loop struct {
	client *Client
	policy Policy
	call   call
	out    *outgoing
	route  string
	accept func(body []byte) error // reads a 2xx; nil: any body will do
	start  time.Time
	at     progress
	tries  []Attempt
}

// run makes attempts until one succeeds or there is reason to stop. The answer is
// complete and accepted, or the error is of the tree in errors.go.
func (l *loop) run(ctx context.Context) (incoming, error) {
	l.start = time.Now()
	l.client.account.begin(l.start)
	defer func() { l.client.account.end(time.Now()) }()
	l.shorten(ctx)
	l.at = progress{attempt: 1}
	if err := ctx.Err(); err != nil {
		return incoming{}, l.unsent(err)
	}
	for {
		in, v := l.attempt(ctx)
		switch v.action {
		case done:
			return in, nil
		case stop:
			return in, l.failure(in, v)
		}
		if err := l.client.pause(ctx, time.Duration(v.delayMS)*time.Millisecond); err != nil {
			v.reason, v.outcome = l.interrupted(err), outcomeOf(l.policy, l.call, l.at.lostBefore, in.reply)
			return in, l.failure(in, v)
		}
		l.advance(in, v)
	}
}

// shorten lets a deadline of the caller's context end the call earlier.
func (l *loop) shorten(ctx context.Context) {
	if until, ok := ctx.Deadline(); ok {
		l.policy.DeadlineMS = min(l.policy.DeadlineMS, max(until.Sub(l.start).Milliseconds(), 0))
	}
}

func (l *loop) elapsed() int64 { return time.Since(l.start).Milliseconds() }

// attempt sends once and asks the policy what to make of it.
func (l *loop) attempt(ctx context.Context) (incoming, verdict) {
	began := time.Now()
	number := l.at.attempt
	ctx = l.client.attemptStarts(ctx, l, number)
	in := l.client.wire.once(ctx, l.out, number, l.patience())
	l.judge(&in)
	now := time.Now()
	l.at.elapsedMS = now.Sub(l.start).Milliseconds()
	v := l.client.account.decide(l.policy, l.call, l.at, in.reply, now, l.client.chance())
	l.tries = append(l.tries, Attempt{Number: number, At: began, Took: now.Sub(began), Status: in.status, Cause: string(in.event), RequestID: in.requestID(), Wait: time.Duration(v.delayMS) * time.Millisecond})
	l.client.attemptEnds(ctx, l, &l.tries[len(l.tries)-1])
	l.client.pace.learn(l.out.method, l.route, in.header, now)
	return in, v
}

// patience is how long one attempt may take.
func (l *loop) patience() time.Duration {
	ms := l.policy.WriteTimeoutMS
	if l.call.read() {
		ms = l.policy.ReadTimeoutMS
	}
	return time.Duration(min(ms, max(l.policy.DeadlineMS-l.elapsed(), 1))) * time.Millisecond
}

// judge reads the body: the envelope of an error, or what a 2xx promises.
func (l *loop) judge(in *incoming) {
	if in.event != "" {
		return
	}
	if !in.complete() {
		in.envelope = readEnvelope(in.body)
		return
	}
	if l.accept == nil || in.status == 204 || in.status == 304 {
		return
	}
	if err := l.accept(in.body); err != nil {
		in.event, in.cause = invalidResponse, err
	}
}

// advance books a retry.
func (l *loop) advance(in incoming, v verdict) {
	l.at.lostBefore = l.at.lostBefore || leavesDoubt(l.policy, l.call, in.reply)
	if v.reason == ReasonInProgress {
		l.at.waits++
		return
	}
	l.at.attempt++
	l.at.paid = cost(l.policy, v.reason)
}

// sleep ends early, with the context's error, when the context does. Nothing stays
// behind.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *loop) interrupted(err error) Reason {
	if err == context.DeadlineExceeded {
		return ReasonDeadline
	}
	return ReasonCancelled
}

// unsent is the error of a call that was over before it began.
func (l *loop) unsent(err error) error {
	e := l.describe(incoming{cause: err}, verdict{reason: l.interrupted(err)})
	if !l.call.read() {
		e.Outcome = OutcomeNotAttempted
	}
	e.Message = "the context was done before anything was sent"
	return typed(e, "")
}

func (l *loop) failure(in incoming, v verdict) error {
	return typed(l.describe(in, v), in.event)
}

// describe gathers what the error says.
func (l *loop) describe(in incoming, v verdict) *JuicerError {
	e := &JuicerError{
		Method: l.out.method, Route: l.route, Status: in.status, Outcome: v.outcome, Reason: v.reason,
		Code: in.envelope.code, Type: in.envelope.kind, Message: in.envelope.message, DocURL: in.envelope.docURL,
		Fields: in.envelope.fields, Details: in.envelope.details,
		Attempts: l.tries, RetryAfter: time.Duration(v.retryAfterMS) * time.Millisecond, Total: time.Since(l.start),
		Body: in.body, cause: in.cause,
	}
	if l.out.key != nil {
		e.Key = l.out.key[0]
	}
	if v.reason == ReasonCancelled {
		e.cause = context.Canceled
	}
	if e.Message == "" && in.event != "" {
		e.Message = causeWords(in.event, in.cause)
	}
	return e
}

// newKey is 128 random bits, in a form that looks like nothing else.
func newKey() string {
	var bits [16]byte
	rand.Read(bits[:]) // never fails
	return "go-" + hex.EncodeToString(bits[:])
}
