package world_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/world"
)

// diary is a source that does its work in a goroutine when it is woken, as real
// ones do, and notes when it did what.
type diary struct {
	clock    *world.TestClock
	activity *world.Activity
	notes    *notes

	mu      sync.Mutex
	due     map[string]time.Time
	follows map[string]func() // what a piece of work brings about, before it is over
	busy    sync.WaitGroup
}

// notes is what was done, by all sources, in order.
type notes struct {
	mu   sync.Mutex
	done []string
}

func (n *notes) add(at time.Time, what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.done = append(n.done, fmt.Sprintf("%s %s", at.Format("15:04:05"), what))
}

func (d *diary) plan(what string, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.due[what] = at
}

func (d *diary) Next(context.Context) (first time.Time, some bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, at := range d.due {
		if !some || at.Before(first) {
			first, some = at, true
		}
	}
	return first, some, nil
}

func (d *diary) Wake() {
	if next, some, _ := d.Next(context.Background()); !some || next.After(d.clock.Now()) {
		return
	}
	d.activity.Enter()
	d.busy.Go(func() {
		defer d.activity.Leave()
		for what := d.take(); what != ""; what = d.take() {
			d.notes.add(d.clock.Now(), what)
			if follow := d.follows[what]; follow != nil {
				follow()
			}
		}
	})
}

// take removes the work that is due longest.
func (d *diary) take() (what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, at := range d.due {
		if !at.After(d.clock.Now()) && (what == "" || at.Before(d.due[what])) {
			what = name
		}
	}
	delete(d.due, what)
	return what
}

// bench is a driver with two sources.
func bench(t interface{ Cleanup(func()) }) (*world.Driver, *diary, *diary) {
	clock, activity, n := frozenAt(noon), &world.Activity{}, &notes{}
	source := func() *diary {
		return &diary{clock: clock, activity: activity, notes: n, due: map[string]time.Time{}, follows: map[string]func(){}}
	}
	a, b := source(), source()
	t.Cleanup(func() { a.busy.Wait(); b.busy.Wait() })
	return &world.Driver{Clock: clock, Activity: activity, Sources: []world.Source{a, b}}, a, b
}

func advance(t *testing.T, d *world.Driver, by time.Duration) {
	t.Helper()
	if idle, err := d.Advance(t.Context(), d.Clock.Now().Add(by)); !idle || err != nil {
		t.Fatalf("advance: idle %v, error %v", idle, err)
	}
}

