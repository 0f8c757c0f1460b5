package redis

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"github.com/prometheus/client_golang/prometheus"
)

// teller says in the log and in metrics whether limits are shared: in the log once
// for each change.
type teller struct {
	log       *slog.Logger
	shared    prometheus.Gauge
	fallbacks prometheus.Counter
	errors    *prometheus.CounterVec
}

// The causes of failed calls.
const (
	slow   = "slow"   // no answer in time
	failed = "failed" // no connection, or an answer that is an error
)

func newTeller(log *slog.Logger, r prometheus.Registerer, env, address string) *teller {
	constant := prometheus.Labels{"env": env}
	t := &teller{
		log: log.With("redis", address),
		shared: prometheus.NewGauge(prometheus.GaugeOpts{Name: "juicer_ratelimit_shared", ConstLabels: constant,
			Help: "1 while rate limits are shared through Redis, 0 while this process limits alone."}),
		fallbacks: prometheus.NewCounter(prometheus.CounterOpts{Name: "juicer_ratelimit_fallbacks_total", ConstLabels: constant,
			Help: "Requests that this process decided alone."}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "juicer_ratelimit_errors_total", ConstLabels: constant,
			Help: "Calls to Redis without a usable answer, those of probes included."}, []string{"cause"}),
	}
	for _, cause := range []string{slow, failed} {
		t.errors.WithLabelValues(cause) // a counter that begins at 0 can be alarmed on
	}
	r.MustRegister(t.shared, t.fallbacks, t.errors)
	return t
}

func (t *teller) together() {
	t.shared.Set(1)
	t.log.Info("rate limits are shared")
}

func (t *teller) apart(cause error) {
	t.shared.Set(0)
	t.log.Warn("rate limits are not shared: this process limits alone until Redis answers", "cause", cause)
}

func (t *teller) failure(err error) {
	cause := failed
	var network net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout() {
		cause = slow
	}
	t.errors.WithLabelValues(cause).Inc()
}
