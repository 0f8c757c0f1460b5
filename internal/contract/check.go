package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// exchange is one request with its reply.
type exchange struct {
	method, path string // path as in the request line
	requestBody  []byte
	status       int
	header       http.Header
	body         []byte

	// faulty: the request asked for a fault, so that any refusal of the
	// catalogue may come, whatever the operation declares.
	faulty bool
}

// Check holds one exchange against the document and the rules of every reply.
// It returns nil or an error that joins all breaches. path is as in the request
// line; requestBody is looked at only if the reply is of class 2xx.
func (c *Contract) Check(method, path string, requestBody []byte, status int, header http.Header, responseBody []byte) error {
	return c.check(exchange{
		method: method, path: path, requestBody: requestBody,
		status: status, header: header, body: responseBody,
	})
}

func (c *Contract) check(x exchange) error {
	x.header = canonicalNames(x.header)
	breaches := append(c.schemaBreaches(x), replyBreaches(x)...)
	if err := errors.Join(breaches...); err != nil {
		return fmt.Errorf("%s %s -> %d: %w", x.method, x.path, x.status, err)
	}
	return nil
}

// canonicalNames spells every header name as http.Header does: a recorder keeps
// retry_after as the server wrote it.
func canonicalNames(header http.Header) http.Header {
	out := make(http.Header, len(header))
	for name, values := range header {
		key := http.CanonicalHeaderKey(name)
		out[key] = append(out[key], values...)
	}
	return out
}

// schemaBreaches are those against the document: route, status, headers, bodies.
func (c *Contract) schemaBreaches(x exchange) []error {
	r := c.find(x.path)
	if r == nil {
		return refusedAs(x, "route_not_found", "the contract has no such path")
	}
	op := r.operation(x.method)
	if op == nil {
		return append(refusedAs(x, "method_not_allowed", "the contract has no such method here"), allowBreaches(x, r)...)
	}
	declared := op.replies[strconv.Itoa(x.status)]
	if declared == nil {
		if x.faulty && x.status >= 400 {
			return nil
		}
		return []error{fmt.Errorf("the contract has no status %d here", x.status)}
	}
	breaches := headerBreaches(declared, x.header)
	if x.faulty && x.status >= 400 {
		return nil
	}
	breaches = append(breaches, bodyBreaches(declared, x)...)
	if x.status >= 200 && x.status <= 299 {
		breaches = append(breaches, requestBreaches(op, x)...)
	}
	return breaches
}

// refusedAs: a path or method outside the contract must be refused with code.
func refusedAs(x exchange, code, otherwise string) []error {
	if x.method == http.MethodHead && x.status >= 400 {
		return nil
	}
	var b struct{ Error struct{ Code string } }
	if err := json.Unmarshal(x.body, &b); err != nil || b.Error.Code != code {
		return []error{fmt.Errorf("%s, so %s is expected", otherwise, code)}
	}
	return nil
}

// allowBreaches: a 405 names every method that the contract has here.
func allowBreaches(x exchange, r *route) []error {
	var breaches []error
	allow := map[string]bool{}
	for _, m := range strings.Split(x.header.Get("Allow"), ",") {
		allow[strings.TrimSpace(m)] = true
	}
	for m := range r.operations {
		if !allow[m] {
			breaches = append(breaches, fmt.Errorf("header Allow %q lacks %s", x.header.Get("Allow"), m))
		}
	}
	return breaches
}

// listHeaders may stand there several times, which means the same as one list.
var listHeaders = map[string]bool{"Vary": true, "Allow": true, "Cache-Control": true}

func headerBreaches(declared *reply, header http.Header) []error {
	var breaches []error
	for name, rule := range declared.headers {
		values := header.Values(name)
		if listHeaders[name] && len(values) > 1 {
			values = []string{strings.Join(values, ", ")}
		}
		switch {
		case len(values) == 0 && rule.required:
			breaches = append(breaches, fmt.Errorf("header %s is missing", name))
		case len(values) > 1:
			breaches = append(breaches, fmt.Errorf("header %s stands there %d times", name, len(values)))
		case len(values) == 1 && !fitsHeader(rule.schema, values[0]):
			breaches = append(breaches, fmt.Errorf("header %s: %q does not fit", name, values[0]))
		}
	}
	return breaches
}

// fitsHeader tries the text itself, then the number that it spells.
func fitsHeader(schema *jsonschema.Schema, text string) bool {
	if schema.Validate(text) == nil {
		return true
	}
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil && schema.Validate(json.Number(text)) == nil
}

func bodyBreaches(declared *reply, x exchange) []error {
	if len(declared.bodies) == 0 || x.method == http.MethodHead {
		if len(x.body) > 0 {
			return []error{fmt.Errorf("a body of %d bytes where none belongs", len(x.body))}
		}
		return nil
	}
	media, _, _ := mime.ParseMediaType(x.header.Get("Content-Type"))
	schema, ok := declared.bodies[media]
	if !ok {
		return []error{fmt.Errorf("content type %q is not declared", media)}
	}
	if media != "application/json" {
		return nil
	}
	return schemaBreach(schema, "reply", x.body)
}

func schemaBreach(schema *jsonschema.Schema, what string, body []byte) []error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return []error{fmt.Errorf("%s is not JSON: %w", what, err)}
	}
	if err := schema.Validate(value); err != nil {
		return []error{fmt.Errorf("%s: %w", what, err)}
	}
	return nil
}

// requestBreaches: what a server accepted must be what the contract offers.
func requestBreaches(op *operation, x exchange) []error {
	var breaches []error
	for _, name := range queryNames(x.path) {
		if !op.query[name] {
			breaches = append(breaches, fmt.Errorf("query parameter %q was accepted but is not declared", name))
		}
	}
	if op.request == nil || x.method == http.MethodGet || x.method == http.MethodHead {
		return breaches
	}
	return append(breaches, schemaBreach(op.request, "accepted request", pruned(x.requestBody))...)
}

func queryNames(path string) []string {
	_, text, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil
	}
	var names []string
	for name := range values {
		names = append(names, name)
	}
	return names
}

// pruned takes out what the conventions call absent: null, "" and []. An empty
// body, null and [] are {}.
func pruned(body []byte) []byte {
	if len(bytes.TrimSpace(body)) == 0 {
		return []byte("{}")
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return body
	}
	kept, _ := prune(value)
	if kept == nil {
		return []byte("{}")
	}
	out, err := json.Marshal(kept)
	if err != nil {
		return body
	}
	return out
}

func prune(value any) (kept any, present bool) {
	switch v := value.(type) {
	case nil:
		return nil, false
	case string:
		return v, v != ""
	case []any:
		if len(v) == 0 {
			return nil, false
		}
		return v, true
	case map[string]any:
		for name, member := range v {
			if k, ok := prune(member); ok {
				v[name] = k
			} else {
				delete(v, name)
			}
		}
		return v, true
	default:
		return v, true
	}
}
