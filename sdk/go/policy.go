package juicer

import (
	"math"
	"time"
)

// Policy is when a call is tried again. All times are milliseconds. The zero value
// of a field means its default; DefaultPolicy returns them.
type Policy struct {
	MaxAttempts     int      // tries in all, the first included
	BaseTransientMS int64    // first ceiling of the random wait after a lost or failed answer
	BaseThrottleMS  int64    // the same after a 429, and while the own key is in use
	CapMS           int64    // highest ceiling
	ServerWaitMaxMS int64    // a longer wait asked for by the server ends the call
	SpreadMaxMS     int64    // at most this is added to the server's wait, and at most a quarter of it
	DeadlineMS      int64    // all attempts and waits together
	WriteTimeoutMS  int64    // one attempt of POST, PUT, PATCH, DELETE
	ReadTimeoutMS   int64    // one attempt of anything else
	MinAttemptMS    int64    // no attempt is started with less time than this
	Bucket          int      // retry tokens that a client holds at most
	TransientCost   int      // tokens
	ThrottleCost    int      // tokens
	MaxWaits        int      // waits for the own key while an earlier request with it still runs
	DistrustKeys    bool     // the server does not promise anything about idempotency keys
	_               struct{} // fields are named when a Policy is written
}

// DefaultPolicy is the policy of a client that sets none.
func DefaultPolicy() Policy {
	return Policy{
		MaxAttempts: 4, BaseTransientMS: 500, BaseThrottleMS: 1000, CapMS: 8000,
		ServerWaitMaxMS: 60_000, SpreadMaxMS: 1000, DeadlineMS: 60_000,
		WriteTimeoutMS: 30_000, ReadTimeoutMS: 10_000, MinAttemptMS: 500,
		Bucket: 500, TransientCost: 14, ThrottleCost: 5, MaxWaits: 10,
	}
}

// Reason says why a call was tried again or given up.
type Reason string

// Reasons to try again (the first three) and to stop.
const (
	ReasonTransient         Reason = "transient"
	ReasonThrottle          Reason = "throttle"
	ReasonInProgress        Reason = "in_progress"
	ReasonCancelled         Reason = "cancelled"
	ReasonNotRetryable      Reason = "not_retryable"
	ReasonServerSaidNo      Reason = "server_said_no"
	ReasonNewKeyNeeded      Reason = "new_key_needed"
	ReasonVerifyFirst       Reason = "verify_first"
	ReasonUnknownOutcome    Reason = "unknown_outcome"
	ReasonBodyNotReplayable Reason = "body_not_replayable"
	ReasonAttemptsExhausted Reason = "attempts_exhausted"
	ReasonRetryAfterTooLong Reason = "retry_after_too_long"
	ReasonDeadline          Reason = "deadline"
	ReasonBudgetExhausted   Reason = "budget_exhausted"
)

// event is what became of an attempt that brought no complete answer.
type event string

const (
	connectRefused  event = "connect_refused"
	connectTimeout  event = "connect_timeout"
	dnsTemporary    event = "dns_temporary"
	dnsNotFound     event = "dns_not_found"
	tlsTimeout      event = "tls_timeout"
	tlsCertificate  event = "tls_certificate"
	notProcessed    event = "not_processed"
	reset           event = "reset"
	readTimeout     event = "read_timeout"
	truncatedBody   event = "truncated_body"
	invalidResponse event = "invalid_response" // complete, but not what a 2xx promises
	cancelledEvent  event = "cancelled"
)

// nothingSent: the attempt ended before the first byte of the request left.
func (e event) nothingSent() bool {
	switch e {
	case connectRefused, connectTimeout, dnsTemporary, dnsNotFound, tlsTimeout, tlsCertificate, notProcessed:
		return true
	}
	return false
}

// final: the next attempt would end in the same way.
func (e event) final() bool { return e == dnsNotFound || e == tlsCertificate }

// call is what does not change from attempt to attempt.
type call struct {
	method     string
	keyed      bool // carries an idempotency key
	replayable bool // the body can be sent again
}

func (c call) read() bool { return c.method == "GET" || c.method == "HEAD" || c.method == "OPTIONS" }

// repeatable: doing it twice is doing it once.
func (c call) repeatable() bool {
	return c.read() || c.method == "PUT" || c.method == "DELETE" || c.keyed
}

// progress is how far the call has come.
type progress struct {
	attempt    int   // 1 for the first
	waits      int   // for the own key
	elapsedMS  int64 // since the call began
	idleMS     int64 // the client did nothing for so long before
	paid       int   // tokens paid for the last retry
	lostBefore bool  // an earlier attempt's answer was lost
	cancelled  bool  // by the caller
}

// reply is what an attempt brought: a complete answer, or an event.
type reply struct {
	status   int
	headers  map[string][]string // by canonical names
	envelope envelope
	event    event // "" for a complete answer
}

type action string

const (
	done  action = "ok"
	retry action = "retry"
	stop  action = "stop"
)

// verdict is what happens next.
type verdict struct {
	action       action
	reason       Reason // "" for done
	delayMS      int64  // before the next attempt
	tokens       int    // left in the bucket
	outcome      Outcome
	retryAfterMS int64 // the server's wait, if it asked for one
}

