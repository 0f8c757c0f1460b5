package api_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/wire/wiretest"
)

// What HTTP takes for the name and for the value of a header.
var (
	headerName  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	headerValue = regexp.MustCompile(`^[\t\x20-\x7e\x80-\x{10ffff}]*$`)
)

var requestID = regexp.MustCompile(`^req_[0-9a-hjkmnp-tv-z]{26}$`)

// civil reports what is wrong with an answer that any request at all may get:
// never the server's own fault, always a request id, every refusal in the
// envelope.
func civil(a nodetest.Answer) error {
	id := a.Header.Get("X-Request-Id")
	switch {
	case a.Status >= 500 && a.Text("error.code") != "rail_unavailable":
		return fmt.Errorf("the server broke: %d %.300s", a.Status, a.Body)
	case !requestID.MatchString(id):
		return fmt.Errorf("X-Request-Id %q", id)
	case a.Status < 400:
		return nil
	case len(a.Body) > 0 && (a.Text("error.request_id") != id || a.Text("error.code") == "" || a.Text("message") == ""):
		return fmt.Errorf("a refusal outside the envelope: %d %.300s", a.Status, a.Body)
	}
	return nil
}

// target is an endpoint with a path that names something that exists.
type target struct{ method, path string }

func (g target) writes() bool { return g.method != "GET" && g.method != "HEAD" && g.method != "DELETE" }

// targets lists every endpoint of the API. What would end the environment for
// all the others comes without its body being right, so it never runs.
func targets(e *nodetest.Env) []target {
	e.T.Helper()
	id := e.Paid("target")
	refund := set(e, "POST", "/payments/"+id+"/refunds", map[string]any{"amount": 1}).Text("data.id")
	key := set(e, "POST", "/keys", map[string]any{"name": "a target", "scopes": []string{"*"}}).Text("data.id")
	var all []target
	for _, r := range e.API.Routes() {
		if r.Page != nil {
			continue
		}
		name := id
		switch {
		case strings.HasPrefix(r.Path, "/refunds/"), strings.HasPrefix(r.Path, "/sandbox/refunds/"):
			name = refund
		case strings.HasPrefix(r.Path, "/keys/"):
			name = key
		case strings.Contains(r.Path, "{mode}"):
			name = "test"
		case strings.Contains(r.Path, "{rail}"):
			name = "card"
		}
		all = append(all, target{r.Method, variable.ReplaceAllString(r.Path, name)})
	}
	return all
}

// each sends requests from several connections at once.
func each[T any](list []T, send func(T)) {
	work := make(chan T)
	var group sync.WaitGroup
	for range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			for item := range work {
				send(item)
			}
		}()
	}
	for _, item := range list {
		work <- item
	}
	close(work)
	group.Wait()
}

// quiet keeps no log: thousands of requests would make a long one.
func quiet(c *node.Config) { c.Log = silentLog() }

// Every body goes to the first endpoint; each other one gets its share, a sample
// of all kinds that begins at another body.
func TestNoMalformedBodyBreaksAnyEndpoint(t *testing.T) {
	t.Parallel()
	e := nodetest.Start(t, quiet)
	bodies := wiretest.Malformed()
	if len(bodies) < 200 {
		t.Fatalf("%d malformed bodies, want at least 200", len(bodies))
	}
	type sent struct {
		target
		wiretest.Case
	}
	var all []sent
	for i, g := range targets(e) {
		for j, c := range bodies {
			if g.writes() && (g.path == "/payment-sessions" || (i+j)%10 == 0) {
				all = append(all, sent{g, c})
			}
		}
	}
	each(all, func(s sent) {
		a, err := e.Try(s.method, s.path, s.Body, "Idempotency-Key", "malformed")
		switch {
		case err != nil || civil(a) != nil:
			t.Errorf("%s %s with %s: %v, %v", s.method, s.path, s.Name, err, civil(a))
		case a.Text("error.code") != "malformed_json" || a.Status != http.StatusBadRequest:
			t.Errorf("%s %s with %s: got %d %s, want malformed_json", s.method, s.path, s.Name, a.Status, a.Body)
		}
	})
	want(t, e.Do("GET", "/idempotency-keys/malformed", nil), http.StatusNotFound, "not_found")
	e.Clean()
}

