package juicer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// resetting is a server that answers the first request of each connection and breaks
// the connection at the second, after it has read the request.
type resetting struct {
	listener net.Listener
	requests atomic.Int64 // on the wire, whoever sent them
	mu       sync.Mutex
	open     []net.Conn
}

func startResetting(t *testing.T) *resetting {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &resetting{listener: l}
	t.Cleanup(s.stop)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.open = append(s.open, c)
			s.mu.Unlock()
			go s.serve(c)
		}
	}()
	return s
}

func (s *resetting) stop() {
	s.listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		c.Close()
	}
}

func (s *resetting) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	for n := 0; n < 2; n++ {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		s.requests.Add(1)
		if n == 1 {
			_ = c.(*net.TCPConn).SetLinger(0) // the peer sees a reset
			return
		}
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(createdBody), createdBody)
	}
}

func (s *resetting) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(Config{BaseURL: "http://" + s.listener.Addr().String(), APIKey: "test_key", chance: func() float64 { return 0 }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.wire.through.(*http.Transport).CloseIdleConnections)
	return c
}

func TestS8NoRequestIsSentThatIsNotCounted(t *testing.T) {
	for _, method := range []string{"POST", "DELETE", "GET"} {
		t.Run(method, func(t *testing.T) {
			s := startResetting(t)
			c := s.client(t)
			counted := 0
			for range 4 { // every second one meets a connection that breaks
				out, err := simple(context.Background(), c, method, "/payment-sessions")
				if err != nil {
					t.Fatal(err)
				}
				counted += len(out.Attempts)
			}
			if wire := int(s.requests.Load()); wire != counted || counted <= 4 {
				t.Errorf("%d requests on the wire, %d counted", wire, counted)
			}
		})
	}
}

