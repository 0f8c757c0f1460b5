package world_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/world"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// frozenAt is a clock that stands at a moment.
func frozenAt(t time.Time) *world.TestClock {
	c := &world.TestClock{}
	c.Restore(world.ClockState{Frozen: &t})
	return c
}

// within fails the test unless got lies between two readings of the real clock
// moved by offset.
func within(t *testing.T, c *world.TestClock, offset time.Duration) {
	t.Helper()
	before := world.RealNow().Add(offset)
	got := c.Now()
	after := world.RealNow().Add(offset)
	if got.Before(before) || got.After(after) {
		t.Errorf("got %v, want between %v and %v", got, before, after)
	}
}

func TestTestClock(t *testing.T) {
	t.Run("runs with real time at first", func(t *testing.T) {
		c := &world.TestClock{}
		within(t, c, 0)
		if c.Frozen() || c.Offset() != 0 {
			t.Errorf("frozen: %v, offset %v; want a running clock without one", c.Frozen(), c.Offset())
		}
	})
	t.Run("is UTC, cut to microseconds", func(t *testing.T) {
		c := &world.TestClock{}
		c.Shift(90 * time.Minute)
		if now := c.Now(); now.Location() != time.UTC || now.Nanosecond()%1000 != 0 {
			t.Errorf("got %v, want UTC and no finer than microseconds", now)
		}
	})
	t.Run("runs on from where it was set", func(t *testing.T) {
		c := &world.TestClock{}
		to := c.Now().Add(48 * time.Hour)
		c.Set(to)
		if now := c.Now(); now.Before(to) || now.After(to.Add(time.Minute)) {
			t.Errorf("got %v, want %v or a little later", now, to)
		}
		first := c.Now()
		if second := c.Now(); second.Before(first) {
			t.Errorf("went from %v back to %v", first, second)
		}
	})
	t.Run("never goes back", func(t *testing.T) {
		for name, c := range map[string]*world.TestClock{"running": {}, "frozen": frozenAt(noon.AddDate(10, 0, 0))} {
			before := c.Now()
			c.Set(before.Add(-time.Hour))
			c.Shift(-time.Hour)
			if now := c.Now(); now.Before(before) {
				t.Errorf("%s: went from %v back to %v", name, before, now)
			}
		}
	})
	t.Run("stands still while it is frozen, also when it is set", func(t *testing.T) {
		c := &world.TestClock{}
		c.Freeze()
		first := c.Now()
		if second := c.Now(); !second.Equal(first) {
			t.Errorf("went from %v to %v", first, second)
		}
		c.Set(first.Add(time.Hour))
		if now := c.Now(); !now.Equal(first.Add(time.Hour)) || !c.Frozen() {
			t.Errorf("got %v (frozen: %v), want %v and still frozen", now, c.Frozen(), first.Add(time.Hour))
		}
	})
	t.Run("runs on from where it stood", func(t *testing.T) {
		c := frozenAt(world.RealNow().Add(72 * time.Hour))
		stood := c.Now()
		c.Thaw()
		if now := c.Now(); c.Frozen() || now.Before(stood) || now.After(stood.Add(time.Minute)) {
			t.Errorf("got %v (frozen: %v), want %v or a little later", now, c.Frozen(), stood)
		}
	})
	t.Run("shifts by whole offsets and keeps the largest", func(t *testing.T) {
		c := &world.TestClock{}
		c.Shift(time.Hour)
		c.Shift(time.Minute)
		if c.Offset() != time.Hour {
			t.Errorf("got offset %v, want %v", c.Offset(), time.Hour)
		}
		within(t, c, time.Hour)
	})
	t.Run("goes on after a restart as it was", func(t *testing.T) {
		for name, c := range map[string]*world.TestClock{"running": {}, "frozen": frozenAt(noon)} {
			c.Set(c.Now().Add(time.Hour))
			again := &world.TestClock{}
			again.Restore(c.State())
			if d := again.Now().Sub(c.Now()).Abs(); d > time.Minute || again.Frozen() != c.Frozen() {
				t.Errorf("%s: differs by %v (frozen %v, was %v)", name, d, again.Frozen(), c.Frozen())
			}
		}
	})
	t.Run("is real time again after a reset", func(t *testing.T) {
		c := frozenAt(noon.AddDate(1, 0, 0))
		c.Reset()
		within(t, c, 0)
		if c.Frozen() {
			t.Error("still frozen")
		}
	})
}

func TestUntil(t *testing.T) {
	wait := func(c world.Clock, ctx context.Context, moment time.Time) chan error {
		done := make(chan error, 1)
		go func() { done <- c.Until(ctx, moment) }()
		return done
	}
	t.Run("returns at once for a moment that has passed", func(t *testing.T) {
		c := frozenAt(noon)
		for _, moment := range []time.Time{noon, noon.Add(-time.Hour)} {
			if err := c.Until(t.Context(), moment); err != nil {
				t.Errorf("%v: got %v", moment, err)
			}
		}
	})
	t.Run("ends when a frozen clock is moved far enough, and not before", func(t *testing.T) {
		c := frozenAt(noon)
		done := wait(c, t.Context(), noon.Add(time.Hour))
		c.Set(noon.Add(30 * time.Minute))
		select {
		case err := <-done:
			t.Fatalf("ended half-way with %v", err)
		default:
		}
		c.Set(noon.Add(time.Hour))
		if err := <-done; err != nil {
			t.Errorf("got %v", err)
		}
	})
	t.Run("ends when a running clock is moved over the moment", func(t *testing.T) {
		c := &world.TestClock{}
		done := wait(c, t.Context(), c.Now().Add(1000*time.Hour))
		c.Set(c.Now().Add(1001 * time.Hour))
		if err := <-done; err != nil {
			t.Errorf("got %v", err)
		}
	})
	t.Run("ends by itself when the time has come", func(t *testing.T) {
		c := &world.TestClock{}
		moment := c.Now().Add(5 * time.Millisecond)
		if err := c.Until(t.Context(), moment); err != nil || c.Now().Before(moment) {
			t.Errorf("ended with %v at %v, want at %v or later", err, c.Now(), moment)
		}
		if err := (world.Real{}).Until(t.Context(), world.RealNow().Add(5*time.Millisecond)); err != nil {
			t.Errorf("real clock: got %v", err)
		}
	})
	t.Run("ends with its context", func(t *testing.T) {
		for name, c := range map[string]world.Clock{"frozen": frozenAt(noon), "running": &world.TestClock{}, "real": world.Real{}} {
			ctx, cancel := context.WithCancel(t.Context())
			done := wait(c, ctx, c.Now().Add(time.Hour))
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got %v, want %v", name, err, context.Canceled)
			}
		}
	})
}

func TestMovesTellsOfEveryMove(t *testing.T) {
	c := &world.TestClock{}
	for name, move := range map[string]func(){
		"set": func() { c.Set(c.Now().Add(time.Hour)) }, "shift": func() { c.Shift(9 * time.Hour) }, "freeze": c.Freeze, "thaw": c.Thaw, "reset": c.Reset,
	} {
		moved := c.Moves()
		move()
		select {
		case <-moved:
		default:
			t.Errorf("%s: nobody was told", name)
		}
	}
}
