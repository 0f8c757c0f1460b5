package juicer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// S12: many calls to a real server, nearly a third of all attempts disturbed in every
// way that the sandbox and a network know; afterwards the books decide who was right.

const (
	stormCalls   = 10_000 // JUICER_STORM_CALLS
	stormWorkers = 32
	stormShare   = 0.3
)

// storm is one run.
type storm struct {
	t      *testing.T
	server *realServer
	client *Client
	seed   uint64
	gale   *gale
	lie    func(*JuicerError) // planted: what the caller is told instead
	wanted int

	mu    sync.Mutex
	begun int // calls
	calls []stormCall
}

// stormCall is a payment as its caller saw it.
type stormCall struct {
	reference, id   string
	created, caught told12
}

// told12 is what a caller was told about one call.
type told12 struct {
	made    bool
	err     error
	outcome Outcome // of the error, or of the answer
}

// gale is the transport with the weather. It is random but repeatable in kind.
type gale struct {
	calm, refusing, breaking http.RoundTripper
	tamper                   func(*http.Request)

	mu   sync.Mutex
	dice *rand.Rand
	hits map[string]int
}

// anywhere are faults that never lie about an earlier attempt.
var anywhere = []string{
	"drop=before", "drop=after-commit", "truncate=%d", "garbage", "hang=%d", "hang=%d;at=before", "delay=%d",
	"status=429", "status=429;retry-after=1", "status=500", "status=502", "status=503;retry-after=2", "status=504", "status=401",
	"error=server_error;at=after-commit", "error=storage_unavailable;at=after-commit", "error=request_timeout;at=after-commit",
	"error=overloaded", "error=storage_unavailable", "error=bank_not_available", "error=revoked_api_key",
	"connection refused", "reset while sending",
}

// atFirst are refusals that speak for this key: after a lost answer a real server would
// not give them, so they come only where nothing was sent before.
var atFirst = []string{"status=400", "status=403", "status=404", "status=409", "status=413", "status=415", "status=422", "error=insufficient_funds", "error=resource_busy"}

// RoundTrip implements http.RoundTripper.
func (g *gale) RoundTrip(r *http.Request) (*http.Response, error) {
	if g.tamper != nil {
		g.tamper(r)
	}
	fault := g.draw(r.Header.Get("X-Juicer-Attempt") == "1")
	switch fault {
	case "":
		return g.calm.RoundTrip(r)
	case "connection refused":
		return g.refusing.RoundTrip(r)
	case "reset while sending":
		return g.breaking.RoundTrip(r)
	}
	r.Header.Set("Juicer-Fault", fault)
	return g.calm.RoundTrip(r)
}

func (g *gale) draw(first bool) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dice.Float64() >= stormShare {
		return ""
	}
	kinds := anywhere
	if first && g.dice.IntN(4) == 0 {
		kinds = atFirst
	}
	kind := kinds[g.dice.IntN(len(kinds))]
	g.hits[kind]++
	if strings.Contains(kind, "%d") {
		return fmt.Sprintf(kind, 50+g.dice.IntN(250))
	}
	return kind
}

// breaks is a connection that resets after a part of the request.
type breaks struct {
	net.Conn
	left int
}

// Write implements net.Conn.
func (b *breaks) Write(p []byte) (int, error) {
	if len(p) <= b.left {
		b.left -= len(p)
		return b.Conn.Write(p)
	}
	n, _ := b.Conn.Write(p[:b.left])
	_ = b.Conn.(*net.TCPConn).SetLinger(0)
	b.Conn.Close()
	return n, io.ErrClosedPipe
}

func newGale(seed uint64) *gale {
	var dialer net.Dialer
	return &gale{
		dice: rand.New(rand.NewPCG(seed, 12)), hits: map[string]int{},
		calm: &http.Transport{MaxIdleConnsPerHost: stormWorkers},
		refusing: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, "127.0.0.1:1")
		}},
		breaking: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, address)
			return &breaks{Conn: c, left: 300}, err
		}},
	}
}

func number(name string, standard int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return standard
}

