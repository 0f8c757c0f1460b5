package api_test

import (
	"encoding/json"
	"flag"
	"github.com/google/go-cmp/cmp"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/contract"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/world"
)

// patience is how long a test waits for what must happen by itself, lookEvery how
// often it looks.
const (
	patience  = 20 * time.Second
	lookEvery = 2 * time.Millisecond
)

var update = flag.Bool("update", false, "write the golden files anew")

var published = sync.OnceValues(func() (*contract.Contract, error) { return contract.Load("../../spec/openapi.yaml") })

// start runs a fresh environment, every exchange with which is held against the
// published contract.
func start(t testing.TB, options ...nodetest.Option) *nodetest.Env {
	t.Helper()
	return watched(t, nodetest.Start(t, options...))
}

// watched holds every exchange of an environment's client against the contract.
func watched(t testing.TB, e *nodetest.Env) *nodetest.Env {
	t.Helper()
	c, err := published()
	nodetest.Must(t, err)
	base := &http.Transport{MaxIdleConnsPerHost: 256}
	t.Cleanup(base.CloseIdleConnections)
	e.HTTP = &http.Client{
		Transport:     &contract.Transport{Contract: c, Base: base, Skip: ofTheBank, Report: func(err error) { t.Errorf("against the contract: %v", err) }},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return e
}

// ofTheBank are the pages that stand for the outside world, and the test page's
// form: no client program calls them, so the contract is silent about them.
func ofTheBank(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/issuer/") || r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/pay/")
}

// documented switches the documented rate limits on.
func documented(c *node.Config) { c.Settings = engine.DefaultSettings() }

// under gives the environment to a sub-test, which then fails by itself.
func under(t testing.TB, e *nodetest.Env) *nodetest.Env {
	own := *e
	own.T = t
	return &own
}

// frozen stops the test clock: what the bank delays comes only when the clock is
// moved.
func frozen(e *nodetest.Env) *nodetest.Env {
	e.T.Helper()
	set(e, "POST", "/sandbox/clock", map[string]any{"frozen": true})
	return e
}

// set is a request that must succeed.
func set(e *nodetest.Env, method, path string, body any, headers ...string) nodetest.Answer {
	e.T.Helper()
	a := e.Do(method, path, body, headers...)
	if a.Status >= 300 {
		e.T.Fatalf("%s %s: got %d %s, want a success", method, path, a.Status, a.Body)
	}
	return a
}

// with is a copy of a body with some members changed: name, value, ...; a nil
// value takes the member out.
func with(body map[string]any, changes ...any) map[string]any {
	out := map[string]any{}
	for name, v := range body {
		out[name] = v
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if name := changes[i].(string); changes[i+1] == nil {
			delete(out, name)
		} else {
			out[name] = changes[i+1]
		}
	}
	return out
}

// want fails the test unless the answer has the status and, if it is a refusal,
// the code.
func want(t testing.TB, a nodetest.Answer, status int, code string) {
	t.Helper()
	if a.Status != status || a.Text("error.code") != code {
		t.Errorf("got %d %s, want %d %s", a.Status, a.Body, status, code)
	}
}

// equal compares two values of a claim.
func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// alike is equal for values that hold others.
func alike[T any](t testing.TB, what string, got T, want any) {
	t.Helper()
	if diff := cmp.Diff(want, any(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// reply is what a request in the background brought.
type reply struct {
	nodetest.Answer
	err error
}

// later sends a request in the background.
func later(e *nodetest.Env, method, path string, body any, headers ...string) <-chan reply {
	out := make(chan reply, 1)
	go func() {
		a, err := e.Try(method, path, body, headers...)
		out <- reply{a, err}
	}()
	return out
}

// got waits for a request in the background.
func got(t testing.TB, c <-chan reply) nodetest.Answer {
	t.Helper()
	r := <-c
	nodetest.Must(t, r.err)
	return r.Answer
}

// until asks again and again, without a fixed pace, until holds says so; what it
// waits for comes by itself within moments.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	end := world.RealNow().Add(patience)
	for !holds() {
		if world.RealNow().After(end) {
			t.Fatalf("it did not happen: %s", what)
		}
		nodetest.Must(t, world.Sleep(t.Context(), lookEvery))
	}
}

// statusOf is the status that the catalogue gives a code.
func statusOf(t testing.TB, code string) int {
	t.Helper()
	k, known := problem.ByCode(code)
	if !known {
		t.Fatalf("%s is no code of the catalogue", code)
	}
	return k.Status
}

// foreignKey is a key of another business.
func foreignKey(e *nodetest.Env) string {
	e.T.Helper()
	b, err := e.Engine.AddBusiness(e.T.Context(), "Somebody else", 0)
	nodetest.Must(e.T, err)
	out, err := e.Engine.CreateKey(e.T.Context(), &engine.Call{Business: b.ID}, engine.NewKey{Name: "their key", Scopes: []string{access.Everything}})
	nodetest.Must(e.T, err)
	var made struct{ Data struct{ Key string } }
	nodetest.Must(e.T, json.Unmarshal(out.Body, &made))
	return made.Data.Key
}

func silentLog() *slog.Logger { return slog.New(slog.DiscardHandler) }