// Bodies of GET, HEAD and DELETE are never looked at.
func TestBodiesThatAreIgnoredChangeNothing(t *testing.T) {
	t.Parallel()
	e := nodetest.Start(t, quiet)
	for _, g := range targets(e) {
		if g.writes() {
			continue
		}
		plain := e.Do(g.method, g.path, nil).Status
		for i, c := range wiretest.Malformed() {
			if i%150 != 0 {
				continue
			}
			if a := e.Do(g.method, g.path, c.Body, "Content-Type", "text/plain"); a.Status != plain || civil(a) != nil {
				t.Errorf("%s %s with %s: got %d %.200s, want %d as without a body", g.method, g.path, c.Name, a.Status, a.Body, plain)
			}
		}
	}
}

// oddValues are values that no field, parameter or header of the API takes, or
// that it takes and must survive.
func oddValues() []string {
	return []string{"", " ", "0", "-1", "1e400", "1.5", "99999999999999999999", "0x10", "NaN", "null", "true", "[]", "{}", `"`, `'; DROP TABLE payments; --`,
		"../../etc/passwd", "%00", "%", "%zz", "\u00e9", "\u2028", "🎓", strings.Repeat("a", 300), strings.Repeat("9", 5000), "a,b,c", ",,,", "\t",
		"<script>alert(1)</script>", "${jndi:ldap://x}", "2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
		base64.RawURLEncoding.EncodeToString([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'x', 0, 0, 0, 0}), "00000000-0000-0000-0000-000000000000"}
}

func TestNoOddQueryBreaksAnyEndpoint(t *testing.T) {
	t.Parallel()
	e := nodetest.Start(t, quiet)
	names := []string{"limit", "after", "before", "status", "ids", "references", "created_after", "created_before", "code", "path", "idempotency_key",
		"resource_id", "rail", "rail_reference", "after_entry", "colour", "", "%zz"}
	for i, g := range targets(e) {
		if g.writes() || g.method == "DELETE" {
			continue
		}
		queries := []string{"limit=1&limit=2", "&&&", "=", "limit", "after=x&before=y", "limit=1;after=2", "%", "a=%zz", strings.Repeat("a=1&", 2000)}
		for j, value := range oddValues() {
			for k, name := range names {
				if g.path == "/payments" && (j+k)%4 == 0 || (i+j+k)%len(names) == 0 {
					queries = append(queries, url.QueryEscape(name)+"="+url.QueryEscape(value))
				}
			}
		}
		each(queries, func(q string) {
			if a, err := e.Try(g.method, g.path+"?"+q, nil); err != nil || civil(a) != nil {
				t.Errorf("%s %s?%.100s: %v, %v", g.method, g.path, q, err, civil(a))
			}
		})
	}
}

