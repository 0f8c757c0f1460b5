package scripted

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The rails.
const (
	railCard    = "card"
	railNuban   = "nuban"
	railACH     = "ach"
	railWire    = "wire"
	railInterac = "interac"
	railCrypto  = "crypto"
)

func railNames() []string {
	return []string{railCard, railNuban, railACH, railWire, railInterac, railCrypto}
}

// Setting is how a rail behaves.
type Setting struct {
	Rail        string
	Personality string
	Seed        int64
	DownUntil   *time.Time // nil: up
}

// Patch changes a Setting; nil leaves a field as it is.
type Patch struct {
	Personality *string
	Seed        *int64
	DownUntil   *time.Time // the zero time: up again
}

// The errors of SetRail.
var (
	ErrNoRail        = errors.New("no such rail")
	ErrNoPersonality = errors.New("no such personality")
)

// Rails lists the settings by name.
func (b *Bank) Rails(ctx context.Context) ([]Setting, error) {
	rows, err := b.db.read.rows(ctx, listRails)
	if err != nil {
		return nil, fmt.Errorf("read the rails: %w", err)
	}
	defer rows.Close()
	var out []Setting
	for rows.Next() {
		s, err := readSetting(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func readSetting(scan func(dest ...any) error) (Setting, error) {
	var s Setting
	var down int64
	if err := scan(&s.Rail, &s.Personality, &s.Seed, &down); err != nil {
		return s, fmt.Errorf("read a rail: %w", err)
	}
	if down > 0 {
		at := fromMicros(down)
		s.DownUntil = &at
	}
	return s, nil
}

// SetRail changes a rail's setting and gives the new one; ErrNoRail,
// ErrNoPersonality.
func (b *Bank) SetRail(_ context.Context, name string, p Patch) (Setting, error) {
	if p.Personality != nil {
		if _, known := b.characters[*p.Personality]; !known {
			return Setting{}, ErrNoPersonality
		}
	}
	if !slices.Contains(railNames(), name) {
		return Setting{}, ErrNoRail // not asked of the books: PostgreSQL takes not every text
	}
	var set Setting
	err := b.writer.do(func(t *txn) (err error) {
		set, err = t.setRail(name, p)
		return err
	})
	return set, err
}

func (t *txn) setRail(name string, p Patch) (Setting, error) {
	s, err := t.setting(name)
	if err != nil {
		return s, err
	}
	if p.Personality != nil {
		s.Personality = *p.Personality
	}
	if p.Seed != nil {
		s.Seed = *p.Seed
	}
	if p.DownUntil != nil {
		if s.DownUntil = p.DownUntil; p.DownUntil.IsZero() {
			s.DownUntil = nil
		}
	}
	var down int64
	if s.DownUntil != nil {
		down = s.DownUntil.UnixMicro()
	}
	t.scheduled = true // what was due may wait now, and what waited may be due
	t.settings = nil
	_, err = t.exec(saveRail, s.Personality, s.Seed, down, name)
	return s, err
}

// setting reads a rail's setting once for all operations that share a commit.
func (t *txn) setting(name string) (Setting, error) {
	if s, read := t.settings[name]; read {
		return s, nil
	}
	s, err := readSetting(func(dest ...any) error { return t.row(loadRail, []any{name}, dest...) })
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return s, ErrNoRail
	case err != nil:
		return s, err
	}
	if t.settings == nil {
		t.settings = map[string]Setting{}
	}
	t.settings[name] = s
	return s, nil
}

func (t *txn) addRails() error {
	for _, name := range railNames() {
		if _, err := t.exec(insertRail, name, defaultPersonality, int64(1), int64(0)); err != nil {
			return fmt.Errorf("set up rail %s: %w", name, err)
		}
	}
	return nil
}

// Down implements rail.Outages for the card rail.
func (b *Bank) Down(ctx context.Context) (bool, error) { return b.Lane(railCard).Down(ctx) }

// opens is the first moment from now on at which the rail answers and works.
func (b *Bank) opens(s Setting, now time.Time) time.Time {
	if s.DownUntil != nil && s.DownUntil.After(now) {
		now = *s.DownUntil
	}
	return b.characters[s.Personality].open(now)
}

func (b *Bank) isDown(s Setting, now time.Time) bool { return b.opens(s, now).After(now) }

// frozen is what a test clock has and a real one has not.
type frozen interface{ Frozen() bool }

// latencyPassed is the latency that a frozen clock takes as passed: standing
// still must not hang ordinary payments.
const latencyPassed = time.Second

func (b *Bank) isFrozen() bool {
	c, ok := b.cfg.Clock.(frozen)
	return ok && c.Frozen()
}

func (b *Bank) latency(p Personality, d draws) time.Duration {
	l := p.Latency.of(d.of("latency"))
	if l < latencyPassed && b.isFrozen() {
		return 0
	}
	return l.Truncate(time.Microsecond)
}
