// Package vault is the only place that sees a card number in clear. It decrypts
// what clients sealed, checks it, and hands out what may be kept (first six, last
// four, keyed hashes) and what may be charged (a rail.Card that cannot be
// printed). Nothing in it logs, stores or prints.
package vault

import (
	"crypto/cipher"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	retiredAcceptedFor = 24 * time.Hour      // for new requests
	retiredKeptFor     = 90 * 24 * time.Hour // for Digest: as long as an idempotency key is remembered
)

// Keys are the encryption keys of one environment: what the server must store
// (sealed at rest).
type Keys struct {
	hidden
	Current string       // 32 hex characters
	Retired []RetiredKey // newest first
}

// RetiredKey is a key that clients may have fetched before the last rotation.
type RetiredKey struct {
	hidden
	Key string
	At  time.Time // of its retirement
}

// Rotated makes next the current key from now on. The former one is kept as
// retired; keys that nothing can refer to any more are left out.
func (k Keys) Rotated(next string, now time.Time) Keys {
	out := Keys{Current: next, Retired: []RetiredKey{{Key: k.Current, At: now}}}
	for _, r := range k.Retired {
		if now.Sub(r.At) < retiredKeptFor {
			out.Retired = append(out.Retired, r)
		}
	}
	return out
}

// Keyring opens sealed values with the keys of one environment. Safe for
// concurrent use.
type Keyring struct {
	hidden
	fingerprint, number, cvv, digest hasher

	luhnExempt map[string]bool // by number hash
	ring       atomic.Pointer[ring]
}

type ring struct {
	current string
	ciphers []timedCipher // current first
}

type timedCipher struct {
	cipher.AEAD
	acceptedUntil *time.Time // nil: no end
}

// NewKeyring takes the server secret, from which the hashes are keyed, the
// encryption keys, and numbers whose check digit is not looked at (one of the
// documented test cards would fail). ErrEncryptionKey for a key of another form.
func NewKeyring(secret Secret, keys Keys, luhnExempt []string) (*Keyring, error) {
	k := &Keyring{
		fingerprint: secret.hasher(forCardFingerprint),
		number:      secret.hasher(forCardNumber),
		cvv:         secret.hasher(forCardCVV),
		digest:      secret.hasher(forDigest),
		luhnExempt:  make(map[string]bool, len(luhnExempt)),
	}
	for _, n := range luhnExempt {
		k.luhnExempt[k.number(n)] = true
	}
	return k, k.Replace(keys)
}

// Replace changes to other keys, for example after Keys.Rotated. If one is
// malformed (ErrEncryptionKey), nothing changes.
func (k *Keyring) Replace(keys Keys) error {
	current, err := newGCM(keys.Current)
	if err != nil {
		return fmt.Errorf("current key: %w", err)
	}
	next := &ring{current: keys.Current, ciphers: []timedCipher{{AEAD: current}}}
	for _, r := range keys.Retired {
		gcm, err := newGCM(r.Key)
		if err != nil {
			return fmt.Errorf("key retired at %s: %w", r.At.Format(time.RFC3339), err)
		}
		until := r.At.Add(retiredAcceptedFor)
		next.ciphers = append(next.ciphers, timedCipher{AEAD: gcm, acceptedUntil: &until})
	}
	k.ring.Store(next)
	return nil
}

// Current is the key that clients are told to encrypt with.
func (k *Keyring) Current() string { return k.ring.Load().current }

// Digest is a keyed hash of a secret request field, for comparing requests: of
// the value inside if it was sealed with any key we know, so that sealing it
// again under a new IV or key is the same request, else of the text as sent.
func (k *Keyring) Digest(field, sealed string) string {
	for _, c := range k.ring.Load().ciphers {
		if clear, err := open(sealed, c); err == nil {
			return k.digest(field, "sealed", clear)
		}
	}
	return k.digest(field, "as sent", sealed)
}

// open decrypts with the keys accepted at now, else errSealed.
func (k *Keyring) open(sealed SealedText, now time.Time) (string, error) {
	if sealed.text == nil {
		return "", errSealed
	}
	for _, c := range k.ring.Load().ciphers {
		if c.acceptedUntil != nil && !now.Before(*c.acceptedUntil) {
			continue
		}
		if clear, err := open(sealed.text(), c); err == nil {
			return clear, nil
		}
	}
	return "", errSealed
}
