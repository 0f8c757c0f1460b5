// Package nodetest starts a whole test environment - store, simulated bank, HTTP over
// a socket - for tests, and talks to it as a client would. The store is SQLite files, or
// PostgreSQL if servertest.StoreVariable says so.
package nodetest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/spec"
)

// Env is a running environment with a client's view of it.
type Env struct {
	*node.Node
	T       testing.TB
	URL     string
	Key     string // scope *
	Metrics *prometheus.Registry
	HTTP    *http.Client
	Log     *Log
}

// Log keeps what the server logged.
type Log struct{ text atomic.Pointer[string] }

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	for {
		old := l.text.Load()
		next := string(p)
		if old != nil {
			next = *old + next
		}
		if l.text.CompareAndSwap(old, &next) {
			return len(p), nil
		}
	}
}

// String is everything logged so far.
func (l *Log) String() string {
	if s := l.text.Load(); s != nil {
		return *s
	}
	return ""
}

// Option changes the configuration before the start.
type Option func(*node.Config)

// Live makes it a live environment.
func Live(c *node.Config) { c.Env = access.Live }

// Start runs a fresh test environment with the instant bank and without rate
// limits, and ends it with the test.
func Start(t testing.TB, options ...Option) *Env {
	t.Helper()
	settings := engine.DefaultSettings()
	settings.Limits = "off"
	dir, database := blank(t)
	return StartIn(t, dir, append([]Option{On(database), func(c *node.Config) { c.Settings = settings }}, options...)...)
}

// On chooses a PostgreSQL database instead of the files of the directory.
func On(database string) Option { return func(c *node.Config) { c.Database = database } }

// StartIn is Start in a directory, or with On in a database, which may hold an earlier
// environment.
func StartIn(t testing.TB, dir string, options ...Option) *Env {
	t.Helper()
	c, err := config(dir)
	Must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	Must(t, err)
	e := &Env{T: t, URL: "http://" + listener.Addr().String(), Metrics: prometheus.NewRegistry(), HTTP: &http.Client{}, Log: &Log{}}
	c.PublicURL, c.Metrics, c.Log = e.URL, e.Metrics, slog.New(slog.NewTextHandler(e.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, option := range options {
		option(&c)
	}
	e.Node, err = node.Open(t.Context(), c)
	Must(t, err)
	Must(t, e.Start(t.Context()))
	e.instant()
	e.Key = e.NewKey(access.Everything)
	server := e.API.HTTP()
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
		e.HTTP.CloseIdleConnections()
		if err := e.Node.Close(); err != nil {
			t.Errorf("close the environment: %v", err)
		}
	})
	return e
}

// openAPI is made from its source once: that takes as long as the rest of a start.
var openAPI = sync.OnceValues(spec.OpenAPI)

// config is a test environment in a directory.
func config(dir string) (node.Config, error) {
	contract, err := openAPI()
	if err != nil {
		return node.Config{}, err
	}
	secret, err := vault.NewSecret([]byte("a server secret for tests, 32 bytes+"))
	return node.Config{Env: access.Test, Data: dir, Secret: secret, OpenAPI: contract, Settings: engine.DefaultSettings(),
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()}, err
}

// instant makes the bank answer at once.
func (e *Env) instant() {
	if e.Bank == nil {
		return
	}
	name := "instant"
	rails, err := e.Bank.Rails(e.T.Context())
	Must(e.T, err)
	for _, r := range rails {
		_, err := e.Bank.SetRail(e.T.Context(), r.Rail, scripted.Patch{Personality: &name})
		Must(e.T, err)
	}
}

// NewKey makes a key with the given scopes.
func (e *Env) NewKey(scopes ...string) string {
	e.T.Helper()
	b, err := e.Business(context.Background())
	Must(e.T, err)
	out, err := e.Engine.CreateKey(context.Background(), &engine.Call{Business: b.ID}, engine.NewKey{Name: "test key", Scopes: scopes})
	Must(e.T, err)
	var reply struct{ Data struct{ Key string } }
	Must(e.T, json.Unmarshal(out.Body, &reply))
	return reply.Data.Key
}

// Must ends the test on an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Answer is a reply as a client sees it.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	JSON   map[string]any
}

// Do sends a request with the environment's key; body may be nil, []byte, string
// or anything that encodes as JSON. headers are name, value, ...
func (e *Env) Do(method, path string, body any, headers ...string) Answer {
	e.T.Helper()
	a, err := e.Try(method, path, body, headers...)
	Must(e.T, err)
	return a
}

