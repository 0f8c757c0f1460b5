// Package redis shares rate limits between processes through a Redis. When Redis is
// slow or away, each process limits alone and comes back by itself; no request is
// refused, failed or kept waiting for it.
package redis

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	goredis "github.com/redis/go-redis/v9"

	"github.com/juicer-pay/juicer/internal/ratelimit"
	"github.com/juicer-pay/juicer/internal/world"
)

// Config is what a Limiter is made of.
type Config struct {
	Server  Server
	Env     string // test and live are apart, also on one Redis
	Table   ratelimit.Table
	Log     *slog.Logger
	Metrics prometheus.Registerer

	// Tests choose them; otherwise they are left out.
	patience patience
	sleep    func(context.Context, time.Duration) error
	clock    clock
	script   string
}

// Limiter is a ratelimit.Limiter whose buckets are on a Redis.
//
// Beside them it keeps those of a ratelimit.Local, which is charged for everything
// that Redis allows here. Hence a key finds no full buckets when Redis goes away: it
// goes on with what it has left at this process. What is spent while Redis is away is
// not brought there later: by then most of it is refilled, and adding it up would
// refuse keys for spending that they were allowed. So a key that uses n processes may
// spend, for as long as Redis is away, up to n times its limits. A Redis that comes and
// goes does not give more than that, for the local buckets stay as they are.
type Limiter struct {
	table   atomic.Pointer[ratelimit.Table]
	buckets *buckets
	breaker *breaker
	local   *ratelimit.Local
	stop    context.CancelFunc
	work    sync.WaitGroup
}

// Open makes a limiter and tries its Redis, for a second or two at most. Close ends it.
func Open(c Config) *Limiter {
	c = c.complete()
	tell := newTeller(c.Log, c.Metrics, c.Env, c.Server.String())
	l := &Limiter{
		buckets: &buckets{client: c.Server.client(), script: goredis.NewScript(c.script), prefix: "juicer:" + c.Env + ":limit:", clock: c.clock},
		breaker: &breaker{patience: c.patience, sleep: c.sleep, tell: tell, tripped: make(chan struct{}, 1)},
		local:   ratelimit.NewLocal(c.Table),
	}
	l.breaker.probe = l.buckets.probe
	l.table.Store(&c.Table)
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.breaker.begin(ctx)
	l.work.Go(func() { l.breaker.watch(ctx) })
	return l
}

func (c Config) complete() Config {
	if c.patience == (patience{}) {
		c.patience = usual
	}
	if c.sleep == nil {
		c.sleep = world.Sleep
	}
	if c.clock == nil {
		c.clock = redisClock
	}
	if c.script == "" {
		c.script = spendLua
	}
	return c
}

// Use implements ratelimit.Limiter. What keys have spent stays spent.
func (l *Limiter) Use(t ratelimit.Table) {
	l.table.Store(&t)
	l.local.Use(t)
}

// Allow implements ratelimit.Limiter.
func (l *Limiter) Allow(ctx context.Context, keyID, endpoint string, cost int64, now time.Time) ratelimit.Decision {
	asked := ratelimit.Decision{KeyID: keyID, Endpoint: endpoint, Cost: cost, At: now}
	d, ok := l.change(ctx, spend, asked, now)
	if !ok {
		l.breaker.tell.fallbacks.Inc()
		d = l.local.Allow(ctx, keyID, endpoint, cost, now)
		d.Alone = true
		return d
	}
	if d.Allowed {
		l.local.Allow(ctx, keyID, endpoint, cost, now)
	}
	d.KeyID, d.Endpoint, d.Cost = keyID, endpoint, cost
	return d
}

// Refund implements ratelimit.Limiter. What was spent here alone is not given back to
// all; what was spent at a Redis that has gone away is not given back there.
func (l *Limiter) Refund(ctx context.Context, spent ratelimit.Decision, now time.Time) ratelimit.Decision {
	if !spent.Allowed {
		return spent
	}
	local := l.local.Refund(ctx, spent, now)
	local.Alone = true
	if spent.Alone {
		return local
	}
	d, ok := l.change(ctx, refund, spent, now)
	if !ok {
		return local
	}
	d.KeyID, d.Endpoint = spent.KeyID, spent.Endpoint
	return d
}

// change asks Redis, if it answers. What nothing limits is not asked about.
func (l *Limiter) change(ctx context.Context, action string, asked ratelimit.Decision, now time.Time) (d ratelimit.Decision, ok bool) {
	policies := l.table.Load().Policies(asked.Endpoint)
	if len(policies) == 0 {
		return ratelimit.Decision{At: now, Allowed: true}, true
	}
	ok = l.breaker.try(ctx, func(ctx context.Context) (err error) {
		d, err = l.buckets.change(ctx, action, asked, policies, now)
		return err
	})
	return d, ok
}

// Close ends the background work and the connections.
func (l *Limiter) Close() error {
	l.stop()
	l.work.Wait()
	return l.buckets.client.Close()
}
