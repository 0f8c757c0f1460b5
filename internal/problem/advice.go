package problem

import "time"

// limitAdvice: a limit that no time brings back is not worth repeating.
func limitAdvice(d Details) (Outcome, Retry, bool) {
	return Refused, Never(), isNull(d["resets_at"])
}

// railAdvice: a rail without a provider does not come back by waiting.
func railAdvice(d Details) (Outcome, Retry, bool) {
	return NotAttempted, Never(), d["reason"] == "not_configured"
}

// sessionResult: the outcome of a completed session is that of its payment, told
// by its status word.
func sessionResult(d Details) (Outcome, Retry, bool) {
	switch d["status"] {
	case "captured", "settled", "succeeded":
		return Succeeded, Never(), true
	}
	return "", Retry{}, false
}

func isNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case *time.Time:
		return v == nil
	}
	return false
}

// WaitUntil is the advice to repeat in the way w at the moment at, seen from now.
// It is rounded up to whole milliseconds: who waits that long is not early.
func WaitUntil(w With, now, at time.Time) Retry {
	left := at.Sub(now)
	if left < 0 {
		left = 0
	}
	return Again(w, int64((left+time.Millisecond-1)/time.Millisecond))
}

// Work is how far a request had come when it broke off.
type Work int

// The cases of the rule for server_error. Reads have begun
// nothing.
const (
	NoWork         Work = iota // nothing was committed or handed to a rail
	RepeatableWork             // begun, and an idempotency key or reference continues it
	UnkeyedWork                // begun, and nothing ties a repetition to it
)

// BrokeOff returns a copy whose outcome and advice fit the work that had begun.
// It concerns server_error, storage_unavailable and request_timeout alone: every
// other error knows by its row. What was told before stands.
func (e *Error) BrokeOff(w Work) *Error {
	switch e.Kind {
	case ServerError, StorageUnavailable, RequestTimeout:
	default:
		return e
	}
	c := *e
	outcome, retry := w.verdict()
	if c.outcome == "" {
		c.outcome = outcome
	}
	if c.retry == nil {
		c.retry = &retry
	}
	return &c
}

func (w Work) verdict() (Outcome, Retry) {
	switch w {
	case NoWork:
		return NotAttempted, Again(SameKey, 1000)
	case RepeatableWork:
		return Unknown, Again(SameKey, 1000)
	}
	return Unknown, Again(AfterVerify, 2000) // also for a value nobody defined: the careful answer
}
