// Package limitertest holds the claims that every ratelimit.Limiter keeps, whether it
// is of one process or shared, and what compares two of them.
package limitertest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/ratelimit"
)

// Maker makes a limiter whose buckets are all full, and which goes by the time that it
// is called with.
type Maker func(ratelimit.Table) ratelimit.Limiter

// Run checks every claim.
func Run(t *testing.T, limiter Maker) {
	for claim, check := range map[string]func(*testing.T, Maker){
		"the documented numbers come through":         documentedNumbers,
		"limits are apart":                            limitsAreApart,
		"a batch costs its writes":                    batchCostsItsWrites,
		"what costs nothing is given back":            refunds,
		"who is refused is told when to come back":    saysWhenToComeBack,
		"concurrent requests of a key have one quota": concurrentRequestsShareOneBucket,
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			check(t, limiter)
		})
	}
}

var (
	start = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	ctx   = context.Background()
)

const getPayment = "GET /payments/{id}"

func documentedNumbers(t *testing.T, limiter Maker) {
	// The documented limits, read again by hand: how many come through at once, and how
	// long a key then waits for the next one.
	cases := []struct {
		endpoint string
		table    ratelimit.Table
		atOnce   int
		next     time.Duration
	}{
		{"POST /customers", ratelimit.Test(), 100, 600 * time.Millisecond},
		{"POST /customers", ratelimit.Live(), 200, 10 * time.Millisecond}, // the key's burst comes first
		{"GET /customers/{id}", ratelimit.Test(), 200, 10 * time.Millisecond},
		{"GET /customers", ratelimit.Test(), 200, 10 * time.Millisecond},
		{"POST /payment-sessions/{id}", ratelimit.Test(), 200, 10 * time.Millisecond},
		{"GET /payments/{id}", ratelimit.Live(), 100, 600 * time.Millisecond},
		{"GET /payments", ratelimit.Test(), 100, 3600 * time.Millisecond},
		{"GET /bulk-transfers/{id}", ratelimit.Test(), 20, 500 * time.Millisecond},
		{"POST /bulk-transfers", ratelimit.Test(), 10, 6 * time.Second},
		{"POST /payment-sessions", ratelimit.Test(), 200, 10 * time.Millisecond},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s lets %d come at once", c.endpoint, c.atOnce), func(t *testing.T) {
			l := limiter(c.table)
			for i := range c.atOnce {
				if d := l.Allow(ctx, "k", c.endpoint, 1, start); !d.Allowed {
					t.Fatalf("request %d is refused", i+1)
				}
			}
			d := l.Allow(ctx, "k", c.endpoint, 1, start)
			if s := d.Tightest(); d.Allowed || s.RetryAfter != c.next {
				t.Errorf("allowed %v, next in %v; want next in %v", d.Allowed, s.RetryAfter, c.next)
			}
		})
	}
	t.Run("in the long run the quota comes through", func(t *testing.T) {
		for endpoint, limit := range ratelimit.Live().Endpoints {
			l := limiter(ratelimit.Table{Endpoints: map[string]ratelimit.Limit{endpoint: limit}})
			allowed := int64(0)
			step := limit.Window / time.Duration(2*limit.Quota)
			for at := time.Duration(0); at < 2*limit.Window; at += step {
				if l.Allow(ctx, "k", endpoint, 1, start.Add(at)).Allowed {
					allowed++
				}
			}
			if want := 2*limit.Quota + limit.Burst; allowed < want-1 || allowed > want {
				t.Errorf("%s: %d in two windows, want %d", endpoint, allowed, want)
			}
		}
	})
}

func limitsAreApart(t *testing.T, limiter Maker) {
	l := limiter(ratelimit.Test())
	for range 100 {
		l.Allow(ctx, "k", getPayment, 1, start)
	}
	t.Run("another key is not concerned", func(t *testing.T) {
		if !l.Allow(ctx, "other", getPayment, 1, start).Allowed {
			t.Error("refused")
		}
	})
	t.Run("another endpoint is not concerned", func(t *testing.T) {
		if !l.Allow(ctx, "k", "GET /payments", 1, start).Allowed {
			t.Error("refused")
		}
	})
	t.Run("who is refused by the endpoint is not charged by the key", func(t *testing.T) {
		before := l.Allow(ctx, "k", "GET /refunds/{id}", 0, start).Standings[0].Remaining
		for range 50 {
			if l.Allow(ctx, "k", getPayment, 1, start).Allowed {
				t.Fatal("allowed")
			}
		}
		if after := l.Allow(ctx, "k", "GET /refunds/{id}", 0, start).Standings[0].Remaining; after != before {
			t.Errorf("the key has %d left, had %d", after, before)
		}
	})
	t.Run("off limits nothing", func(t *testing.T) {
		l.Use(ratelimit.Off())
		for range 1000 {
			if d := l.Allow(ctx, "k", getPayment, 1, start); !d.Allowed || len(d.Standings) != 0 {
				t.Fatalf("got %+v", d)
			}
		}
	})
}

