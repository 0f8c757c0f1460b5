package scripted

import (
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/world"
)

func TestACallerWhoWasPromisedAnOutcomeStaysOnTheLine(t *testing.T) {
	w := waits{byRef: map[string][]*waiter{}, activity: new(world.Activity)}
	one := w.enter(railCard, "p/1")
	if !w.promise("p/1") {
		t.Error("nobody was found on the line")
	}
	if w.hangUp(one) {
		t.Error("the caller hung up although no callback will tell it")
	}
	w.wake("p/1", reply{result: rail.Result{State: rail.Approved}})
	if r, err := w.await(t.Context(), one); err != nil || r.State != rail.Approved {
		t.Errorf("told %+v, %v", r, err)
	}
	if w.promise("p/1") {
		t.Error("the line is still taken")
	}
}

func TestATimerFiresOnce(t *testing.T) {
	w := newTown(t)
	w.must(rail.Accepted, charge("p/1", "4000000000013039"))
	d := due{"p/1", timerSettle}
	if err := w.fireAll(t.Context(), []due{d, d}); err != nil {
		t.Error(err)
	}
	w.pass(time.Hour)
	w.books("p/1 in execution 100")
	w.told("p/1 approved")
}

func TestAReplyComesBeforeTheOutcomeEvenIfTheClockPassesBoth(t *testing.T) {
	w := newTown(t)
	w.character("queueing")
	w.clock.Thaw()
	c := w.send(t.Context(), charge("p/1", approvedCard))
	for {
		if r, err := w.Status(t.Context(), "p/1"); err != nil || r.State == rail.Accepted {
			break
		}
	}
	w.clock.Set(w.clock.Now().Add(7 * time.Hour))
	if r, err := c.answer(); err != nil || r.State != rail.Accepted {
		t.Errorf("answered %+v, %v", r, err)
	}
	w.clock.Freeze() // while it runs, what falls due next is due a moment from now
	w.told("p/1 approved")
	w.books("p/1 in execution 100")
}

func TestACommitIsOnDisk(t *testing.T) {
	w := newTown(t)
	const full = 2
	err := w.writer.do(func(tx *txn) error {
		if w.cfg.Database != "" {
			var level string
			if err := tx.row("SHOW synchronous_commit", nil, &level); err != nil || level == "on" {
				return err
			}
			t.Errorf("synchronous_commit is %s", level)
			return nil
		}
		var level int
		var journal string
		if err := tx.row("PRAGMA synchronous", nil, &level); err != nil {
			return err
		}
		if err := tx.row("PRAGMA journal_mode", nil, &journal); err != nil {
			return err
		}
		if level != full || journal != "wal" {
			t.Errorf("synchronous %d in journal mode %s", level, journal)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheBooksEndOnlyTheWaitsTheyKnow(t *testing.T) {
	w := waits{byRef: map[string][]*waiter{}, activity: new(world.Activity)}
	onItsWay, forTimer, forReply := w.enter(railCard, "p/1"), w.enter(railCard, "p/2"), w.enter(railCard, "p/3")
	promised := w.enter(railCard, "p/4")
	for _, one := range []*waiter{forTimer, promised} {
		w.begin(one)
	}
	w.tellAt(forReply, start(t), rail.Result{State: rail.Accepted})
	w.promise("p/4")
	if open := w.open(); len(open) != 2 {
		t.Errorf("open: %v", open)
	}
	answered := func(one *waiter) bool { return len(one.ch) > 0 }
	end := func(lost bool) {
		for _, ref := range []string{"p/1", "p/2", "p/3", "p/4"} {
			w.end(ref, reply{}, lost)
		}
	}
	end(false)
	if !answered(forTimer) || answered(onItsWay) || answered(forReply) || answered(promised) {
		t.Error("an outcome in the books answers those who wait for it, and nobody else")
	}
	end(true)
	if !answered(forReply) || answered(onItsWay) || answered(promised) {
		t.Error("a reset ends also the wait for a reply")
	}
}
