package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// NewKey asks for an API key.
type NewKey struct {
	Name        string
	Description string
	Scopes      []string
	ExpiresAt   *time.Time
}

// Keyring of API keys: KeyHasher is vault.Secret.Subkey(vault.ForAPIKeys).
type apiKeys struct {
	env    access.Env
	hasher []byte

	mu   sync.Mutex
	used map[string]time.Time // last use by key, to the minute, not yet kept
}

// KeyBy finds a key by the hash of its text; nil if there is none.
func (e *Engine) KeyBy(ctx context.Context, hash string) (*access.Key, error) {
	var row *store.APIKey
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		row, err = v.APIKeyByHash(hash)
		return err
	})
	if store.IsMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	k := keyOf(row)
	k.Hash = hash
	return &k, nil
}

func keyOf(r *store.APIKey) access.Key {
	return access.Key{ID: r.ID, Business: r.Business, Name: r.Name, Description: r.Description, Prefix: r.Prefix, Last4: r.Last4,
		Scopes: r.Scopes, CreatedAt: r.CreatedAt, Lifetime: r.Lifetime, ExpiresAt: r.ExpiresAt, Replaces: r.Replaces,
		RotatedAt: r.RotatedAt, ReplacementUsedAt: r.ReplacementUsedAt, RevokedAt: r.RevokedAt, LastUsedAt: r.LastUsedAt}
}

// UseKey notes that a key was used; the first use of a replacement starts the
// clock of the key it replaces.
func (e *Engine) UseKey(ctx context.Context, k *access.Key) {
	now := e.now()
	if !k.UseIsNews(now) {
		return
	}
	minute := now.Truncate(time.Minute)
	e.apiKeys.mu.Lock()
	news := e.apiKeys.used[k.ID].Before(minute)
	if news {
		if e.apiKeys.used == nil {
			e.apiKeys.used = map[string]time.Time{}
		}
		e.apiKeys.used[k.ID] = minute
	}
	e.apiKeys.mu.Unlock()
	if !news {
		return
	}
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if k.Replaces != "" && k.LastUsedAt == nil {
			if err := e.noteReplacementUse(tx, k.Replaces, now); err != nil {
				return err
			}
		}
		return tx.NoteKeyUse(k.ID, minute)
	})
	if err != nil {
		e.Log.Warn("use of a key not noted", "key", k.ID, "error", err)
	}
}

// CreateKey makes a key. The reply shows its text; what is stored for a replay
// does not.
func (e *Engine) CreateKey(ctx context.Context, c *Call, in NewKey) (Reply, error) {
	now := e.now()
	k := access.Key{Business: c.Business, Name: in.Name, Description: in.Description, Scopes: in.Scopes, CreatedAt: now, ExpiresAt: in.ExpiresAt}
	if in.ExpiresAt != nil {
		k.Lifetime = in.ExpiresAt.Sub(now)
	}
	return e.issue(ctx, c, k, func(store.Tx) error { return nil })
}

// issue gives a drafted key its id and text and stores it with what also writes.
func (e *Engine) issue(ctx context.Context, c *Call, k access.Key, also func(store.Tx) error) (Reply, error) {
	plain, err := access.New(e.apiKeys.env, e.IDs.Entropy)
	if err != nil {
		return Reply{}, err
	}
	k.ID = e.IDs.New()
	k = k.Issued(plain, e.apiKeys.hasher)
	out := Reply{Status: wire.Made, Location: PathOf(aboutKey, k.ID),
		Body: wire.Marshal(wire.Data{Data: e.showKey(k, wire.Raw(wire.Marshal(plain)))}),
		Kept: wire.Marshal(wire.Data{Data: e.showKey(k, wire.Raw("null"))})}
	c.Trace.About(aboutKey, k.ID)
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if err := e.claim(tx, c, object{aboutKey, k.ID}, &out); err != nil {
			return err
		}
		if err := also(tx); err != nil {
			return err
		}
		if err := e.watchKey(tx, k); err != nil {
			return err
		}
		return tx.InsertAPIKey(&store.APIKey{ID: k.ID, Business: k.Business, Hash: k.Hash, Prefix: k.Prefix, Last4: k.Last4, Name: k.Name,
			Description: k.Description, Scopes: k.Scopes, Replaces: k.Replaces, Lifetime: k.Lifetime, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt})
	})
	c.finished(err)
	return out, taken(c, err)
}

