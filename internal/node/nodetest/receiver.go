package nodetest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/world"
)

// Receiver is a merchant's server that takes webhooks. What it answers is its test's
// choice; it answers 200 by itself.
type Receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []Hook
	answer func(h Hook, w http.ResponseWriter, r *http.Request)
	pulse  world.Pulse
}

// Hook is one request that a receiver was sent.
type Hook struct {
	Header http.Header
	Body   []byte
	Path   string
}

// ID is the webhook-id.
func (h Hook) ID() string { return h.Header.Get("webhook-id") }

// Number reads a header that holds one.
func (h Hook) Number(header string) int64 {
	n, _ := strconv.ParseInt(h.Header.Get(header), 10, 64)
	return n
}

// Event is the name in the body.
func (h Hook) Event() string {
	var body struct{ Event string }
	_ = json.Unmarshal(h.Body, &body)
	return body.Event
}

// NewReceiver starts one that ends with the test. answer may be nil.
func NewReceiver(t testing.TB, answer func(Hook, http.ResponseWriter, *http.Request)) *Receiver {
	r := &Receiver{answer: answer}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// ServeHTTP implements http.Handler.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	h := Hook{Header: req.Header, Body: body, Path: req.URL.Path}
	r.mu.Lock()
	r.got = append(r.got, h)
	r.mu.Unlock()
	r.pulse.Beat()
	if r.answer != nil {
		r.answer(h, w, req)
	}
}

// Got is what it was sent so far, in the order of arrival.
func (r *Receiver) Got() []Hook {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Hook{}, r.got...)
}

// Forget forgets it.
func (r *Receiver) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = nil
}

// Endpoint registers a URL for all events, or those given, and gives its id and secret.
func (e *Env) Endpoint(url string, events ...string) (id, secret string) {
	e.T.Helper()
	body := map[string]any{"url": url}
	if len(events) > 0 {
		body["events"] = events
	}
	a := e.Do("POST", "/webhook-endpoints", body)
	if a.Status != http.StatusCreated {
		e.T.Fatalf("register %s: got %d %s, want 201", url, a.Status, a.Body)
	}
	return a.Text("data.id"), a.Text("data.secret")
}

// Settle waits until nothing is due and nothing is running.
func (e *Env) Settle() {
	e.T.Helper()
	if a := e.Do("POST", "/sandbox/clock/wait", map[string]any{"timeout_ms": 20000}); a.At("data.idle") != true {
		e.T.Fatalf("not idle: %s", a.Body)
	}
}
