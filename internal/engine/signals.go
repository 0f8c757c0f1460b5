package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

// The topics on which nodes tell one another that something was committed.
const (
	topicWork     = "work"     // a payment has changed, or something is due
	topicSettings = "settings" // settings, clock, keys: what every node keeps in memory
)

const (
	agreeTime = 5 * time.Second // for other nodes to follow a change of the clock
	agreeLook = 3 * time.Millisecond
)

// heeding is what this node goes by: a digest of the settings and the clock that it
// has taken from the store.
type heeding struct {
	mu     sync.Mutex // held while they are read or saved, so that neither overtakes the other
	digest string
	told   world.Pulse // another node has changed them
}

func (h *heeding) text() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.digest
}

// shared is what every node keeps in memory.
type shared struct {
	settings, clock string
	cardKeys        []store.EncryptionKey
	faults          []store.RequestFault
}

func (s shared) digest() string {
	h := sha256.New()
	fmt.Fprintln(h, s.settings)
	fmt.Fprintln(h, s.clock)
	for _, k := range s.cardKeys {
		fmt.Fprintln(h, k.ID)
	}
	for _, f := range s.faults {
		fmt.Fprintln(h, f.ID)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// signal tells the other nodes. A node does not listen to itself.
func (e *Engine) signal(topic string) {
	if s := e.Store.Signals(); s != nil {
		s.Announce(topic + " " + e.Owner)
	}
}

// runEars listens to the other nodes.
func (e *Engine) runEars(ctx context.Context) {
	s := e.Store.Signals()
	if s == nil {
		return
	}
	for ctx.Err() == nil {
		err := s.Hear(ctx, e.heard)
		if ctx.Err() == nil {
			e.Log.Warn("signals of other nodes are not heard; looking from time to time", "error", err)
			_ = world.Sleep(ctx, troubleWait)
		}
	}
}

func (e *Engine) heard(message string) {
	topic, from, _ := strings.Cut(message, " ")
	switch {
	case from == e.Owner:
	case topic == topicSettings:
		e.heeds.told.Beat()
	default:
		e.moved.Beat()
		e.Wake()
	}
}

func (e *Engine) kept(ctx context.Context) (s shared, err error) {
	err = e.Store.Snapshot(ctx, func(v store.View) (err error) {
		if s.settings, err = v.Setting(settingsName); err != nil {
			return err
		}
		if s.clock, err = v.Setting(clockName); err != nil {
			return err
		}
		if s.cardKeys, err = v.EncryptionKeys(); err != nil {
			return err
		}
		s.faults, err = v.AllRequestFaults()
		return err
	})
	return s, err
}

// heed follows what another node has changed of the settings, the clock or the keys.
func (e *Engine) heed(ctx context.Context) error {
	e.heeds.mu.Lock()
	defer e.heeds.mu.Unlock()
	now, err := e.kept(ctx)
	if err != nil || now.digest() == e.heeds.digest {
		return err
	}
	if err := e.follow(now); err != nil {
		return err
	}
	e.heeds.digest = now.digest()
	if e.Changed != nil {
		e.Changed(ctx)
	}
	return nil
}

func (e *Engine) follow(now shared) error {
	rules, err := e.readSettings(now.settings)
	if err != nil {
		return err
	}
	if err := e.faults.set(now.faults); err != nil {
		return err
	}
	e.rules.set(rules)
	e.names.forget() // a reset has made new wallets
	moved, ok := e.Clock.(interface{ Restore(world.ClockState) })
	if !ok {
		return nil
	}
	state, err := readClock(now.clock)
	if err == nil {
		moved.Restore(state)
	}
	return err
}

// change saves something that every node keeps in memory, and returns when the others
// that live go by it, or after a while: a node that does not follow is as good as dead.
func (e *Engine) change(ctx context.Context, save func(store.Tx) error) error {
	if err := e.changeHere(ctx, save); err != nil || e.alone() {
		return err
	}
	e.signal(topicSettings)
	return e.agree(ctx)
}

func (e *Engine) changeHere(ctx context.Context, save func(store.Tx) error) error {
	e.heeds.mu.Lock()
	defer e.heeds.mu.Unlock()
	if err := e.Store.Write(ctx, save); err != nil {
		return err
	}
	now, err := e.kept(ctx)
	if err == nil {
		err = e.faults.set(now.faults)
		e.heeds.digest = now.digest()
	}
	return err
}

func (e *Engine) agree(ctx context.Context) error {
	until, want := world.RealNow().Add(agreeTime), e.heeds.text()
	for world.RealNow().Before(until) {
		var all []store.Node
		err := e.Store.Read(ctx, func(v store.View) (err error) {
			all, err = v.Nodes()
			return err
		})
		if err != nil || e.agreed(all, want) {
			return err
		}
		if err := world.Sleep(ctx, agreeLook); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) agreed(all []store.Node, want string) bool {
	own, dead := e.nodeID(), world.RealNow().Add(-deadAfter)
	for _, n := range all {
		if n.ID != own && n.SeenAt.After(dead) && n.Heeds != want {
			return false
		}
	}
	return true
}

// ShareClock lets the other nodes follow a step of the test clock. A node that has
// begun within the last second follows with the next step, or at the end of the move.
func (e *Engine) ShareClock(ctx context.Context, s world.ClockState) error {
	if !e.hasOthers() {
		return nil
	}
	return e.SaveClock(ctx, s)
}
