package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
)

// environment is what the cases of a run share.
type environment struct {
	client  *client
	rootKey string
	run     string       // part of every reference of this run
	counter atomic.Int64 // makes unique texts
	cipher  string       // encryption key for card fields

	mu   sync.Mutex
	keys map[string]madeKey // by topic
}

type madeKey struct{ id, plain string }

// newEnvironment proves that the target can be talked to with the key.
func newEnvironment(ctx context.Context, cfg Config) (*environment, error) {
	env := &environment{
		client: newClient(cfg.Target, newRulebook()), rootKey: cfg.Key,
		run: randomText(6), keys: map[string]madeKey{},
	}
	r, err := env.client.send(ctx, newRequest("GET", "/payment-sessions/encryption-keys/test", nil, []option{withKey(cfg.Key)}))
	if err != nil {
		return nil, fmt.Errorf("reach %s: %w", cfg.Target, err)
	}
	if r.status != http.StatusOK {
		return nil, fmt.Errorf("%s does not answer the encryption key of a test environment to this key: status %d %s", cfg.Target, r.status, r.excerpt())
	}
	env.cipher = r.text("data.encryption_key")
	return env, nil
}

func (e *environment) unique() string {
	return "cf-" + e.run + "-" + strconv.FormatInt(e.counter.Add(1), 36)
}

// keyFor gives each topic an API key of its own, because limits count per key.
// A target that makes none is driven with the root key; the cases about keys
// tell why.
func (e *environment) keyFor(ctx context.Context, topic string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if k, ok := e.keys[topic]; ok {
		return k.plain
	}
	made := madeKey{plain: e.rootKey}
	body := object{"name": "conform " + topic, "scopes": []string{"*"}}
	r, err := e.client.send(ctx, newRequest("POST", "/keys", body, []option{withKey(e.rootKey)}))
	if err == nil && r.status == http.StatusCreated && r.text("data.key") != "" {
		made = madeKey{id: r.text("data.id"), plain: r.text("data.key")}
	}
	e.keys[topic] = made
	return made.plain
}

// retireKeys revokes the keys of the topics.
func (e *environment) retireKeys(ctx context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for topic, k := range e.keys {
		delete(e.keys, topic)
		if k.id == "" {
			continue
		}
		// A key that cannot be revoked is not a verdict on the contract.
		_, _ = e.client.send(ctx, newRequest("DELETE", "/keys/"+k.id, nil, []option{withKey(e.rootKey)}))
	}
}
