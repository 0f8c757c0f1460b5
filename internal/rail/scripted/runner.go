package scripted

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/world"
)

const (
	timersAtOnce = 128
	idleMax      = time.Hour   // a loop looks again after so long on the clock
	troubleWait  = time.Second // real time before the next try after a database error
)

// duty is one kind of work that falls due on a rail.
type duty struct {
	work func(ctx context.Context, rail string, now time.Time) (bool, error) // reports whether there was any
	next nextOn                                                              // when there will be some
}

func (b *Bank) timerDuty() duty  { return duty{b.fireDue, b.nextOurTimer} }
func (b *Bank) noticeDuty() duty { return duty{b.deliverDue, b.nextOurNotice} }

// Run does what falls due until ctx ends, and then returns nil. Whatever it was
// doing is either stored as done or done again by the next Run.
func (b *Bank) Run(ctx context.Context) error {
	var loops sync.WaitGroup
	if b.db.shared {
		b.arrive(ctx)
		defer b.depart(ctx)
		loops.Go(func() { b.live(ctx) })
		loops.Go(func() { b.attend(ctx) })
	}
	loops.Go(func() { b.loop(ctx, b.timerDuty()) })
	loops.Go(func() { b.loop(ctx, b.noticeDuty()) })
	loops.Wait()
	b.background.Wait()
	return nil
}

// Wake makes Run look at once.
func (b *Bank) Wake() { b.work.Beat() }

// loop works while there is work on a rail that is up, and then waits for more.
func (b *Bank) loop(ctx context.Context, d duty) {
	for ctx.Err() == nil {
		changed, moved := b.work.C(), b.cfg.Clock.Moves()
		worked, err := b.round(ctx, d)
		if err == nil && !worked {
			err = b.idle(ctx, d, changed, moved)
		}
		if err != nil && ctx.Err() == nil {
			b.log.Error("the bank could not do what is due", "error", err)
			_ = world.Sleep(ctx, troubleWait)
		}
	}
}

func (b *Bank) round(ctx context.Context, d duty) (bool, error) {
	rails, err := b.Rails(ctx)
	if err != nil {
		return false, err
	}
	now, any := b.cfg.Clock.Now(), false
	for _, s := range rails {
		if b.isDown(s, now) {
			continue
		}
		worked, err := d.work(ctx, s.Rail, now)
		if err != nil {
			return any, err
		}
		any = any || worked
	}
	return any, nil
}

// idle waits until something is new, the clock is moved by hand, or work is due.
func (b *Bank) idle(ctx context.Context, d duty, changed, moved <-chan struct{}) error {
	next, some, err := b.earliest(ctx, d.next)
	if err != nil {
		return err
	}
	if !some {
		next = b.cfg.Clock.Now().Add(idleMax)
	}
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer cancel()
		select {
		case <-changed:
		case <-moved:
		case <-wait.Done():
		}
	}()
	_ = b.cfg.Clock.Until(wait, next) // its error only says what ended the wait
	return nil
}

// fireDue fires timers and answers waiting callers, in the order of their time,
// up to the earliest of either.
func (b *Bank) fireDue(ctx context.Context, railName string, now time.Time) (bool, error) {
	if err := b.hurry(railName, now); err != nil {
		return false, err
	}
	limit := now
	if first := b.waits.next(railName); !first.IsZero() && first.Before(now) {
		limit = first
	}
	due, err := b.dueTimers(ctx, railName, limit)
	if err != nil || len(due) == 0 && b.waits.dueBy(railName, limit) == 0 {
		return false, err
	}
	b.cfg.Activity.Enter()
	defer b.cfg.Activity.Leave()
	if err := b.fireAll(ctx, due); err != nil {
		return true, err
	}
	if len(due) < timersAtOnce {
		b.waits.wakeDue(railName, limit)
	}
	return true, nil
}

