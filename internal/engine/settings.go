package engine

import (
	"context"
	"encoding/json"
	"maps"
	"sync/atomic"
	"time"

	"github.com/juicer-pay/juicer/internal/store"
)

// Settings are the numbers of the engine that an operator or the sandbox may
// change while it runs. Durations are in the unit their wire name says.
type Settings struct {
	DeadlineMS       int64  // how long a write waits for a rail unless the caller says otherwise
	SettlementDelayS int64  // from capture to available money, cards
	SuccessEvents    bool   // false: no event for successful payments
	Limits           string // documented, off
	AccountDelayMS   int64
	KYC              string
	DuplicateS       map[string]int64 // probable-duplicate window by kind, 0: off
	PrivateHooks     bool
	HookTimeoutMS    int64
	Rates            string
	KeepRepliesS     int64 // stored replies of Idempotency-Keys
}

// DefaultSettings are those of a fresh environment.
func DefaultSettings() Settings {
	return Settings{
		DeadlineMS: 25000, SettlementDelayS: 86400, SuccessEvents: true, Limits: "documented", AccountDelayMS: 2000, KYC: "auto",
		DuplicateS: map[string]int64{"payment_sessions": 0, "payouts": 0}, PrivateHooks: true, HookTimeoutMS: 10000, Rates: "fixed",
		KeepRepliesS: 86400,
	}
}

const settingsName = "settings"

type settingsBox struct{ p atomic.Pointer[Settings] }

func (b *settingsBox) set(s Settings) { b.p.Store(&s) }

// Settings are the present ones.
func (e *Engine) Settings() Settings { return *e.rules.p.Load() }

// Preset replaces the defaults before Start; what was saved wins over it.
func (e *Engine) Preset(s Settings) { e.preset = s; e.rules.set(s) }

// SaveSettings keeps s across restarts and makes it the present one.
func (e *Engine) SaveSettings(ctx context.Context, s Settings) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	err = e.change(ctx, func(tx store.Tx) error { return tx.SaveSetting(settingsName, string(text)) })
	if err == nil {
		e.rules.set(s)
	}
	return err
}

// loadSettings takes what was saved, and notes that this node goes by it. The clock
// was restored from the same store before.
func (e *Engine) loadSettings(ctx context.Context) error {
	e.heeds.mu.Lock()
	defer e.heeds.mu.Unlock()
	now, err := e.kept(ctx)
	if err != nil {
		return err
	}
	s, err := e.readSettings(now.settings)
	if err == nil {
		err = e.faults.set(now.faults)
	}
	if err == nil {
		e.rules.set(s)
		e.heeds.digest = now.digest()
	}
	return err
}

// readSettings reads saved settings; what they do not name is as preset.
func (e *Engine) readSettings(text string) (Settings, error) {
	s := e.preset
	s.DuplicateS = maps.Clone(s.DuplicateS) // Unmarshal writes into a map it finds
	if text == "" {
		return s, nil
	}
	return s, json.Unmarshal([]byte(text), &s)
}

func (s Settings) settlementDelay() time.Duration {
	return time.Duration(s.SettlementDelayS) * time.Second
}

func (s Settings) keepReplies() time.Duration { return time.Duration(s.KeepRepliesS) * time.Second }

// Deadline is how long a write waits for a rail by default.
func (s Settings) Deadline() time.Duration { return time.Duration(s.DeadlineMS) * time.Millisecond }
