package storetest

import (
	"time"

	"github.com/juicer-pay/juicer/internal/store"
)

func keyClaims() []claim {
	return []claim{
		{"an API key reads back by its hash and by its id", keyReadsBack},
		{"a key of another business is not there", keyOfOthers},
		{"keys are listed newest first", keysListed},
		{"a key is rotated once, and never after it was revoked", keyRotatedOnce},
		{"the first revocation counts", keyRevoked},
		{"the last use of a key never goes back", keyUse},
		{"the first use of a replacement counts", replacementUse},
		{"every key but one can be cleared", keysCleared},
	}
}

// fullKey has a value in every field that a new key may have.
func fullKey(n int) *store.APIKey {
	return &store.APIKey{
		ID: number(n), Business: ada, Hash: "hash " + number(n), Prefix: "test_Ky9Pf34", Last4: "jqIz", Name: "payouts job", Description: "Nightly",
		Scopes: []string{"payouts:write", "wallets:read"}, Replaces: number(99), Lifetime: 90 * 24 * time.Hour,
		CreatedAt: at(time.Duration(n) * time.Hour), ExpiresAt: ptr(at(24 * time.Hour)),
	}
}

// shown is a key as it reads back: its hash stays in the store.
func shown(k *store.APIKey) *store.APIKey {
	out := *k
	out.Hash = ""
	return &out
}

func (s *suite) addKeys(keys ...*store.APIKey) {
	s.Helper()
	for _, k := range keys {
		s.write(func(tx store.Tx) error { return tx.InsertAPIKey(k) })
	}
}

func key(s *suite, id string) *store.APIKey {
	s.Helper()
	return get(s, func(v store.View) (*store.APIKey, error) { return v.APIKey(ada, id) })
}

func keyReadsBack(s *suite) {
	k, forever := fullKey(1), fullKey(2)
	forever.ExpiresAt, forever.Lifetime, forever.Replaces = nil, 0, ""
	s.addKeys(k, forever)
	same(s, "the key by its id", key(s, k.ID), shown(k))
	for _, one := range []*store.APIKey{k, forever} {
		byHash := get(s, func(v store.View) (*store.APIKey, error) { return v.APIKeyByHash(one.Hash) })
		same(s, "the key by its hash", byHash, shown(one))
	}
	s.missing(try(s, func(v store.View) (*store.APIKey, error) { return v.APIKeyByHash("another") }))
}

func keyOfOthers(s *suite) {
	s.addKeys(fullKey(1))
	s.missing(try(s, func(v store.View) (*store.APIKey, error) { return v.APIKey(bola, number(1)) }))
	same(s, "bola's keys", get(s, func(v store.View) ([]*store.APIKey, error) { return v.APIKeys(bola) }), nil)
}

func keysListed(s *suite) {
	one, two, twin := fullKey(1), fullKey(2), fullKey(3)
	twin.CreatedAt = two.CreatedAt
	s.addKeys(two, one, twin)
	got := get(s, func(v store.View) ([]*store.APIKey, error) { return v.APIKeys(ada) })
	same(s, "keys", got, []*store.APIKey{shown(twin), shown(two), shown(one)})
}

func keyRotatedOnce(s *suite) {
	s.addKeys(fullKey(1), fullKey(2))
	errs := atOnce(10, func(int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.RotateAPIKey(number(1), at(time.Minute)) })
	})
	same(s, "rotations that won", s.wins(errs, "rotate_api_key"), 1)
	same(s, "rotated at", key(s, number(1)).RotatedAt, ptr(at(time.Minute)))
	s.write(func(tx store.Tx) error { return tx.RevokeAPIKey(number(2), at(0)) })
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.RotateAPIKey(number(2), at(time.Minute)) }), "rotate_api_key")
	same(s, "a revoked key's rotation", key(s, number(2)).RotatedAt, nil)
}

func keyRevoked(s *suite) {
	s.addKeys(fullKey(1))
	for _, d := range []time.Duration{time.Minute, time.Hour} {
		s.write(func(tx store.Tx) error { return tx.RevokeAPIKey(number(1), at(d)) })
	}
	same(s, "revoked at", key(s, number(1)).RevokedAt, ptr(at(time.Minute)))
}

func keyUse(s *suite) {
	s.addKeys(fullKey(1))
	for _, d := range []time.Duration{time.Minute, time.Hour, time.Second} {
		s.write(func(tx store.Tx) error { return tx.NoteKeyUse(number(1), at(d)) })
	}
	same(s, "last used", key(s, number(1)).LastUsedAt, ptr(at(time.Hour)))
}

func replacementUse(s *suite) {
	s.addKeys(fullKey(1))
	for _, d := range []time.Duration{time.Minute, time.Hour, time.Second} {
		s.write(func(tx store.Tx) error { return tx.NoteReplacementUse(number(1), at(d)) })
	}
	same(s, "replacement first used", key(s, number(1)).ReplacementUsedAt, ptr(at(time.Minute)))
}

func keysCleared(s *suite) {
	s.addKeys(fullKey(1), fullKey(2), fullKey(3))
	s.write(func(tx store.Tx) error { return tx.ClearAPIKeys(number(2)) })
	got := get(s, func(v store.View) ([]*store.APIKey, error) { return v.APIKeys(ada) })
	same(s, "keys that stay", got, []*store.APIKey{shown(fullKey(2))})
}