func newStorm(t *testing.T, calls int) *storm {
	seed := uint64(number("JUICER_STORM_SEED", int(time.Now().UnixNano()%1_000_000)))
	t.Logf("seed %d (JUICER_STORM_SEED)", seed)
	s := &storm{t: t, server: startServer(t, "--limits", "off"), seed: seed, gale: newGale(seed), wanted: calls}
	s.server.instant(t)
	s.client = s.server.client(t, func(c *Config) {
		c.Transport = s.gale
		c.Policy.WriteTimeoutMS = 2000
		c.pause = func(ctx context.Context, d time.Duration) error { return sleep(ctx, min(d/100, 20*time.Millisecond)) }
	})
	return s
}

// run makes the calls: about half of them create, the others capture.
func (s *storm) run() {
	key, err := s.server.client(s.t).PaymentSessions.EncryptionKey(context.Background(), "test")
	if err != nil {
		s.t.Fatal(err)
	}
	var all sync.WaitGroup
	for range stormWorkers {
		all.Go(func() {
			for i, more := s.next(); more; i, more = s.next() {
				s.enter(i, s.pay(i, key.Data.EncryptionKey))
			}
		})
	}
	all.Wait()
}

// next reserves a payment, until there were enough calls.
func (s *storm) next() (i int, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begun >= s.wanted {
		return 0, false
	}
	s.begun++
	s.calls = append(s.calls, stormCall{})
	return len(s.calls) - 1, true
}

func (s *storm) enter(i int, c stormCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[i] = c
	if c.caught.made {
		s.begun++
	}
}

func (s *storm) pay(i int, cardKey string) stormCall {
	ctx := context.Background()
	session := newSession()
	session.Reference = fmt.Sprintf("storm-%d", i)
	session.Metadata = map[string]any{"call": strconv.Itoa(i)}
	out := stormCall{reference: session.Reference}
	created, err := s.client.PaymentSessions.Create(ctx, session)
	out.created = s.told(err)
	if err != nil {
		return out
	}
	out.id, out.created.outcome = created.Data.ID, created.Outcome()
	card, err := EncryptCard(cardKey, goodCard())
	if err != nil {
		s.t.Error(err)
	}
	caught, err := s.client.PaymentSessions.Capture(ctx, out.id, &Capture{Card: card})
	out.caught = s.told(err)
	if err == nil {
		out.caught.outcome = caught.Outcome()
	}
	return out
}

func (s *storm) told(err error) told12 {
	if err == nil {
		return told12{made: true}
	}
	e := base(err)
	if e == nil {
		s.t.Errorf("an error outside of the tree: %v", err)
		return told12{made: true, err: err}
	}
	if s.lie != nil {
		s.lie(e)
	}
	return told12{made: true, err: err, outcome: e.Outcome}
}

// books is what really happened.
type books struct {
	payments   map[string][]Payment // by the call that wanted them
	executions map[string]int       // by payment
	audit      Audit
}

// read waits until everything has come to its end, and reads the books.
func (s *storm) read() books {
	ctx, calm := context.Background(), s.server.client(s.t)
	b := books{payments: map[string][]Payment{}, executions: map[string]int{}}
	wait := int64(25)
	audit, err := calm.Sandbox.Audit(ctx, &SandboxAuditQuery{Wait: &wait}, WithPolicy(func(p *Policy) { p.ReadTimeoutMS = 60_000 }))
	if err != nil {
		s.t.Fatal(err)
	}
	b.audit = audit.Data
	hundred := int64(100)
	for p, err := range calm.Payments.ListAll(ctx, &PaymentsListQuery{Limit: &hundred}) {
		if err != nil {
			s.t.Fatal(err)
		}
		call, _ := p.Metadata["call"].(string)
		b.payments[call] = append(b.payments[call], *p)
	}
	for entry, err := range calm.Sandbox.ListAllRailBooks(ctx, &SandboxListRailBooksQuery{Limit: &hundred, Rail: "card"}) {
		if err != nil {
			s.t.Fatal(err)
		}
		payment, _, _ := strings.Cut(entry.RailReference, "/")
		b.executions[payment]++
	}
	return b
}

