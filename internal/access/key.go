// Package access decides who may call: the text of API keys, the states they go
// through, the six ways a key is refused, and scopes. What is stored is passed in
// and out as plain structs.
package access

import (
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
)

const (
	overlapAfterUse      = 24 * time.Hour     // how long the old key works after the first use of the new one
	overlapAfterRotation = 7 * 24 * time.Hour // and at most, used or not
	lastUsePrecision     = time.Minute        // of Key.LastUsedAt
)

// State is where a key stands.
type State string

// The states. Expired and revoked keys never work again.
const (
	Active   State = "active"
	Rotating State = "rotating" // replaced, and still accepted for a while
	Expired  State = "expired"
	Revoked  State = "revoked"
)

// Key is an API key as it is stored.
type Key struct {
	ID          string
	Business    string
	Name        string
	Description string
	Hash        string // of the plain text; see Hash
	Prefix      string // first 12 characters of the plain text
	Last4       string
	Scopes      []string
	Status      State // as last recorded, for lists; StateAt decides

	CreatedAt time.Time
	Lifetime  time.Duration // 0: no end
	ExpiresAt *time.Time    // CreatedAt plus Lifetime

	Replaces          string     // id of the key this one was rotated from
	RotatedAt         *time.Time // when this one was replaced
	ReplacementUsedAt *time.Time // first use of the key that replaced this one
	OverlapEndsAt     *time.Time // when this one ends because it was replaced

	RevokedAt  *time.Time
	LastUsedAt *time.Time // to the minute
}

// Issued is the key with what is stored of its plain text.
func (k Key) Issued(plain string, hashKey []byte) Key {
	k.Hash = Hash(hashKey, plain)
	k.Prefix = prefix(plain)
	k.Last4 = plain[len(plain)-lastShown:]
	return k
}

// StateAt is the key's state at a moment.
func (k Key) StateAt(now time.Time) State {
	ends := k.EndsAt()
	switch {
	case k.RevokedAt != nil && !now.Before(*k.RevokedAt):
		return Revoked
	case ends != nil && !now.Before(*ends):
		return Expired
	case k.RotatedAt != nil && !now.Before(*k.RotatedAt):
		return Rotating
	}
	return Active
}

// EndsAt is when the key expires as things stand: by its own date, or by the end
// of its rotation's overlap. nil: not foreseen.
func (k Key) EndsAt() *time.Time {
	ends := earlier(k.ExpiresAt, k.OverlapEndsAt)
	if k.RotatedAt != nil {
		ends = earlier(ends, k.overlapEnd())
	}
	return ends
}

// overlapEnd is the rule of a rotation.
func (k Key) overlapEnd() *time.Time {
	end := k.RotatedAt.Add(overlapAfterRotation)
	if k.ReplacementUsedAt == nil {
		return &end
	}
	afterUse := k.ReplacementUsedAt.Add(overlapAfterUse)
	return earlier(&end, &afterUse)
}

// Rotate gives the key as it is after its replacement at now, and the draft of
// the new one, which still lacks its id and text. From another state than active
// it raises problem.InvalidStatusTransition.
func (k Key) Rotate(now time.Time) (old, next Key, err error) {
	if s := k.StateAt(now); s != Active {
		return k, Key{}, transition(s, Rotating)
	}
	next = Key{
		Business: k.Business, Name: k.Name, Description: k.Description, Scopes: slices.Clone(k.Scopes),
		Status: Active, CreatedAt: now, Lifetime: k.Lifetime, Replaces: k.ID,
	}
	if k.Lifetime > 0 {
		end := now.Add(k.Lifetime)
		next.ExpiresAt = &end
	}
	k.Status, k.RotatedAt = Rotating, &now
	k.OverlapEndsAt = k.overlapEnd()
	return k, next, nil
}

// ReplacementUsed is a rotating key after the key that replaced it was used at
// now. Only the first use counts.
func (k Key) ReplacementUsed(now time.Time) Key {
	if k.RotatedAt == nil || k.ReplacementUsedAt != nil {
		return k
	}
	k.ReplacementUsedAt = &now
	k.OverlapEndsAt = k.overlapEnd()
	return k
}

// Revoke is the key after its revocation at now; a revoked key stays as it is.
// For an expired one it raises problem.InvalidStatusTransition.
func (k Key) Revoke(now time.Time) (Key, error) {
	switch k.StateAt(now) {
	case Revoked:
		return k, nil
	case Expired:
		return k, transition(Expired, Revoked)
	}
	k.Status, k.RevokedAt = Revoked, &now
	return k, nil
}

// UseIsNews reports whether a use at now is to be recorded: LastUsedAt is kept to
// the minute, so that not every request writes.
func (k Key) UseIsNews(now time.Time) bool {
	return k.LastUsedAt == nil || k.LastUsedAt.Truncate(lastUsePrecision).Before(now.Truncate(lastUsePrecision))
}

func transition(from, to State) *problem.Error {
	return problem.InvalidStatusTransition.With(problem.Details{"from": string(from), "to": string(to)})
}

func earlier(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}
