package scripted

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/rail"
)

func TestANoticeIsRepeatedUntilItIsTaken(t *testing.T) {
	w := newTown(t)
	w.ear.refuse = 3
	w.must(rail.Accepted, charge("p/1", "4000000000013039"))
	w.pass(time.Minute)
	w.told()
	w.pass(5 * time.Second)
	w.told()
	w.pass(10 * time.Second)
	w.told()
	w.pass(20*time.Second - time.Microsecond)
	w.told()
	w.pass(time.Microsecond)
	w.told("p/1 approved")
	w.pass(time.Hour)
	w.told("p/1 approved")
}

func TestNoticesWaitForAListener(t *testing.T) {
	w := newTown(t)
	w.Listen(nil)
	w.must(rail.Approved, charge("p/1", "4000000000013054"))
	w.quiet()
	w.Listen(w.ear)
	w.told("p/1 approved", "p/1 approved")
}

func TestACallerWhoHungUpIsCalledBack(t *testing.T) {
	w := newTown(t)
	ctx, hangUp := context.WithCancel(t.Context())
	c := w.send(ctx, charge("p/1", "4000000000020406"))
	c.waits()
	hangUp()
	if _, err := c.answer(); !errors.Is(err, context.Canceled) {
		t.Errorf("Execute: %v", err)
	}
	w.status("p/1", rail.Accepted)
	w.pass(40 * time.Second)
	w.told("p/1 approved")
	w.must(rail.Approved, charge("p/1", "4000000000020406"))
	w.books("p/1 in execution 100")
}

func TestASecondCallerJoinsTheFirst(t *testing.T) {
	w := newTown(t)
	first := w.send(t.Context(), charge("p/1", "4000000000020406"))
	first.waits()
	w.pass(20 * time.Second)
	second := w.send(t.Context(), charge("p/1", "4000000000020406"))
	second.waits()
	w.pass(20 * time.Second)
	for _, c := range []*call{first, second} {
		if r, err := c.answer(); err != nil || r.State != rail.Approved {
			t.Errorf("answered %+v, %v", r, err)
		}
	}
	w.books("p/1 in execution 100")
	w.told()
}

func TestAParkedCallerDoesNotKeepTheClock(t *testing.T) {
	w := newTown(t)
	c := w.send(t.Context(), charge("p/1", "4000000000020059"))
	c.waits()
	if n := w.active.Running(); n != 0 {
		t.Errorf("%d pieces of work are running while all wait for the clock", n)
	}
	next, some, err := w.Next(t.Context())
	if want := start(t).Add(5 * time.Second); err != nil || !some || !next.Equal(want) {
		t.Errorf("Next = %v, %v, %v, want %v", next, some, err, want)
	}
	// Stepping straight past it: once the clock is there, the bank must never
	// look idle before the caller has its answer.
	w.clock.Set(next)
	w.quiet()
	select {
	case <-c.ended:
	default:
		t.Error("all was quiet and the caller had no answer")
	}
}

func TestOneMoveOfTheClockKeepsTheOrderOfTime(t *testing.T) {
	w := newTown(t)
	var order []string
	w.ear.during = func(n rail.Notice) { order = append(order, n.Ref) }
	w.must(rail.Accepted, charge("p/60", "4000000000013039"))
	w.must(rail.Approved, charge("p/0", "4000000000014029"))
	w.must(rail.Accepted, on(rail.Refund, "r/3600", "p/0", 100))
	w.must(rail.Declined, charge("c/60", "4000000000013088"))
	w.pass(2 * time.Hour)
	w.books("p/0 in execution 100", "c/60 in execution 100", "p/60 in execution 100", "r/3600 out refund 100")
	if len(order) != 3 || order[2] != "r/3600" {
		t.Errorf("told in the order %v", order)
	}
}

func TestAPlantedFaultExecutesTwice(t *testing.T) {
	w := newTown(t)
	w.close()
	w.cfg.ExecuteTwice = func(ref string) bool { return ref == "p/2" }
	w.open()
	w.must(rail.Approved, charge("p/1", approvedCard))
	w.must(rail.Approved, charge("p/2", approvedCard))
	w.books("p/1 in execution 100", "p/2 in execution 100", "p/2 in execution 100")
}

func TestAChainIsLookedAtOneAnswerAtATime(t *testing.T) {
	w := newTown(t)
	w.must(rail.Challenged, charge("p/1", "4000000000011504"))
	w.character("slow")
	first := w.send(t.Context(), proof("p/2", "p/1", rail.Proof{OTP: rightOTP}))
	first.waits()
	if _, err := w.do(proof("p/3", "p/1", rail.Proof{OTP: rightOTP})); !errors.Is(err, rail.ErrUnreachable) {
		t.Errorf("a second answer meanwhile: %v", err)
	}
	w.status("p/3", rail.NotFound)
	if r := w.must(rail.Declined, on(rail.Void, "p/4", "p/1", 0)); r.Reason != reasonRunning {
		t.Errorf("a void meanwhile: %+v", r)
	}
	if _, err := w.Authenticate(t.Context(), "p/1", Reject); !errors.Is(err, ErrWrongState) {
		t.Errorf("a decision meanwhile: %v", err)
	}
	w.must(rail.Accepted, charge("p/1", "4000000000011504"))
	if r, err := first.after(10 * time.Minute); err != nil || r.State != rail.Approved {
		t.Errorf("answered %+v, %v", r, err)
	}
	w.books("p/2 in execution 100")
	w.told()
}
