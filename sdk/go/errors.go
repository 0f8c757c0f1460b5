package juicer

// What can go wrong, as a tree. errors.As finds an error as what it is and as
// everything that stands above it:
//
//	*JuicerError                 every failed call: outcome, key, attempts, what to do next
//	├── *APIError                the server answered
//	│   ├── *InvalidRequestError 400 and others: the request cannot be carried out
//	│   ├── *ValidationError     422: Fields names each bad field
//	│   ├── *AuthenticationError 401: the API key
//	│   ├── *PermissionError     403: the key lacks a scope
//	│   ├── *NotFoundError       404
//	│   ├── *ConflictError       409: something else is in progress, or there already
//	│   ├── *IdempotencyError    409, 422: the idempotency key
//	│   ├── *RateLimitError      429: RetryAfter says when to come back
//	│   └── *ServerError         5xx, 408: the server's fault
//	├── *TransportError          no usable answer came
//	│   ├── *ConnectionError     no connection, or it broke
//	│   ├── *TimeoutError        an attempt took too long
//	│   └── *InvalidResponseError an answer that is cut, or not what was promised
//	├── *DeadlineError           the time was up before anything could be sent
//	├── *CancelledError          the caller's context was cancelled
//	└── *PaymentDeclined         the payment failed (only with RaiseOnDecline)

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// JuicerError is a call that failed, with everything there is to know about it.
type JuicerError struct {
	Method, Route string         // "POST", "/payment-sessions/{id}"
	Status        int            // of the last answer; 0: none came
	Code          string         // stable, as CodeNotFound; "" where the server named none
	Type          string         // the server's group of the code
	Message       string         // for people
	DocURL        string         // where the code is explained
	Fields        []FieldError   // of a ValidationError, all bad fields at once
	Details       map[string]any // context that the server gave
	Outcome       Outcome        // did money move? "" for reads
	Reason        Reason         // why there was no further attempt
	Key           string         // idempotency key that was sent; "" for reads
	Attempts      []Attempt      // every request that was made
	RetryAfter    time.Duration  // the wait that the server asked for; 0: none
	Total         time.Duration  // from the call to its end
	Failure       *Failure       // of a PaymentDeclined: why
	Body          []byte         // of the last answer, as it came
	cause         error          // of a TransportError
}

// Attempt is one request of a call.
type Attempt struct {
	Number    int           // counted attempts; a wait for the own key repeats the number
	At        time.Time     // when it began
	Took      time.Duration // until the answer, or its absence, was certain
	Status    int           // 0: no answer
	Cause     string        // such as "reset" or "read_timeout"; "" for a complete answer
	RequestID string        // the server's; "" if no answer came
	Wait      time.Duration // before the next attempt
}

// RequestIDs are the server's ids of all attempts that were answered.
func (e *JuicerError) RequestIDs() []string {
	var ids []string
	for _, a := range e.Attempts {
		if a.RequestID != "" {
			ids = append(ids, a.RequestID)
		}
	}
	return ids
}

// RequestID is the last of RequestIDs; "" if there is none.
func (e *JuicerError) RequestID() string {
	if ids := e.RequestIDs(); len(ids) > 0 {
		return ids[len(ids)-1]
	}
	return ""
}

// Unwrap gives the cause, such as context.DeadlineExceeded or an error of package net.
func (e *JuicerError) Unwrap() error { return e.cause }

// Error says what happened, whether money moved, and what to do next.
func (e *JuicerError) Error() string {
	parts := []string{e.what(), moved(e.Outcome), e.advice()}
	if id := e.RequestID(); id != "" {
		parts = append(parts, "Request "+id+".")
	}
	if e.DocURL != "" {
		parts = append(parts, "See "+e.DocURL)
	}
	return strings.Join(filled(parts), " ")
}