// hurry ends mere latencies under a frozen clock, which would never pass.
func (b *Bank) hurry(railName string, now time.Time) error {
	if !b.isFrozen() {
		return nil
	}
	soon := now.Add(latencyPassed)
	b.waits.hurry(railName, now, soon)
	var n int
	err := b.db.read.row(context.Background(), countHurried, railName, now.UnixMicro(), soon.UnixMicro()).Scan(&n)
	if err != nil || n == 0 {
		return err
	}
	return b.writer.do(func(t *txn) error {
		_, err := t.exec(hurryTimers, now.UnixMicro(), railName, now.UnixMicro(), soon.UnixMicro())
		return err
	})
}

// due is a timer to fire.
type due struct{ ref, what string }

func (b *Bank) dueTimers(ctx context.Context, railName string, limit time.Time) ([]due, error) {
	rows, err := b.db.read.rows(ctx, dueTimers, railName, b.name, limit.UnixMicro(), timersAtOnce)
	if err != nil {
		return nil, fmt.Errorf("read due timers: %w", err)
	}
	defer rows.Close()
	var out []due
	for rows.Next() {
		var d due
		if err := rows.Scan(&d.ref, &d.what); err != nil {
			return nil, fmt.Errorf("read a timer: %w", err)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// fired is what became of a timer.
type fired struct {
	result   rail.Result
	early    *notice
	promised bool
}

// fireAll hands all timers to the writer before it waits, so that they share
// commits, and answers who was promised their outcome.
func (b *Bank) fireAll(ctx context.Context, all []due) error {
	results, operations := make([]fired, len(all)), make([]*operation, len(all))
	for i, d := range all {
		operations[i] = b.writer.submit(func(t *txn) error { return t.fire(d, &results[i]) })
	}
	var trouble error
	for i, op := range operations {
		err := b.writer.settle(op)
		if err != nil {
			trouble = fmt.Errorf("fire the timer %s of %s: %w", all[i].what, all[i].ref, err)
		}
		b.tell(ctx, all[i].ref, results[i], err)
	}
	return trouble
}

// tell answers the callers on the line, after the early notice if there is one.
func (b *Bank) tell(ctx context.Context, ref string, f fired, err error) {
	answer := func() {
		if f.promised {
			b.waits.wake(ref, reply{result: f.result, err: err})
		}
	}
	if f.early == nil || err != nil {
		answer()
		return
	}
	b.cfg.Activity.Enter()
	b.background.Go(func() {
		defer b.cfg.Activity.Leave()
		if err := b.deliver(ctx, *f.early); err != nil {
			b.log.Error("an early notice was not recorded", "rail_ref", ref, "error", err)
		}
		answer()
	})
}

// fire does what a timer stands for, once.
func (t *txn) fire(d due, f *fired) error {
	if n, err := t.exec(dropTimer, d.ref, d.what); err != nil || n == 0 {
		return err // none: it has fired already, here or on another node
	}
	if d.what == timerTransfer {
		return t.proceed(d.ref)
	}
	own, err := t.load(loadInstruction, d.ref)
	if err != nil {
		return err
	}
	if own == nil {
		return fmt.Errorf("the timer of %s has lost its instruction", d.ref)
	}
	root, err := t.rootOf(own)
	if err != nil {
		return err
	}
	f.promised = d.what == timerSettle && t.bank.waits.promise(d.ref)
	callbacks := own.Plan.Callbacks
	if !f.promised || own.Plan.Deferred {
		callbacks = max(1, callbacks)
	}
	switch {
	case d.what == timerReverse:
		err := t.sendBackPayout(own, problem.FailureReversedByBank, callbacks)
		if errors.Is(err, ErrWrongState) {
			return nil // nothing is there that could come back
		}
		return err
	case d.what == timerContrary:
		own.Plan = plan{Outcome: approved()}
	case own.Plan.Unheard:
		callbacks = 0
	}
	f.early, err = t.conclude(own, root, callbacks)
	f.result = t.bank.report(own, root)
	return err
}
