package api

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts requests for one environment.
type Metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

type labels struct{ method, route, status, code, outcome string }

// NewMetrics registers the request metrics of an environment.
func NewMetrics(r prometheus.Registerer, env string) *Metrics {
	constant := prometheus.Labels{"env": env}
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "juicer_requests_total", ConstLabels: constant,
			Help: "Requests by route, status, error code and outcome of money."}, []string{"method", "route", "status", "code", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "juicer_request_seconds", ConstLabels: constant,
			Help:    "Time from the first byte of a request to the last of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25, 30}}, []string{"method", "route"}),
	}
	r.MustRegister(m.requests, m.seconds)
	return m
}

func (m *Metrics) observe(l labels, took time.Duration) {
	m.requests.WithLabelValues(l.method, l.route, l.status, l.code, l.outcome).Inc()
	m.seconds.WithLabelValues(l.method, l.route).Observe(took.Seconds())
}
