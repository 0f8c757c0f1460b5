package exchange_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/money"
)

func TestTheSettingNamesASource(t *testing.T) {
	for _, good := range []string{"fixed", "walk;seed=7", "walk;seed=-7", "walk;seed=0"} {
		if s, ok := exchange.ReadSandbox(good); !ok || len(s.Pairs()) != len(exchange.Defaults()) {
			t.Errorf("%q: %v", good, ok)
		}
	}
	for _, bad := range []string{"", "walk", "walk;seed=", "walk;seed=x", "walk;seed=1.5", "walk;seed=+1", "Fixed", "walk;seed=7;", "walk; seed=7", "walk;seed=99999999999999999999"} {
		if _, ok := exchange.ReadSandbox(bad); ok {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestFixedRatesAreTheDefaults(t *testing.T) {
	s := exchange.Sandbox(exchange.FixedRates)
	for _, d := range exchange.Defaults() {
		r, ok := s.Rate(d.Pair, noon)
		if !ok || r.Buy != exchange.OfMinor(d.Buy) || r.Sell != exchange.OfMinor(d.Sell) {
			t.Errorf("%s: %v %v", d.Pair.Symbol(), r, ok)
		}
	}
	if r, ok := s.Rate(exchange.Pair{First: money.NGN, Second: money.CAD}, noon); ok {
		t.Errorf("a pair that is none has the rate %v", r)
	}
}

func TestAWalkIsTheSameForTheSameSeedAndStaysNear(t *testing.T) {
	cad := exchange.DefaultPairs()[0]
	rapid.Check(t, func(t *rapid.T) {
		at := noon.Add(time.Duration(rapid.Int64Range(0, int64(10*365*24*time.Hour)).Draw(t, "time")))
		d := rapid.SampledFrom(exchange.Defaults()).Draw(t, "pair")
		r, _ := exchange.Sandbox("walk;seed=7").Rate(d.Pair, at)
		again, _ := exchange.Sandbox("walk;seed=7").Rate(d.Pair, at)
		if r != again {
			t.Errorf("%v, then %v", r, again)
		}
		if r.Sell.Less(r.Buy) || r.Buy.Less(exchange.OfMinor(d.Buy*97/100)) || exchange.OfMinor(d.Sell*103/100+1).Less(r.Sell) || r.At.After(at) {
			t.Errorf("%s around %d/%d: %v", d.Pair.Symbol(), d.Buy, d.Sell, r)
		}
	})
	var seen []exchange.Decimal
	for minute := range 2000 {
		r, _ := exchange.Sandbox("walk;seed=7").Rate(cad, noon.Add(time.Duration(minute)*time.Minute))
		seen = append(seen, r.Buy)
	}
	if low, high := slices.MinFunc(seen, compare), slices.MaxFunc(seen, compare); !low.Less("1030.00") && !exchange.Decimal("1030.00").Less(high) {
		t.Errorf("in 2000 minutes the rate walks from %s to %s", low, high)
	}
	other, _ := exchange.Sandbox("walk;seed=8").Rate(cad, noon)
	if other.Buy == seen[0] {
		t.Errorf("another seed gives the same rate %s", other.Buy)
	}
}

func compare(a, b exchange.Decimal) int {
	if a.Less(b) {
		return -1
	}
	return 1
}

// Whoever swaps in a circle must not come out richer.
func TestNoRoundOfSwapsMakesMoney(t *testing.T) {
	s := exchange.Sandbox(exchange.FixedRates)
	const start = 1_000_000_00
	var swap func(held int64, in money.Currency, home money.Currency, left int)
	swap = func(held int64, in, home money.Currency, left int) {
		if in == home && held > start {
			t.Errorf("a round from %s comes back with %d, it began with %d", home, held, start)
		}
		if left == 0 {
			return
		}
		for _, to := range exchange.TargetsOf(s.Pairs(), in) {
			pair, side, _ := exchange.Find(s.Pairs(), in, to)
			rate, _ := s.Rate(pair, noon)
			if terms, err := rate.On(pair, side).Give(held); err == nil {
				swap(terms.Target.Minor, to, home, left-1)
			}
		}
	}
	for _, c := range money.All {
		swap(start, c, c, 5)
	}
}
