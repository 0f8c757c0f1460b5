package scripted

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Next is the earliest moment at which the bank has something to do; false if
// nothing is due ever. A moment that has passed means now. It is the same whichever
// node will do it, but for callers on the lines of other nodes.
func (b *Bank) Next(ctx context.Context) (time.Time, bool, error) {
	first, some, err := b.earliest(ctx, b.nextTimer)
	if err != nil {
		return first, false, err
	}
	second, more, err := b.earliest(ctx, b.nextNotice)
	if err != nil || !more || some && first.Before(second) {
		return first, some && err == nil, err
	}
	return second, true, nil
}

// earliest is the first on all rails of what next gives for one. What falls due while a rail is
// down waits until it is up.
func (b *Bank) earliest(ctx context.Context, next nextOn) (first time.Time, some bool, err error) {
	rails, err := b.Rails(ctx)
	if err != nil {
		return first, false, err
	}
	for _, s := range rails {
		at, err := next(ctx, s.Rail)
		if err != nil {
			return first, false, err
		}
		if at.IsZero() {
			continue
		}
		if now := b.cfg.Clock.Now(); at.Before(now) {
			at = now
		}
		if at = b.opens(s, at); !some || at.Before(first) {
			first, some = at, true
		}
	}
	return first, some, nil
}

// nextOn is when something falls due on a rail; zero: nothing is due ever.
type nextOn func(ctx context.Context, railName string) (time.Time, error)

// nextTimer is the earliest timer, or the earliest caller to be answered.
func (b *Bank) nextTimer(ctx context.Context, railName string) (time.Time, error) {
	stored, err := b.moment(ctx, nextTimer, railName)
	return b.orCaller(stored, railName), err
}

// nextOurTimer is the same of what this node is to do.
func (b *Bank) nextOurTimer(ctx context.Context, railName string) (time.Time, error) {
	stored, err := b.moment(ctx, nextOurTimer, railName, b.name)
	return b.orCaller(stored, railName), err
}

func (b *Bank) orCaller(stored time.Time, railName string) time.Time {
	if call := b.waits.next(railName); stored.IsZero() || !call.IsZero() && call.Before(stored) {
		return call
	}
	return stored
}

// nextNotice is the earliest callback; none while nobody listens.
func (b *Bank) nextNotice(ctx context.Context, railName string) (time.Time, error) {
	if b.hears() == nil {
		return time.Time{}, nil
	}
	return b.moment(ctx, nextNotice, railName)
}

// nextOurNotice is the same of what this node is to do.
func (b *Bank) nextOurNotice(ctx context.Context, railName string) (time.Time, error) {
	if b.hears() == nil {
		return time.Time{}, nil
	}
	return b.moment(ctx, nextOurNotice, railName, b.name)
}

func (b *Bank) moment(ctx context.Context, q query, args ...any) (time.Time, error) {
	var at sql.NullInt64
	if err := b.db.read.row(ctx, q, args...).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("read what is due next: %w", err)
	}
	if !at.Valid {
		return time.Time{}, nil
	}
	return fromMicros(at.Int64), nil
}

// Pending counts what is due at now and not done, on rails that are up. Whoever
// wants to know whether all is quiet asks this first and the Activity second:
// work is counted as running before it stops being due.
func (b *Bank) Pending(ctx context.Context, now time.Time) (int, error) {
	rails, err := b.Rails(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, s := range rails {
		if b.isDown(s, now) {
			continue
		}
		n, err := b.pendingOn(ctx, s.Rail, now)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

func (b *Bank) pendingOn(ctx context.Context, railName string, now time.Time) (int, error) {
	total := b.waits.dueBy(railName, now)
	queries := []query{countTimers}
	if b.hears() != nil {
		queries = append(queries, countNotices)
	}
	for _, q := range queries {
		var n int
		if err := b.db.read.row(ctx, q, railName, now.UnixMicro()).Scan(&n); err != nil {
			return 0, fmt.Errorf("count what is due: %w", err)
		}
		total += n
	}
	return total, nil
}
