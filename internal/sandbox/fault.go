// Package sandbox knows how every outcome of the contract is brought about in the
// test environment: the grammar of faults, which of them fire, and what triggers
// which code. It carries nothing out.
package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/juicer-pay/juicer/internal/problem"
)

// FaultHeader is the request header that carries rules, and the name under which
// a bad rule is reported.
const FaultHeader = "Juicer-Fault"

// Action is what a fault does to a request.
type Action string

// The actions.
const (
	Fail     Action = "error"    // answer with Code
	Status   Action = "status"   // answer with the usual code of status N, or a proxy's page
	Delay    Action = "delay"    // wait N milliseconds, then go on with the next rule
	Drop     Action = "drop"     // reset the connection without a byte
	Truncate Action = "truncate" // whole headers, N bytes of the body, reset
	Hang     Action = "hang"     // nothing for N milliseconds, then reset
	Garbage  Action = "garbage"  // a success whose body is not JSON
)

// Point is when a fault acts.
type Point string

// The points.
const (
	Before      Point = "before"       // nothing has run
	AfterCommit Point = "after-commit" // everything has run and is stored
)

// Rule is one fault.
type Rule struct {
	Action      Action
	Code        string // Fail, Status: a code of the catalogue; "" for a proxy's page
	N           int64  // Status: the number; Delay, Hang: milliseconds; Truncate: bytes
	At          Point
	Times       int64   // how many matches fire, counted after Skip; 0: not said
	Skip        int64   // how many matches pass first
	Probability float64 // of firing, per match; 1: always
	Seed        int64   // of the draws
	RetryAfter  int64   // seconds, of a 429 or 503; negative: as in the catalogue
}

const (
	seedDefault   = 1
	retryAfterRow = -1
)

// defaultAt is when the action acts unless the rule says otherwise.
func (a Action) defaultAt() Point {
	switch a {
	case Fail, Status, Delay:
		return Before
	}
	return AfterCommit
}

// Ends reports whether nothing can follow the action in the same request.
func (a Action) Ends() bool { return a != Delay }

// String writes the rule as ParseFault reads it.
func (r Rule) String() string {
	parts := []string{r.action()}
	add := func(said bool, name, value string) {
		if said {
			parts = append(parts, name+"="+value)
		}
	}
	add(r.Action != Drop && r.At != r.Action.defaultAt(), paramAt, string(r.At))
	add(r.Times > 0, paramTimes, strconv.FormatInt(r.Times, 10))
	add(r.Skip > 0, paramSkip, strconv.FormatInt(r.Skip, 10))
	add(r.Probability != 1, paramProbability, strconv.FormatFloat(r.Probability, 'f', -1, 64))
	add(r.Seed != seedDefault, paramSeed, strconv.FormatInt(r.Seed, 10))
	add(r.RetryAfter >= 0, paramRetryAfter, strconv.FormatInt(r.RetryAfter, 10))
	return strings.Join(parts, ";")
}

func (r Rule) action() string {
	switch r.Action {
	case Fail:
		return string(Fail) + "=" + r.Code
	case Drop:
		return string(Drop) + "=" + string(r.At)
	case Garbage:
		return string(Garbage)
	}
	return fmt.Sprintf("%s=%d", r.Action, r.N)
}

// Text writes rules as ParseFault reads them.
func Text(rules []Rule) string {
	parts := make([]string, len(rules))
	for i, r := range rules {
		parts[i] = r.String()
	}
	return strings.Join(parts, ",")
}

// FiresAt reports whether the rule fires at its n-th match, n counting from 1.
func (r Rule) FiresAt(n int64) bool {
	counted := n - r.Skip
	if counted < 1 || r.Times > 0 && counted > r.Times {
		return false
	}
	return r.Probability >= 1 || Draw(r.Seed, n) < r.Probability
}

// Draw is the random number of the n-th case: the first 8
// bytes of SHA-256("<seed>:<n>") as an unsigned big-endian number divided by 2^64.
func Draw(seed, n int64) float64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%d", seed, n))
	return math.Ldexp(float64(binary.BigEndian.Uint64(sum[:8])), -64)
}

// Kind is the catalogue's row of the rule's code; nil for a proxy's page and for
// actions that give no answer.
func (r Rule) Kind() *problem.Kind {
	k, _ := problem.ByCode(r.Code)
	return k
}
