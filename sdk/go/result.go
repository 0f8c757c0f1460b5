package juicer

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
)

// Result is an answer of class 2xx. It is not yet a success: a refused card is a
// Result too. Ask Succeeded.
type Result[T any] struct {
	Data      T           // what was asked for; the zero value where the answer has none
	Money     *Money      // whether money moved; nil from servers that do not say
	Status    int         // 200, 201, 204
	RequestID string      // the server's
	Replayed  bool        // the answer repeats an earlier one to the same key or reference
	Stale     bool        // from the cache, because the server could not be asked
	Key       string      // idempotency key that was sent; "" for reads
	Attempts  []Attempt   // every request that was made
	Header    http.Header // of the answer
	Raw       []byte      // the body as it came
}

// Money is what an answer says about the money of the object in Data.
type Money struct {
	Outcome   Outcome `json:"outcome"`
	Retry     Retry   `json:"retry"`
	StatusURL *string `json:"status_url"` // where the current state can be read
}

// Retry is what may be done next.
type Retry struct {
	AfterMS *int64  `json:"after_ms"` // milliseconds; nil: only when the cause is gone, or never
	Allowed bool    `json:"allowed"`
	With    *string `json:"with"` // "same_key", "new_key", "after_verify", nil
}

// Outcome says whether money moved: what the server says, else what the state of
// the object means. "" for objects that are not about money.
func (r *Result[T]) Outcome() Outcome {
	if r.Money != nil {
		return r.Money.Outcome
	}
	return readState(r.Raw).outcome()
}

// Succeeded: the money has moved.
func (r *Result[T]) Succeeded() bool { return r.Outcome() == OutcomeSucceeded }

// Failure is why a payment, refund or payout failed, or why a step of it was wrong;
// nil if nothing went wrong.
func (r *Result[T]) Failure() *Failure { return readState(r.Raw).failure() }

// state is what any object about money says of itself.
type state struct {
	Data struct {
		Status  string   `json:"status"`
		Failure *Failure `json:"failure"`
		Payment *struct {
			Status  string   `json:"status"`
			Failure *Failure `json:"failure"`
		} `json:"payment"`
	} `json:"data"`
}

func readState(raw []byte) state {
	var s state
	_ = json.Unmarshal(raw, &s) // what is no such object has no state
	return s
}

func (s state) failure() *Failure {
	if s.Data.Failure == nil && s.Data.Payment != nil {
		return s.Data.Payment.Failure
	}
	return s.Data.Failure
}

func (s state) outcome() Outcome {
	word := s.Data.Status
	if s.Data.Payment != nil && s.Data.Payment.Status != "" {
		word = s.Data.Payment.Status
	}
	switch word {
	case "succeeded", "captured", "settled", "success", "completed":
		return OutcomeSucceeded
	case "failed", "cancelled", "expired", "reversed", "declined":
		return OutcomeRefused
	case "pending", "processing", "authenticating":
		return OutcomePending
	}
	return ""
}

// wrapped is the form of nearly every answer.
type wrapped[T any] struct {
	Data  *T     `json:"data"`
	Money *Money `json:"money"`
}

var errNotObject = errors.New("the answer is no JSON object")

// into reads an answer of class 2xx. The few that are not wrapped in data are read as
// they are.
func (r *Result[T]) into(body []byte) error {
	if len(body) == 0 || body[0] != '{' {
		return errNotObject
	}
	in := wrapped[T]{Data: &r.Data}
	if err := json.Unmarshal(body, &in); err != nil {
		return err
	}
	r.Money = in.Money
	if bytes.HasPrefix(body, []byte(`{"data":`)) || hasData(body) {
		return nil
	}
	return json.Unmarshal(body, &r.Data)
}

func hasData(body []byte) bool {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(body, &members) // it was readable a moment ago
	_, ok := members["data"]
	return ok
}

// Page is one page of a list, newest first (events: oldest first).
type Page[T any] struct {
	Data       []T
	Pagination Pagination
	Missing    []string // asked for by ids or references, and not there
	RequestID  string
	Attempts   []Attempt
	Header     http.Header
	Raw        []byte
}

// Pagination holds the cursors to the neighbouring pages; nil where there is none.
type Pagination struct {
	After  *Cursor `json:"after"`
	Before *Cursor `json:"before"`
	Limit  int     `json:"limit"`
}

// Cursor is opaque: a text, or for events a number.
type Cursor string

// UnmarshalJSON takes a text or a number.
func (c *Cursor) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] != '"' {
		*c = Cursor(raw)
		return nil
	}
	return json.Unmarshal(raw, (*string)(c))
}

func (p *Page[T]) into(body []byte) error {
	if len(body) == 0 || body[0] != '{' {
		return errNotObject
	}
	var in struct {
		Data       *[]T       `json:"data"`
		Pagination Pagination `json:"pagination"`
		Missing    []string   `json:"missing"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return err
	}
	if in.Data == nil {
		return errors.New("the answer has no list")
	}
	p.Data, p.Pagination, p.Missing = *in.Data, in.Pagination, in.Missing
	return nil
}
