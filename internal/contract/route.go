package contract

import (
	"sort"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// route is one path template with its methods.
type route struct {
	template   string
	segments   []string
	operations map[string]*operation // by upper-case method
}

type operation struct {
	id      string
	query   map[string]bool    // names of declared query parameters
	request *jsonschema.Schema // nil: the operation takes no body
	replies map[string]*reply  // by status
}

type reply struct {
	bodies  map[string]*jsonschema.Schema // by media type; empty: no body
	headers map[string]headerRule         // by canonical name
}

type headerRule struct {
	required bool
	schema   *jsonschema.Schema
}

// find gives the route that serves path, or nil. Path is as in the request
// line: percent-encoded, with or without query, leading /v1 and trailing slash.
func (c *Contract) find(path string) *route {
	segments := strings.Split(normalise(path), "/")
	for _, r := range c.routes {
		if r.matches(segments) {
			return r
		}
	}
	return nil
}

func normalise(path string) string {
	path, _, _ = strings.Cut(path, "?")
	if rest, ok := strings.CutPrefix(path, "/v1"); ok && strings.HasPrefix(rest, "/") {
		path = rest
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}

func (r *route) matches(segments []string) bool {
	if len(segments) != len(r.segments) {
		return false
	}
	for i, s := range r.segments {
		if variable(s) && segments[i] != "" {
			continue
		}
		if s != segments[i] {
			return false
		}
	}
	return true
}

func variable(segment string) bool { return strings.HasPrefix(segment, "{") }

// operation is the one for method; HEAD is GET without the body.
func (r *route) operation(method string) *operation {
	if method == "HEAD" {
		method = "GET"
	}
	return r.operations[method]
}

// sortByPrecision puts literal segments before variables, so that
// /payments/stats is found before /payments/{id}.
func sortByPrecision(routes []*route) {
	sort.Slice(routes, func(i, j int) bool { return rank(routes[i]) < rank(routes[j]) })
}

// rank sorts literals before variables segment by segment ("~" follows every
// character of a path).
func rank(r *route) string {
	out := make([]string, len(r.segments))
	for i, s := range r.segments {
		if variable(s) {
			s = "~"
		}
		out[i] = s
	}
	return strings.Join(out, "/") + r.template
}