// judge lists what callers were told that the books deny.
func (s *storm) judge(b books) []string {
	var wrong []string
	for i, c := range s.calls {
		found := b.payments[strconv.Itoa(i)]
		if len(found) > 1 {
			wrong = append(wrong, fmt.Sprintf("%s: %d payments for one key", c.reference, len(found)))
		}
		wrong = append(wrong, c.created.against("create", c.reference, len(found) > 0)...)
		if c.caught.made {
			if b.executions[c.id] > 1 {
				wrong = append(wrong, fmt.Sprintf("%s: charged %d times", c.reference, b.executions[c.id]))
			}
			wrong = append(wrong, c.caught.against("capture", c.reference, b.executions[c.id] > 0)...)
		}
	}
	if !b.audit.Clean {
		wrong = append(wrong, fmt.Sprintf("the audit is not clean: %+v", b.audit.Findings))
	}
	return wrong
}

// against compares a sentence with whether the thing exists.
func (c told12) against(what, reference string, exists bool) []string {
	switch {
	case c.err == nil && !exists:
		return []string{fmt.Sprintf("%s %s: called a success, and is not there", what, reference)}
	case c.err != nil && exists && (c.outcome == OutcomeNotAttempted || c.outcome == OutcomeRefused):
		return []string{fmt.Sprintf("%s %s: called %s, and is there: %v", what, reference, c.outcome, base(c.err).SupportBundle())}
	case c.err != nil && !exists && c.outcome == OutcomeSucceeded:
		return []string{fmt.Sprintf("%s %s: called succeeded, and is not there", what, reference)}
	case c.err != nil && c.outcome == "":
		return []string{fmt.Sprintf("%s %s: a write without an outcome", what, reference)}
	}
	return nil
}

// summary says what the weather was and how the calls ended.
func (s *storm) summary() string {
	ends := map[string]int{}
	calls := 0
	for _, c := range s.calls {
		for _, one := range []told12{c.created, c.caught} {
			switch {
			case !one.made:
			case one.err == nil:
				calls++
				ends["answered"]++
			default:
				calls++
				ends[string(one.outcome)+" ("+string(base(one.err).Reason)+")"]++
			}
		}
	}
	return fmt.Sprintf("%d calls, ends %v, faults %v", calls, ends, s.gale.hits)
}

func TestS12NobodyPaysTwiceAndNobodyIsToldALie(t *testing.T) {
	s := newStorm(t, number("JUICER_STORM_CALLS", stormCalls))
	start := time.Now()
	s.run()
	took := time.Since(start)
	wrong := s.judge(s.read())
	t.Logf("%s; %s for the calls", s.summary(), took.Round(time.Millisecond))
	for _, w := range wrong {
		t.Error(w)
	}
	for _, kind := range append(anywhere, atFirst...) {
		if s.gale.hits[kind] == 0 {
			t.Errorf("no attempt was disturbed by %s", kind)
		}
	}
}

// Two planted faults: each must be noticed.
func TestS12NoticesAClientThatLies(t *testing.T) {
	s := newStorm(t, 400)
	s.lie = func(e *JuicerError) {
		if e.Outcome == OutcomeUnknown {
			e.Outcome = OutcomeRefused // as if a lost answer were a refusal
		}
	}
	s.run()
	if wrong := s.judge(s.read()); len(wrong) == 0 {
		t.Error("a client that calls lost answers refused was not noticed")
	}
}

func TestS12NoticesAClientThatChangesItsKey(t *testing.T) {
	s := newStorm(t, 400)
	s.gale.tamper = func(r *http.Request) {
		n := r.Header.Get("X-Juicer-Attempt")
		if n == "1" || r.URL.Path != "/payment-sessions" {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		body = bytes.Replace(body, []byte(`"reference":"storm-`), []byte(`"reference":"again-`+n+`-`), 1)
		r.Header.Set("Idempotency-Key", r.Header.Get("Idempotency-Key")+n)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	s.run()
	if wrong := s.judge(s.read()); !strings.Contains(strings.Join(wrong, "\n"), "payments for one key") {
		t.Error("a client that makes a new payment of every attempt was not noticed")
	}
}
