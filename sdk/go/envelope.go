package juicer

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// envelope is the body of an error answer, read leniently: what this server sends,
// and what others of the trade send. Only valid ones take part in decisions.
type envelope struct {
	valid     bool // JSON as a whole, with an object under "error"
	code      string
	kind      string // error.type
	message   string
	requestID string
	docURL    string
	outcome   Outcome
	hint      hint
	afterSec  json.Number // error.retry_after, seconds
	fields    []FieldError
	details   map[string]any
}

// hint is error.retry.
type hint struct {
	allowed *bool
	with    string
	afterMS json.Number
}

func (h hint) refused() bool { return h.allowed != nil && !*h.allowed }
func (h hint) granted() bool { return h.allowed != nil && *h.allowed }

// FieldError is one bad field of a request.
type FieldError struct {
	Field   string `json:"field"` // path, such as customer.billing_address.country
	Code    string `json:"code"`
	Message string `json:"message"`
}

// readEnvelope never fails: what is no JSON is an empty envelope. Names are matched
// as they are written; encoding/json would match structs in any case.
func readEnvelope(body []byte) envelope {
	top, _ := wholeJSON(body).(map[string]any) // of anything else nothing is read
	e := envelope{message: text(top["message"])}
	switch inner := top["error"].(type) {
	case map[string]any:
		e.valid = true
		e.read(inner)
	case string:
		e.message = first(e.message, inner)
	}
	if e.fields == nil {
		e.fields = readFields(top["errors"])
	}
	return e
}

func (e *envelope) read(in map[string]any) {
	e.code, e.kind = text(in["code"]), text(in["type"])
	e.message = first(text(in["message"]), e.message)
	e.requestID, e.docURL = text(in["request_id"]), text(in["doc_url"])
	e.outcome = knownOutcome(text(in["outcome"]))
	e.afterSec, _ = in["retry_after"].(json.Number)
	e.fields = readFields(in["errors"])
	e.details, _ = in["details"].(map[string]any)
	if retry, ok := in["retry"].(map[string]any); ok {
		e.hint.with = text(retry["with"])
		e.hint.afterMS, _ = retry["after_ms"].(json.Number)
		if allowed, ok := retry["allowed"].(bool); ok {
			e.hint.allowed = &allowed
		}
	}
}

// wholeJSON is the value of a text that is JSON from its first byte to its last,
// numbers as they are written; nil if it is not.
func wholeJSON(body []byte) any {
	if !json.Valid(body) {
		return nil
	}
	var out any
	reader := json.NewDecoder(bytes.NewReader(body))
	reader.UseNumber()
	if reader.Decode(&out) != nil {
		return nil
	}
	return out
}

// readFields reads a list of objects or texts, or a map from field to texts.
func readFields(in any) []FieldError {
	var out []FieldError
	switch v := in.(type) {
	case []any:
		for _, item := range v {
			out = append(out, readField("", item))
		}
	case map[string]any:
		for name, item := range v {
			out = append(out, readField(name, item))
		}
		slices.SortFunc(out, func(a, b FieldError) int { return strings.Compare(a.Field, b.Field) })
	}
	return out
}

func readField(name string, in any) FieldError {
	switch v := in.(type) {
	case map[string]any:
		return FieldError{Field: first(text(v["field"]), name), Code: text(v["code"]), Message: text(v["message"])}
	case []any:
		var words []string
		for _, item := range v {
			words = append(words, text(item))
		}
		return FieldError{Field: name, Message: strings.Join(words, "; ")}
	}
	return FieldError{Field: name, Message: text(in)}
}

func text(in any) string {
	s, _ := in.(string)
	return s
}

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// knownOutcome drops words that no part of this package could act on.
func knownOutcome(word string) Outcome {
	switch o := Outcome(word); o {
	case OutcomeNotAttempted, OutcomeRefused, OutcomePending, OutcomeUnknown, OutcomeSucceeded:
		return o
	}
	return ""
}
