package redis

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/ratelimit"
	"github.com/juicer-pay/juicer/internal/ratelimit/limitertest"
	"github.com/juicer-pay/juicer/internal/servertest"
)

func TestTheSharedLimiterKeepsEveryClaim(t *testing.T) {
	server := at(t, servertest.Redis(t))
	var made atomic.Int64
	limitertest.Run(t, func(table ratelimit.Table) ratelimit.Limiter {
		return open(t, Config{Server: server, Env: fmt.Sprint("claim", made.Add(1)), Table: table})
	})
}

func TestRedisDecidesAsOneProcessDoesToTheLastDigit(t *testing.T) {
	server := at(t, servertest.Redis(t))
	made := 0
	rapid.Check(t, func(rt *rapid.T) {
		made++
		shared := open(t, Config{Server: server, Env: fmt.Sprint("run", made), Table: limitertest.First()})
		if diff := limitertest.Compare(limitertest.Steps().Draw(rt, "steps"), ratelimit.NewLocal(limitertest.First()), shared); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// TestTheComparisonFindsPlantedFaults breaks the script in ways that a careless change
// would.
func TestTheComparisonFindsPlantedFaults(t *testing.T) {
	server := at(t, servertest.Redis(t))
	for claim, fault := range map[string]struct{ right, wrong string }{
		"charges although another limit refuses":        {"elseif allowed then", "elseif b.wait == 0 then"},
		"charges who is refused":                        {"elseif allowed then", "else"},
		"keeps fourteen digits":                         {"'tat', string.format('%.0f', b.tat)", "'tat', tostring(b.tat)"},
		"believes a clock that was ahead":               {"b.tat = math.min(b.tat, now + b.full)", ""},
		"lets a cost above the burst wait for ever":     {"math.min(cost, burst)", "cost"},
		"gives back what time has given back":           {"if b.since <= spent then", "if true then"},
		"makes more than a full bucket":                 {"math.max(b.tat - b.need, now)", "b.tat - b.need"},
		"forgets when the bucket was full":              {"'since', string.format('%.0f', b.since)", "'since', '0'"},
		"forgets a bucket before it is full":            {"/ 1000) + spare_ms", "/ 1000) * 0"},
		"lets who is refused wait a microsecond longer": {"- b.full - now, 0)", "- b.full - now + 1, 0)"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			script := strings.Replace(spendLua, fault.right, fault.wrong, 1)
			if script == spendLua {
				t.Fatalf("the script has no %q any more", fault.right)
			}
			for seed := range 200 {
				shared := open(t, Config{Server: server, Env: fmt.Sprint(t.Name(), seed), Table: limitertest.First(), script: script})
				if limitertest.Compare(limitertest.Steps().Example(seed), ratelimit.NewLocal(limitertest.First()), shared) != "" {
					return
				}
			}
			t.Error("200 runs show no difference")
		})
	}
}

// race lets many requests of one key come at once at every limiter, and counts those
// that come through.
func race(limiters ...*Limiter) int64 {
	var allowed atomic.Int64
	var work sync.WaitGroup
	for _, l := range limiters {
		for range 8 {
			work.Go(func() {
				for range 50 {
					if l.Allow(ctx, "k", getPayment, 1, start).Allowed {
						allowed.Add(1)
					}
				}
			})
		}
	}
	work.Wait()
	return allowed.Load()
}

func TestTwoProcessesShareOneLimit(t *testing.T) {
	server := at(t, servertest.Redis(t))
	node := func(env string) *Limiter { return open(t, Config{Server: server, Env: env, Table: ratelimit.Test()}) }
	if n := race(node("test"), node("test")); n != 100 {
		t.Errorf("%d came through, want 100", n)
	}
	t.Run("which the count would notice if they did not", func(t *testing.T) {
		if n := race(node("one"), node("two")); n != 200 {
			t.Errorf("%d came through two limiters that share nothing, want 200", n)
		}
	})
	t.Run("and a refund at one makes room at the other", func(t *testing.T) {
		one, other := node("refund"), node("refund")
		spent := one.Allow(ctx, "k", getPayment, 1, start)
		spendAll(t, other, "k")
		one.Refund(ctx, spent, start)
		if !other.Allow(ctx, "k", getPayment, 1, start).Allowed {
			t.Error("refused")
		}
	})
}

func TestProcessesShareTheClockOfRedis(t *testing.T) {
	server := at(t, servertest.Redis(t))
	slowly := ratelimit.Table{Key: ratelimit.Limit{Quota: 1, Window: 24 * time.Hour, Burst: 5}}
	usually := Config{}.complete().clock
	allowed := 0
	for _, wrong := range []time.Duration{-100 * time.Hour, 0, 100 * time.Hour} {
		l := open(t, Config{Server: server, Env: "test", Table: slowly, clock: usually})
		for range 5 {
			before := l.buckets.client.Time(ctx).Val()
			d := l.Allow(ctx, "k", getPayment, 1, start.Add(wrong))
			if after := l.buckets.client.Time(ctx).Val(); d.At.Before(before) || d.At.After(after) {
				t.Errorf("decided at %v, want between %v and %v by the clock of Redis", d.At, before, after)
			}
			if d.Allowed {
				allowed++
			}
		}
	}
	if allowed != 5 {
		t.Errorf("processes whose clocks are days apart let %d through, want 5", allowed)
	}
}

func TestBucketsVanishWhenTheyAreFull(t *testing.T) {
	server := at(t, servertest.Redis(t))
	l := open(t, Config{Server: server, Env: "live", Table: ratelimit.Live()})
	spendAll(t, l, "k")
	for key, refill := range map[string]time.Duration{
		"juicer:live:limit:{k}":               time.Second,
		"juicer:live:limit:{k}:" + getPayment: time.Minute,
	} {
		left, err := l.buckets.client.PTTL(ctx, key).Result()
		if err != nil || left <= 0 || left > refill+time.Minute {
			t.Errorf("%s is kept for %v more (%v), want at most a minute beyond its %v", key, left, err, refill)
		}
	}
}

func TestEnvironmentsAreApart(t *testing.T) {
	server := at(t, servertest.Redis(t))
	test := open(t, Config{Server: server, Env: "test", Table: ratelimit.Test()})
	live := open(t, Config{Server: server, Env: "live", Table: ratelimit.Test()})
	spendAll(t, test, "k")
	if !live.Allow(ctx, "k", getPayment, 1, start).Allowed {
		t.Error("spending in test is refused in live")
	}
}

func TestServerReadsURLs(t *testing.T) {
	for url, want := range map[string]string{
		"redis://u:p@redis.example:6380/2": "redis.example:6380",
		"rediss://redis.example":           "redis.example:6379",
		"unix:///run/redis.sock":           "/run/redis.sock",
	} {
		if s := at(t, url); !s.Given() || s.String() != want {
			t.Errorf("%s is read as %q, want %q", url, s, want)
		}
	}
	if s := at(t, ""); s.Given() {
		t.Errorf("nothing is read as %q", s)
	}
	for _, url := range []string{"redis.example:6379", "http://u:hunter2@redis.example", "redis://u:hunter2%@redis.example", "redis://u:hunter2@redis.example/zero", "redis://u:hunter2@redis.example:port"} {
		s, err := ParseServer(url)
		if err == nil || s.Given() || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "redis://USER:PASSWORD@HOST:6379/0") {
			t.Errorf("%s: got %v; want the form, and no password", url, err)
		}
	}
}

func BenchmarkAllow(b *testing.B) {
	l := open(b, Config{Server: at(b, servertest.Redis(b)), Env: "test", Table: ratelimit.Test()})
	b.ReportAllocs()
	for i := range b.N {
		l.Allow(ctx, "k", getPayment, 1, start.Add(time.Duration(i)*time.Second))
	}
}
