package scripted

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
)

// draws are the random choices about one instruction. They depend on the seed
// and the reference alone, so that a run can be had again.
type draws struct {
	seed int64
	ref  string
}

// of is a number in [0, 1): the first 8 bytes of SHA-256("<seed>:<ref>:<what>")
// as an unsigned big-endian number divided by 2^64.
func (d draws) of(what string) float64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s:%s", d.seed, d.ref, what))
	return math.Ldexp(float64(binary.BigEndian.Uint64(sum[:8])), -64)
}

// between is a duration drawn evenly.
func (d draws) between(what string, lo, hi time.Duration) time.Duration {
	return lo + time.Duration(d.of(what)*float64(hi-lo))
}

// Latency is how long a bank takes to answer: evenly between Min and Max, or
// log-normal with a Median and 99 % below P99.
type Latency struct {
	Min, Max    time.Duration
	Median, P99 time.Duration
}

func uniform(lo, hi time.Duration) Latency { return Latency{Min: lo, Max: hi} }

func logNormal(median, p99 time.Duration) Latency { return Latency{Median: median, P99: p99} }

const (
	z99  = 2.3263478740408408 // 99 % of a normal distribution lie below it
	zMax = 4                  // draws beyond are cut, so that no answer takes for ever
)

// of is the latency for a draw u in [0, 1).
func (l Latency) of(u float64) time.Duration {
	if l.Median == 0 {
		return l.Min + time.Duration(u*float64(l.Max-l.Min))
	}
	z := math.Sqrt2 * math.Erfinv(2*u-1)
	sigma := math.Log(float64(l.P99)/float64(l.Median)) / z99
	return time.Duration(float64(l.Median) * math.Exp(sigma*min(max(z, -zMax), zMax)))
}

// String is the latency in words: "50ms..300ms", or "median 4s, 99 % below 40s".
func (l Latency) String() string {
	switch {
	case l.Median > 0:
		return fmt.Sprintf("log-normal, median %v, 99 %% below %v", l.Median, l.P99)
	case l.Min == l.Max:
		return l.Min.String()
	}
	return fmt.Sprintf("%v..%v", l.Min, l.Max)
}

// faultCodes are the failures by which the faults of a personality show.
type faultCodes struct {
	unavailable, contrary string
	reverses              bool // what was executed may come back
}

var (
	cardFaults   = faultCodes{problem.FailureIssuerUnavailable, problem.FailureCardDeclined, false}
	payoutFaults = faultCodes{problem.FailureBeneficiaryBankUnavailable, problem.FailureBeneficiaryRejected, true}
)

// manner is what the personality does with one instruction. A single draw
// chooses among its faults, so that their shares add up.
func (p Personality) manner(d draws, codes faultCodes) Manner {
	m := Manner{Deferred: p.Deferred, Callbacks: p.Callbacks}
	if p.Deferred {
		m.Delay = d.between("final", p.FinalMin, p.FinalMax)
	}
	m.Early = p.Early > 0 && d.of("early") < p.Early
	u := d.of("fault")
	hit := func(share float64) bool {
		yes := u >= 0 && u < share
		u -= share
		return yes
	}
	switch {
	case hit(p.Unavailable):
		m.Failure = codes.unavailable
	case hit(p.Refused):
		m.Refused = true
	case hit(p.ReplyLost):
		m.ReplyLost = true
	case hit(p.LostBefore):
		m.LostBefore = true
	case hit(p.Contrary):
		m.Contrary, m.Failure = true, codes.contrary
	case codes.reverses && hit(p.Reversed):
		m.ReversedAfter = d.between("reversed", p.ReversedMin, p.ReversedMax)
	}
	if m.ReplyLost || m.LostBefore {
		m.Silence, m.SilentFor = p.Silence, d.between("silence", p.SilentMin, p.SilentMax)
	}
	return m
}