func TestNoOddPathBreaksAnyEndpoint(t *testing.T) {
	t.Parallel()
	e := nodetest.Start(t, quiet)
	var paths []target
	for i, r := range e.API.Routes() {
		for j, value := range append(oddValues(), "..", ".", "%2e%2e", "a%2Fb", "%e9", "%C0%AF", ";", "a;b", "a?b", "*", "{id}") {
			if !strings.Contains(r.Path, "{") || r.Path != "/payments/{id}" && (i+j)%8 != 0 {
				continue
			}
			if _, err := url.PathUnescape(value); err != nil {
				value = url.PathEscape(value)
			}
			paths = append(paths, target{r.Method, variable.ReplaceAllLiteralString(r.Path, strings.NewReplacer(" ", "%20", "?", "%3F", "#", "%23", "\t", "%09").Replace(value))})
		}
	}
	for _, value := range []string{"//", "/./payments", "/payments/../keys", "/payments/%2e%2e", "/%", "/v1/v1", "/payments%2Fstats", "/" + strings.Repeat("a/", 3000)} {
		paths = append(paths, target{"GET", value}, target{"POST", value}, target{"BREW", value})
	}
	each(paths, func(g target) {
		if strings.HasPrefix(g.path, "/sandbox/clock") || g.path == "/sandbox/reset" {
			return
		}
		a, err := raw(e, g.method+" "+g.path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\nAuthorization: "+e.Key+"\r\n\r\n")
		if refusedByHTTP(a) && strings.ContainsAny(g.path, "%\x7f\u00e9\u2028🎓") {
			return // no request line at all: net/http answers before anything of ours
		}
		if err != nil || civil(a) != nil && !page(g.path) {
			t.Errorf("%s %.200s: %v, %v", g.method, g.path, err, civil(a))
		}
	})
}

func page(path string) bool { return strings.HasPrefix(path, "/issuer/") }

// refusedByHTTP recognises the answer of Go's HTTP server to what is not HTTP.
func refusedByHTTP(a nodetest.Answer) bool {
	return a.Status == http.StatusBadRequest && a.Header.Get("X-Request-Id") == "" && strings.HasPrefix(string(a.Body), "400 Bad Request")
}

// raw sends bytes over a connection of their own.
func raw(e *nodetest.Env, request string) (nodetest.Answer, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(e.URL, "http://"))
	if err != nil {
		return nodetest.Answer{}, err
	}
	defer conn.Close()
	go func() { _, _ = conn.Write([]byte(request)) }() // the answer may come before all is sent
	method, _, _ := strings.Cut(request, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		return nodetest.Answer{}, err
	}
	defer res.Body.Close()
	var body bytes.Buffer
	_, err = body.ReadFrom(res.Body)
	a := nodetest.Answer{Status: res.StatusCode, Header: res.Header, Body: body.Bytes()}
	_ = json.Unmarshal(a.Body, &a.JSON) // a page has none
	return a, err
}

