package juicer

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

// BatchItem is one request of a batch.
type BatchItem struct {
	Method string // GET, POST, PATCH or DELETE
	Path   string // may hold a query
	Body   any    // nil: none
	Key    string // idempotency key; default for writes: made
}

// BatchResult is how an item ended. Result and Err are never both nil.
type BatchResult struct {
	Key    string
	Result *Result[json.RawMessage]
	Err    error // of the tree
}

// wireItem is an item as it is sent.
type wireItem struct {
	Body   any    `json:"body,omitempty"`
	ID     string `json:"id"`
	Key    string `json:"idempotency_key,omitempty"`
	Method string `json:"method"`
	Path   string `json:"path"`
}

// wireAnswer is an item as it comes back.
type wireAnswer struct {
	Body    json.RawMessage   `json:"body"`
	Headers map[string]string `json:"headers"`
	ID      string            `json:"id"`
	Status  int               `json:"status"`
}

// Batch sends up to 50 requests in one, each write with a key of its own. They run in
// order, and a failure stops nothing. The error is that of the batch as a whole; how
// the items ended stands in the results, in order.
func (c *Client) Batch(ctx context.Context, items []BatchItem, options ...Option) ([]BatchResult, error) {
	sent := make([]wireItem, len(items))
	for i, item := range items {
		sent[i] = wireItem{Body: item.Body, ID: strconv.Itoa(i), Method: item.Method, Path: item.Path, Key: item.Key}
		if item.Key == "" && !(call{method: item.Method}).read() {
			sent[i].Key = newKey()
		}
	}
	reply, err := send[[]wireAnswer](ctx, c, request{method: "POST", route: "/batch", body: map[string]any{"requests": sent}}, options)
	if err != nil {
		return nil, err
	}
	if len(reply.Data) != len(items) {
		return nil, fmt.Errorf("juicer: a batch of %d items was answered with %d", len(items), len(reply.Data))
	}
	out := make([]BatchResult, len(items))
	for i, a := range reply.Data {
		out[i] = a.result(sent[i], c.policy, reply)
	}
	return out, nil
}

// result judges an item as if it had come by itself.
func (a wireAnswer) result(sent wireItem, p Policy, batch *Result[[]wireAnswer]) BatchResult {
	out := BatchResult{Key: sent.Key}
	in := reply{status: a.Status}
	if in.complete() {
		out.Result = &Result[json.RawMessage]{Status: a.Status, Key: sent.Key, RequestID: batch.RequestID, Attempts: batch.Attempts, Raw: a.Body, Header: batch.Header}
		if len(a.Body) > 0 && string(a.Body) != "null" {
			out.Err = out.Result.into(a.Body)
		}
		return out
	}
	in.envelope = readEnvelope(a.Body)
	what := call{method: sent.Method, keyed: sent.Key != ""}
	out.Err = typed(&JuicerError{Method: sent.Method, Route: sent.Path, Status: a.Status, Code: in.envelope.code, Type: in.envelope.kind, Message: in.envelope.message,
		DocURL: in.envelope.docURL, Fields: in.envelope.fields, Details: in.envelope.details, Outcome: outcomeOf(p, what, false, in), Reason: ReasonNotRetryable,
		Key: sent.Key, Attempts: batch.Attempts, Body: a.Body}, "")
	return out
}