func TestAdvance(t *testing.T) {
	t.Run("does what falls due in the order of its time, whoever does it", func(t *testing.T) {
		d, a, b := bench(t)
		a.plan("third", noon.Add(30*time.Second))
		b.plan("second", noon.Add(20*time.Second))
		a.plan("first", noon.Add(10*time.Second))
		b.plan("later", noon.Add(61*time.Second))
		advance(t, d, time.Minute)
		same(t, a.notes.done, []string{"12:00:10 first", "12:00:20 second", "12:00:30 third"})
		if now := d.Clock.Now(); !now.Equal(noon.Add(time.Minute)) {
			t.Errorf("the clock stands at %v, want %v", now, noon.Add(time.Minute))
		}
	})
	t.Run("does the consequences of one thing before the next", func(t *testing.T) {
		d, a, b := bench(t)
		a.plan("payment settles", noon.Add(10*time.Second))
		a.plan("session expires", noon.Add(20*time.Second))
		a.follows["payment settles"] = func() { b.plan("callback", noon.Add(10*time.Second)) }
		b.follows["callback"] = func() { a.plan("event", noon.Add(15*time.Second)) }
		advance(t, d, time.Minute)
		same(t, a.notes.done, []string{"12:00:10 payment settles", "12:00:10 callback", "12:00:15 event", "12:00:20 session expires"})
	})
	t.Run("does what was due already at the moment it starts from", func(t *testing.T) {
		d, a, _ := bench(t)
		a.plan("overdue", noon.Add(-time.Hour))
		advance(t, d, time.Minute)
		same(t, a.notes.done, []string{"12:00:00 overdue"})
	})
	t.Run("includes what is due at its very end", func(t *testing.T) {
		d, a, _ := bench(t)
		a.plan("at the end", noon.Add(time.Minute))
		advance(t, d, time.Minute)
		same(t, a.notes.done, []string{"12:01:00 at the end"})
	})
	t.Run("stops where it is when its time is up", func(t *testing.T) {
		d, a, _ := bench(t)
		ctx, cancel := context.WithCancel(t.Context())
		a.plan("first", noon.Add(10*time.Second))
		a.plan("never", noon.Add(20*time.Second))
		a.follows["first"] = cancel
		idle, err := d.Advance(ctx, noon.Add(time.Minute))
		if idle || err != nil {
			t.Errorf("idle %v, error %v; want neither", idle, err)
		}
		if now := d.Clock.Now(); !now.Equal(noon.Add(10 * time.Second)) {
			t.Errorf("the clock stands at %v, want %v", now, noon.Add(10*time.Second))
		}
	})
	t.Run("tells when a source fails", func(t *testing.T) {
		d, _, _ := bench(t)
		d.Sources = append(d.Sources, failing{})
		if idle, err := d.Advance(t.Context(), noon.Add(time.Minute)); idle || !errors.Is(err, errSource) {
			t.Errorf("idle %v, error %v; want %v", idle, err, errSource)
		}
	})
	t.Run("is the same however the way is cut into steps", rapid.MakeCheck(func(t *rapid.T) {
		whole, parts := walked(t, []time.Duration{time.Hour}), walked(t, cuts(t))
		if !slices.Equal(whole, parts) {
			t.Fatalf("in one step: %v\nin many: %v", whole, parts)
		}
	}))
}

// cuts divides an hour.
func cuts(t *rapid.T) (steps []time.Duration) {
	left := time.Hour
	for left > 0 {
		s := min(left, time.Duration(rapid.IntRange(300, 3600).Draw(t, "seconds"))*time.Second)
		steps, left = append(steps, s), left-s
	}
	return steps
}

// walked plans the same works each time, goes the steps and gives what was done.
func walked(t *rapid.T, steps []time.Duration) []string {
	d, a, b := bench(t)
	dice := rand.New(rand.NewPCG(7, 7))
	for i := range 12 {
		name, at := fmt.Sprint("work ", i), noon.Add(time.Duration(dice.IntN(3600))*time.Second)
		after := at.Add(time.Duration(dice.IntN(600)) * time.Second)
		a.plan(name, at)
		a.follows[name] = func() { b.plan("after "+name, after) }
	}
	for _, s := range steps {
		if idle, err := d.Advance(t.Context(), d.Clock.Now().Add(s)); !idle || err != nil {
			t.Fatalf("advance: idle %v, error %v", idle, err)
		}
	}
	return a.notes.done
}

func TestWait(t *testing.T) {
	t.Run("waits for what is running although nothing is due", func(t *testing.T) {
		d, _, _ := bench(t)
		d.Activity.Enter()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if idle, err := d.Wait(ctx); idle || err != nil {
			t.Errorf("idle %v, error %v while something runs; want neither", idle, err)
		}
		d.Activity.Leave()
		if idle, err := d.Wait(t.Context()); !idle || err != nil {
			t.Errorf("idle %v, error %v once it is over; want idle", idle, err)
		}
	})
	t.Run("does not wait for what is parked until a later moment", func(t *testing.T) {
		d, a, _ := bench(t)
		a.plan("later", noon.Add(time.Hour))
		d.Activity.Enter()
		d.Activity.Park()
		if idle, err := d.Wait(t.Context()); !idle || err != nil {
			t.Errorf("idle %v, error %v; want idle", idle, err)
		}
		same(t, a.notes.done, nil)
	})
}

var errSource = errors.New("the source is broken")

type failing struct{}

func (failing) Next(context.Context) (time.Time, bool, error) { return time.Time{}, false, errSource }
func (failing) Wake()                                         {}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
