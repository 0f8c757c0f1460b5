package api

import (
	"context"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/wire"
)

const clockPatience = 25 * time.Second // of real time, for everything that falls due

func getClock(x *exchange) (answer, error) {
	idle, err := x.s.Sandbox.Driver.Idle(x.ctx())
	if err != nil {
		return answer{}, err
	}
	return x.showClock(idle)
}

func (x *exchange) showClock(idle bool) (answer, error) {
	s, now := x.s.Sandbox, x.engine().Clock.Now()
	rail, err := s.Bank.Pending(x.ctx(), now)
	if err != nil {
		return answer{}, err
	}
	jobs, err := x.engine().DueJobs(x.ctx())
	if err != nil {
		return answer{}, err
	}
	hooks, err := x.engine().DueDeliveries(x.ctx())
	return data(wire.Clock{Frozen: s.Clock.Frozen(), Idle: idle, Now: wire.At(now), OffsetMS: s.Clock.Offset().Milliseconds(),
		Queues: wire.Queues{InFlight: int64(s.Driver.Activity.Running()), Rail: int64(rail), TimersDue: jobs, WebhooksDue: hooks}}), err
}

// moveClock moves, freezes or thaws the test clock; everything that falls due on
// the way happens in order of its time.
func moveClock(x *exchange) (answer, error) {
	clock := x.s.Sandbox.Clock
	r := wire.Read(x.body)
	advance := r.Int("advance_ms", wire.AtLeast(1), wire.AtMost(clockAdvanceMaxMS))
	to := r.Time("set", wire.After(clock.Now()), wire.NotAfter(clock.Now().Add(clockAdvanceMaxMS*time.Millisecond)))
	if r.Has("set") && r.Has("advance_ms") {
		r.Breach("set", problem.FieldConflict, problem.Details{"other": "advance_ms"})
	}
	changes, freeze := r.Has("frozen"), r.Bool("frozen", wire.Optional)
	waits := !r.Has("wait") || r.Bool("wait", wire.Optional)
	r.Bool("wait", wire.Optional)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	if changes && freeze {
		clock.Freeze()
	} else if changes {
		clock.Thaw()
	}
	target, offset := to.Time, clock.Offset()
	if by := time.Duration(advance) * time.Millisecond; by > 0 {
		target, offset = clock.Now().Add(by), offset+by
	}
	idle, err := x.move(target, offset, waits)
	if err != nil {
		return answer{}, err
	}
	return x.showClock(idle)
}

// move brings the clock to the target, if there is one, and keeps where it is.
func (x *exchange) move(target time.Time, offset time.Duration, waits bool) (idle bool, err error) {
	s := x.s.Sandbox
	ctx, cancel := context.WithTimeout(x.ctx(), clockPatience)
	defer cancel()
	switch {
	case target.IsZero() && waits:
		idle, err = s.Driver.Wait(ctx)
	case target.IsZero():
		idle, err = s.Driver.Idle(ctx)
	case waits:
		idle, err = s.Driver.Advance(ctx, target)
	default:
		if err = s.Driver.Set(ctx, target); err != nil {
			return false, err
		}
		for _, source := range s.Driver.Sources {
			source.Wake()
		}
	}
	if err != nil {
		return false, err
	}
	if !target.IsZero() && (idle || !waits) {
		s.Clock.Shift(offset) // to the millisecond what was asked for
	}
	return idle, x.engine().SaveClock(context.WithoutCancel(x.ctx()), s.Clock.State())
}

// waitClock answers when nothing is due and nothing is running, or at the time-out.
func waitClock(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	ms := r.Int("timeout_ms", wire.AtLeast(1), wire.AtMost(clockPatience.Milliseconds()))
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	if ms == 0 {
		ms = clockPatience.Milliseconds()
	}
	ctx, cancel := context.WithTimeout(x.ctx(), time.Duration(ms)*time.Millisecond)
	defer cancel()
	idle, err := x.s.Sandbox.Driver.Wait(ctx)
	if err != nil {
		return answer{}, err
	}
	return x.showClock(idle)
}