// RotateKey replaces a key; the old one goes on for a while.
func (e *Engine) RotateKey(ctx context.Context, c *Call, keyID string) (Reply, error) {
	old, err := e.FindKey(ctx, c.Business, keyID)
	if err != nil {
		return Reply{}, err
	}
	now := e.now()
	rotated, next, err := old.Rotate(now)
	if err != nil {
		return Reply{}, err
	}
	out, err := e.issue(ctx, c, next, func(tx store.Tx) error {
		if err := e.watchKey(tx, rotated); err != nil {
			return err
		}
		return tx.RotateAPIKey(old.ID, now)
	})
	if store.Lost(err, "rotate_api_key") { // somebody was faster: say what it is now
		if old, err = e.FindKey(ctx, c.Business, keyID); err == nil {
			_, _, err = old.Rotate(e.now())
		}
	}
	return out, err
}

// RevokeKey ends a key at once; repeating it changes nothing.
func (e *Engine) RevokeKey(ctx context.Context, c *Call, keyID string) (Reply, error) {
	k, err := e.FindKey(ctx, c.Business, keyID)
	if err != nil {
		return Reply{}, err
	}
	c.Trace.About(aboutKey, k.ID)
	out := Reply{Status: wire.NoContent}
	now := e.now()
	if _, err := k.Revoke(now); err != nil {
		return Reply{}, err
	}
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if err := e.claim(tx, c, object{aboutKey, k.ID}, &out); err != nil {
			return err
		}
		return tx.RevokeAPIKey(k.ID, now)
	})
	c.finished(err)
	return out, taken(c, err)
}

// FindKey reads a key of a business; not_found.
func (e *Engine) FindKey(ctx context.Context, business, keyID string) (access.Key, error) {
	if !id.Valid(keyID) {
		return access.Key{}, missing("key", keyID)
	}
	var row *store.APIKey
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		row, err = v.APIKey(business, id.Fold(keyID))
		return err
	})
	if store.IsMissing(err) {
		return access.Key{}, missing("key", keyID)
	}
	if err != nil {
		return access.Key{}, err
	}
	return keyOf(row), nil
}

// APIKeys lists a business's keys in a state ("" for all), newest first.
func (e *Engine) APIKeys(ctx context.Context, business, state string) ([]access.Key, error) {
	var rows []*store.APIKey
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		rows, err = v.APIKeys(business)
		return err
	})
	keys := []access.Key{}
	for _, r := range rows {
		if k := keyOf(r); state == "" || string(k.StateAt(e.now())) == state {
			keys = append(keys, k)
		}
	}
	return keys, err
}

// ShowKey is a key as GET /keys/{id} shows it.
func (e *Engine) ShowKey(k access.Key) wire.APIKey { return e.showKey(k, nil) }

func (e *Engine) showKey(k access.Key, text wire.Raw) wire.APIKey {
	return wire.APIKey{CreatedAt: wire.At(k.CreatedAt), Description: wire.OrNull(k.Description), ExpiryDateAt: wire.AtOrNull(k.EndsAt()),
		ID: k.ID, Key: text, Last4: k.Last4, LastUsedAt: wire.AtOrNull(k.LastUsedAt), Name: k.Name, Prefix: k.Prefix,
		Replaces: wire.OrNull(k.Replaces), Scope: slices.Clone(k.Scopes), Status: string(k.StateAt(e.now()))}
}