func batchCostsItsWrites(t *testing.T, limiter Maker) {
	l := limiter(ratelimit.Test())
	if d := l.Allow(ctx, "k", "POST /batch", 51, start); !d.Allowed || d.Standings[0].Remaining != 100 {
		t.Fatalf("got %+v; want the key's whole quota left, out of its burst", d)
	}
	l.Allow(ctx, "k", "POST /batch", 51, start)
	if d := l.Allow(ctx, "k", "POST /batch", 51, start); !d.Allowed || d.Standings[0].Remaining != 47 {
		t.Fatalf("got %+v; want 47 left", d)
	}
	d := l.Allow(ctx, "k", "POST /batch", 51, start)
	if d.Allowed || d.Standings[0].RetryAfter != 40*time.Millisecond {
		t.Errorf("got %+v; want a wait for four more units", d)
	}
}

func refunds(t *testing.T, limiter Maker) {
	t.Run("a reply that costs nothing leaves every limit as it was", func(t *testing.T) {
		l := limiter(ratelimit.Test())
		for range 500 {
			d := l.Allow(ctx, "k", getPayment, 1, start)
			if !d.Allowed {
				t.Fatal("refused although all came back")
			}
			if d = l.Refund(ctx, d, start); d.Tightest().Remaining != 100 {
				t.Fatalf("%d left, want 100", d.Tightest().Remaining)
			}
		}
	})
	t.Run("a refused request gets nothing back", func(t *testing.T) {
		l := limiter(ratelimit.Test())
		for range 100 {
			l.Allow(ctx, "k", getPayment, 1, start)
		}
		l.Refund(ctx, l.Allow(ctx, "k", getPayment, 1, start), start)
		if l.Allow(ctx, "k", getPayment, 1, start).Allowed {
			t.Error("a refund of nothing made room")
		}
	})
}

// saysWhenToComeBack: whoever is refused, sleeps exactly as long
// as told and is alone with the key, is not refused again.
func saysWhenToComeBack(t *testing.T, limiter Maker) {
	endpoints := append(ratelimit.Test().Names(), "POST /payouts", "POST /batch")
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		l := limiter(ratelimit.Test())
		now := start.Add(time.Duration(rapid.Int64Range(0, 2_000_000).Draw(t, "offset")) * time.Microsecond)
		for range rapid.IntRange(1, 30).Draw(t, "rounds") {
			endpoint := rapid.SampledFrom(endpoints).Draw(t, "endpoint")
			cost := rapid.Int64Range(1, 51).Draw(t, "cost")
			for range rapid.IntRange(1, 250).Draw(t, "burst") {
				d := l.Allow(ctx, "k", endpoint, cost, now)
				if d.Allowed {
					continue
				}
				refused++
				wait := d.RetryAfterSeconds()
				if wait < 1 {
					t.Fatalf("refused with a wait of %d s", wait)
				}
				if got := *ratelimit.Refusal(d).Retry().AfterMS; got != 1000*wait {
					t.Fatalf("the problem says %d ms, the decision %d s", got, wait)
				}
				now = now.Add(time.Duration(wait) * time.Second)
				if again := l.Allow(ctx, "k", endpoint, cost, now); !again.Allowed {
					t.Fatalf("%s cost %d refused again after %d s: %+v", endpoint, cost, wait, again.Standings)
				}
				break
			}
			now = now.Add(time.Duration(rapid.Int64Range(0, 3_000_000).Draw(t, "gap")) * time.Microsecond)
		}
	})
	if refused == 0 {
		t.Error("no arrival pattern was refused: the test shows nothing")
	}
}

func concurrentRequestsShareOneBucket(t *testing.T, limiter Maker) {
	l := limiter(ratelimit.Test())
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if l.Allow(ctx, "k", getPayment, 1, start).Allowed {
					allowed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if allowed.Load() != 100 {
		t.Errorf("%d of 800 allowed, want 100", allowed.Load())
	}
}
