package engine

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/event"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

const (
	// numberEvery is the floor: how long an event may wait for its number without a wake-up.
	numberEvery = 200 * time.Millisecond
	// eventsKept is how long events and their deliveries are kept.
	eventsKept = 30 * 24 * time.Hour
)

// newCourier wires the courier of webhooks.
func (e *Engine) newCourier() *webhook.Courier {
	return webhook.NewCourier(webhook.Config{
		Store: e.Store, Clock: e.Clock, IDs: e.IDs, Activity: e.Activity, Log: e.Log, Metrics: e.Hooks, Node: e.nodeID, Holds: e.holds,
		Open: e.secretsOf, Rules: e.hookRules, Chance: e.Chance, Paused: e.pausedEvent, Faults: e.Env == access.Test,
		Told: e.bump, Crash: e.Config.Crash,
	})
}

// hookRules say how webhooks may be sent at present. In live only public addresses are
// reached, whatever the settings say.
func (e *Engine) hookRules() webhook.Rules {
	s := e.Settings()
	return webhook.Rules{Private: e.PrivateHooks(), Timeout: time.Duration(s.HookTimeoutMS) * time.Millisecond}
}

// PrivateHooks reports whether webhooks may go to addresses inside a private network.
func (e *Engine) PrivateHooks() bool { return e.Env == access.Test && e.Settings().PrivateHooks }

// runSequencer numbers events right after their commits, until ctx ends.
func (e *Engine) runSequencer(ctx context.Context) {
	for ctx.Err() == nil {
		woken := e.wake.C()
		n, err := e.numberEvents(ctx)
		if err != nil && ctx.Err() == nil {
			e.Log.Error("events not numbered", "error", err)
			_ = world.Sleep(ctx, troubleWait)
		}
		if n > 0 && err == nil {
			continue
		}
		timer, end := world.After(numberEvery)
		select {
		case <-woken:
		case <-timer:
		case <-ctx.Done():
		}
		end()
	}
}

func (e *Engine) numberEvents(ctx context.Context) (int, error) {
	n, err := e.numbers.Number(ctx)
	if n > 0 {
		e.moved.Beat()
		e.courier.Wake()
		e.signal(topicWork)
	}
	return n, err
}

func sealLabel(endpoint string) string { return "webhook_endpoints/" + endpoint }

// newSecret makes the secret of an endpoint, in clear and sealed.
func (e *Engine) newSecret(endpoint string) (plain, sealed string, err error) {
	if plain, err = webhook.NewSecret(e.IDs.Entropy); err != nil {
		return "", "", err
	}
	raw, err := e.Secret.SealAtRest(sealLabel(endpoint), []byte(plain), e.IDs.Entropy)
	return plain, base64.StdEncoding.EncodeToString(raw), err
}

// secretsOf are the secrets an endpoint's deliveries are signed with at present, newest first.
func (e *Engine) secretsOf(to *store.Endpoint) ([]string, error) {
	kept := []string{to.Secret}
	if to.OldSecret != "" && to.OldUntil != nil && to.OldUntil.After(e.now()) {
		kept = append(kept, to.OldSecret)
	}
	out := make([]string, len(kept))
	for i, text := range kept {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, err
		}
		plain, err := e.Secret.OpenAtRest(sealLabel(to.ID), raw)
		if err != nil {
			return nil, fmt.Errorf("%w: was the server secret changed?", err)
		}
		out[i] = string(plain)
	}
	return out, nil
}

// pausedEvent drafts endpoint.paused.
func (e *Engine) pausedEvent(to *store.Endpoint, held int64) store.Event {
	paused := *to
	paused.Status = endpointPaused
	return e.newEvent(to.Business, event.EndpointPaused, to.ID, wire.EndpointEvent(e.ShowEndpoint(&paused), held))
}

func (e *Engine) newEvent(business, name, object string, data []byte) store.Event {
	return store.Event{ID: e.IDs.Event(), Business: business, Event: name, Object: object, Data: string(data), CreatedAt: e.now()}
}

// forgetEvents drops events that are older than they are kept.
func (e *Engine) forgetEvents(ctx context.Context) error {
	all, err := e.Businesses(ctx)
	if err != nil {
		return err
	}
	for _, b := range all {
		oldest, err := e.oldestEvent(ctx, b.ID)
		if err == nil {
			err = e.Store.Write(ctx, func(tx store.Tx) error { return tx.ForgetEvents(b.ID, oldest) })
		}
		if err != nil {
			return fmt.Errorf("forget events of %s: %w", b.ID, err)
		}
	}
	return nil
}

// oldestEvent is the lowest number a business can still read; the next one to be given
// if it has none.
func (e *Engine) oldestEvent(ctx context.Context, business string) (n int64, err error) {
	err = e.Store.Snapshot(ctx, func(v store.View) error {
		s, err := v.Stream(business)
		if err != nil {
			return err
		}
		if n, err = v.FirstSince(business, e.now().Add(-eventsKept)); n == 0 {
			n = s.LastSequence + 1
		}
		return err
	})
	return n, err
}
