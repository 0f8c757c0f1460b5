package ratelimit

// All times of the arithmetic are whole microseconds since the Unix epoch: they
// fit a float64 exactly, so that Redis can run the same formula (redis/spend.lua).

// Rate is how fast a bucket refills and how much it holds.
type Rate struct {
	Period int64 // microseconds until one unit is back
	Burst  int64 // units of a full bucket
}

// Bucket is what one limit remembers of one key. The zero value is full.
type Bucket struct {
	TAT   int64 // theoretical arrival time: when the bucket is full again if nothing else comes
	Since int64 // when it was last full
}

// Verdict is what a bucket says to a request.
type Verdict struct {
	Allowed    bool
	Remaining  int64 // whole units left
	Reset      int64 // microseconds until there is more than Remaining; 0 if full
	RetryAfter int64 // microseconds until the same request is allowed; 0 if it is
}

// GCRA is the generic cell rate algorithm: it spends cost at time now, or leaves
// the bucket as it is. A cost above the burst counts as the burst: it waits for a
// full bucket instead of for ever. A clock that went back finds an empty bucket
// at worst.
func GCRA(b Bucket, now int64, r Rate, cost int64) (Bucket, Verdict) {
	b = b.at(now, r)
	next := b.TAT + min(cost, r.Burst)*r.Period
	wait := next - r.Period*r.Burst - now
	if wait <= 0 {
		b.TAT = next
	}
	return b, b.Verdict(now, r, max(wait, 0))
}

// GiveBack returns what a request spent at the time spent. If the bucket was full
// in between, time has already returned it.
func GiveBack(b Bucket, now, spent int64, r Rate, cost int64) (Bucket, Verdict) {
	b = b.at(now, r)
	if b.Since <= spent {
		b.TAT = max(b.TAT-min(cost, r.Burst)*r.Period, now)
	}
	return b, b.Verdict(now, r, 0)
}

// at is the bucket as it stands at now.
func (b Bucket) at(now int64, r Rate) Bucket {
	if b.TAT <= now {
		return Bucket{TAT: now, Since: now}
	}
	b.TAT = min(b.TAT, now+r.Period*r.Burst)
	return b
}

// Verdict says where the bucket stands at now. wait is how long the same request
// has to wait; 0 if it is allowed.
func (b Bucket) Verdict(now int64, r Rate, wait int64) Verdict {
	credit := now + r.Period*r.Burst - b.TAT
	v := Verdict{Allowed: wait == 0, Remaining: credit / r.Period, RetryAfter: wait}
	switch {
	case wait > 0:
		v.Reset = wait
	case v.Remaining < r.Burst:
		v.Reset = r.Period - credit%r.Period
	}
	return v
}
