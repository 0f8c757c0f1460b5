package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

const (
	leaseFor   = 30 * time.Second       // of real time, for one job
	leaseBatch = 32                     // jobs taken at once
	pollEvery  = 500 * time.Millisecond // the floor: how late a job may be noticed without a wake-up
	failedWait = 5 * time.Second        // before a job that broke is tried again
	// troubleWait is how long background work rests after the store has failed it: the
	// log must stay readable while a database is away.
	troubleWait = 2 * time.Second
)

// runJobs does what falls due, until ctx ends. It is woken by commits, by the
// clock, and looks by itself from time to time.
func (e *Engine) runJobs(ctx context.Context) {
	for ctx.Err() == nil {
		woken := e.wake.C()
		moves := e.Clock.Moves()
		did, err := e.doDue(ctx)
		if err != nil && ctx.Err() == nil {
			e.Log.Error("jobs not done", "error", err)
			_ = world.Sleep(ctx, troubleWait)
		}
		if did > 0 && err == nil {
			continue
		}
		timer, end := world.After(pollEvery)
		select {
		case <-woken:
		case <-moves:
		case <-timer:
		case <-ctx.Done():
		}
		end()
	}
}

// doDue leases what is due and does it, several at once. A look that finds nothing is
// no activity: whoever waits for quiet makes us look, and would never find it.
func (e *Engine) doDue(ctx context.Context) (int, error) {
	due, err := e.anyDue(ctx)
	if err != nil || !due {
		return 0, err
	}
	e.Activity.Enter() // before the lease: what is due must not look done
	defer e.Activity.Leave()
	var jobs []store.Job
	err = e.Store.Write(ctx, func(tx store.Tx) (err error) {
		real := world.RealNow()
		jobs, err = tx.LeaseJobs(e.nodeID(), real.Add(leaseFor), e.now(), real, leaseBatch)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("lease jobs: %w", err)
	}
	finished := make(chan struct{})
	for _, j := range jobs {
		go func() {
			defer func() { finished <- struct{}{} }()
			e.do(ctx, j)
		}()
	}
	for range jobs {
		<-finished
	}
	return len(jobs), nil
}

func (e *Engine) anyDue(ctx context.Context) (due bool, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		at, some, err := v.NextJob(world.RealNow())
		due = some && !at.After(e.now())
		return err
	})
	return due, err
}

// do does one job and sees to it that it does not come back at once if nothing
// was changed by it.
func (e *Engine) do(ctx context.Context, j store.Job) {
	err := e.guarded("job", j.ObjectID, func() error {
		switch j.ObjectType {
		case aboutKey:
			return e.attendKey(ctx, j)
		case aboutBulk:
			return e.attendBulk(ctx, j)
		}
		return e.attend(ctx, object{j.ObjectType, j.ObjectID})
	})
	if ctx.Err() != nil {
		return
	}
	again := e.now().Add(failedWait)
	if err != nil {
		e.Log.Error("job failed", "object", j.ObjectID, "error", err)
	}
	err = e.Store.Write(ctx, func(tx store.Tx) error { return tx.Postpone(j, again) })
	if err != nil && !store.Lost(err) { // lost: the work itself has set or dropped the next moment
		e.Log.Error("job not put back", "object", j.ObjectID, "error", err)
	}
}

// attend does what is due about an object; its state says what that is.
func (e *Engine) attend(ctx context.Context, about object) error {
	if about.kind == aboutWallet {
		return e.issueAccount(ctx, about.id)
	}
	s, done, err := e.clarify(ctx, about)
	switch {
	case err != nil || done:
		return err
	case s.payout != nil:
		return e.attendPayout(ctx, s.payout)
	case s.refund != nil, s.deposit != nil:
		return e.unschedule(ctx, about)
	default:
		return e.attendPayment(ctx, s.payment)
	}
}

// clarify finds out what a rail has done of which no outcome is recorded; done
// tells whether there was anything to ask. It never moves what is merely due.
func (e *Engine) clarify(ctx context.Context, about object) (s standing, done bool, err error) {
	var open []*store.Instruction
	err = e.Store.Snapshot(ctx, func(v store.View) (err error) {
		if s, err = e.load(v, about); err != nil {
			return err
		}
		all, err := v.Instructions(about.id)
		open = slices.DeleteFunc(all, func(i *store.Instruction) bool { return i.ClosedAt != nil })
		return err
	})
	switch {
	case err != nil:
		return s, false, fmt.Errorf("load %s %s: %w", about.kind, about.id, err)
	case len(open) > 0:
		return s, true, e.resolve(ctx, open)
	case about.kind == aboutPayment && s.payment.State.Running() && s.payment.Course.Challenged != "":
		return s, true, e.askAgain(ctx, s.payment.Course.Challenged) // a void came too late: what did the payer do?
	}
	return s, false, nil
}

