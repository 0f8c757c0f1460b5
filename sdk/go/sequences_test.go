package juicer

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// The sequences of the specification, on the virtual clock of synctest. That each
// bubble ends proves that no goroutine and no timer is left.

// told is what a sequence is judged by.
type told struct {
	requests int
	attempts int // counted ones
	took     time.Duration
	tokens   int
	result   *Result[Payment]
	err      *JuicerError
	cause    error
	seen     []seenRequest
}

// play runs one call against a script.
func play(t *testing.T, s *script, chances []float64, do func(context.Context, *Client) (*Result[Payment], error)) told {
	t.Helper()
	c := scripted(t, s, chances...)
	start := time.Now()
	result, err := do(context.Background(), c)
	out := told{requests: len(s.seen), took: time.Since(start), tokens: c.account.left(), result: result, err: base(err), cause: err, seen: s.seen}
	if result != nil {
		out.attempts = result.Attempts[len(result.Attempts)-1].Number
	} else if out.err != nil && len(out.err.Attempts) > 0 {
		out.attempts = out.err.Attempts[len(out.err.Attempts)-1].Number
	}
	return out
}

func post(ctx context.Context, c *Client) (*Result[Payment], error) {
	return simple(ctx, c, "POST", "/payment-sessions")
}

func (o told) sameRequest(t *testing.T) {
	t.Helper()
	for _, r := range o.seen {
		if r.key == "" || r.key != o.seen[0].key || r.body != o.seen[0].body || r.body == "" {
			t.Errorf("an attempt sent key %q and body %q, the first %q and %q", r.key, r.body, o.seen[0].key, o.seen[0].body)
		}
	}
}

func (o told) numbers() string {
	out := ""
	for _, r := range o.seen {
		out += r.attempt
	}
	return out
}

func TestS1ALostAnswerABusyServerAndThenSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{err: errReset}, {status: 503, headers: map[string]string{"Retry-After": "2"}}, {status: 201, body: createdBody}}}
		o := play(t, s, []float64{0.5, 0}, post)
		o.sameRequest(t)
		equal(t, "error", o.cause, nil)
		equal(t, "requests", o.requests, 3)
		equal(t, "first wait", o.result.Attempts[0].Wait, 250*time.Millisecond)
		equal(t, "second wait", o.result.Attempts[1].Wait, 2000*time.Millisecond)
		equal(t, "done at", o.took, 2280*time.Millisecond)
		equal(t, "tokens", o.tokens, 486)
		equal(t, "attempt headers", o.numbers(), "123")
	})
}

func TestS2WaitingForTheOwnKeyIsNoAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inUse := step{status: 409, body: inUseBody}
		s := &script{steps: []step{{took: never}, inUse, inUse, inUse, {status: 200, body: createdBody, headers: map[string]string{"Idempotent-Replayed": "true"}}}}
		o := play(t, s, []float64{0.5, 0}, post)
		o.sameRequest(t)
		equal(t, "error", o.cause, nil)
		equal(t, "requests", o.requests, 5)
		equal(t, "counted attempts", o.attempts, 2)
		equal(t, "done at", o.took, 34790*time.Millisecond)
		equal(t, "replayed", o.result.Replayed, true)
	})
}

func TestS3AThrottleForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t, &script{steps: []step{{status: 429}}}, nil, post)
		equal(t, "requests", o.requests, 4)
		for i, want := range []time.Duration{500, 1000, 2000, 0} {
			equal(t, "wait", o.err.Attempts[i].Wait, want*time.Millisecond)
		}
		equal(t, "reason", o.err.Reason, ReasonAttemptsExhausted)
		equal(t, "outcome", o.err.Outcome, OutcomeNotAttempted)
		equal(t, "request ids", len(o.err.RequestIDs()), 4)
		equal(t, "tokens", o.tokens, 485)
		var limited *RateLimitError
		equal(t, "is a RateLimitError", errors.As(o.cause, &limited), true)
	})
}

func TestS4ACleanThrottleDoesNotEndDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t, &script{steps: []step{{err: errReset}, {status: 429, body: limitedBody}}}, nil, post)
		equal(t, "requests", o.requests, 4)
		equal(t, "outcome", o.err.Outcome, OutcomeUnknown)
	})
}

func TestS5TheDeadlineCutsTheLastAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t, &script{steps: []step{{took: never}}}, nil, post)
		equal(t, "requests", o.requests, 2)
		equal(t, "first attempt", o.err.Attempts[0].Took, 30*time.Second)
		equal(t, "second attempt", o.err.Attempts[1].Took, 29750*time.Millisecond)
		equal(t, "stopped at", o.took, 60*time.Second)
		equal(t, "reason", o.err.Reason, ReasonDeadline)
		equal(t, "cause", o.err.Attempts[1].Cause, "read_timeout")
		equal(t, "outcome", o.err.Outcome, OutcomeUnknown)
		equal(t, "what the server is told", o.seen[0].deadline+" "+o.seen[1].deadline, "29500 29250")
		var late *TimeoutError
		equal(t, "is a TimeoutError", errors.As(o.cause, &late), true)
	})
}

func TestS6DeletedByTheAttemptThatWasLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t, &script{steps: []step{{err: errReset}, {status: 404}}}, nil, func(ctx context.Context, c *Client) (*Result[Payment], error) {
			return simple(ctx, c, "DELETE", "/customers/{id}")
		})
		equal(t, "reason", o.err.Reason, ReasonVerifyFirst)
		equal(t, "outcome", o.err.Outcome, OutcomeUnknown)
	})
}

func TestS7CancelDuringTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 503, headers: map[string]string{"Retry-After": "5"}}}}
		o := play(t, s, nil, func(ctx context.Context, c *Client) (*Result[Payment], error) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(110*time.Millisecond, cancel)
			return post(ctx, c)
		})
		equal(t, "returned at", o.took, 110*time.Millisecond)
		equal(t, "requests", o.requests, 1)
		o.cancelled(t)
	})
}

func TestS7CancelDuringTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t, &script{steps: []step{{took: never}}}, nil, func(ctx context.Context, c *Client) (*Result[Payment], error) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(100*time.Millisecond, cancel)
			return post(ctx, c)
		})
		equal(t, "returned at", o.took, 100*time.Millisecond)
		equal(t, "requests", o.requests, 1)
		o.cancelled(t)
	})
}

func (o told) cancelled(t *testing.T) {
	t.Helper()
	var cancelled *CancelledError
	equal(t, "is a CancelledError", errors.As(o.cause, &cancelled), true)
	equal(t, "is context.Canceled", errors.Is(o.cause, context.Canceled), true)
	equal(t, "reason", o.err.Reason, ReasonCancelled)
	equal(t, "outcome", o.err.Outcome, OutcomeUnknown)
}

func TestS9TheCallersKeyIsKeptAndNilOptionsMakeOne(t *testing.T) {
	for name, options := range map[string][]Option{"own key": {WithIdempotencyKey("order-1001")}, "nil options": nil, "a nil option": {nil}, "no options": {}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []step{{status: 503}, {err: errReset}, {status: 201, body: createdBody}}}
				o := play(t, s, nil, func(ctx context.Context, c *Client) (*Result[Payment], error) {
					return simple(ctx, c, "POST", "/payment-sessions", options...)
				})
				o.sameRequest(t)
				equal(t, "requests", o.requests, 3)
				equal(t, "key of the result", o.result.Key, o.seen[0].key)
				if name == "own key" {
					equal(t, "key", o.seen[0].key, "order-1001")
				}
			})
		})
	}
}

// atOneInstant makes n calls one after another without a pause: no idle second earns a
// token.
func atOneInstant(t *testing.T, status, n int) (requests, retries, tokens int, byCall map[int]int) {
	t.Helper()
	s := &script{steps: []step{{status: status}}}
	byCall = map[int]int{}
	synctest.Test(t, func(t *testing.T) {
		c := scripted(t, s)
		for range n {
			before := len(s.seen)
			_, err := simple(context.Background(), c, "GET", "/payments/{id}")
			if err == nil {
				t.Error("a call succeeded")
			}
			byCall[len(s.seen)-before]++
		}
		requests, retries, tokens = len(s.seen), len(s.seen)-n, c.account.left()
	})
	return requests, retries, tokens, byCall
}

func TestS10TheBudgetEndsARetryStorm(t *testing.T) {
	requests, _, tokens, byCall := atOneInstant(t, 500, 100)
	equal(t, "requests", requests, 135)
	equal(t, "calls of four requests", byCall[4], 11)
	equal(t, "calls of three", byCall[3], 1)
	equal(t, "calls of one", byCall[1], 88)
	equal(t, "tokens", tokens, 10)
	_, retries, tokens, _ := atOneInstant(t, 429, 100)
	equal(t, "retries after 429", retries, 100)
	equal(t, "tokens after 429", tokens, 0)
}

func TestS11ReadsRecover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 500}, {status: 500}, {status: 200, body: createdBody}}}
		o := play(t, s, nil, func(ctx context.Context, c *Client) (*Result[Payment], error) {
			return simple(ctx, c, "GET", "/payments/{id}")
		})
		equal(t, "error", o.cause, nil)
		equal(t, "requests", o.requests, 3)
		equal(t, "tokens", o.tokens, 486)
		equal(t, "key of a read", o.seen[0].key, "")
	})
}