func TestNoOddHeaderBreaksAnyEndpoint(t *testing.T) {
	t.Parallel()
	e := nodetest.Start(t, quiet)
	names := []string{"Authorization", "Content-Type", "Content-Encoding", "Accept", "Accept-Encoding", "Idempotency-Key", "If-None-Match",
		"X-Request-Id", "X-Business-Id", "X-Juicer-Attempt", "Juicer-Fault", "Transfer-Encoding", "Expect", "Range", "Cookie", "Forwarded", "X-Forwarded-For", "Origin"}
	var lines []string
	for _, name := range names {
		for _, value := range oddValues() {
			if name == "Transfer-Encoding" || name == "Expect" {
				continue // of HTTP itself
			}
			if headerValue.MatchString(value) && len(value) < 4000 {
				lines = append(lines, name+": "+value+"\r\n")
			}
		}
	}
	for _, value := range []string{"x", "1.5", "-1", "0", "999999999999999999999999", "1e3", " 700 ", "0x1f4", "٣"} {
		lines = append(lines, "Juicer-Deadline-Ms: "+value+"\r\n")
	}
	for _, twice := range names[:11] {
		lines = append(lines, twice+": a\r\n"+twice+": b\r\n")
	}
	for i, g := range []target{{"GET", "/payments"}, {"POST", "/payment-sessions"}, {"POST", "/keys"}, {"DELETE", "/keys/" + noUUID}, {"GET", "/openapi.json"}} {
		var own []string
		for j, line := range lines {
			if (i+j)%8 == 0 {
				own = append(own, line)
			}
		}
		each(own, func(line string) {
			key := "Authorization: " + e.Key + "\r\n"
			if strings.HasPrefix(line, "Authorization") {
				key = ""
			}
			if strings.HasPrefix(line, "Juicer-Fault: ,") {
				return
			}
			a, err := raw(e, g.method+" "+g.path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n"+key+line+"\r\n{}")
			if err != nil || civil(a) != nil {
				t.Errorf("%s %s with %.100q: %v, %v", g.method, g.path, line, err, civil(a))
			}
		})
	}
}

// FuzzRequest holds that no request at all makes the server break or answer
// outside the envelope. Headers are lines of "Name: value".
func FuzzRequest(f *testing.F) {
	e := nodetest.Start(f, quiet)
	id := e.NewSession("fuzz")
	card, err := json.Marshal(map[string]any{"card": e.Card(approved)})
	nodetest.Must(f, err)
	session, err := json.Marshal(nodetest.Session("seed"))
	nodetest.Must(f, err)
	f.Add("POST", "/payment-sessions", "Idempotency-Key: k1", session)
	f.Add("POST", "/payment-sessions/"+id, "Juicer-Deadline-Ms: 500", card)
	f.Add("POST", "/payment-sessions/"+id+"/authorize", "", []byte(`{"otp":"123456"}`))
	f.Add("POST", "/payment-sessions/"+id+"/cancel", "X-Request-Id: mine", []byte(`{"reason":"changed"}`))
	f.Add("POST", "/payments/"+id+"/refunds", "", []byte(`{"amount":1.5e1,"reference":"r"}`))
	f.Add("GET", "/v1/payments/?limit=2&status=failed&created_after=2026-01-01T00:00:00Z", "If-None-Match: \"x\"", []byte(nil))
	f.Add("GET", "/payments?ids=a,b&references=%00", "Accept-Encoding: gzip", []byte(nil))
	f.Add("GET", "/payments?after=AQAAAAAAAAAAAAAA", "Authorization: Bearer test_0000000000000000000000000000000HGh7u", []byte(nil))
	f.Add("POST", "/keys", "Content-Type: application/json; charset=latin1", []byte(`{"name":"fuzzed","scopes":["*"],"expiry_date":"2027-01-01T00:00:00+01:00"}`))
	f.Add("PATCH", "/sandbox/settings", "", []byte(`{"limits":"off","probable_duplicate_s":{"payouts":1}}`))
	f.Add("POST", "/sandbox/audit", "", []byte(`{"expected":[{"amount":1,"currency":"NGN","kind":"payment","reference":"r","result":"failed"}]}`))
	f.Add("DELETE", "/keys/"+noUUID, "Idempotency-Key: "+strings.Repeat("k", 256), []byte(`{`))
	for i, c := range wiretest.Malformed() {
		if i%25 == 0 && len(c.Body) < 1000 {
			f.Add("POST", "/payment-sessions", "", c.Body)
		}
	}
	f.Fuzz(func(t *testing.T, method, path, headers string, body []byte) {
		r, ok := fuzzed(e, method, path, headers, body)
		if !ok {
			return
		}
		res, err := e.HTTP.Do(r)
		if err != nil {
			t.Fatalf("%s %q: %v", method, path, err)
		}
		defer res.Body.Close()
		var got bytes.Buffer
		_, err = got.ReadFrom(res.Body)
		nodetest.Must(t, err)
		a := nodetest.Answer{Status: res.StatusCode, Header: res.Header, Body: got.Bytes()}
		_ = json.Unmarshal(a.Body, &a.JSON)
		if err := civil(a); err != nil && !page(r.URL.Path) {
			t.Fatalf("%s %q: %v", method, path, err)
		}
	})
}

// fuzzed makes a request out of what the fuzzer came up with; ok is false for
// what is not HTTP, and for what only takes time or breaks on purpose.
func fuzzed(e *nodetest.Env, method, path, headers string, body []byte) (r *http.Request, ok bool) {
	slow := strings.Contains(path, "wait") || strings.Contains(path, "clock") || strings.Contains(path, "reset")
	if slow || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return nil, false
	}
	r, err := http.NewRequest(method, e.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, false
	}
	r.Header.Set("Authorization", e.Key)
	for _, line := range strings.Split(headers, "\n") {
		name, value, _ := strings.Cut(line, ":")
		if !headerName.MatchString(name) || !headerValue.MatchString(value) || ofHTTP(name) {
			return nil, false
		}
		r.Header.Add(name, strings.TrimSpace(value))
	}
	return r, len(headers) < 8000 && len(path) < 8000
}

// ofHTTP are headers that belong to the protocol below, and the one that makes
// the server break on purpose.
func ofHTTP(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Juicer-Fault", "Connection", "Transfer-Encoding", "Content-Length", "Expect", "Trailer", "Te", "Upgrade", "Host", "Keep-Alive", "Proxy-Connection":
		return true
	}
	return false
}