// The same, as net/http does it by itself: the test above would notice.
func TestS8IsRedForATransportThatRepeats(t *testing.T) {
	s := startResetting(t)
	c := http.Client{Transport: &http.Transport{}}
	defer c.CloseIdleConnections()
	sent := 2
	for range sent {
		req, err := http.NewRequest("DELETE", "http://"+s.listener.Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Idempotency-Key", "k")
		res, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	if wire := int(s.requests.Load()); wire <= sent {
		t.Errorf("net/http repeated nothing: %d requests for %d calls", wire, sent)
	}
}

// watched is a context that knows who waits for its end.
type watched struct {
	context.Context
	done    chan struct{}
	waiting atomic.Int64
	total   atomic.Int64
}

// Done differs from the inner context's, and Value hides it, so that package context
// asks AfterFunc.
func (w *watched) Done() <-chan struct{} { return w.done }
func (w *watched) Value(any) any         { return nil }
func (w *watched) AfterFunc(f func()) func() bool {
	w.waiting.Add(1)
	w.total.Add(1)
	stop := context.AfterFunc(w.Context, f)
	var once sync.Once
	return func() bool {
		once.Do(func() { w.waiting.Add(-1) })
		return stop()
	}
}

func TestS13ASharedContextCollectsNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, createdBody)
	}))
	defer server.Close()
	through := &http.Transport{MaxIdleConnsPerHost: 8}
	c, err := New(Config{BaseURL: server.URL, APIKey: "test_key", Transport: through})
	if err != nil {
		t.Fatal(err)
	}
	inner, cancel := context.WithCancel(context.Background())
	defer cancel()
	shared := &watched{Context: inner, done: make(chan struct{})}
	before := runtime.NumGoroutine()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 125 {
				if _, err := post(shared, c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	equal(t, "listeners left", shared.waiting.Load(), 0)
	if shared.total.Load() < 1000 {
		t.Errorf("the calls listened %d times to the context: the test looks at the wrong place", shared.total.Load())
	}
	through.CloseIdleConnections()
	server.CloseClientConnections()
	settles(t, before)
}

// settles waits until no more goroutines run than before.
func settles(t *testing.T, before int) {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for runtime.NumGoroutine() > before {
		select {
		case <-timeout:
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		default:
			runtime.Gosched()
		}
	}
}

func TestS14RetriesUseTheSameConnection(t *testing.T) {
	var opened, requests atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if requests.Add(1)%2 == 1 {
			w.WriteHeader(503)
			io.WriteString(w, `{"error":{"code":"overloaded","message":"The server is busy."}}`)
			return
		}
		io.WriteString(w, createdBody)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	through := &http.Transport{MaxConnsPerHost: 1}
	defer through.CloseIdleConnections()
	c, err := New(Config{BaseURL: server.URL, APIKey: "test_key", Transport: through, chance: func() float64 { return 0 }})
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if _, err := post(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "requests", requests.Load(), 100)
	equal(t, "connections", opened.Load(), 1)
}

func TestS15TwoCallsWithOneKey(t *testing.T) {
	s := startServer(t, "--limits", "off")
	c, ctx := s.client(t), context.Background()
	id := capture(t, c)
	var results [2]*Result[Refund]
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			var err error
			if results[i], err = c.Payments.Refund(ctx, id, &CreateRefund{}, WithIdempotencyKey("refund-1")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	slices.SortFunc(results[:], func(a, b *Result[Refund]) int { return len(a.Attempts) - len(b.Attempts) })
	first, second := results[0], results[1]
	equal(t, "status of both", fmt.Sprint(first.Status, second.Status), "201 201")
	equal(t, "requests of the first", len(first.Attempts), 1)
	if len(second.Attempts) < 2 || second.Attempts[0].Status != 409 || !second.Replayed || first.Replayed {
		t.Errorf("the second call did not wait for the first: %+v", second.Attempts)
	}
	equal(t, "counted attempts of the second", second.Attempts[len(second.Attempts)-1].Number, 1)
	equal(t, "refund", second.Data.ID, first.Data.ID)
}

// capture takes a payment and gives back its id.
func capture(t testing.TB, c *Client) string {
	t.Helper()
	ctx := context.Background()
	session, err := c.PaymentSessions.Create(ctx, newSession())
	if err != nil {
		t.Fatal(err)
	}
	card, err := c.Cards.Encrypt(ctx, goodCard())
	if err != nil {
		t.Fatal(err)
	}
	paid, err := c.PaymentSessions.Capture(ctx, session.Data.ID, &Capture{Card: card})
	if err != nil || !paid.Succeeded() {
		t.Fatalf("the capture did not succeed: %v %+v", err, paid)
	}
	return session.Data.ID
}

// S7 in real time, with what net/http and the kernel add; the median of several, so
// that a busy machine does not decide.
func TestS7CancelReturnsWithin50Milliseconds(t *testing.T) {
	for name, hang := range map[string]bool{"during a wait": false, "during the request": true} {
		t.Run(name, func(t *testing.T) {
			arrived := make(chan struct{}, 16)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if hang {
					arrived <- struct{}{}
					<-r.Context().Done()
					return
				}
				w.Header().Set("Retry-After", "5")
				w.WriteHeader(503)
			}))
			defer server.Close()
			through := &http.Transport{}
			answered := Hooks{AttemptEnds: func(_ context.Context, try AttemptInfo) {
				if try.Status != 0 {
					arrived <- struct{}{}
				}
			}}
			c, err := New(Config{BaseURL: server.URL, APIKey: "test_key", Transport: through, Hooks: []Hooks{answered}})
			if err != nil {
				t.Fatal(err)
			}
			before := runtime.NumGoroutine()
			var took []time.Duration
			for range 9 {
				took = append(took, cancelAfter(t, c, arrived))
			}
			slices.Sort(took)
			if took[4] > 50*time.Millisecond {
				t.Errorf("the calls returned %v after the cancel", took)
			}
			through.CloseIdleConnections()
			server.CloseClientConnections()
			settles(t, before)
		})
	}
}

// cancelAfter cancels a call that has come to its wait or its request, and measures its
// end.
func cancelAfter(t *testing.T, c *Client, arrived chan struct{}) time.Duration {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		_, err := post(ctx, c)
		ended <- err
	}()
	<-arrived
	at := time.Now()
	cancel()
	var cancelled *CancelledError
	if err := <-ended; !errors.As(err, &cancelled) {
		t.Errorf("got %v, want a CancelledError", err)
	}
	return time.Since(at)
}
