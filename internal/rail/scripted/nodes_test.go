package scripted

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/world"
)

// fleet is several nodes at one record and one clock.
type fleet []*town

func newFleet(t *testing.T, nodes int) fleet {
	t.Helper()
	url, clock := servertest.Postgres(t), frozenClock(t)
	var f fleet
	for range nodes {
		f = append(f, settle(t, url, clock))
	}
	f[0].character(instant)
	return f
}

// quiet waits until nothing is due and nothing is running on any node.
func (f fleet) quiet() {
	f[0].Helper()
	f[0].until("all is quiet", func() bool {
		for _, w := range f {
			n, err := w.Pending(w.Context(), w.clock.Now())
			if err != nil {
				w.Fatal(err)
			}
			if n > 0 || w.active.Running() > 0 {
				return false
			}
		}
		return true
	})
}

// until waits for what other nodes do, of which nobody is told here.
func (w *town) until(says string, reached func() bool) {
	w.Helper()
	end := time.After(patience)
	for !reached() {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-end:
			w.Fatalf("waited in vain until %s", says)
		}
	}
}

// pass moves the clock on as one node's driver does.
func (f fleet) pass(d time.Duration) {
	f[0].Helper()
	clock := f[0].clock
	end := clock.Now().Add(d)
	for f.quiet(); ; f.quiet() {
		next, some, err := f[0].Next(f[0].Context())
		if err != nil {
			f[0].Fatal(err)
		}
		if !some || next.After(end) {
			break
		}
		clock.Set(next)
	}
	clock.Set(end)
	f.quiet()
}

// heard counts the notices that all nodes together were told.
func (f fleet) heard() (n int) {
	for _, w := range f {
		n += len(w.ear.all())
	}
	return n
}

// entries reads the whole statement.
func (w *town) entries() []rail.Entry {
	w.Helper()
	var out []rail.Entry
	for {
		after := int64(0)
		if len(out) > 0 {
			after = out[len(out)-1].Number
		}
		some, err := w.Statement(w.Context(), rail.Filter{After: after, Limit: statementMax})
		if err != nil {
			w.Fatal(err)
		}
		if len(some) == 0 {
			return out
		}
		out = append(out, some...)
	}
}

// flaws lists what is wrong with books of one currency in which every reference may
// move money once.
func flaws(entries []rail.Entry) []string {
	var out []string
	var balance int64
	seen := map[string]bool{}
	for i, e := range entries {
		if balance += e.Amount; e.Direction == directionOut {
			balance -= 2 * e.Amount
		}
		if e.Number != int64(i)+1 {
			out = append(out, fmt.Sprintf("entry %d has the number %d", i+1, e.Number))
		}
		if e.BalanceAfter != balance {
			out = append(out, fmt.Sprintf("entry %d leaves %d, want %d", e.Number, e.BalanceAfter, balance))
		}
		if seen[e.Ref] {
			out = append(out, "executed twice: "+e.Ref)
		}
		seen[e.Ref] = true
	}
	return out
}

