package scripted

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/railtest"
	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/world"
)

// patience bounds, in real time, every wait for something that must happen.
const patience = 30 * time.Second

// town is a bank, its clock and a listener, as the server would wire them.
type town struct {
	*testing.T
	*Bank
	clock  *world.TestClock
	active *world.Activity
	ear    *ear
	cfg    Config
	leave  func() // stops Run
}

func start(t *testing.T) time.Time {
	t.Helper()
	return time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
}

// newTown opens a bank with an instant personality and a frozen clock.
func newTown(t *testing.T) *town {
	t.Helper()
	w := settle(t, servertest.StoreURL(t), frozenClock(t))
	w.character(instant)
	return w
}

func frozenClock(t *testing.T) *world.TestClock {
	at, clock := start(t), new(world.TestClock)
	clock.Restore(world.ClockState{Frozen: &at})
	return clock
}

// settle opens a bank in the database, or in a file of its own if that is "".
func settle(t *testing.T, database string, clock *world.TestClock) *town {
	t.Helper()
	w := &town{T: t, clock: clock, active: new(world.Activity), ear: new(ear)}
	w.cfg = Config{Path: filepath.Join(t.TempDir(), "bank.db"), Database: database, Clock: w.clock, Activity: w.active, Entropy: rand.Reader,
		IDs: id.Maker{Now: w.clock.Now, Entropy: rand.Reader}, PublicURL: "http://bank.example/", Log: slog.New(slog.DiscardHandler)}
	w.open()
	t.Cleanup(w.close)
	return w
}

func (w *town) open() {
	w.Helper()
	b, err := Open(context.Background(), w.cfg)
	if err != nil {
		w.Fatal(err)
	}
	w.Bank = b
	b.Listen(w.ear)
	w.run()
}

func (w *town) run() {
	b := w.Bank
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = b.Run(ctx) }()
	w.leave = func() { cancel(); <-ended }
}

func (w *town) close() {
	w.Helper()
	w.leave()
	if err := w.Bank.Close(); err != nil {
		w.Error(err)
	}
}

// restart closes the bank and opens it again on what it stored.
func (w *town) restart() { w.Helper(); w.close(); w.open() }

func (w *town) character(name string) { w.Helper(); w.set(Patch{Personality: &name}) }

func (w *town) set(p Patch) {
	w.Helper()
	if _, err := w.SetRail(w.Context(), railCard, p); err != nil {
		w.Fatal(err)
	}
}

// call is an Execute under way.
type call struct {
	town   *town
	result rail.Result
	err    error
	ended  chan struct{}
}

// send starts an Execute as counted work.
func (w *town) send(ctx context.Context, in rail.Instruction) *call {
	c := &call{town: w, ended: make(chan struct{})}
	w.active.Enter()
	go func() {
		defer close(c.ended)
		defer w.active.Leave()
		c.result, c.err = w.Execute(ctx, in)
	}()
	return c
}

// answer waits for the end of the call.
func (c *call) answer() (rail.Result, error) {
	c.town.Helper()
	select {
	case <-c.ended:
	case <-time.After(patience):
		c.town.Fatal("Execute did not return")
	}
	return c.result, c.err
}

// waits insists that the call has no answer although all is quiet.
func (c *call) waits() {
	c.town.Helper()
	c.town.quiet()
	select {
	case <-c.ended:
		c.town.Fatalf("Execute returned early: %+v, %v", c.result, c.err)
	default:
	}
}

func (w *town) do(in rail.Instruction) (rail.Result, error) {
	w.Helper()
	return w.send(w.Context(), in).answer()
}

// must executes and insists on the state.
func (w *town) must(want rail.State, in rail.Instruction) rail.Result {
	w.Helper()
	r, err := w.do(in)
	if err != nil || r.State != want {
		w.Fatalf("Execute(%s %s) = %+v, %v, want state %s", in.Kind, in.Ref, r, err, want)
	}
	return r
}

func (w *town) status(ref string, want rail.State) rail.Result {
	w.Helper()
	r, err := w.Status(w.Context(), ref)
	if err != nil || r.State != want {
		w.Fatalf("Status(%s) = %+v, %v, want state %s", ref, r, err, want)
	}
	return r
}

// unanswered insists that a status query fails with want.
func (w *town) unanswered(ref string, want error) {
	w.Helper()
	if r, err := w.Status(w.Context(), ref); !errors.Is(err, want) {
		w.Fatalf("Status(%s) = %+v, %v, want error %v", ref, r, err, want)
	}
}

// quiet waits until nothing is due and nothing is running.
func (w *town) quiet() {
	w.Helper()
	end := time.After(patience)
	for {
		changed := w.active.Changed.C()
		n, err := w.Pending(w.Context(), w.clock.Now())
		if err != nil {
			w.Fatal(err)
		}
		if n == 0 && w.active.Running() == 0 {
			return
		}
		select {
		case <-changed:
		case <-end:
			w.Fatalf("%d things are still due and %d running", n, w.active.Running())
		}
	}
}

