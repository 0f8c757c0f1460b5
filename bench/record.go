package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/vault"
)

// The statements of a capture are not listed here: they are heard from a server
// that makes one, so that what is compared with cannot fall behind the server.

// step is one thing that a request does outside itself: a session of the store,
// or an order to the bank.
type step struct {
	kind  stepKind
	does  []statement
	order rail.Instruction // bank
}

type stepKind int

const (
	reads stepKind = iota
	snapshots
	writes
	orders
)

// statement is one query of a session, with what it was given.
type statement struct {
	query   store.Query
	args    []any
	want    store.Want
	isQuery bool
	columns int // that were read of each row
	rows    int
}

// recorder hears what passes through a driver and to a rail while it is on.
type recorder struct {
	store.Driver
	rail  rail.Rail
	mu    sync.Mutex
	steps []step
}

// take gives what was heard and forgets it.
func (r *recorder) take() []step {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.steps
	r.steps = nil
	return out
}

func (r *recorder) heard(s step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, s)
}

func (r *recorder) hear(kind stepKind, fn func(store.Session) error) func(store.Session) error {
	return func(s store.Session) error {
		e := &ear{Session: s}
		err := fn(e)
		r.heard(step{kind: kind, does: e.does})
		return err
	}
}

// Read implements store.Driver.
func (r *recorder) Read(ctx context.Context, fn func(store.Session) error) error {
	return r.Driver.Read(ctx, r.hear(reads, fn))
}

// Snapshot implements store.Driver.
func (r *recorder) Snapshot(ctx context.Context, fn func(store.Session) error) error {
	return r.Driver.Snapshot(ctx, r.hear(snapshots, fn))
}

// Write implements store.Driver.
func (r *recorder) Write(ctx context.Context, fn func(store.Session) error) error {
	return r.Driver.Write(ctx, r.hear(writes, fn))
}

// Execute implements rail.Rail.
func (r *recorder) Execute(ctx context.Context, in rail.Instruction) (rail.Result, error) {
	r.heard(step{kind: orders, order: in})
	return r.rail.Execute(ctx, in)
}

// Status implements rail.Rail.
func (r *recorder) Status(ctx context.Context, ref string) (rail.Result, error) {
	return r.rail.Status(ctx, ref)
}

// ear is a session that notes its statements.
type ear struct {
	store.Session
	does []statement
}

// Rows implements store.Session.
func (e *ear) Rows(q store.Query, args []any, each func(store.Scan) error) error {
	s := statement{query: q, args: args, isQuery: true}
	err := e.Session.Rows(q, args, func(scan store.Scan) error {
		s.rows++
		return each(func(into ...any) error { s.columns = len(into); return scan(into...) })
	})
	e.does = append(e.does, s)
	return err
}

// Exec implements store.Session.
func (e *ear) Exec(q store.Query, want store.Want, args ...any) error {
	e.does = append(e.does, statement{query: q, args: args, want: want})
	return e.Session.Exec(q, want, args...)
}

// recorded is a payment as a server made it.
type recorded struct {
	create, capture []step
	made            int // payments up to this one
}

// The first payment also makes the customer; now and then one notes the use of the key.
const (
	recordMin = 3
	recordMax = 9
)

// record makes payments in a fresh environment in dir or in a database, one after
// another, and gives what the last two did: both the same.
func record(ctx context.Context, dir, database, personality string) (a, b recorded, err error) {
	n, err := openNode(ctx, dir, database)
	if err != nil {
		return a, b, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	driver, err := node.Driver(ctx, access.Test, dir, database)
	if err != nil {
		return a, b, err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	ears := &recorder{Driver: driver, rail: n.Bank}
	n.Engine.Store, n.Engine.Rails = store.New(ears), map[string]rail.Rail{"card": ears}
	key, err := prepare(ctx, n, personality)
	if err != nil {
		return a, b, err
	}
	for made := 1; made <= recordMax; made++ {
		a = b
		if b, err = pay(n, ears, key); err != nil {
			return a, b, err
		}
		if b.made = made; made >= recordMin && alike(a, b) == nil {
			break
		}
	}
	return a, b, alike(a, b)
}

// openNode wires a test environment without limits in dir, or in a database. Its background work
// does not run yet.
func openNode(ctx context.Context, dir, database string) (*node.Node, error) {
	text := strings.Repeat("a secret of the bench ", 2)
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	secret, err := vault.NewSecret([]byte(text))
	if err != nil {
		return nil, err
	}
	settings := engine.DefaultSettings()
	settings.Limits = "off"
	return node.Open(ctx, node.Config{Env: access.Test, Data: dir, Database: database, Secret: secret, PublicURL: "http://127.0.0.1:8080",
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Settings: settings})
}

// prepare makes a business and a key and tunes the bank.
func prepare(ctx context.Context, n *node.Node, personality string) (key string, err error) {
	business, err := n.Business(ctx)
	if err != nil {
		return "", err
	}
	if _, err = n.Bank.SetRail(ctx, "card", scripted.Patch{Personality: &personality}); err != nil {
		return "", fmt.Errorf("personality %q: %w", personality, err)
	}
	out, err := n.Engine.CreateKey(ctx, &engine.Call{Business: business.ID}, engine.NewKey{Name: "bench", Scopes: []string{access.Everything}})
	if err != nil {
		return "", err
	}
	var reply struct {
		Data struct {
			Key string `json:"key"`
		} `json:"data"`
	}
	err = json.Unmarshal(out.Body, &reply)
	return reply.Data.Key, err
}

// pay makes and captures one session. References and keys are UUIDs, so that
// replays can tell them from what stays.
func pay(n *node.Node, ears *recorder, key string) (r recorded, err error) {
	card, err := sealedCard(n.Engine.EncryptionKey())
	if err != nil {
		return r, err
	}
	send := func(to, body string, status int) (*httptest.ResponseRecorder, []step, error) {
		req := httptest.NewRequest("POST", to, strings.NewReader(body))
		req.Header.Set("Authorization", key)
		req.Header.Set("Idempotency-Key", fresh().New())
		w := httptest.NewRecorder()
		ears.take()
		n.API.ServeHTTP(w, req)
		if w.Code != status {
			return w, nil, fmt.Errorf("record: POST %s: want %d, got %d %s", to, status, w.Code, w.Body)
		}
		return w, ears.take(), nil
	}
	w, steps, err := send("/payment-sessions", sessionBody(fresh().New()), 201)
	if err != nil {
		return r, err
	}
	r.create = steps
	session := path.Base(w.Header().Get("Location"))
	if w, r.capture, err = send("/payment-sessions/"+session, card, 200); err == nil && w.Header().Get("Juicer-Outcome") != "succeeded" {
		err = fmt.Errorf("record: capture: want outcome succeeded, got %s", w.Body)
	}
	return r, err
}
