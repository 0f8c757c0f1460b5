// Package engine is the only meeting place of rules, store and rails. Every
// command that touches a rail keeps one order of effects: write the intent and
// commit, act, write the outcome and commit (see attempt.go). Between any two
// lines the process may die; the next start knows what to ask.
package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/event"
	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// Config is what an engine is made of; every field must be set unless it says
// otherwise.
type Config struct {
	Store     *store.Store
	Clock     world.Clock
	IDs       id.Maker
	Site      wire.Site
	Rails     map[string]rail.Rail // by name; a method whose rail is not there is rail_unavailable
	Payouts   map[string]rail.Rail // by the rail's name; a rail that is not there is rail_unavailable
	Accounts  rail.Accounts        // gives out account numbers; nil: rail_unavailable
	Directory rail.Directory       // knows banks and whose their accounts are; nil: rail_unavailable
	Keyring   *vault.Keyring
	Hold      *vault.Hold
	Activity  *world.Activity
	Log       *slog.Logger

	Env       access.Env
	KeyHasher []byte       // vault.Secret.Subkey(vault.ForAPIKeys)
	Secret    vault.Secret // seals what is kept and must be read again: the secrets of webhooks

	Chance func() float64   // 0..1, varies the times at which webhooks are repeated
	Hooks  *webhook.Metrics // nil: nobody counts

	// Rates gives the source of exchange rates that the setting "rates" names; nil: there
	// are those that the operator sets, and no others.
	Rates func(setting string) exchange.Source

	// Owner names this process in claims and leases; no other ever has the same name.
	Owner string
	// Changed is told after another node has changed settings or clock; nil: nobody is.
	Changed func(context.Context)
	// Crash is called at every named crash point; nil outside the lab.
	Crash func(point string)
	// Flaws are planted faults for the tests that prove the audit; empty otherwise.
	Flaws Flaws
}

// Flaws are faults planted on purpose: each must turn the audit red.
type Flaws struct {
	SkipIntent    bool // act without having committed the intent
	SendUnasked   bool // send again without asking what became of the first sending
	DropSettleLeg bool // forget a leg of the books' roll-up
	SendFenced    bool // send although other nodes may have taken the instruction over
}

// Engine runs commands. Its methods are safe for concurrent use.
type Engine struct {
	Config
	apiKeys apiKeys
	rules   settingsBox
	preset  Settings // what a fresh environment has
	names   *directory
	keys    inFlight
	calls   sync.WaitGroup // rail calls and other work behind answered requests
	stop    context.CancelFunc
	life    context.Context // ends when the engine closes
	wake    world.Pulse     // work for the job runner or the sealer
	moved   world.Pulse     // some payment, refund or payout has changed: long polls look again
	sends   sending
	member  membership
	heeds   heeding
	faults  faultBox
	numbers event.Sequencer
	courier *webhook.Courier
}

// New makes an engine; Start makes it work.
func New(c Config) *Engine {
	e := &Engine{Config: c, names: &directory{}, apiKeys: apiKeys{env: c.Env, hasher: c.KeyHasher}}
	e.life, e.stop = context.WithCancel(context.Background())
	e.numbers = event.Sequencer{Store: c.Store, Clock: c.Clock, IDs: c.IDs, Activity: c.Activity}
	e.courier = e.newCourier()
	e.Preset(DefaultSettings())
	return e
}

// Start reads the settings, takes up what an earlier process left, and runs the
// background work until Close.
func (e *Engine) Start(ctx context.Context) error {
	if err := e.loadSettings(ctx); err != nil {
		return err
	}
	if err := e.join(ctx); err != nil {
		return err
	}
	for _, work := range []func(context.Context){e.runJobs, e.runSealer, e.runCleaner, e.runMembership, e.runEars, e.runSequencer, e.courier.Run} {
		e.calls.Add(1)
		go func() {
			defer e.calls.Done()
			work(e.life)
		}()
	}
	return nil
}

// Drain waits until no rail call of this process is under way, or ctx ends.
func (e *Engine) Drain(ctx context.Context) {
	for {
		changed := e.Activity.Changed.C()
		if e.Activity.Running() == 0 {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// Close ends the background work. What is under way at a rail stays recorded as
// an intent and is taken up at the next start.
func (e *Engine) Close() {
	e.stop()
	e.calls.Wait()
	if e.member.lives == 0 {
		return // it was never started
	}
	if err := e.leave(context.Background()); err != nil {
		e.Log.Warn("the node did not leave in order; it counts as alive for a while", "error", err)
	}
}

func (e *Engine) now() time.Time { return e.Clock.Now() }

// crash is a named point at which the lab may end the process.
func (e *Engine) crash(point string) {
	if e.Config.Crash != nil {
		e.Config.Crash(point)
	}
}

// entry prepares a ledger entry at the present time.
func (e *Engine) entry(business, kind, object, ref string, postings []ledger.Posting) ledger.Entry {
	return ledger.Entry{ID: e.IDs.New(), Business: business, At: e.now(), Kind: kind, Object: object, RailRef: ref, Postings: postings}
}

// bump tells long polls and runners that something was committed.
func (e *Engine) bump() {
	e.moved.Beat()
	e.Wake()
	e.signal(topicWork)
}