func filled(parts []string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

func (e *JuicerError) what() string {
	words := e.Method + " " + e.Route + ":"
	if e.Status != 0 {
		words += fmt.Sprintf(" %d", e.Status)
	}
	if e.Code != "" {
		words += " " + e.Code
	}
	if e.Message != "" {
		words = strings.TrimSuffix(words, ":") + ": " + e.Message
	}
	if !strings.HasSuffix(words, ".") {
		words += "."
	}
	for _, f := range e.Fields {
		words += " " + f.Field + ": " + f.Message + "."
	}
	return words
}

func moved(o Outcome) string {
	switch o {
	case OutcomeNotAttempted:
		return "No money moved: nothing was attempted."
	case OutcomeRefused:
		return "No money moved: it was refused."
	case OutcomePending:
		return "It was accepted and is still going."
	case OutcomeUnknown:
		return "Money may have moved."
	case OutcomeSucceeded:
		return "It has happened already."
	}
	return ""
}

func (e *JuicerError) advice() string {
	if e.Outcome == OutcomeUnknown {
		return "Look it up before you try anything else: by its reference, or with Resume and the key " + e.Key + "."
	}
	switch e.Reason {
	case ReasonNewKeyNeeded:
		return "When the cause is gone, send it with a new key."
	case ReasonRetryAfterTooLong:
		return fmt.Sprintf("The server asks to wait %s; send it again then.", e.RetryAfter)
	case ReasonAttemptsExhausted:
		return fmt.Sprintf("%d attempts were made; send it again later.", len(e.Attempts))
	case ReasonDeadline:
		return "The time for the call was up; send it again later."
	case ReasonBudgetExhausted:
		return "This client has retried too much lately and decided by itself to stop; send it again later."
	case ReasonBodyNotReplayable:
		return "The body could not be sent again."
	}
	return ""
}

// SupportBundle is a text to paste to support: everything above, without the API
// key, signing secrets and card numbers.
func (e *JuicerError) SupportBundle() string {
	var b strings.Builder
	line := func(name string, value any) { fmt.Fprintf(&b, "%s: %v\n", name, value) }
	line("juicer-go", Version)
	line("call", e.Method+" "+e.Route)
	line("status", e.Status)
	line("code", e.Code)
	line("type", e.Type)
	line("message", e.Message)
	line("outcome", e.Outcome)
	line("stopped", e.Reason)
	line("idempotency key", e.Key)
	line("retry after", e.RetryAfter)
	line("total", e.Total)
	line("see", e.DocURL)
	for _, f := range e.Fields {
		line("field "+f.Field, f.Code+" "+f.Message)
	}
	for _, a := range e.Attempts {
		line(fmt.Sprintf("attempt %d", a.Number), fmt.Sprintf("%s %s %d %s %s, then waited %s", a.At.UTC().Format(time.RFC3339Nano), a.Took, a.Status, a.Cause, a.RequestID, a.Wait))
	}
	if e.cause != nil {
		line("cause", e.cause)
	}
	return scrub(b.String())
}

// APIError is an answer that refuses.
type APIError struct{ *JuicerError }

// Unwrap leads up the tree.
func (e *APIError) Unwrap() error { return e.JuicerError }

// InvalidRequestError: the request cannot be carried out as it is.
type InvalidRequestError struct{ *APIError }

// Unwrap leads up the tree.
func (e *InvalidRequestError) Unwrap() error { return e.APIError }

// ValidationError: fields of the body are missing, unknown or wrong; Fields lists all.
type ValidationError struct{ *APIError }

// Unwrap leads up the tree.
func (e *ValidationError) Unwrap() error { return e.APIError }

// AuthenticationError: the API key is missing, wrong, expired, revoked, or of the
// other environment.
type AuthenticationError struct{ *APIError }

// Unwrap leads up the tree.
func (e *AuthenticationError) Unwrap() error { return e.APIError }

// PermissionError: the API key lacks a scope.
type PermissionError struct{ *APIError }

// Unwrap leads up the tree.
func (e *PermissionError) Unwrap() error { return e.APIError }

// NotFoundError: there is no such thing in this environment. It never says that a
// payment failed.
type NotFoundError struct{ *APIError }

// Unwrap leads up the tree.
func (e *NotFoundError) Unwrap() error { return e.APIError }

// ConflictError: something is in progress, busy, or there already.
type ConflictError struct{ *APIError }

// Unwrap leads up the tree.
func (e *ConflictError) Unwrap() error { return e.APIError }

// IdempotencyError: the key is in use, was used for something else, or is too old.
type IdempotencyError struct{ *APIError }

// Unwrap leads up the tree.
func (e *IdempotencyError) Unwrap() error { return e.APIError }

// RateLimitError: too many requests; RetryAfter says when to come back.
type RateLimitError struct{ *APIError }

// Unwrap leads up the tree.
func (e *RateLimitError) Unwrap() error { return e.APIError }

// ServerError: the server's fault, or a part of it is not available.
type ServerError struct{ *APIError }

// Unwrap leads up the tree.
func (e *ServerError) Unwrap() error { return e.APIError }

// TransportError: no usable answer came.
type TransportError struct{ *JuicerError }

// Unwrap leads up the tree.
func (e *TransportError) Unwrap() error { return e.JuicerError }

// ConnectionError: no connection could be made, or it broke.
type ConnectionError struct{ *TransportError }

// Unwrap leads up the tree.
func (e *ConnectionError) Unwrap() error { return e.TransportError }

// TimeoutError: an attempt took too long.
type TimeoutError struct{ *TransportError }

// Unwrap leads up the tree.
func (e *TimeoutError) Unwrap() error { return e.TransportError }

// Timeout makes it a time-out in the sense of net.Error.
func (e *TimeoutError) Timeout() bool { return true }

// InvalidResponseError: the answer is cut, or not the JSON that was promised.
type InvalidResponseError struct{ *TransportError }

// Unwrap leads up the tree.
func (e *InvalidResponseError) Unwrap() error { return e.TransportError }

// DeadlineError: the time was up before anything could be sent.
type DeadlineError struct{ *JuicerError }

// Unwrap leads up the tree.
func (e *DeadlineError) Unwrap() error { return e.JuicerError }

// CancelledError: the caller's context was cancelled; errors.Is finds
// context.Canceled in it.
type CancelledError struct{ *JuicerError }

// Unwrap leads up the tree.
func (e *CancelledError) Unwrap() error { return e.JuicerError }

// PaymentDeclined: the answer came, and the payment failed; see Failure.
type PaymentDeclined struct{ *JuicerError }

// Unwrap leads up the tree.
func (e *PaymentDeclined) Unwrap() error { return e.JuicerError }

// typed gives a failed call its place in the tree: by what broke, else by the code,
// else by the status.
func typed(e *JuicerError, ev event) error {
	switch {
	case e.Reason == ReasonCancelled:
		return &CancelledError{e}
	case ev == "" && e.Status == 0:
		return &DeadlineError{e}
	case ev != "":
		return transportError(&TransportError{e}, ev)
	}
	class, known := classOf(e.Code)
	if !known {
		class = classOfStatus(e.Code, e.Status)
	}
	return apiError(&APIError{e}, class)
}

func transportError(e *TransportError, ev event) error {
	switch ev {
	case readTimeout, connectTimeout, tlsTimeout:
		return &TimeoutError{e}
	case truncatedBody, invalidResponse:
		return &InvalidResponseError{e}
	}
	return &ConnectionError{e}
}

// classOfStatus is for the codes of other servers.
func classOfStatus(code string, status int) string {
	switch {
	case strings.HasPrefix(code, "idempotency_"):
		return "IdempotencyError"
	case status == 408 || status >= 500:
		return "ServerError"
	}
	return map[int]string{400: "InvalidRequestError", 401: "AuthenticationError", 403: "PermissionError", 404: "NotFoundError",
		409: "ConflictError", 422: "ValidationError", 429: "RateLimitError"}[status]
}

func apiError(e *APIError, class string) error {
	switch class {
	case "InvalidRequestError":
		return &InvalidRequestError{e}
	case "ValidationError":
		return &ValidationError{e}
	case "AuthenticationError":
		return &AuthenticationError{e}
	case "PermissionError":
		return &PermissionError{e}
	case "NotFoundError":
		return &NotFoundError{e}
	case "ConflictError":
		return &ConflictError{e}
	case "IdempotencyError":
		return &IdempotencyError{e}
	case "RateLimitError":
		return &RateLimitError{e}
	case "ServerError":
		return &ServerError{e}
	}
	return e
}

// causeWords are for people, where no server said anything.
func causeWords(ev event, cause error) string {
	words := map[event]string{
		connectRefused: "no connection could be made", connectTimeout: "no connection was made in time", dnsTemporary: "the name could not be looked up",
		dnsNotFound: "there is no such host", tlsTimeout: "the TLS handshake took too long", tlsCertificate: "the certificate is not to be trusted",
		notProcessed: "the server did not take the request", reset: "the connection broke", readTimeout: "no answer came in time",
		truncatedBody: "the answer was cut off", invalidResponse: "the answer is not what was promised", cancelledEvent: "the call was cancelled",
	}[ev]
	if cause == nil || errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) {
		return words
	}
	return words + " (" + cause.Error() + ")"
}
