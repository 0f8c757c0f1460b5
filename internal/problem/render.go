package problem

import (
	"net/http"
	"strconv"
)

// Envelope is what an answer carries that the error itself does not know.
type Envelope struct {
	RequestID       string // ours: error.request_id
	ClientRequestID string // the caller's X-Request-Id, or ""
	PublicURL       string // of this environment, without a trailing slash
	Environment     string // test or live
}

// Body is the whole answer as canonical JSON: keys in byte
// order at every level, no HTML escapes, no trailing newline. The cause is never
// part of it, nor is a detail that the row does not list.
func (e *Error) Body(env Envelope) []byte {
	inner := e.inner(env)
	outer := map[string]any{"error": inner, "message": inner["message"]}
	if e.Kind.Bare {
		outer["message"] = e.Kind.Code
	}
	if fields, ok := inner["errors"]; ok {
		outer["errors"] = fields
	}
	body, err := compact(outer)
	if err != nil { // canonical() let something through that JSON cannot say
		delete(inner, "details")
		body, _ = compact(outer)
	}
	return body
}

func (e *Error) inner(env Envelope) map[string]any {
	inner := map[string]any{
		"code":       e.Kind.Code,
		"doc_url":    DocURL(env.PublicURL, e.Kind.Code),
		"message":    e.Message(),
		"outcome":    string(e.Outcome()),
		"request_id": env.RequestID,
		"retry":      canonical(e.Retry()),
		"type":       e.Kind.Type,
	}
	if e.Kind == ValidationError {
		inner["errors"] = canonical(append([]Field{}, e.Fields...))
	}
	if d := e.shownDetails(env.ClientRequestID); len(d) > 0 {
		inner["details"] = d
	}
	if e.comesBack() {
		inner["retry_after"] = e.retryAfter()
	}
	return inner
}

// DocURL is where the code is explained on the server's own page.
func DocURL(publicURL, code string) string { return publicURL + "/docs/errors#" + code }

func (e *Error) shownDetails(clientRequestID string) map[string]any {
	shown := map[string]any{}
	for name, v := range e.Details {
		if e.Kind.shows(name) {
			shown[name] = canonical(v)
		}
	}
	if clientRequestID != "" {
		shown["client_request_id"] = clientRequestID
	}
	return shown
}

// Headers are those that belong to the error. Take the map as
// it is: retry_after is spelled in lower case, which Header.Set would change.
func (e *Error) Headers(env Envelope) http.Header {
	h := http.Header{
		"Cache-Control":  {"no-store"},
		"Content-Type":   {"application/json; charset=utf-8"},
		"Juicer-Outcome": {string(e.Outcome())},
	}
	if e.comesBack() {
		seconds := strconv.FormatInt(e.retryAfter(), 10)
		h["Retry-After"] = []string{seconds}
		h["retry_after"] = []string{seconds}
	}
	switch e.Kind.Status {
	case http.StatusMethodNotAllowed:
		h["Allow"] = []string{plain(e.Details["allowed"])}
	case http.StatusUnauthorized:
		h["Www-Authenticate"] = []string{`Bearer realm="juicer-` + env.realm() + `", error="` + e.Kind.Code + `"`}
	}
	return h
}

func (env Envelope) realm() string {
	if env.Environment == "live" {
		return "live"
	}
	return "test"
}

// comesBack reports whether the answer carries retry_after.
func (e *Error) comesBack() bool {
	return e.Kind.Status == http.StatusTooManyRequests || e.Kind.Status == http.StatusServiceUnavailable
}

// retryAfterNever is said where the advice names no time; retry.allowed decides first.
const retryAfterNever = 3600 // seconds

// retryAfter is the wait in whole seconds, rounded up: who sleeps that long is not early.
func (e *Error) retryAfter() int64 {
	ms := e.Retry().AfterMS
	if ms == nil {
		return retryAfterNever
	}
	return (*ms + 999) / 1000
}
