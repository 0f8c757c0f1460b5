// Package admin is the operators' listener: health, metrics, the contract. It is
// never public.
package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/juicer-pay/juicer/internal/wire"
)

// Check is one thing that must work before the server is ready.
type Check struct {
	Name string
	Look func(context.Context) error
}

// Config is what the listener shows.
type Config struct {
	Metrics prometheus.Gatherer
	Checks  []Check
	OpenAPI []byte
	// Unready is how a check that fails is answered; the status is the problem's.
	Unready func(w http.ResponseWriter, report []byte)
}

const checkTime = 2 * time.Second

// New makes the listener's handler.
func New(c Config) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { ready(w, r, c) })
	mux.Handle("GET /metrics", promhttp.HandlerFor(c.Metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(c.OpenAPI) // an operator who has gone reads nothing more
	})
	return mux
}

func ready(w http.ResponseWriter, r *http.Request, c Config) {
	ctx, cancel := context.WithTimeout(r.Context(), checkTime)
	defer cancel()
	checks, healthy := map[string]any{}, true
	for _, check := range c.Checks {
		checks[check.Name] = "ok"
		if err := check.Look(ctx); err != nil {
			checks[check.Name], healthy = "not available", false
		}
	}
	if healthy {
		answer(w, map[string]any{"checks": checks, "status": "ok"})
		return
	}
	c.Unready(w, wire.Marshal(map[string]any{"checks": checks, "status": "not ready"}))
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(wire.Marshal(v))
}
