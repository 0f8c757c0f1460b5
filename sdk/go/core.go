package juicer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"strings"
)

// request is what a method of a resource asks for.
type request struct {
	method string
	route  string   // template, "/payments/{id}"
	path   []string // values of the template, in order
	query  url.Values
	body   any // nil: none
}

// send makes a call whose answer is one object.
func send[T any](ctx context.Context, c *Client, r request, list []Option) (*Result[T], error) {
	out := &Result[T]{}
	in, err := c.perform(ctx, r, list, out.into)
	if err != nil {
		return nil, err
	}
	out.fill(in)
	return out, declined(in, out.Outcome, out.Failure)
}

// fill takes over what stands around the body.
func (r *Result[T]) fill(in answer) {
	r.Status, r.RequestID, r.Stale, r.Key, r.Attempts = in.status, in.requestID(), in.stale, in.key, in.tries
	r.Replayed, r.Header, r.Raw = in.header.Get("Idempotent-Replayed") == "true", in.header, in.body
}

// list makes a call whose answer is a page.
func list[T any](ctx context.Context, c *Client, r request, options []Option) (*Page[T], error) {
	out := &Page[T]{}
	in, err := c.perform(ctx, r, options, out.into)
	if err != nil {
		return nil, err
	}
	out.RequestID, out.Attempts, out.Header, out.Raw = in.requestID(), in.tries, in.header, in.body
	return out, nil
}

// each walks over all pages. It ends at the first error, which it yields.
func each[T any](ctx context.Context, c *Client, r request, options []Option) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for {
			page, err := list[T](ctx, c, r, options)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range page.Data {
				if !yield(&page.Data[i], nil) {
					return
				}
			}
			if page.Pagination.After == nil {
				return
			}
			r.query = with(clone(r.query), "after", string(*page.Pagination.After))
		}
	}
}

func clone(v url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		out[name] = values
	}
	return out
}

// raw makes a call whose answer is no JSON.
func raw(ctx context.Context, c *Client, r request, options []Option) (*Result[[]byte], error) {
	in, err := c.perform(ctx, r, options, nil)
	if err != nil {
		return nil, err
	}
	return &Result[[]byte]{Data: in.body, Status: in.status, RequestID: in.requestID(), Key: in.key, Attempts: in.tries, Header: in.header, Raw: in.body}, nil
}

// Do makes a call that this package has no method for. route is its template with the
// values of path in the place of {...}; body is anything that encodes to a JSON object,
// or nil. Data of the result is the member data.
func (c *Client) Do(ctx context.Context, method, route string, path []string, query url.Values, body any, options ...Option) (*Result[json.RawMessage], error) {
	return send[json.RawMessage](ctx, c, request{method: strings.ToUpper(method), route: route, path: path, query: query, body: body}, options)
}

// answer is a complete answer of class 2xx.
type answer struct {
	incoming
	tries   []Attempt
	key     string // idempotency key that was sent
	stale   bool   // from the cache, and too old
	decline bool   // the caller wants a failed payment as an error
	verb    string
	route   string
}

// perform makes a call and tells hooks and rates about it.
func (c *Client) perform(ctx context.Context, r request, list []Option, accept func([]byte) error) (answer, error) {
	set := collect(list)
	out, err := c.outgoing(r, &set)
	if err != nil {
		return answer{}, err
	}
	if c.gather.takes(r) {
		return c.gather.get(ctx, r, accept)
	}
	l := &loop{client: c, policy: c.policyFor(&set), out: out, route: r.route, accept: accept}
	l.policy.patient(r.query.Get("wait"))
	l.call = call{method: r.method, keyed: out.key != nil, replayable: true}
	return c.journey(ctx, l, set.decline)
}

// outgoing fixes what all attempts send: the path, the bytes, the key.
func (c *Client) outgoing(r request, set *options) (*outgoing, error) {
	if err := set.check(); err != nil {
		return nil, err
	}
	for _, value := range r.path {
		if value == "" {
			return nil, fmt.Errorf("juicer: %s %s: an empty value cannot stand in a path", r.method, r.route)
		}
	}
	out := &outgoing{method: r.method, path: fillIn(r.route, r.path), options: set}
	if len(r.query) > 0 {
		out.query = r.query.Encode()
	}
	body, err := encode(r)
	if err != nil {
		return nil, fmt.Errorf("juicer: %s %s: the body cannot be sent: %w", r.method, r.route, err)
	}
	out.body = body
	if !(call{method: r.method}).read() {
		out.key = []string{first(set.key, newKey())}
	}
	return out, nil
}

// encode writes the body once; all attempts send these bytes. A POST or PATCH without
// a body says so.
func encode(r request) ([]byte, error) {
	if r.body == nil {
		if r.method == "POST" || r.method == "PATCH" || r.method == "PUT" {
			return []byte("{}"), nil
		}
		return nil, nil
	}
	if ready, ok := r.body.(json.RawMessage); ok {
		return ready, nil
	}
	var b bytes.Buffer
	writer := json.NewEncoder(&b)
	writer.SetEscapeHTML(false)
	err := writer.Encode(r.body)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// fillIn puts values into the places of a template.
func fillIn(route string, values []string) string {
	for _, v := range values {
		start, end := strings.IndexByte(route, '{'), strings.IndexByte(route, '}')
		if start < 0 || end < start {
			break
		}
		route = route[:start] + url.PathEscape(v) + route[end+1:]
	}
	return route
}
