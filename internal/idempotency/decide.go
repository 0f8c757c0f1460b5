// Package idempotency decides what a repeated Idempotency-Key gets. It is pure:
// the engine reads and writes the claims.
package idempotency

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// KeyMax is the longest Idempotency-Key in characters.
const KeyMax = 255

// Forgotten is the age at which a key is unknown again.
const Forgotten = 90 * 24 * time.Hour

// Request is what the fingerprint is made of.
type Request struct {
	Method string
	Path   string // without /v1, with its query
	Fields string // canonical body, secrets replaced by keyed hashes
}

// Fingerprint is the SHA-256 of the request in hex.
func (r Request) Fingerprint() string {
	sum := sha256.Sum256([]byte(r.Method + "\n" + r.Path + "\n" + r.Fields))
	return hex.EncodeToString(sum[:])
}

// Verdict is what is to be done with a request whose key was looked up.
type Verdict int

// The verdicts.
const (
	Run      Verdict = iota // the key is free
	Replay                  // send the stored reply
	Continue                // the first run broke off: go on from its last step
	Spent                   // the stored reply is gone; idempotency_key_expired
)

// Decide looks at the claim of a key (nil: none) for a request at a time.
// running tells whether the claim's owner may still be at work. It raises
// idempotency_key_reused or idempotency_key_in_use.
func Decide(c *store.Claim, r Request, now time.Time, keep time.Duration, running bool) (Verdict, error) {
	switch {
	case c == nil, now.Sub(c.CreatedAt) >= Forgotten:
		return Run, nil
	case c.Fingerprint != r.Fingerprint():
		return 0, problem.IdempotencyKeyReused.With(problem.Details{"differs": differs(c, r), "request_id": c.RequestIDs[0]})
	case c.Completed && now.Sub(*c.CompletedAt) < keep:
		return Replay, nil
	case c.Completed, now.Sub(c.CreatedAt) >= keep && !running:
		return Spent, nil
	case running:
		return 0, InUse(c.RequestIDs[0], now.Sub(c.CreatedAt))
	default:
		return Continue, nil
	}
}

// InUse is idempotency_key_in_use for a key whose first request has run for age.
func InUse(requestID string, age time.Duration) error {
	return problem.IdempotencyKeyInUse.With(problem.Details{"age_ms": age.Milliseconds(), "request_id": requestID})
}

// differs names what is not the same: method, path, or paths into the body.
func differs(c *store.Claim, r Request) []string {
	var names []string
	if c.Method != r.Method {
		names = append(names, "method")
	}
	if c.Path != r.Path {
		names = append(names, "path")
	}
	before, err1 := wire.Parse([]byte(c.Fields))
	now, err2 := wire.Parse([]byte(r.Fields))
	if err1 != nil || err2 != nil {
		return names
	}
	return append(names, wire.Differs(before, now)...)
}

// ValidKey reports whether a header value has the form of a key.
func ValidKey(s string) bool {
	if len(s) < 1 || len(s) > KeyMax {
		return false
	}
	for i := range len(s) {
		if s[i] < 0x21 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
