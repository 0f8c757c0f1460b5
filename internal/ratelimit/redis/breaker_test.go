package redis

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/juicer-pay/juicer/internal/ratelimit"
	"github.com/juicer-pay/juicer/internal/servertest"
)

// outage is a limiter whose way to Redis a test breaks.
type outage struct {
	*Limiter
	proxy *proxy
	naps  *naps
	log   *journal
	url   string // of the Redis behind the proxy
}

func newOutage(t *testing.T) *outage {
	t.Helper()
	url := servertest.Redis(t)
	o := &outage{proxy: newProxy(t, url), naps: newNaps(), log: &journal{}, url: url}
	o.Limiter = open(t, Config{Server: at(t, o.proxy.url()), Env: "test", Table: ratelimit.Test(), Log: slog.New(slog.NewTextHandler(o.log, nil)),
		patience: brisk, sleep: o.naps.sleep})
	return o
}

// told is what the metrics say.
func (o *outage) told() (shared, fallbacks, errors float64) {
	t := o.breaker.tell
	return testutil.ToFloat64(t.shared), testutil.ToFloat64(t.fallbacks),
		testutil.ToFloat64(t.errors.WithLabelValues(slow)) + testutil.ToFloat64(t.errors.WithLabelValues(failed))
}

// breakdowns are the ways in which Redis goes away.
var breakdowns = map[string]struct {
	strike func(*testing.T, *outage)
	mend   func(*testing.T, *outage)
}{
	"Redis does not answer": {
		strike: func(_ *testing.T, o *outage) { o.proxy.mute.Store(true) },
		mend:   func(_ *testing.T, o *outage) { o.proxy.mute.Store(false) },
	},
	"Redis cannot be reached": {
		strike: func(_ *testing.T, o *outage) { o.proxy.cut() },
		mend:   func(_ *testing.T, o *outage) { o.proxy.mend(o.url) },
	},
	"Redis takes no writes": {
		strike: func(t *testing.T, o *outage) { o.set(t, "min-replicas-to-write", "1") },
		mend:   func(t *testing.T, o *outage) { o.set(t, "min-replicas-to-write", "0") },
	},
	"Redis is replaced by another": {
		strike: func(t *testing.T, o *outage) {
			o.buckets.client.ShutdownNoSave(ctx)
			o.proxy.cut()
		},
		mend: func(t *testing.T, o *outage) { o.proxy.mend(servertest.Redis(t)) },
	},
}

func (o *outage) set(t *testing.T, name, value string) {
	t.Helper()
	if err := o.buckets.client.ConfigSet(ctx, name, value).Err(); err != nil {
		t.Fatal(err)
	}
}

func TestRequestsAreAnsweredWhileRedisIsAway(t *testing.T) {
	for claim, way := range breakdowns {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			o := newOutage(t)
			if d := o.Allow(ctx, "other", getPayment, 60, start); !d.Allowed || d.Alone || o.proxy.heard.Load() == 0 {
				t.Fatalf("got %+v; want a decision of Redis", d)
			}

			way.strike(t, o)
			for range brisk.failures { // the last one opens the breaker
				if d := o.Allow(ctx, "k", getPayment, 1, start); !d.Allowed || !d.Alone {
					t.Fatalf("got %+v; want a decision of this process", d)
				}
			}
			<-o.naps.asked
			heard := o.proxy.heard.Load()
			_, _, errors := o.told()
			if n, d := spendAll(t, o, "k"); n != 98 || !d.Alone {
				t.Errorf("%d more requests were let through, want 98: alone the limits hold too", n)
			}
			if n, _ := spendAll(t, o, "other"); n != 40 {
				t.Errorf("a key that had spent 60 before was let through %d times, want 40", n)
			}
			shared, fallbacks, errorsNow := o.told()
			if o.proxy.heard.Load() != heard || errorsNow != errors {
				t.Errorf("requests were sent to Redis while it is away")
			}
			if shared != 0 || fallbacks != 2+98+1+40+1 || o.log.levels() != "INFO WARN" {
				t.Errorf("shared %v, %v fallbacks, log %s; want 0, 142 and one warning", shared, fallbacks, o.log.levels())
			}

			way.mend(t, o)
			o.naps.untilShared(t, o.Limiter)
			if d := o.Allow(ctx, "fresh", getPayment, 1, start); !d.Allowed || d.Alone {
				t.Errorf("got %+v; want a decision of Redis", d)
			}
			if shared, _, _ := o.told(); shared != 1 || o.log.levels() != "INFO WARN INFO" {
				t.Errorf("shared %v, log %s; want 1 and that it says so once", shared, o.log.levels())
			}
		})
	}
}

