package redis

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/juicer-pay/juicer/internal/ratelimit"
)

var (
	start = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	ctx   = context.Background()
)

const getPayment = "GET /payments/{id}" // 100/min for each key

// calm is for tests in which Redis answers: however slow the machine, it counts.
var calm = patience{answer: time.Minute, connect: time.Minute, failures: 1, probeFirst: time.Minute, probeLast: time.Minute}

// brisk is for tests in which Redis does not answer: they wait for it, twice.
var brisk = patience{answer: 500 * time.Millisecond, connect: 10 * time.Second, failures: 2, probeFirst: 100 * time.Millisecond, probeLast: time.Second}

func at(t testing.TB, url string) Server {
	t.Helper()
	s, err := ParseServer(url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open is Open with what a test leaves out, and Close at its end. A limiter with calm
// patience must have decided nothing alone: otherwise the test has looked at
// ratelimit.Local.
func open(t testing.TB, c Config) *Limiter {
	t.Helper()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	if c.clock == nil {
		c.clock = callersClock
	}
	if c.patience == (patience{}) {
		c.patience = calm
	}
	l := Open(c)
	t.Cleanup(func() {
		if n := testutil.ToFloat64(l.breaker.tell.fallbacks); c.patience == calm && n > 0 {
			t.Errorf("%v requests were decided without Redis", n)
		}
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

// spendAll asks until it is refused, and gives how often it was not.
func spendAll(t *testing.T, l ratelimit.Limiter, key string) (allowed int, last ratelimit.Decision) {
	t.Helper()
	const enough = 1000
	for range enough {
		if last = l.Allow(ctx, key, getPayment, 1, start); !last.Allowed {
			return allowed, last
		}
		allowed++
	}
	t.Fatalf("%d requests were let through", enough)
	return 0, last
}

// naps are the waits between probes: each lasts until the test wakes it.
type naps struct {
	asked chan time.Duration
	wake  chan struct{}
}

func newNaps() *naps { return &naps{asked: make(chan time.Duration), wake: make(chan struct{})} }

func (n *naps) sleep(ctx context.Context, d time.Duration) error {
	select {
	case n.asked <- d:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-n.wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// untilShared wakes the next probe, which must succeed.
func (n *naps) untilShared(t *testing.T, l *Limiter) {
	t.Helper()
	n.wake <- struct{}{}
	for l.breaker.open.Load() {
		select {
		case d := <-n.asked:
			t.Fatalf("the probe failed; the next would be in %v", d)
		default:
			runtime.Gosched()
		}
	}
}

// journal keeps what was logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

// levels are the levels of the lines, in order.
func (j *journal) levels() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []string
	for _, line := range strings.Split(strings.TrimSpace(j.text.String()), "\n") {
		_, rest, _ := strings.Cut(line, "level=")
		level, _, _ := strings.Cut(rest, " ")
		out = append(out, level)
	}
	return strings.Join(out, " ")
}