// Try is Do for requests whose connection may break.
func (e *Env) Try(method, path string, body any, headers ...string) (Answer, error) {
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		reader = strings.NewReader(string(b))
	case string:
		reader = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			return Answer{}, err
		}
		reader = strings.NewReader(string(raw))
	}
	r, err := http.NewRequest(method, e.URL+path, reader)
	if err != nil {
		return Answer{}, err
	}
	r.Header.Set("Authorization", e.Key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := e.HTTP.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	a := Answer{Status: res.StatusCode, Header: res.Header}
	if a.Body, err = io.ReadAll(res.Body); err != nil {
		return a, err
	}
	_ = json.Unmarshal(a.Body, &a.JSON) // an HTML page has no JSON
	return a, nil
}

// At reads a value by its path, such as data.payment.state; nil if it is not there.
func (a Answer) At(path string) any {
	var v any = a.JSON
	for _, name := range strings.Split(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// Text is At for texts, "" for anything else.
func (a Answer) Text(path string) string {
	s, _ := a.At(path).(string)
	return s
}

// Session is the body of a good POST /payment-sessions.
func Session(reference string) map[string]any {
	return map[string]any{
		"amount": 250000, "currency": "NGN", "description": "Term fee", "reference": reference,
		"customer": map[string]any{"first_name": "Ada", "last_name": "Obi", "email": "ada@example.com", "phone_number": "+2348031234567",
			"billing_address": map[string]any{"line1": "5 Marina Road", "city": "Lagos", "country": "NG", "zip_code": "100001"}},
		"order":          map[string]any{"identifier": "INV-7", "items": []any{map[string]any{"name": "Term fee", "type": "service"}}},
		"payment_method": map[string]any{"type": "card"},
	}
}

// NewSession makes a payment session and gives its id.
func (e *Env) NewSession(reference string) string {
	e.T.Helper()
	a := e.Do("POST", "/payment-sessions", Session(reference))
	if a.Status != http.StatusCreated {
		e.T.Fatalf("create %s: got %d %s, want 201", reference, a.Status, a.Body)
	}
	return a.Text("data.id")
}

// Card is the encrypted card object of a capture.
func (e *Env) Card(number string) map[string]any { return e.CardWith(number, "100", 1, 39) }

// CardWith is Card with another security code or expiry date.
func (e *Env) CardWith(number, cvv string, month, year int) map[string]any {
	e.T.Helper()
	return map[string]any{"card_number": e.Seal(number), "cvv": e.Seal(cvv), "expiry_month": month, "expiry_year": year}
}

// Seal encrypts a value as clients do.
func (e *Env) Seal(plain string) string {
	e.T.Helper()
	iv := make([]byte, 16)
	_, err := rand.Read(iv)
	Must(e.T, err)
	text, err := vault.Seal(plain, e.Engine.EncryptionKey(), iv)
	Must(e.T, err)
	return text
}

// Capture captures a session with a test card.
func (e *Env) Capture(session, number string, headers ...string) Answer {
	e.T.Helper()
	return e.Do("POST", "/payment-sessions/"+session, map[string]any{"card": e.Card(number)}, headers...)
}

// Paid makes a session, captures it with a card that is approved, and gives its id.
func (e *Env) Paid(reference string) string {
	e.T.Helper()
	id := e.NewSession(reference)
	if a := e.Capture(id, "4000000000011009"); a.Text("data.payment.state") != "captured" {
		e.T.Fatalf("capture %s: got %d %s, want captured", reference, a.Status, a.Body)
	}
	return id
}

// Advance moves the test clock and waits for everything that falls due.
func (e *Env) Advance(ms int64) {
	e.T.Helper()
	if a := e.Do("POST", "/sandbox/clock", map[string]any{"advance_ms": ms}); a.Status != http.StatusOK || a.At("data.idle") != true {
		e.T.Fatalf("advance %d ms: %d %s", ms, a.Status, a.Body)
	}
}

// Clean fails the test unless the audit finds nothing.
func (e *Env) Clean() {
	e.T.Helper()
	a := e.Do("GET", "/sandbox/audit?wait=10", nil)
	if a.At("data.clean") != true {
		e.T.Errorf("the audit is not clean: %s", a.Body)
	}
}

// State reads a payment's internal state.
func (e *Env) State(id string) string {
	e.T.Helper()
	return e.Do("GET", "/payments/"+id, nil).Text("data.state")
}

// Ref makes a fresh reference from a readable stem.
func Ref(stem string, n int) string { return fmt.Sprintf("%s-%d", stem, n) }