// attendPayment does what falls due about a payment no rail has the word on.
func (e *Engine) attendPayment(ctx context.Context, p *payment.Payment) error {
	switch {
	case p.State == payment.Captured && p.Course.SettlesAt != nil && p.Course.SettlesAt.After(e.now()):
		return e.Store.Write(ctx, func(tx store.Tx) error { // looked at for another reason: a void that came too late
			return tx.Schedule(aboutPayment, p.ID, p.Business, *p.Course.SettlesAt)
		})
	case p.State == payment.Captured:
		return e.settle(ctx, p)
	case p.State == payment.Processing && p.Course.Payer != nil && !p.ExpiresAt.After(e.now()):
		return e.underpaid(ctx, p)
	case !p.State.Completed() && !p.ExpiresAt.After(e.now()):
		return e.expire(ctx, p)
	case p.State.Completed():
		return e.unschedule(ctx, object{aboutPayment, p.ID})
	default:
		return nil
	}
}

func (e *Engine) unschedule(ctx context.Context, about object) error {
	return e.Store.Write(ctx, func(tx store.Tx) error { return tx.Unschedule(about.kind, about.id) })
}

// resolve finds out what became of instructions without an outcome. An
// instruction that certainly never reached the rail is handed over; about every
// other one the rail is asked first.
func (e *Engine) resolve(ctx context.Context, open []*store.Instruction) error {
	for _, ins := range open {
		if e.sends.has(ins.Ref) && e.now().Sub(ins.SentAt) < watchAfter {
			continue // its answer is on its way to this very process
		}
		if e.neverArrived(ins) {
			return e.handOver(ctx, ins)
		}
		if err := e.settleDoubt(ctx, ins); err != nil {
			return err
		}
	}
	return nil
}

// neverArrived: it was not sent yet, or every sending ended with "unreachable".
func (e *Engine) neverArrived(ins *store.Instruction) bool {
	if e.Flaws.SendUnasked || ins.Sends == 0 {
		return true
	}
	return ins.Answer == "unreachable" && ins.DoubtAt == nil && !e.sends.has(ins.Ref) && ins.Kind != rail.Authenticate &&
		(ins.Kind != rail.Charge || e.Hold.Peek(ins.Ref) != nil)
}

// settleDoubt asks the rail and records what it says; if that is "not found" for
// long enough, the instruction goes out again under the same reference.
func (e *Engine) settleDoubt(ctx context.Context, ins *store.Instruction) error {
	got := e.ask(ctx, ins)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	before := ins.Sends
	if _, err := e.record(ctx, ins.Ref, got, nil); err != nil {
		return err
	}
	var now *store.Instruction
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		now, err = v.Instruction(ins.Ref)
		return err
	})
	if err == nil && now.Sends > before && now.ClosedAt == nil {
		return e.deliver(ctx, now)
	}
	return err
}

// handOver counts one more sending and sends. What became of the sending before
// says nothing about this one: should this process die, the rail is asked.
func (e *Engine) handOver(ctx context.Context, ins *store.Instruction) error {
	ins.Sends++
	ins.Answer, ins.Node = "", e.nodeID()
	due := e.now().Add(watchAfter)
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := tx.SaveInstruction(ins); err != nil {
			return err
		}
		return tx.ScheduleOn(ins.Node, ins.ObjectType, ins.ObjectID, ins.Business, due)
	})
	if err != nil {
		return err
	}
	return e.deliver(ctx, ins)
}

func (e *Engine) deliver(ctx context.Context, ins *store.Instruction) error {
	order, err := e.orderOf(ctx, ins)
	if err != nil {
		return err
	}
	e.start(&attempt{order: order, node: ins.Node, rail: ins.Rail, about: object{ins.ObjectType, ins.ObjectID}})
	return nil
}

// askAgain asks about an instruction whose outcome is recorded, and records what has
// become of it since.
func (e *Engine) askAgain(ctx context.Context, ref string) error {
	var ins *store.Instruction
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		ins, err = v.Instruction(ref)
		return err
	})
	if err != nil {
		return err
	}
	_, err = e.record(ctx, ins.Ref, e.ask(ctx, ins), nil)
	return err
}

// Notice implements rail.Listener.
func (e *Engine) Notice(ctx context.Context, n rail.Notice) error {
	e.Activity.Enter()
	defer e.Activity.Leave()
	if n.Arrival != nil {
		return e.arrive(ctx, *n.Arrival)
	}
	_, err := e.record(ctx, n.Ref, answer{result: n.Result}, nil)
	if store.IsMissing(err) {
		e.Log.Warn("notice about an unknown instruction", "ref", n.Ref)
		return nil // nothing of ours: the audit shows it as orphaned
	}
	return err
}
