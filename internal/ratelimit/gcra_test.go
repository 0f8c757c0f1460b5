package ratelimit

import (
	"testing"

	"pgregory.net/rapid"
)

// tank is the naive reference: it holds credit in microseconds, is filled by
// time, and is drained by requests.
type tank struct{ credit, last int64 }

func (k *tank) take(now int64, r Rate, cost int64) bool {
	full := r.Period * r.Burst
	k.credit = min(full, k.credit+now-k.last)
	k.last = now
	need := min(cost, r.Burst) * r.Period
	if k.credit < need {
		return false
	}
	k.credit -= need
	return true
}

func drawRate(t *rapid.T) Rate {
	return Rate{Period: rapid.Int64Range(1, 5_000_000).Draw(t, "period"), Burst: rapid.Int64Range(1, 300).Draw(t, "burst")}
}

// drawGap mixes bursts, steady arrivals and long silences.
func drawGap(t *rapid.T, r Rate) int64 {
	return rapid.OneOf(
		rapid.Just(int64(0)),
		rapid.Int64Range(0, r.Period),
		rapid.Int64Range(0, 3*r.Period),
		rapid.Int64Range(0, 2*r.Period*r.Burst),
	).Draw(t, "gap")
}

func TestGCRADecidesLikeATankThatIsFilledByTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRate(t)
		now := int64(1_795_339_800_000_000)
		reference := &tank{credit: r.Period * r.Burst, last: now}
		var b Bucket
		for range rapid.IntRange(1, 200).Draw(t, "requests") {
			now += drawGap(t, r)
			cost := rapid.Int64Range(0, 5).Draw(t, "cost")
			var v Verdict
			b, v = GCRA(b, now, r, cost)
			if want := reference.take(now, r, cost); v.Allowed != want {
				t.Fatalf("at %d cost %d: allowed %v, reference says %v", now, cost, v.Allowed, want)
			}
			if want := reference.credit / r.Period; v.Remaining != want {
				t.Fatalf("at %d: %d remaining, reference has %d", now, v.Remaining, want)
			}
		}
	})
}

func TestWhoWaitsTheGivenTimeIsAllowedAndNoSooner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRate(t)
		now := int64(1_795_339_800_000_000)
		var b Bucket
		for range rapid.IntRange(1, 100).Draw(t, "requests") {
			now += drawGap(t, r)
			cost := rapid.Int64Range(1, 2*r.Burst).Draw(t, "cost")
			next, v := GCRA(b, now, r, cost)
			if v.Allowed != (v.RetryAfter == 0) {
				t.Fatalf("allowed %v with a wait of %d", v.Allowed, v.RetryAfter)
			}
			if !v.Allowed {
				if _, early := GCRA(b, now+v.RetryAfter-1, r, cost); early.Allowed {
					t.Fatalf("allowed one microsecond before the wait of %d is over", v.RetryAfter)
				}
				if _, then := GCRA(b, now+v.RetryAfter, r, cost); !then.Allowed {
					t.Fatalf("refused after waiting %d as told", v.RetryAfter)
				}
			}
			b = next
		}
	})
}

func TestResetIsWhenMoreIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRate(t)
		now := int64(1_795_339_800_000_000)
		b, v := GCRA(Bucket{}, now, r, rapid.Int64Range(0, r.Burst).Draw(t, "cost"))
		if v.Reset == 0 {
			if v.Remaining != r.Burst {
				t.Fatalf("reset 0 with %d of %d remaining", v.Remaining, r.Burst)
			}
			return
		}
		if _, early := GCRA(b, now+v.Reset-1, r, 0); early.Remaining != v.Remaining {
			t.Fatalf("%d remaining before the reset, want %d", early.Remaining, v.Remaining)
		}
		if _, then := GCRA(b, now+v.Reset, r, 0); then.Remaining != v.Remaining+1 {
			t.Fatalf("%d remaining at the reset, want %d", then.Remaining, v.Remaining+1)
		}
	})
}

func TestNoWindowAdmitsMoreThanBurstAndQuota(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRate(t)
		now := int64(1_795_339_800_000_000)
		var b Bucket
		var admitted []int64
		for range 300 {
			now += drawGap(t, r)
			var v Verdict
			if b, v = GCRA(b, now, r, 1); v.Allowed {
				admitted = append(admitted, now)
			}
		}
		for i := range admitted {
			for j := i; j < len(admitted); j++ {
				if most := r.Burst + (admitted[j]-admitted[i])/r.Period; int64(j-i+1) > most {
					t.Fatalf("%d admitted in %d us, want at most %d", j-i+1, admitted[j]-admitted[i], most)
				}
			}
		}
	})
}

func TestGiveBack(t *testing.T) {
	r := Rate{Period: 10, Burst: 5}
	const now = 1000
	t.Run("at once leaves the bucket as it was", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			r := drawRate(t)
			cost := rapid.Int64Range(0, r.Burst+5).Draw(t, "cost")
			before, _ := GCRA(Bucket{}, now, r, rapid.Int64Range(0, r.Burst).Draw(t, "spent before"))
			spent, v := GCRA(before, now, r, cost)
			if !v.Allowed {
				return
			}
			if after, _ := GiveBack(spent, now, now, r, cost); after.TAT != before.TAT {
				t.Fatalf("full again at %d, was %d", after.TAT, before.TAT)
			}
		})
	})
	t.Run("never makes more than a full bucket", func(t *testing.T) {
		b, _ := GCRA(Bucket{}, now, r, 1)
		if _, v := GiveBack(b, now+10_000, now, r, 1); v.Remaining != r.Burst {
			t.Errorf("%d remaining, want %d", v.Remaining, r.Burst)
		}
	})
	t.Run("gives nothing if time has given it back already", func(t *testing.T) {
		b, _ := GCRA(Bucket{}, now, r, 1)
		b, _ = GCRA(b, now+100, r, 3)
		if _, v := GiveBack(b, now+100, now, r, 1); v.Remaining != 2 {
			t.Errorf("%d remaining, want 2: the refund is of an earlier fill", v.Remaining)
		}
	})
	t.Run("while the bucket was never full in between, gives the whole", func(t *testing.T) {
		b, _ := GCRA(Bucket{}, now, r, 4)
		b, _ = GCRA(b, now+20, r, 2)
		if _, v := GiveBack(b, now+20, now, r, 4); v.Remaining != 5 {
			t.Errorf("%d remaining, want 5", v.Remaining)
		}
	})
}

func TestAClockThatGoesBackCostsOneFullBucketAtMost(t *testing.T) {
	r := Rate{Period: 10, Burst: 5}
	b, _ := GCRA(Bucket{}, 1_000_000, r, 1)
	_, v := GCRA(b, 1_000, r, 1)
	if v.Allowed || v.RetryAfter != 10 {
		t.Errorf("allowed %v, wait %d; want a wait of one period", v.Allowed, v.RetryAfter)
	}
}
