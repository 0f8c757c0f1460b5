package world

import (
	"context"
	"sync"
	"time"
)

// Source is something that does work when its moment on the test clock comes.
type Source interface {
	// Next is the earliest moment at which something is due; false: nothing is.
	Next(ctx context.Context) (time.Time, bool, error)
	// Wake makes it look at the clock again.
	Wake()
}

// Driver moves a test clock so that everything that falls due on the way happens
// in order of its time, with its consequences, before the next.
type Driver struct {
	Clock    *TestClock
	Activity *Activity
	Sources  []Source
	// Shared is told each step before what falls due is waited for: other processes
	// that go by the same clock follow it. nil: there are none.
	Shared func(context.Context, ClockState) error

	moving sync.Mutex // two moves at once would overtake each other's consequences
}

const lookEvery = 2 * time.Millisecond // of real time, while something is busy

// Advance moves the clock to t. It ends early with ctx, with the clock where it
// has come to; false then.
func (d *Driver) Advance(ctx context.Context, t time.Time) (bool, error) {
	d.moving.Lock()
	defer d.moving.Unlock()
	for {
		if idle, err := d.Wait(ctx); !idle || err != nil {
			return false, err
		}
		next, some, err := d.next(ctx)
		if err != nil {
			return false, err
		}
		if !some || next.After(t) {
			if err := d.Set(ctx, t); err != nil {
				return false, err
			}
			return d.Wait(ctx)
		}
		if err := d.Set(ctx, next); err != nil {
			return false, err
		}
	}
}

// Set moves the clock to t for everybody, and waits for nothing that falls due.
func (d *Driver) Set(ctx context.Context, t time.Time) error {
	d.Clock.Set(t)
	if d.Shared == nil {
		return nil
	}
	return d.Shared(ctx, d.Clock.State())
}

// Wait returns true when nothing is due and nothing is running, false when ctx
// ends before that.
func (d *Driver) Wait(ctx context.Context) (bool, error) {
	for {
		changed := d.Activity.Changed.C()
		idle, err := d.Idle(ctx)
		if ctx.Err() != nil {
			return false, nil
		}
		if idle || err != nil {
			return idle, err
		}
		for _, s := range d.Sources {
			s.Wake()
		}
		if sleep(ctx, lookEvery, changed) != nil {
			return false, nil
		}
	}
}

// Idle reports whether nothing is due and nothing is running.
func (d *Driver) Idle(ctx context.Context) (bool, error) {
	changed := d.Activity.Changed.C()
	next, some, err := d.next(ctx)
	if err != nil || some && !next.After(d.Clock.Now()) {
		return false, err
	}
	select {
	case <-changed: // one source may have given work to another that was looked at before
		return false, nil
	default:
		return d.Activity.Running() == 0, nil
	}
}

func (d *Driver) next(ctx context.Context) (first time.Time, some bool, err error) {
	for _, s := range d.Sources {
		t, ok, err := s.Next(ctx)
		if err != nil {
			return first, false, err
		}
		if ok && (!some || t.Before(first)) {
			first, some = t, true
		}
	}
	return first, some, nil
}
