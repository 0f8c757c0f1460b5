// Package ratelimit answers one question before a request runs: may this key do
// this now, and if not, when. Real time is passed in; limits never follow the
// test clock.
package ratelimit

import (
	"context"
	"math"
	"sync"
	"time"
)

// Limiter spends from the limits of a key. Implementations are safe for
// concurrent use and answer by themselves when what they share is down.
type Limiter interface {
	// Allow spends cost from every limit that applies to the key and endpoint, or
	// from none. now is the time of this process; a limiter that is shared may go by
	// a clock that is shared too. endpoint is "METHOD /path/{id}" as the router spells it.
	Allow(ctx context.Context, keyID, endpoint string, cost int64, now time.Time) Decision
	// Refund gives back what an allowed decision spent (a 304 costs nothing).
	Refund(ctx context.Context, spent Decision, now time.Time) Decision
	// Use changes to other limits.
	Use(t Table)
}

// Decision is the answer to one request.
type Decision struct {
	KeyID     string
	Endpoint  string
	Cost      int64
	At        time.Time // by the clock of the limiter that decided
	Allowed   bool
	Alone     bool       // this process decided without the others: a refund stays with it
	Standings []Standing // one per limit that applies, that of the key first
}

// Standing is where one limit stands after the decision.
type Standing struct {
	Name       string // "key" or "endpoint"
	Quota      int64
	Window     time.Duration
	Remaining  int64         // at most Quota, even where a burst may be larger
	Reset      time.Duration // until there is more; 0 if there is all
	RetryAfter time.Duration // until the same request is allowed; 0 if it is
}

// RetryAfterSeconds is how long to wait before the same request is allowed by
// every limit, rounded up: a client that sleeps exactly that long and is alone
// with its key is not refused again. 0 if it is allowed.
func (d Decision) RetryAfterSeconds() int64 {
	var wait time.Duration
	for _, s := range d.Standings {
		wait = max(wait, s.RetryAfter)
	}
	return secondsUp(wait)
}

// Tightest is the limit that refuses longest or, if none refuses, has the least
// left.
func (d Decision) Tightest() Standing {
	least := Standing{Remaining: math.MaxInt64}
	for _, s := range d.Standings {
		tighter := s.Remaining < least.Remaining || s.Remaining == least.Remaining && s.Reset > least.Reset
		if !d.Allowed {
			tighter = s.RetryAfter > least.RetryAfter
		}
		if tighter {
			least = s
		}
	}
	return least
}

func secondsUp(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}

const sweepAtLeast = 1024 // buckets; below that, looking for idle ones is not worth it

type bucketID struct{ key, endpoint string } // endpoint "": the limit of the key

// Local is a Limiter for one process. It remembers a key for as long as one of
// its buckets is not full.
type Local struct {
	mu      sync.Mutex
	table   Table
	buckets map[bucketID]Bucket
	sweepAt int // number of buckets at which idle ones are looked for
}

// NewLocal limits by t.
func NewLocal(t Table) *Local {
	return &Local{table: t, buckets: map[bucketID]Bucket{}, sweepAt: sweepAtLeast}
}

// Use implements Limiter. What keys have spent stays spent.
func (l *Local) Use(t Table) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.table = t
}

// Allow implements Limiter.
func (l *Local) Allow(_ context.Context, keyID, endpoint string, cost int64, now time.Time) Decision {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := now.UnixMicro()
	d := Decision{KeyID: keyID, Endpoint: endpoint, Cost: cost, At: now, Allowed: true}
	policies := l.table.Policies(endpoint)
	for _, p := range policies {
		_, v := GCRA(l.buckets[bucketID{keyID, p.Endpoint}], at, p.Rate(), cost)
		d.Allowed = d.Allowed && v.Allowed
	}
	for _, p := range policies {
		id := bucketID{keyID, p.Endpoint}
		bucket, v := GCRA(l.buckets[id], at, p.Rate(), cost)
		if !d.Allowed && v.Allowed { // another limit refuses: this one is not charged
			bucket, v = GCRA(l.buckets[id], at, p.Rate(), 0)
		}
		l.buckets[id] = bucket
		d.Standings = append(d.Standings, p.Standing(v))
	}
	l.sweep(at)
	return d
}

// Refund implements Limiter.
func (l *Local) Refund(_ context.Context, spent Decision, now time.Time) Decision {
	if !spent.Allowed {
		return spent
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	d := Decision{KeyID: spent.KeyID, Endpoint: spent.Endpoint, At: now, Allowed: true}
	for _, p := range l.table.Policies(spent.Endpoint) {
		id := bucketID{spent.KeyID, p.Endpoint}
		bucket, v := GiveBack(l.buckets[id], now.UnixMicro(), spent.At.UnixMicro(), p.Rate(), spent.Cost)
		l.buckets[id] = bucket
		d.Standings = append(d.Standings, p.Standing(v))
	}
	return d
}

// Len is the number of buckets remembered.
func (l *Local) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.buckets)
}

// sweep forgets full buckets once there are twice as many as the last sweep left,
// which makes its cost per request constant.
func (l *Local) sweep(now int64) {
	if len(l.buckets) < l.sweepAt {
		return
	}
	for id, b := range l.buckets {
		if b.TAT <= now {
			delete(l.buckets, id)
		}
	}
	l.sweepAt = max(sweepAtLeast, 2*len(l.buckets))
}

// Standing is how a verdict about the limit is told.
func (p Policy) Standing(v Verdict) Standing {
	s := Standing{
		Name: p.Name, Quota: p.Quota, Window: p.Window,
		Remaining:  v.Remaining,
		Reset:      time.Duration(v.Reset) * time.Microsecond,
		RetryAfter: time.Duration(v.RetryAfter) * time.Microsecond,
	}
	if v.Allowed && s.Remaining >= p.Quota { // what a burst holds beyond the quota is not promised
		s.Remaining, s.Reset = p.Quota, 0
	}
	return s
}
