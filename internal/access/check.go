package access

import (
	"context"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
)

// Lookup finds a key by its hash; nil if there is none.
type Lookup func(ctx context.Context, hash string) (*Key, error)

// Gate lets the keys of one environment in.
type Gate struct {
	Env     Env
	HashKey []byte // vault.Secret.Subkey(vault.ForAPIKeys)
	Lookup  Lookup
}

// Check gives the key that was presented, if it may enter at now. In this order
// it raises problem.TestKeyInProduction or ProductionKeyInTest (without asking the
// store), InvalidAPIKey with reason unknown, RevokedAPIKey, ExpiredAPIKey. An
// error of the Lookup is passed on.
func (g Gate) Check(ctx context.Context, p Presented, now time.Time) (*Key, error) {
	if err := g.belongs(p); err != nil {
		return nil, err
	}
	hash := p.Hash(g.HashKey)
	key, err := g.Lookup(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("look up API key %s: %w", p, err)
	}
	if key == nil || subtle.ConstantTimeCompare([]byte(key.Hash), []byte(hash)) != 1 {
		return nil, invalid(unknown)
	}
	if err := key.usable(now); err != nil {
		return nil, err
	}
	return key, nil
}

// belongs compares the environment that the key names with ours.
func (g Gate) belongs(p Presented) error {
	if p.Env == g.Env {
		return nil
	}
	d := problem.Details{"environment": string(g.Env), "prefix": p.Prefix()}
	if p.Env == Test {
		return problem.TestKeyInProduction.With(d)
	}
	return problem.ProductionKeyInTest.With(d)
}

func (k Key) usable(now time.Time) error {
	switch k.StateAt(now) {
	case Revoked:
		return problem.RevokedAPIKey.With(problem.Details{"prefix": k.Prefix, "revoked_at": *k.RevokedAt})
	case Expired:
		return problem.ExpiredAPIKey.With(problem.Details{"expired_at": *k.EndsAt(), "prefix": k.Prefix})
	}
	return nil
}