// pass moves the clock on as the driver of the test clock does: from one due
// moment to the next.
func (w *town) pass(d time.Duration) {
	w.Helper()
	w.quiet()
	end := w.clock.Now().Add(d)
	for {
		next, some, err := w.Next(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		if !some || next.After(end) {
			break
		}
		w.clock.Set(next)
		w.quiet()
	}
	w.clock.Set(end)
	w.quiet()
}

// books insists on the whole statement, one "ref direction kind amount" a line.
func (w *town) books(want ...string) {
	w.Helper()
	entries, err := w.Statement(w.Context(), rail.Filter{Limit: statementMax})
	if err != nil {
		w.Fatal(err)
	}
	var got []string
	var sum int64
	for _, e := range entries {
		got = append(got, strings.Join([]string{e.Ref, e.Direction, e.Kind, strconv.FormatInt(e.Amount, 10)}, " "))
		if sum += e.Amount; e.Direction == directionOut {
			sum -= 2 * e.Amount
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.Fatalf("the books hold\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	sums, err := w.Totals(w.Context())
	if err != nil || len(entries) > 0 && (len(sums) != 1 || sums[0] != Total{railCard, "NGN", sum, int64(len(entries))}) {
		w.Fatalf("the totals are %+v, %v, want %d", sums, err, sum)
	}
}

// told insists on all notices so far, one "ref state" each, in any order:
// those of several instructions are delivered side by side.
func (w *town) told(want ...string) {
	w.Helper()
	w.quiet()
	slices.Sort(want)
	if got := w.ear.all(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.Fatalf("the listener heard\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// ear is a listener that keeps what it hears and may refuse it.
type ear struct {
	mu     sync.Mutex
	heard  []rail.Notice
	refuse int // so many more
	during func(rail.Notice)
}

// Notice implements rail.Listener.
func (e *ear) Notice(_ context.Context, n rail.Notice) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refuse > 0 {
		e.refuse--
		return errors.New("tell me again later")
	}
	e.heard = append(e.heard, n)
	if e.during != nil {
		e.during(n)
	}
	return nil
}

func (e *ear) all() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	for _, n := range e.heard {
		out = append(out, strings.TrimSpace(n.Ref+" "+string(n.Result.State)+" "+n.Result.Failure))
	}
	slices.Sort(out)
	return out
}

// paper is a card as the vault would hand it over.
func paper(number string) *rail.Card { return printed(number, rightCVV, 1, 2039) }

func printed(number, cvv string, month, year int) *rail.Card {
	return rail.NewCard(month, year, "ADA OBI", func() (string, string) { return number, cvv })
}

const approvedCard = "4000000000011009"

func charge(ref, number string) rail.Instruction {
	return rail.Instruction{Ref: ref, Kind: rail.Charge, Amount: 100, Currency: "NGN", Card: paper(number), ReturnURL: "https://shop.example/3ds?x=1"}
}

func proof(ref, target string, p rail.Proof) rail.Instruction {
	return rail.Instruction{Ref: ref, Kind: rail.Authenticate, Target: target, Proof: &p}
}

func on(k rail.Kind, ref, target string, amount int64) rail.Instruction {
	return rail.Instruction{Ref: ref, Kind: k, Target: target, Amount: amount, Currency: "NGN"}
}

func TestTheBankIsARail(t *testing.T) {
	railtest.Run(t, func(t *testing.T) railtest.Fixture {
		w := newTown(t)
		of := func(number string) func() *rail.Card { return func() *rail.Card { return paper(number) } }
		return railtest.Fixture{Rail: w.Bank, Books: w.Bank, Listen: w.Listen,
			Approved: of(approvedCard), Declined: of("4000000000012015"), Challenged: of("4000000000011108"),
			Right: rail.Proof{OTP: rightOTP}, Wrong: rail.Proof{OTP: "000000"},
			Slow: of("4000000000020406"), Advance: func() { w.clock.Set(w.clock.Now().Add(time.Minute)) }}
	})
}

// kept names the places where the bank keeps s: its files, or its tables.
func (w *town) kept(s string) []string {
	w.Helper()
	if w.cfg.Database != "" {
		return w.inTables(s)
	}
	files, err := filepath.Glob(w.cfg.Path + "*")
	if err != nil || len(files) == 0 {
		w.Fatalf("no files at %s: %v", w.cfg.Path, err)
	}
	var out []string
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			w.Fatal(err)
		}
		if strings.Contains(string(raw), s) {
			out = append(out, filepath.Base(f))
		}
	}
	return out
}

func (w *town) inTables(s string) []string {
	w.Helper()
	var out []string
	for _, table := range strings.Fields("instructions entries balances counters timers notices rails nodes turns") {
		var n int
		q := "SELECT COUNT(*) FROM " + table + " AS line WHERE position($1 IN line::text) > 0"
		if err := w.db.read.QueryRowContext(w.Context(), q, s).Scan(&n); err != nil {
			w.Fatal(err)
		}
		if n > 0 {
			out = append(out, table)
		}
	}
	return out
}