func TestARedisThatIsAwayAtStartIsWaitedFor(t *testing.T) {
	log, naps, way := &journal{}, newNaps(), newProxy(t, "")
	l := open(t, Config{Server: at(t, way.url()), Env: "test", Table: ratelimit.Test(), Log: slog.New(slog.NewTextHandler(log, nil)), patience: brisk, sleep: naps.sleep})
	if d := l.Allow(ctx, "k", getPayment, 1, start); !d.Allowed || !d.Alone || log.levels() != "WARN" {
		t.Errorf("got %+v, log %s; want a decision of this process and a warning", d, log.levels())
	}
	<-naps.asked
	way.mend(servertest.Redis(t))
	naps.untilShared(t, l)
	if d := l.Allow(ctx, "k", getPayment, 1, start); d.Alone {
		t.Errorf("got %+v; want a decision of Redis", d)
	}
}

func TestProbesBecomeRarer(t *testing.T) {
	naps, way := newNaps(), newProxy(t, "")
	open(t, Config{Server: at(t, way.url()), Env: "test", patience: brisk, sleep: naps.sleep})
	var got []time.Duration
	for range 6 {
		got = append(got, <-naps.asked)
		naps.wake <- struct{}{}
	}
	ms := time.Millisecond
	if want := []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, time.Second, time.Second}; !slices.Equal(got, want) {
		t.Errorf("waits %v, want %v", got, want)
	}
}

func TestAFailureInBetweenOpensNothing(t *testing.T) {
	b := &breaker{patience: calm, tell: open(t, Config{Server: at(t, servertest.Redis(t)), Env: "test"}).breaker.tell}
	b.failures = 2
	works := func(context.Context) error { return nil }
	fails := func(context.Context) error { return context.DeadlineExceeded }
	for range 3 {
		b.try(ctx, fails)
		b.try(ctx, works)
	}
	if b.open.Load() {
		t.Error("three failures with successes in between opened the breaker")
	}
}

func TestAScriptThatRedisHasForgottenIsSentAgain(t *testing.T) {
	l := open(t, Config{Server: at(t, servertest.Redis(t)), Env: "test", Table: ratelimit.Test()})
	if err := l.buckets.client.ScriptFlush(ctx).Err(); err != nil {
		t.Fatal(err)
	}
	if d := l.Allow(ctx, "k", getPayment, 1, start); d.Alone {
		t.Errorf("got %+v; want a decision of Redis", d)
	}
}

func TestACallerWhoLeavesIsNoFailureOfRedis(t *testing.T) {
	l := open(t, Config{Server: at(t, servertest.Redis(t)), Env: "test", Table: ratelimit.Test()})
	gone, leave := context.WithCancel(ctx)
	leave()
	if d := l.Allow(gone, "k", getPayment, 1, start); d.Alone {
		t.Errorf("got %+v; want a decision of Redis", d)
	}
}

func TestRefundsGoWhereItWasSpent(t *testing.T) {
	o := newOutage(t)
	there := o.Allow(ctx, "k", getPayment, 1, start)
	o.proxy.cut()
	for range brisk.failures {
		o.Allow(ctx, "k", getPayment, 1, start)
	}
	<-o.naps.asked
	here := o.Allow(ctx, "k", getPayment, 10, start)
	t.Run("what was spent at Redis is given back here while it is away", func(t *testing.T) {
		if d := o.Refund(ctx, there, start); d.Tightest().Remaining != 88 { // 100 - 2 - 10
			t.Errorf("%d left, want 88", d.Tightest().Remaining)
		}
	})
	o.proxy.mend(o.url)
	o.naps.untilShared(t, o.Limiter)
	t.Run("what was spent here is not given back to all", func(t *testing.T) {
		o.Refund(ctx, here, start)
		if d := o.Allow(ctx, "k", getPayment, 0, start); d.Alone || d.Tightest().Remaining != 99 {
			t.Errorf("%d left, want 99", d.Tightest().Remaining)
		}
	})
}

func TestOtherLimitsReachBothLimiters(t *testing.T) {
	o := newOutage(t)
	tight := ratelimit.Test()
	tight.Endpoints = map[string]ratelimit.Limit{getPayment: {Quota: 2, Window: time.Minute, Burst: 2}}
	o.Use(tight)
	if n, d := spendAll(t, o, "k"); n != 2 || d.Alone {
		t.Errorf("shared, %d were let through, want 2", n)
	}
	o.proxy.cut()
	if n, d := spendAll(t, o, "other"); n != 2 || !d.Alone {
		t.Errorf("alone, %d were let through, want 2", n)
	}
}

func BenchmarkAllowWhileRedisIsAway(b *testing.B) {
	l := open(b, Config{Server: at(b, "unix:///nowhere/redis.sock"), Env: "test", Table: ratelimit.Test(), patience: brisk, sleep: newNaps().sleep})
	b.ReportAllocs()
	for i := range b.N {
		l.Allow(ctx, "k", getPayment, 1, start.Add(time.Duration(i)*time.Second))
	}
}
