package api_test

import (
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juicer-pay/juicer/internal/contract"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// beyondTheContract are routes that no client program calls, so that the
// published document is silent about them.
var beyondTheContract = map[string]string{
	"GET /issuer/{}":  "a page of the simulated bank",
	"POST /issuer/{}": "the form on it",
	"POST /pay/{}":    "the buttons of the test page",
}

var variable = regexp.MustCompile(`\{[^}]*\}`)

// nameless is an operation without the names of its path parameters.
func nameless(method, path string) string {
	return method + " " + variable.ReplaceAllString(path, "{}")
}

func served(e *nodetest.Env) map[string]bool {
	all := map[string]bool{}
	for _, r := range e.API.Routes() {
		all[nameless(r.Method, r.Path)] = true
	}
	return all
}

func TestTheServerServesWhatTheContractOffers(t *testing.T) {
	t.Parallel()
	c, err := published()
	nodetest.Must(t, err)
	offered := map[string]bool{}
	for _, op := range c.Operations() {
		offered[nameless(op.Method, op.Path)] = true
	}
	routes := served(start(t))
	for route, reason := range beyondTheContract {
		if !routes[route] || offered[route] {
			t.Errorf("%s (%s) is on the list of what the contract leaves out: served %v, offered %v", route, reason, routes[route], offered[route])
		}
		delete(routes, route)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(offered)), slices.Sorted(maps.Keys(routes))); diff != "" {
		t.Errorf("the contract's operations and the server's routes (-offered +served):\n%s", diff)
	}
}

func TestLiveServesTheSameWithoutTheSandbox(t *testing.T) {
	t.Parallel()
	inTest, live := served(start(t)), served(start(t, nodetest.Live))
	for route := range inTest {
		sandbox := regexp.MustCompile(`^\w+ /sandbox/`).MatchString(route) || beyondTheContract[route] != ""
		if live[route] == sandbox {
			t.Errorf("%s: in live %v, belongs to the sandbox: %v", route, live[route], sandbox)
		}
	}
	for route := range live {
		if !inTest[route] {
			t.Errorf("%s exists in live only", route)
		}
	}
}

// The server hands out the document it was built with.
func TestTheContractIsServed(t *testing.T) {
	t.Parallel()
	e := start(t)
	a := e.Do("GET", "/openapi.json", nil, "Authorization", "")
	equal(t, "status", a.Status, http.StatusOK)
	own, err := contract.Parse(a.Body)
	nodetest.Must(t, err)
	c, err := published()
	nodetest.Must(t, err)
	if diff := cmp.Diff(c.Operations(), own.Operations()); diff != "" {
		t.Errorf("operations (-published +served):\n%s", diff)
	}
}

// A check that has never been red proves nothing: the same exchange is held
// against a contract that does not offer it.
func TestABreachOfTheContractIsNoticed(t *testing.T) {
	t.Parallel()
	e := start(t)
	other, err := contract.Parse([]byte(`{"openapi":"3.1.0","info":{"title":"other","version":"1"},"paths":{"/payments":{"get":{"operationId":"list",
		"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","required":["nothing of the kind"]}}}}}}}}}`))
	nodetest.Must(t, err)
	var breaches []error
	e.HTTP = &http.Client{Transport: &contract.Transport{Contract: other, Report: func(err error) { breaches = append(breaches, err) }}}
	e.Do("GET", "/payments", nil)
	if len(breaches) != 1 {
		t.Errorf("breaches: got %v, want one", breaches)
	}
}

func TestHeadAnswersLikeGetWithoutABody(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.Paid("head")
	for _, path := range []string{"/payments", "/payments/" + id, "/payments/none", "/v1/payments/" + id + "/", "/no-such-endpoint"} {
		g, h := e.Do("GET", path, nil), e.Do("HEAD", path, nil)
		if h.Status != g.Status || len(h.Body) != 0 || h.Header.Get("Etag") != g.Header.Get("Etag") {
			t.Errorf("HEAD %s: got %d, %d bytes, ETag %q; GET: %d, ETag %q", path, h.Status, len(h.Body), h.Header.Get("Etag"), g.Status, g.Header.Get("Etag"))
		}
	}
}

func TestAPathMayBeginWithItsVersionAndEndWithASlash(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.Paid("path")
	plain := e.Do("GET", "/payments/"+id, nil)
	for _, path := range []string{"/v1/payments/" + id, "/payments/" + id + "/", "/v1/payments/" + id + "/"} {
		if a := e.Do("GET", path, nil); string(a.Body) != string(plain.Body) {
			t.Errorf("GET %s: got %d %s, want the same as without", path, a.Status, a.Body)
		}
	}
	for _, path := range []string{"/v1", "/", "/v2/payments", "/v1/v1/payments", "/payments//", "//payments", "/Payments"} {
		want(t, e.Do("GET", path, nil), http.StatusNotFound, "route_not_found")
	}
}

func TestLargeRepliesAreCompressedOnRequest(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.Paid("gzip")
	for _, c := range []struct {
		path, accepts, encoding string
	}{
		{"/payments/" + id, "gzip", "gzip"}, {"/payments/" + id, "identity", ""},
		{"/payment-sessions/encryption-keys/test", "gzip", ""}, // small
	} {
		r, err := http.NewRequest("GET", e.URL+c.path, nil)
		nodetest.Must(t, err)
		r.Header.Set("Authorization", e.Key)
		r.Header.Set("Accept-Encoding", c.accepts)
		res, err := http.DefaultClient.Do(r)
		nodetest.Must(t, err)
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		equal(t, c.path+" with Accept-Encoding "+c.accepts, res.Header.Get("Content-Encoding"), c.encoding)
	}
}

// Header names are the same in any case to HTTP, but retry_after is not
// Retry-After: clients look for either.
func TestRetryAfterIsSpelledBothWays(t *testing.T) {
	t.Parallel()
	e := start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(e.URL, "http://"))
	nodetest.Must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /payments HTTP/1.1\r\nHost: x\r\nConnection: close\r\nJuicer-Fault: status=503\r\nAuthorization: "+e.Key+"\r\n\r\n")
	nodetest.Must(t, err)
	answer, err := io.ReadAll(conn)
	nodetest.Must(t, err)
	for _, line := range []string{"\r\nRetry-After: 1\r\n", "\r\nretry_after: 1\r\n"} {
		if !strings.Contains(string(answer), line) {
			t.Errorf("the answer lacks %q:\n%s", line, answer)
		}
	}
}
