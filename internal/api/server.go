// Package api is the edge over HTTP: routes, the order of checks, the shapes of
// requests. It raises problems and leaves their rendering to respond.go.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/ratelimit"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/sandbox"
	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// Config is what one environment's listener is made of.
type Config struct {
	Engine  *engine.Engine
	Gate    access.Gate
	Keyring *vault.Keyring
	Limiter ratelimit.Limiter
	Slots   *ratelimit.Slots
	Limits  ratelimit.Table // the documented ones, or the operator's
	Log     *slog.Logger
	Lines   *requestlog.Writer
	Metrics *Metrics
	IDs     id.Maker // of requests: real time
	Site    wire.Site
	Support string // contact shown on the errors page
	OpenAPI []byte // spec/openapi.yaml as JSON

	// Sandbox is what only the test environment has; nil in live.
	Sandbox *Sandbox
}

// Sandbox is what the test environment has beside the API.
type Sandbox struct {
	Bank    *scripted.Bank
	Clock   *world.TestClock
	Driver  *world.Driver
	Faults  *sandbox.Matcher
	Opening int64 // balance of a fresh wallet in minor units
}

// Server answers the requests of one environment.
type Server struct {
	Config
	mux      *chi.Mux
	table    map[string]*Route // by "METHOD /pattern"
	stopping atomic.Bool
	running  atomic.Int64
}

// New makes a server.
func New(c Config) *Server {
	s := &Server{Config: c, mux: chi.NewMux(), table: map[string]*Route{}}
	for _, route := range s.routes() {
		s.mux.Method(route.Method, route.Path, s) // only the patterns are used: see find
		s.table[route.Method+" "+route.Path] = &route
	}
	s.useLimits()
	return s
}

// Stop makes the server refuse new requests with 503 while it finishes those it
// has.
func (s *Server) Stop() { s.stopping.Store(true) }

// Drain waits until no request is under way, or ctx ends.
func (s *Server) Drain(ctx context.Context) {
	for s.running.Load() > 0 && world.Sleep(ctx, drainLook) == nil {
	}
}

// drainLook is how often Drain looks.
const drainLook = 20 * time.Millisecond

// Accepting reports why no new request is taken.
func (s *Server) Accepting(context.Context) error {
	if s.stopping.Load() {
		return errors.New("stopping")
	}
	return nil
}

// Routes lists the server's routes, for tests that compare them with the contract.
func (s *Server) Routes() []Route { return s.routes() }

// HTTP is an http.Server for this handler with the limits of the edge.
func (s *Server) HTTP() *http.Server {
	return &http.Server{Handler: s, ReadHeaderTimeout: readHeaderTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytesMax,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug)}
}

// Changed makes the server follow settings that another process has changed.
func (s *Server) Changed() { s.useLimits() }

// useLimits follows the setting `limits`.
func (s *Server) useLimits() {
	table, ok := ratelimit.Named(s.Engine.Settings().Limits, s.Limits)
	if !ok {
		table = s.Limits
	}
	s.Limiter.Use(table)
	s.Slots.Use(table)
}
