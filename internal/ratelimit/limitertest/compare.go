package limitertest

import (
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/ratelimit"
)

// Step is one call of a limiter.
type Step struct {
	Gap      time.Duration // since the step before; below zero where a clock was put back
	Key      string
	Endpoint string
	Cost     int64
	Refund   int              // gives back the decision of so many steps before; 0: spends
	Use      *ratelimit.Table // changes the limits first; nil: as they are
}

// Steps draws what may happen to a limiter: several keys and endpoints, bursts,
// silences, clocks that go back, refunds late and repeated, and other limits.
func Steps() *rapid.Generator[[]Step] {
	return rapid.SliceOfN(rapid.Custom(drawStep), 1, 120)
}

func drawStep(t *rapid.T) Step {
	s := Step{
		Gap:      drawGap(t),
		Key:      rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"),
		Endpoint: rapid.SampledFrom([]string{getPayment, "POST /payouts", "GET /free"}).Draw(t, "endpoint"),
		Cost:     rapid.Int64Range(0, 6).Draw(t, "cost"),
	}
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0, 1, 2:
		s.Refund = rapid.IntRange(1, 5).Draw(t, "refund")
	case 3:
		s.Use = drawTable(t)
	}
	return s
}

func drawGap(t *rapid.T) time.Duration {
	return time.Microsecond * time.Duration(rapid.OneOf(
		rapid.Just(int64(0)),
		rapid.Int64Range(0, 1_000),
		rapid.Int64Range(0, 3_000_000),
		rapid.Int64Range(0, 86_400_000_000),
		rapid.Int64Range(-5_000_000, 0),
	).Draw(t, "gap"))
}

func drawTable(t *rapid.T) *ratelimit.Table {
	return &ratelimit.Table{Key: drawLimit(t), Endpoints: map[string]ratelimit.Limit{getPayment: drawLimit(t), "POST /payouts": drawLimit(t)}}
}

// drawLimit mixes windows that divide into whole microseconds with others.
func drawLimit(t *rapid.T) ratelimit.Limit {
	return ratelimit.Limit{
		Quota:  rapid.Int64Range(0, 9).Draw(t, "quota"),
		Window: rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 24 * time.Hour}).Draw(t, "window"),
		Burst:  rapid.Int64Range(1, 12).Draw(t, "burst"),
	}
}

// First is the table that compared limiters begin with.
func First() ratelimit.Table {
	return ratelimit.Table{
		Key: ratelimit.Limit{Quota: 7, Window: time.Second, Burst: 9},
		Endpoints: map[string]ratelimit.Limit{
			getPayment:      {Quota: 3, Window: time.Second, Burst: 5},
			"POST /payouts": {Quota: 2, Window: time.Minute, Burst: 4},
		},
	}
}

// Compare takes the steps with both limiters and says where their decisions differ,
// in any digit; "" if they do not.
func Compare(steps []Step, one, other ratelimit.Limiter) string {
	now := start
	var first, second []ratelimit.Decision
	for i, s := range steps {
		now = now.Add(s.Gap)
		first = append(first, s.take(one, first, now))
		second = append(second, s.take(other, second, now))
		if diff := cmp.Diff(first[i], second[i]); diff != "" {
			return fmt.Sprintf("step %d, %+v at %v:\n%s", i, s, now, diff)
		}
	}
	return ""
}

func (s Step) take(l ratelimit.Limiter, before []ratelimit.Decision, now time.Time) ratelimit.Decision {
	if s.Use != nil {
		l.Use(*s.Use)
	}
	if s.Refund > 0 && s.Refund <= len(before) {
		return l.Refund(ctx, before[len(before)-s.Refund], now)
	}
	return l.Allow(ctx, s.Key, s.Endpoint, s.Cost, now)
}
