package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// request is one call before it is sent.
type request struct {
	method, path string
	body         []byte
	header       http.Header
	patient      bool // wait and repeat on 429, as a polite client does
	foreign      bool // a page of the simulated bank, which is not ours
}

// option changes a request before it is sent.
type option func(*request)

// withKey sends another API key than the trial's own.
func withKey(key string) option { return header("Authorization", key) }

// withoutKey sends no Authorization header.
func withoutKey() option { return func(r *request) { r.header.Del("Authorization") } }

// idempotent names the write.
func idempotent(key string) option { return header("Idempotency-Key", key) }

// fault asks for an HTTP fault.
func fault(rules string) option { return header("Juicer-Fault", rules) }

// deadline limits the wait for the bank, in milliseconds.
func deadline(ms int) option { return header("Juicer-Deadline-Ms", fmt.Sprint(ms)) }

// header sets one request header.
func header(name, value string) option {
	return func(r *request) { r.header.Set(name, value) }
}

// impatient hands a 429 to the case instead of waiting.
func impatient() option { return func(r *request) { r.patient = false } }

// plain sends the body under another content type, or under none if it is "".
func plain(contentType string) option {
	return func(r *request) {
		if contentType == "" {
			r.header.Del("Content-Type")
			return
		}
		r.header.Set("Content-Type", contentType)
	}
}

// object is a JSON object in the making.
type object = map[string]any

// raw is a body that is sent as it stands.
type raw string

func newRequest(method, path string, body any, options []option) request {
	r := request{method: method, path: path, header: http.Header{}, patient: true}
	switch b := body.(type) {
	case nil:
	case raw:
		r.body = []byte(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			panic("conformance: a case made a body that is not JSON: " + err.Error())
		}
		r.body = text
	}
	if r.body != nil {
		r.header.Set("Content-Type", "application/json")
	}
	for _, o := range options {
		o(&r)
	}
	return r
}

// describe is how a failure names the request: never with its key or body.
func (r request) describe() string {
	var extra []string
	for _, name := range []string{"Idempotency-Key", "Juicer-Fault", "Juicer-Deadline-Ms", "If-None-Match"} {
		if v := r.header.Get(name); v != "" {
			extra = append(extra, name+": "+v)
		}
	}
	out := r.method + " " + r.path
	if len(extra) > 0 {
		out += " (" + strings.Join(extra, "; ") + ")"
	}
	return out
}
