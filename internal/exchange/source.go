package exchange

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
)

// Source says what rates are. A real one keeps what its feed last said, so that it
// answers at once; it is asked at a moment of the environment's clock and must give
// the same answer in every process. Safe for concurrent use.
type Source interface {
	// Pairs are those it has rates for, in the order in which they are shown.
	Pairs() []Pair
	// Rate is the rate of one of its pairs; false if it has none at that moment.
	Rate(p Pair, at time.Time) (Rate, bool)
}

// Default is the rate of the sandbox for a pair, in minor units of the second currency.
type Default struct {
	Pair      Pair
	Buy, Sell int64
}

// Defaults are the sandbox's rates. No round of swaps makes money from them. The last
// ones are of currencies without wallets: they can be asked for, not swapped.
func Defaults() []Default {
	return []Default{
		{Pair{money.CAD, money.NGN}, 103000, 104000},
		{Pair{money.USD, money.NGN}, 154500, 155500},
		{Pair{money.USDT, money.NGN}, 154500, 155500},
		{Pair{money.USDC, money.NGN}, 154550, 155500},
		{Pair{money.USD, money.CAD}, 149, 151},
		{Pair{money.USDT, money.USD}, 100, 100},
		{Pair{money.USDC, money.USD}, 100, 100},
		{Pair{"EUR", money.USD}, 108, 110},
		{Pair{"GBP", money.USD}, 127, 129},
	}
}

// DefaultPairs are the pairs that swap, in the order of the contract.
func DefaultPairs() (all []Pair) {
	for _, d := range Defaults() {
		if d.Pair.Swaps() {
			all = append(all, d.Pair)
		}
	}
	return all
}

// The words of the sandbox's setting rates: FixedRates, or WalkingRates with a seed.
const (
	FixedRates   = "fixed"
	WalkingRates = "walk;seed="
)

// ReadSandbox gives the source that a value of the setting rates names; ok is false
// for anything else.
func ReadSandbox(setting string) (s Source, ok bool) {
	seed, walks := strings.CutPrefix(setting, WalkingRates)
	_, err := strconv.ParseInt(seed, 10, 64)
	if !walks || err != nil || seed[0] == '+' {
		return sandbox{}, setting == FixedRates
	}
	return sandbox{seed: seed}, true
}

// Sandbox is ReadSandbox for a setting that was checked when it was kept: anything
// else is fixed.
func Sandbox(setting string) Source {
	s, _ := ReadSandbox(setting)
	return s
}

// sandbox is the defaults, or with a seed a walk around them.
type sandbox struct{ seed string }

// defaultsSince is when the defaults were last changed: part of what readers cache.
func defaultsSince() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) }

// Pairs implements Source.
func (s sandbox) Pairs() (all []Pair) {
	for _, d := range Defaults() {
		all = append(all, d.Pair)
	}
	return all
}

// Rate implements Source.
func (s sandbox) Rate(p Pair, at time.Time) (Rate, bool) {
	for _, d := range Defaults() {
		switch {
		case d.Pair != p:
		case s.seed == "":
			return Rate{OfMinor(d.Buy), OfMinor(d.Sell), defaultsSince()}, true
		default:
			minute := at.Truncate(time.Minute).UTC()
			off := s.offset(p, minute.Unix()/60)
			return Rate{OfMinor(max(1, d.Buy*(million+off)/million)), OfMinor((d.Sell*(million+off) + million - 1) / million), minute}, true
		}
	}
	return Rate{}, false
}

const million = 1_000_000

// strides are the waves of a walk: how many minutes one is long, and how far it leads
// to either side in millionths. Together they stay within 3 %.
var strides = []struct{ minutes, reach int64 }{{1, 500}, {4, 1000}, {16, 2500}, {64, 5000}, {256, 10000}, {1024, 11000}}

// offset is how far a rate is from its default in a minute, in millionths. It follows
// from seed, pair and time alone, so that every process gives the same.
func (s sandbox) offset(p Pair, minute int64) (sum int64) {
	for _, w := range strides {
		n, along := minute/w.minutes, minute%w.minutes
		from, to := s.draw(p, w.minutes, w.reach, n), s.draw(p, w.minutes, w.reach, n+1)
		sum += (from*(w.minutes-along) + to*along) / w.minutes
	}
	return sum
}

// draw is the n-th draw of a wave, from -reach to reach.
func (s sandbox) draw(p Pair, wave, reach, n int64) int64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s:%s:%d:%d", s.seed, p.Symbol(), wave, n))
	drawn, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:8]), uint64(2*reach+1))
	return int64(drawn) - reach
}