func TestNodesThatStartAtOnceMakeOneSchema(t *testing.T) {
	url, clock := servertest.Postgres(t), frozenClock(t)
	banks, failed := make([]*Bank, 4), make([]error, 4)
	var all sync.WaitGroup
	for i := range banks {
		all.Go(func() {
			banks[i], failed[i] = Open(t.Context(), Config{Database: url, Clock: clock, Entropy: rand.Reader,
				IDs: id.Maker{Now: clock.Now, Entropy: rand.Reader}})
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	for _, b := range banks {
		if rails, err := b.Rails(t.Context()); err != nil || len(rails) != len(railNames()) {
			t.Errorf("a node sees the rails %+v, %v", rails, err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTheSameReferenceFromSeveralNodesExecutesOnce(t *testing.T) {
	f := newFleet(t, 3)
	const refs, callers = 30, 2
	results := make([][]rail.Result, refs)
	var all sync.WaitGroup
	var mu sync.Mutex
	for n := range refs {
		for _, w := range f {
			for range callers {
				all.Go(func() {
					r, err := w.Execute(t.Context(), charge(fmt.Sprintf("p/%d", n), approvedCard))
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					results[n] = append(results[n], r)
				})
			}
		}
	}
	all.Wait()
	for n, told := range results {
		for _, r := range told {
			if r != told[0] || r.State != rail.Approved {
				t.Errorf("p/%d was answered %+v and %+v", n, told[0], r)
			}
		}
	}
	for _, w := range f {
		if e := w.entries(); len(e) != refs || len(flaws(e)) > 0 {
			t.Errorf("%d entries, want %d; %v", len(e), refs, flaws(e))
		}
	}
}

func TestSeveralNodesKeepTheBooksInOrder(t *testing.T) {
	f := newFleet(t, 3)
	var all sync.WaitGroup
	for i, w := range f {
		for caller := range 4 {
			all.Go(func() {
				for n := range 10 {
					ref := fmt.Sprintf("%d-%d-%d", i, caller, n)
					if _, err := w.Execute(t.Context(), charge(ref, approvedCard)); err != nil {
						t.Error(err)
					}
					// All refund the same one too: 100 of its 100 at most.
					if _, err := w.Execute(t.Context(), on(rail.Refund, ref+"/r", "0-0-0", 7)); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	e := f[1].entries()
	refunds := 0
	for _, line := range e {
		if line.Kind == kindRefund {
			refunds++
		}
	}
	if len(e) != 3*4*10+refunds || refunds > 100/7 || refunds == 0 || len(flaws(e)) > 0 {
		t.Errorf("%d entries with %d refunds; %v", len(e), refunds, flaws(e))
	}
	sums, err := f[2].Totals(t.Context())
	if last := e[len(e)-1]; err != nil || len(sums) != 1 || sums[0].Balance != last.BalanceAfter || sums[0].Entries != last.Number {
		t.Errorf("the totals are %+v, %v after %+v", sums, err, last)
	}
}

func TestACallerIsAnsweredByItsOwnNode(t *testing.T) {
	f := newFleet(t, 2)
	var calls []*call
	for i, w := range f {
		calls = append(calls, w.send(t.Context(), charge(fmt.Sprintf("p/%d", i), "4000000000020406")))
	}
	f[0].must(rail.Accepted, charge("late/1", "4000000000013039"))
	for _, c := range calls {
		c.waitsIn(f)
	}
	f.pass(time.Hour)
	for _, c := range calls {
		if r, err := c.answer(); err != nil || r.State != rail.Approved {
			t.Errorf("answered %+v, %v", r, err)
		}
	}
	if f[0].heardOnly("late/1 approved"); f.heard() != 1 {
		t.Errorf("told %v and %v, want late/1 alone", f[0].ear.all(), f[1].ear.all())
	}
}

// waitsIn insists that the call has no answer although all nodes are quiet.
func (c *call) waitsIn(f fleet) {
	c.town.Helper()
	f.quiet()
	select {
	case <-c.ended:
		c.town.Fatalf("Execute returned early: %+v, %v", c.result, c.err)
	default:
	}
}

// heardOnly insists on all notices this node was told.
func (w *town) heardOnly(want ...string) {
	w.Helper()
	if got := w.ear.all(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.Fatalf("the listener heard\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestACallerWhoJoinsAtAnotherNodeIsAnswered(t *testing.T) {
	f := newFleet(t, 2)
	first := f[0].send(t.Context(), charge("p/1", "4000000000020406"))
	first.waitsIn(f)
	second := f[1].send(t.Context(), charge("p/1", "4000000000020406"))
	second.waitsIn(f)
	f.pass(40 * time.Second)
	for _, c := range []*call{first, second} {
		if r, err := c.answer(); err != nil || r.State != rail.Approved {
			t.Errorf("answered %+v, %v", r, err)
		}
	}
	f[1].books("p/1 in execution 100")
	if f.heard() != 0 {
		t.Errorf("%d notices of what two callers were told", f.heard())
	}
}

func TestAPayerMayDecideAtAnyNode(t *testing.T) {
	f := newFleet(t, 2)
	c := f[0].send(t.Context(), charge("p/1", "4000000000020406"))
	c.waitsIn(f)
	if _, err := f[1].Resolve(t.Context(), "p/1", Fail, ""); err != nil {
		t.Fatal(err)
	}
	if r, err := c.answer(); err != nil || r.State != rail.Declined {
		t.Errorf("the caller at the other node was told %+v, %v", r, err)
	}
	f.pass(time.Hour)
	f[0].books()
}

// A node that stops running without a word of its callers is what a frozen process
// looks like from outside; with its next run it is back.
func TestAnotherNodeDoesTheWorkOfOneThatIsGone(t *testing.T) {
	f := newFleet(t, 2)
	f[0].must(rail.Accepted, charge("late/1", "4000000000013039"))
	c := f[0].send(t.Context(), charge("p/1", "4000000000020406"))
	c.waitsIn(f)
	f[0].leave()
	fleet{f[1]}.pass(time.Hour)
	f[1].heardOnly("late/1 approved", "p/1 approved")
	c.waitsIn(f)
	f[0].run()
	if r, err := c.answer(); err != nil || r.State != rail.Approved {
		t.Errorf("back again, the node told its caller %+v, %v", r, err)
	}
	f.pass(time.Hour)
	f[1].books("p/1 in execution 100", "late/1 in execution 100")
	f[0].heardOnly()
}

func TestAResetReachesTheCallersOfOtherNodes(t *testing.T) {
	f := newFleet(t, 2)
	c := f[0].send(t.Context(), charge("p/1", "4000000000020406"))
	c.waitsIn(f)
	if err := f[1].Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.answer(); !errors.Is(err, errReset) {
		t.Errorf("the caller was told %v", err)
	}
	f[0].must(rail.Approved, charge("p/1", approvedCard))
	f[1].books("p/1 in execution 100")
}

func TestATimerFiresOnceWhicheverNodesFireIt(t *testing.T) {
	f := newFleet(t, 3)
	const n = 20
	var all []due
	for i := range n {
		d := due{fmt.Sprintf("p/%d", i), timerSettle}
		f[0].must(rail.Accepted, charge(d.ref, "4000000000013039"))
		all = append(all, d)
	}
	var at sync.WaitGroup
	for _, w := range f {
		at.Go(func() {
			if err := w.fireAll(t.Context(), all); err != nil {
				t.Error(err)
			}
		})
	}
	at.Wait()
	if e := f[0].entries(); len(e) != n || len(flaws(e)) > 0 {
		t.Errorf("%d entries, want %d; %v", len(e), n, flaws(e))
	}
	f.quiet()
	if f.heard() != n {
		t.Errorf("%d notices, want %d", f.heard(), n)
	}
	// The same look at the books sees a timer that was not guarded: one put back.
	if err := f[1].writer.do(func(t *txn) error {
		_, err := t.exec(insertTimer, all[0].ref, all[0].what, railCard, int64(forever), int64(0), "")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := f[2].fireAll(t.Context(), all[:1]); err != nil {
		t.Fatal(err)
	}
	if got := flaws(f[0].entries()); len(got) != 1 || got[0] != "executed twice: p/0" {
		t.Errorf("the planted fault shows as %v", got)
	}
}

func TestNodesTakeTurns(t *testing.T) {
	f := newFleet(t, 3)
	if f.overtakes(f[0], f[1]) {
		t.Error("a node wrote while another was in its turn")
	}
	planted := *f[2].writer.db
	planted.turn = ""
	f[2].writer.db = &planted
	if !f.overtakes(f[0], f[2]) {
		t.Error("a node that takes no turn was not seen to overtake")
	}
}

// overtakes reports whether b's operation begins while a is in the middle of one.
func (f fleet) overtakes(a, b *town) bool {
	hold, held, began := make(chan struct{}), make(chan struct{}), make(chan struct{})
	first := a.writer.submit(func(*txn) error { close(held); <-hold; return nil })
	<-held
	second := b.writer.submit(func(*txn) error { close(began); return nil })
	over := false
	a.until("the second node begins or waits", func() bool {
		select {
		case <-began:
			over = true
		default:
		}
		return over || f.waiting() > 0
	})
	close(hold)
	if err := errors.Join(a.writer.settle(first), b.writer.settle(second)); err != nil {
		a.Error(err)
	}
	return over
}

// waiting counts the connections of this database that wait for a lock.
func (f fleet) waiting() (n int) {
	const q = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
	if err := f[0].db.read.QueryRowContext(f[0].Context(), q).Scan(&n); err != nil {
		f[0].Fatal(err)
	}
	return n
}

// cut ends all connections of the banks but the one it uses itself.
func (f fleet) cut() {
	f[0].Helper()
	const q = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
	if _, err := f[0].db.read.ExecContext(f[0].Context(), q); err != nil {
		f[0].Fatal(err)
	}
}

func TestABrokenConnectionHeals(t *testing.T) {
	f := newFleet(t, 1)
	w := f[0]
	w.must(rail.Approved, charge("p/1", approvedCard))
	f.cut()
	w.must(rail.Approved, charge("p/2", approvedCard)) // nothing had been begun, so nobody need know

	hold, held := make(chan struct{}), make(chan struct{})
	first := w.writer.submit(func(t *txn) error {
		_, err := t.take(railCard, charge("p/3", approvedCard))
		close(held)
		<-hold
		return err
	})
	<-held
	c := w.send(t.Context(), charge("p/4", approvedCard)) // in this batch or the next
	f.cut()
	close(hold)
	if err := w.writer.settle(first); err == nil || errors.Is(err, rail.ErrUnreachable) {
		t.Errorf("an operation in the broken transaction gave %v", err)
	}
	if _, err := c.answer(); errors.Is(err, rail.ErrUnreachable) {
		t.Errorf("a call in the broken transaction gave %v", err)
	}
	w.until("the readers have their connections again", func() bool {
		r, err := w.Status(t.Context(), "p/3")
		return err == nil && r.State == rail.NotFound
	})
	w.must(rail.Approved, charge("p/4", approvedCard))
	w.must(rail.Approved, charge("p/3", approvedCard))
	if e := w.entries(); len(e) != 4 || len(flaws(e)) > 0 {
		t.Errorf("%d entries; %v", len(e), flaws(e))
	}
}

func TestANodeThatStopsInItsTurnLosesIt(t *testing.T) {
	t.Parallel() // it waits for real time
	f := newFleet(t, 2)
	hold, held := make(chan struct{}), make(chan struct{})
	goOn := sync.OnceFunc(func() { close(hold) })
	defer goOn()
	first := f[0].writer.submit(func(t *txn) error {
		_, err := t.take(railCard, charge("p/1", approvedCard))
		close(held)
		<-hold
		return err
	})
	<-held
	f[1].must(rail.Approved, charge("p/2", approvedCard))
	goOn()
	if err := f[0].writer.settle(first); err == nil {
		t.Error("the node that stopped was told that its change was made")
	}
	f[0].must(rail.Approved, charge("p/3", approvedCard))
	f[0].books("p/2 in execution 100", "p/3 in execution 100")
}

const childPart = "JUICER_TEST_BANK_PART"

// caller is a node that waits for an answer and says what it got.
func caller(url string) error {
	b, err := Open(context.Background(), Config{Database: url, Clock: world.Real{}, Entropy: rand.Reader,
		IDs: id.Maker{Now: world.RealNow, Entropy: rand.Reader}})
	if err != nil {
		return err
	}
	go func() { _ = b.Run(context.Background()) }()
	for lives := int64(0); lives == 0; { // else its work is anybody's
		nodes, err := b.living(context.Background())
		if err != nil {
			return err
		}
		lives = nodes[b.name]
	}
	r, err := b.Execute(context.Background(), charge("p/1", "4000000000020018"))
	if err != nil {
		return err
	}
	fmt.Println(r.State)
	return nil
}

func TestAFrozenProcessIsReplacedAndComesBack(t *testing.T) {
	t.Parallel() // it waits for real time
	clock := new(world.TestClock)
	w := settle(t, servertest.Postgres(t), clock)
	w.character(instant)
	life, end := context.WithTimeout(t.Context(), patience)
	defer end()
	cmd := exec.CommandContext(life, os.Args[0])
	cmd.Env = append(os.Environ(), childBank+"="+w.cfg.Database, childPart+"=caller")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.until("the other process is on the line", func() bool {
		r, err := w.Status(t.Context(), "p/1")
		return err == nil && r.State == rail.Accepted
	})
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	w.until("this node does the other's work", func() bool { return len(w.ear.all()) > 0 })
	w.heardOnly("p/1 approved")
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != string(rail.Approved) {
		t.Errorf("back again, the other process told its caller %q", lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	w.books("p/1 in execution 100")
}
