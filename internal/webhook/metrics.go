package webhook

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what the courier does. The methods take nil as "nobody looks".
type Metrics struct {
	attempts *prometheus.CounterVec
	failed   prometheus.Counter
	late     prometheus.Histogram
}

// NewMetrics registers them for an environment.
func NewMetrics(r prometheus.Registerer, env string) *Metrics {
	labels := prometheus.Labels{"env": env}
	m := &Metrics{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "juicer_webhooks_attempts_total", ConstLabels: labels,
			Help: "Attempts to deliver an event, by result: delivered, failed."}, []string{"result"}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{Name: "juicer_webhooks_failed_total", ConstLabels: labels,
			Help: "Deliveries given up after their last attempt; they wait for a resend."}),
		late: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "juicer_webhooks_lateness_seconds", ConstLabels: labels,
			Help: "How long after its due moment an attempt began.", Buckets: []float64{.005, .02, .1, .5, 2, 10, 60, 600, 3600}}),
	}
	r.MustRegister(m.attempts, m.failed, m.late)
	for _, result := range []string{statusDelivered, statusFailed} {
		m.attempts.WithLabelValues(result)
	}
	return m
}

func (m *Metrics) started(late time.Duration) {
	if m != nil {
		m.late.Observe(max(0, late.Seconds()))
	}
}

func (m *Metrics) ended(accepted, givenUp bool) {
	if m == nil {
		return
	}
	result := statusFailed
	if accepted {
		result = statusDelivered
	}
	m.attempts.WithLabelValues(result).Inc()
	if givenUp {
		m.failed.Inc()
	}
}