// decide is the retry policy: a pure function of its arguments. rand is in [0,1).
func decide(p Policy, c call, at progress, r reply, now time.Time, rand float64, tokens int) verdict {
	tokens = refill(tokens, at.idleMS, p.Bucket)
	cancelled := at.cancelled || r.event == cancelledEvent
	if !cancelled && r.complete() {
		return verdict{action: done, tokens: reward(tokens, at.paid, p.Bucket)}
	}
	v := verdict{action: stop, tokens: tokens, outcome: outcomeOf(p, c, at.lostBefore, r), retryAfterMS: serverWait(r, now)}
	if cancelled {
		v.reason = ReasonCancelled
		return v
	}
	class, end := classify(c, at, r)
	if end == "" {
		v.delayMS = delay(p, class, at, v.retryAfterMS, rand)
		end = bounds(p, c, at, r, class, v, tokens)
	}
	if end != "" {
		v.reason, v.delayMS = end, 0
		return v
	}
	return verdict{action: retry, reason: class, delayMS: v.delayMS, tokens: tokens - cost(p, class), retryAfterMS: v.retryAfterMS}
}

// complete: nothing more is to be done.
func (r reply) complete() bool {
	return r.event == "" && (r.status >= 200 && r.status < 300 || r.status == 304)
}

// classify says as what a failure may be tried again, or why it may not.
func classify(c call, at progress, r reply) (class, end Reason) {
	switch hint := r.envelope.hint; {
	case r.event != "":
		return classifyEvent(r.event)
	case r.keyInUse():
		return ReasonInProgress, ""
	case hint.refused():
		return "", ReasonServerSaidNo
	case hint.with == "new_key":
		return "", ReasonNewKeyNeeded
	case hint.with == "after_verify":
		return "", ReasonVerifyFirst
	case r.status == 429:
		return ReasonThrottle, ""
	case transientStatus(r.status), hint.granted():
		return ReasonTransient, ""
	case at.lostBefore && (r.envelope.code == "reference_exists" || c.method == "DELETE" && r.status == 404):
		return "", ReasonVerifyFirst // perhaps it is the first attempt that this answer speaks of
	}
	return "", ReasonNotRetryable
}

func classifyEvent(e event) (class, end Reason) {
	if e.final() {
		return "", ReasonNotRetryable
	}
	return ReasonTransient, ""
}

func transientStatus(status int) bool {
	switch status {
	case 408, 500, 502, 503, 504:
		return true
	}
	return false
}

func (r reply) keyInUse() bool {
	return r.event == "" && r.status == 409 && r.envelope.code == "idempotency_key_in_use"
}

// bounds says what forbids a retry that its class would allow, in the order in
// which callers are told; "" if nothing does.
func bounds(p Policy, c call, at progress, r reply, class Reason, v verdict, tokens int) Reason {
	switch {
	case !c.repeatable() && !r.beforeWork():
		return ReasonUnknownOutcome
	case !c.replayable:
		return ReasonBodyNotReplayable
	case class == ReasonInProgress && at.waits >= p.MaxWaits, class != ReasonInProgress && at.attempt >= p.MaxAttempts:
		return ReasonAttemptsExhausted
	case v.retryAfterMS > p.ServerWaitMaxMS:
		return ReasonRetryAfterTooLong
	case at.elapsedMS+v.delayMS+p.MinAttemptMS > p.DeadlineMS:
		return ReasonDeadline
	case tokens < cost(p, class):
		return ReasonBudgetExhausted
	}
	return ""
}

// beforeWork: the server has certainly not begun.
func (r reply) beforeWork() bool {
	if r.event != "" {
		return r.event.nothingSent()
	}
	return r.status == 429 || r.keyInUse() || r.envelope.outcome == OutcomeNotAttempted
}

// delay is the wait before the next attempt: the server's, spread upwards only, or
// a random time up to a ceiling that doubles. The product is cut to a whole number
// before it is added, so that no processor may fuse the two.
func delay(p Policy, class Reason, at progress, serverMS int64, rand float64) int64 {
	if serverMS != 0 {
		spread := math.Min(float64(p.SpreadMaxMS), float64(serverMS)/4)
		return serverMS + int64(math.Floor(rand*spread))
	}
	ceiling, n := p.BaseThrottleMS, at.attempt
	switch class {
	case ReasonTransient:
		ceiling = p.BaseTransientMS
	case ReasonInProgress:
		n = at.waits + 1
	}
	for ; n > 1; n-- {
		ceiling = min(2*ceiling, p.CapMS)
	}
	return int64(math.Floor(rand * float64(min(ceiling, p.CapMS))))
}

// outcomeOf says whether money moved, as far as this reply and a lost answer
// before it tell. Reads have no outcome.
func outcomeOf(p Policy, c call, lostBefore bool, r reply) Outcome {
	switch {
	case c.read():
		return ""
	case r.event.nothingSent() && !lostBefore:
		return OutcomeNotAttempted
	case r.event != "":
		return OutcomeUnknown
	case lostBefore && (p.DistrustKeys || !r.endsDoubt()):
		return OutcomeUnknown
	case r.envelope.outcome != "":
		return r.envelope.outcome
	case r.keyInUse():
		return OutcomePending
	}
	return outcomeByStatus(r)
}

// endsDoubt: an answer of the application itself about this key. A throttle, a
// refused key or a proxy's page says nothing about the attempt before.
func (r reply) endsDoubt() bool {
	switch r.status {
	case 400, 403, 409, 422:
		return r.envelope.valid && r.envelope.code != "reference_exists"
	}
	return false
}

func outcomeByStatus(r reply) Outcome {
	switch r.status {
	case 401, 404, 405, 413, 415, 429:
		return OutcomeNotAttempted
	case 408:
		return OutcomeUnknown
	}
	if r.status >= 400 && r.status < 500 && r.envelope.valid && r.envelope.code != "idempotency_key_expired" {
		return OutcomeRefused
	}
	return OutcomeUnknown
}

// leavesDoubt: after this reply of a write, later ones that say nothing about the
// key must not pass as "not attempted".
func leavesDoubt(p Policy, c call, r reply) bool {
	return !c.read() && outcomeOf(p, c, false, r) != OutcomeNotAttempted
}
