package juicer

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// step is what a scripted server does with one request.
type step struct {
	status  int
	body    string
	headers map[string]string
	err     error         // instead of an answer
	took    time.Duration // 0: 10 ms; never: until the client gives up
	cut     bool          // the body ends too early
}

const never = time.Duration(-1)

// script is a transport that plays steps, the last one for ever. On synctest's clock
// its times cost nothing.
type script struct {
	steps []step

	mu   sync.Mutex
	seen []seenRequest
}

// seenRequest is what arrived.
type seenRequest struct {
	method, path, key, body, attempt, deadline string
	header                                     http.Header
	at                                         time.Time
}

// RoundTrip implements http.RoundTripper.
func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body.Close()
	n := s.note(r, string(body))
	do := s.steps[min(n, len(s.steps)-1)]
	if err := do.pause(r.Context()); err != nil {
		return nil, err
	}
	if do.err != nil {
		return nil, do.err
	}
	return do.response(n), nil
}

func (s *script) note(r *http.Request, body string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, seenRequest{method: r.Method, path: r.URL.RequestURI(), key: r.Header.Get("Idempotency-Key"), body: body,
		attempt: r.Header.Get("X-Juicer-Attempt"), deadline: r.Header.Get("Juicer-Deadline-Ms"), header: r.Header.Clone(), at: time.Now()})
	return len(s.seen) - 1
}

func (d step) pause(ctx context.Context) error {
	switch d.took {
	case never:
		<-ctx.Done()
		return ctx.Err()
	case 0:
		d.took = 10 * time.Millisecond
	}
	select {
	case <-time.After(d.took):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d step) response(n int) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {fmt.Sprintf("req_%d", n+1)}}
	for name, value := range d.headers {
		h.Set(name, value)
	}
	res := &http.Response{StatusCode: d.status, Header: h, Body: io.NopCloser(strings.NewReader(d.body)), ContentLength: int64(len(d.body))}
	if d.cut {
		res.ContentLength++
	}
	return res
}

var errReset = fmt.Errorf("read: %w", syscall.ECONNRESET)

// Answers as Juicer gives them.
const (
	createdBody = `{"data":{"id":"pay_1","status":"pending"},"money":{"outcome":"not_attempted","retry":{"after_ms":null,"allowed":false,"with":null},"status_url":null}}`
	inUseBody   = `{"error":{"code":"idempotency_key_in_use","outcome":"pending","retry":{"after_ms":1500,"allowed":true,"with":"same_key"}}}`
	limitedBody = `{"error":{"code":"rate_limit_exceeded","outcome":"not_attempted","retry":{"allowed":true,"with":"same_key"}}}`
)

// scripted is a client of a scripted server whose random numbers are given, the last
// one for ever.
func scripted(t testing.TB, s *script, chances ...float64) *Client {
	t.Helper()
	c, err := New(Config{BaseURL: "http://juicer.test", APIKey: "test_0000000000000000000000000000000HGh7u", Transport: s, chance: chanceOf(chances...)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func chanceOf(chances ...float64) func() float64 {
	if len(chances) == 0 {
		chances = []float64{0.5}
	}
	var mu sync.Mutex
	n := -1
	return func() float64 {
		mu.Lock()
		defer mu.Unlock()
		n = min(n+1, len(chances)-1)
		return chances[n]
	}
}

// simple is a call without fields of its own.
func simple(ctx context.Context, c *Client, method, route string, options ...Option) (*Result[Payment], error) {
	var body any
	if method == "POST" {
		body = map[string]any{"amount": 100, "reference": "r_1"}
	}
	return send[Payment](ctx, c, request{method: method, route: route, body: body}, options)
}
