package access

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/juicer-pay/juicer/internal/problem"
)

var hashKey = []byte("the server's key for API keys")

// shelf is a Lookup over keys, which counts how often it was asked.
type shelf struct {
	keys  map[string]*Key
	asked int
}

func (s *shelf) lookup(_ context.Context, hash string) (*Key, error) {
	s.asked++
	return s.keys[hash], nil
}

func (s *shelf) put(t *testing.T, env Env, k Key) (plain string) {
	t.Helper()
	plain = newKey(t, env)
	k = k.Issued(plain, hashKey)
	s.keys[k.Hash] = &k
	return plain
}

func TestCheckTellsTheSixCausesApart(t *testing.T) {
	s := &shelf{keys: map[string]*Key{}}
	now := noon.Add(time.Hour)
	good := s.put(t, Test, Key{ID: "good", Scopes: []string{"*"}})
	expired := s.put(t, Test, Key{ExpiresAt: at(0)})
	rotated := s.put(t, Test, Key{RotatedAt: at(-30 * day), ReplacementUsedAt: at(-29 * day), OverlapEndsAt: at(-28 * day)})
	revoked := s.put(t, Test, Key{RevokedAt: at(0), ExpiresAt: at(-day)})
	live := s.put(t, Live, Key{})
	foreign := newKey(t, Test)

	cases := []struct {
		claim, header string
		env           Env
		kind          *problem.Kind
		details       problem.Details
		asks          bool
	}{
		{"no key is missing", "", Test, problem.MissingAPIKey, nil, false},
		{"a torn key is malformed", good[:30], Test, problem.InvalidAPIKey, problem.Details{"reason": "malformed"}, false},
		{"a mistyped key has a wrong checksum", zeroTest[:40] + "0", Test, problem.InvalidAPIKey, problem.Details{"reason": "checksum"}, false},
		{"a live key in test is told from its prefix alone", live, Test, problem.ProductionKeyInTest, problem.Details{"environment": "test", "prefix": live[:12]}, false},
		{"a test key in live likewise, known or not", foreign, Live, problem.TestKeyInProduction, problem.Details{"environment": "live", "prefix": foreign[:12]}, false},
		{"a key that was never issued is unknown", foreign, Test, problem.InvalidAPIKey, problem.Details{"reason": "unknown"}, true},
		{"a revoked key is revoked even if it would have expired too", revoked, Test, problem.RevokedAPIKey, problem.Details{"prefix": revoked[:12], "revoked_at": noon}, true},
		{"an expired key says since when", expired, Test, problem.ExpiredAPIKey, problem.Details{"expired_at": noon, "prefix": expired[:12]}, true},
		{"a key past its overlap is expired", rotated, Test, problem.ExpiredAPIKey, problem.Details{"expired_at": noon.Add(-28 * day), "prefix": rotated[:12]}, true},
	}
	for _, c := range cases {
		t.Run(c.claim, func(t *testing.T) {
			s.asked = 0
			key, err := enter(Gate{c.env, hashKey, s.lookup}, c.header, now)
			e, ok := problem.Of(err)
			if !ok || e.Kind != c.kind || key != nil {
				t.Fatalf("got %v, %v; want %s", key, err, c.kind.Code)
			}
			if diff := cmp.Diff(c.details, e.Details); diff != "" {
				t.Errorf("details (-want +got):\n%s", diff)
			}
			if (s.asked > 0) != c.asks {
				t.Errorf("the store was asked %d times, want asked: %v", s.asked, c.asks)
			}
		})
	}
	t.Run("a good key enters", func(t *testing.T) {
		key, err := enter(Gate{Test, hashKey, s.lookup}, "Bearer "+good, now)
		if err != nil || key.ID != "good" || key.Prefix != good[:12] || key.Last4 != good[37:] {
			t.Errorf("got %+v, %v", key, err)
		}
	})
	t.Run("under another server secret it does not", func(t *testing.T) {
		if _, err := enter(Gate{Test, []byte("other"), s.lookup}, good, now); !problem.InvalidAPIKey.Is(err) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a store that gives a key of another hash is not believed", func(t *testing.T) {
		wrong := func(context.Context, string) (*Key, error) { return &Key{Hash: Hash(hashKey, good)}, nil }
		if _, err := enter(Gate{Test, hashKey, wrong}, foreign, now); !problem.InvalidAPIKey.Is(err) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a store that is down is not taken for an unknown key", func(t *testing.T) {
		down := errors.New("store is down")
		_, err := enter(Gate{Test, hashKey, func(context.Context, string) (*Key, error) { return nil, down }}, good, now)
		if !errors.Is(err, down) {
			t.Errorf("got %v, want the store's error", err)
		}
	})
}

func enter(g Gate, header string, now time.Time) (*Key, error) {
	p, err := Parse(header)
	if err != nil {
		return nil, err
	}
	return g.Check(context.Background(), p, now)
}

func TestIssuedKeepsNothingOfThePlainTextButItsEnds(t *testing.T) {
	plain := newKey(t, Test)
	k := Key{}.Issued(plain, hashKey)
	if k.Prefix != plain[:12] || k.Last4 != plain[37:] || k.Hash != Hash(hashKey, plain) {
		t.Errorf("got %+v of %s", k, plain)
	}
}
