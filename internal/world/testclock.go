package world

import (
	"context"
	"sync"
	"time"
)

// TestClock is real time plus an offset, or a frozen moment. It never goes back
// except by Reset.
type TestClock struct {
	mu     sync.Mutex
	offset time.Duration
	frozen *time.Time
	moved  Pulse
}

// ClockState is what must be kept of a TestClock across restarts.
type ClockState struct {
	Offset time.Duration `json:"offset_ns"`
	Frozen *time.Time    `json:"frozen_at"`
}

// Now implements Clock.
func (c *TestClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *TestClock) now() time.Time {
	if c.frozen != nil {
		return *c.frozen
	}
	return RealNow().Add(c.offset)
}

// Moves implements Clock.
func (c *TestClock) Moves() <-chan struct{} { return c.moved.C() }

// Until implements Clock.
func (c *TestClock) Until(ctx context.Context, t time.Time) error {
	for {
		moved := c.moved.C()
		c.mu.Lock()
		left, frozen := t.Sub(c.now()), c.frozen != nil
		c.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		if frozen {
			left = time.Hour // only a move can end the wait
		}
		if err := sleep(ctx, left, moved); err != nil {
			return err
		}
	}
}

// Set moves the clock forward to t; an earlier t changes nothing.
func (c *TestClock) Set(t time.Time) {
	defer c.moved.Beat()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !t.After(c.now()) {
		return
	}
	t = t.UTC().Truncate(time.Microsecond)
	if c.frozen != nil {
		c.frozen = &t
	}
	c.offset = t.Sub(RealNow())
}

// Offset is how far the clock is from real time.
func (c *TestClock) Offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen != nil {
		return c.frozen.Sub(RealNow())
	}
	return c.offset
}

// Shift moves a running clock forward so that it is at least d from real time.
// Unlike Set it does not lose the time that passes while it is called.
func (c *TestClock) Shift(d time.Duration) {
	defer c.moved.Beat()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen == nil {
		c.offset = max(c.offset, d)
	}
}

// Freeze stops the clock at its present time.
func (c *TestClock) Freeze() {
	defer c.moved.Beat()
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.now()
	c.frozen = &t
}

// Thaw lets the clock run on from where it is.
func (c *TestClock) Thaw() {
	defer c.moved.Beat()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.frozen = c.now().Sub(RealNow()), nil
}

// Frozen reports whether the clock stands still.
func (c *TestClock) Frozen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.frozen != nil
}

// State is what Restore needs.
func (c *TestClock) State() ClockState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ClockState{Offset: c.now().Sub(RealNow()), Frozen: c.frozen}
}

// Restore sets the clock to a kept state.
func (c *TestClock) Restore(s ClockState) {
	defer c.moved.Beat()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.frozen = s.Offset, s.Frozen
}

// Reset returns to real time.
func (c *TestClock) Reset() { c.Restore(ClockState{}) }
