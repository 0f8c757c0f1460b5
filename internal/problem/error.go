// Package problem is the one home of every error Juicer can answer with.
//
// A row of the catalogue (Kind) says what the error is called, which status it
// has, whether money moved and how to repeat the request. Code everywhere else
// raises rows (problem.NotFound.With(...)); only render.go turns one into bytes.
package problem

import (
	"errors"
	"fmt"
)

// Outcome answers "did money move?".
type Outcome string

// The five outcomes.
const (
	NotAttempted Outcome = "not_attempted" // nothing was handed to a rail or booked
	Refused      Outcome = "refused"       // processed and finally refused
	Pending      Outcome = "pending"       // accepted and still going
	Unknown      Outcome = "unknown"       // may have moved: verify first
	Succeeded    Outcome = "succeeded"     // it has happened
)

// With names how a request may be repeated; "" is not at all.
type With string

// The ways to repeat.
const (
	SameKey     With = "same_key"
	NewKey      With = "new_key"
	AfterVerify With = "after_verify"
)

// Retry is the advice of an answer. Allowed false with AfterMS set means "read
// status_url after that time", never "send again".
type Retry struct {
	AfterMS *int64 `json:"after_ms"` // milliseconds; nil: only when the cause is gone
	Allowed bool   `json:"allowed"`
	With    *With  `json:"with"`
}

// Never is the advice not to repeat.
func Never() Retry { return Retry{} }

// Again is the advice to repeat in the way w after ms milliseconds; a negative
// ms stands for null.
func Again(w With, ms int64) Retry {
	r := Retry{Allowed: true, With: &w}
	if ms >= 0 {
		r.AfterMS = &ms
	}
	return r
}

// LookAfter says: do not send again; read the object in ms milliseconds.
func LookAfter(ms int64) Retry { return Retry{AfterMS: &ms} }

// Details is the context of one error, by the names the catalogue lists.
type Details map[string]any

// Field is one breach of a validation rule.
type Field struct {
	Code    string `json:"code"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error is a Kind on its way to a caller. It may know better than its row, so
// outcome and retry can be overridden; nothing else can.
type Error struct {
	Kind    *Kind
	Details Details
	Fields  []Field // validation_error only, in body order
	outcome Outcome
	retry   *Retry
	text    string // replaces the kind's message template where the row offers a choice
	cause   error
}

// Error is for logs and operators: code, details and cause. Callers get Message.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %v", e.Kind.Code, e.cause)
	}
	return fmt.Sprintf("%s: %s", e.Kind.Code, e.Message())
}

// Unwrap gives the cause, which never leaves the process.
func (e *Error) Unwrap() error { return e.cause }

// Outcome is the row's answer to "did money move?" unless it was overridden.
func (e *Error) Outcome() Outcome {
	if e.outcome != "" {
		return e.outcome
	}
	outcome, _ := e.judged()
	return outcome
}

// Retry is the row's advice unless it was overridden.
func (e *Error) Retry() Retry {
	if e.retry != nil {
		return *e.retry
	}
	_, retry := e.judged()
	return retry
}

func (e *Error) judged() (Outcome, Retry) {
	if e.Kind.judge != nil {
		if outcome, retry, ok := e.Kind.judge(e.Details); ok {
			return outcome, retry
		}
	}
	return e.Kind.Outcome, e.Kind.Retry
}

// Told returns a copy with another outcome, for codes that speak of the resource.
func (e *Error) Told(o Outcome) *Error { c := *e; c.outcome = o; return &c }

// Advise returns a copy with other advice.
func (e *Error) Advise(r Retry) *Error { c := *e; c.retry = &r; return &c }

// Because returns a copy that carries the cause for the log.
func (e *Error) Because(cause error) *Error { c := *e; c.cause = cause; return &c }

// Say returns a copy with another of the row's sentences (invalid_request has three).
func (e *Error) Say(text string) *Error { c := *e; c.text = text; return &c }

// Of reports the problem inside err, if there is one.
func Of(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// From turns any error into one that may be shown: a stranger becomes
// server_error with the stranger as its cause.
func From(err error) *Error {
	if e, ok := Of(err); ok {
		return e
	}
	return ServerError.With(nil).Because(err)
}
