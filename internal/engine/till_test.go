package engine_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/idempotency"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// reporter is what *testing.T and *rapid.T have in common.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// till is a whole environment whose clock stands still, used through the
// commands of the engine: what the API does, without HTTP.
type till struct {
	*nodetest.Env
	clock    *world.TestClock
	driver   *world.Driver
	business string
	requests atomic.Int64
	waits    time.Duration // how long a command waits for the rail; 0: patience
	death    death
}

// death is a process that dies at a crash point: the piece of work that comes to
// it ends there, and cards that were held in memory are gone.
type death struct {
	mu   sync.Mutex
	at   string // "" for nowhere
	skip int    // how often the point is passed before
	died int    // how often it happened
}

// died is what ends a piece of work.
type died struct{ point string }

func (d *death) arm(point string, skip int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at, d.skip = point, skip
}

func (d *death) come(point string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.at != point {
		return
	}
	if d.skip--; d.skip < 0 {
		d.at = ""
		d.died++
		panic(died{point})
	}
}

// count is how often it happened so far.
func (d *death) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.died
}

const (
	// patience is how long a command waits for the rail in real time; slower cards
	// answer "processing".
	patience = 30 * time.Millisecond
	// quiet is how long everything that falls due may take in real time.
	quiet = 4 * time.Minute // a loaded machine moves the clock by days in steps of minutes
)

func newTill(t testing.TB, options ...nodetest.Option) *till {
	t.Helper()
	x := &till{}
	env := nodetest.Start(t, append([]nodetest.Option{nodetest.Crashing(x.death.come)}, options...)...)
	clock, ok := env.Engine.Clock.(*world.TestClock)
	if !ok {
		t.Fatal("the test environment has no test clock")
	}
	b, err := env.Business(t.Context())
	nodetest.Must(t, err)
	clock.Freeze()
	x.Env, x.clock, x.business = env, clock, b.ID
	x.driver = &world.Driver{Clock: clock, Activity: env.Engine.Activity, Sources: []world.Source{env.Engine, env.Bank}}
	return x
}

// command is one request: sent again with the same key, it is the same request.
type command struct {
	name string
	key  string
	run  func(context.Context, *engine.Call) (engine.Reply, error)
}

// errDied is what a caller sees whose request died.
var errDied = errors.New("the connection broke")

// send runs a command as the API does, under its key.
func (x *till) send(c command) (out engine.Reply, err error) {
	err = dying(func() (err error) {
		out, err = x.handle(c)
		return err
	})
	return out, err
}

// dying turns a death in the caller's own work into what the caller sees.
func dying(work func() error) (err error) {
	defer func() {
		p := recover()
		if _, dead := p.(died); dead {
			err = errDied
		} else if p != nil {
			panic(p)
		}
	}()
	return work()
}

func (x *till) handle(c command) (out engine.Reply, err error) {
	ctx := context.Background()
	call := &engine.Call{RequestID: fmt.Sprint("req_", x.requests.Add(1)), Business: x.business,
		Deadline: world.RealNow().Add(cmp.Or(x.waits, patience)), Trace: requestlog.NewTrace()}
	found, err := x.Engine.ClaimKey(ctx, call, engine.Keyed{Key: c.key, Request: idempotency.Request{Method: "POST", Path: c.name, Fields: "{}"}})
	if err != nil {
		return engine.Reply{}, err
	}
	defer found.Release()
	if found.Replay != nil {
		return *found.Replay, nil
	}
	out, err = c.run(ctx, call)
	if p, ok := problem.Of(err); ok {
		if kept := x.Engine.KeepRefusal(ctx, call, p, []byte(`{"error":{"code":"x","request_id":"x"}}`)); kept != nil {
			return out, kept
		}
	}
	return out, err
}

func (x *till) create(reference string, amount money.Amount) command {
	return command{"/payment-sessions " + reference, "create " + reference, func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return x.Engine.CreateSession(ctx, c, engine.Create{Amount: amount, Method: payment.MethodCard, Reference: reference, Description: "Term fee",
			Customer: wire.Customer{Email: "ada@example.com"}, Order: []byte(`{}`)})
	}}
}

// sold makes a session and gives its id.
func (x *till) sold(t reporter, reference string, amount money.Amount) string {
	t.Helper()
	out, err := x.send(x.create(reference, amount))
	if err != nil {
		t.Fatalf("create %s: %v", reference, err)
	}
	return objectOf(out.Body)
}

// capture takes part of a session's money, or all of it for 0.
func (x *till) capture(id, number string, part int64, key string) command {
	iv := make([]byte, 16)
	sealed := func(plain string) vault.SealedText {
		text, err := vault.Seal(plain, x.Engine.EncryptionKey(), iv)
		if err != nil {
			panic(err) // a key of our own always seals
		}
		return vault.Sealed(text)
	}
	card := &vault.SealedCard{Number: sealed(number), CVV: sealed("100"), ExpiryMonth: 1, ExpiryYear: 2039}
	return command{"/capture " + id + number, key, func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return x.Engine.Capture(ctx, c, id, engine.Capture{Card: card, Amount: part})
	}}
}

func (x *till) authorize(id, kind string, proof rail.Proof, key string) command {
	return command{"/authorize " + id + kind, key, func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return x.Engine.Authorize(ctx, c, id, kind, proof)
	}}
}

func (x *till) cancel(id, key string) command {
	return command{"/cancel " + id, key, func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return x.Engine.Cancel(ctx, c, id, "")
	}}
}

func (x *till) refund(id string, amount int64, key string) command {
	return command{fmt.Sprint("/refunds ", id, amount), key, func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return x.Engine.RefundPayment(ctx, c, id, engine.Refund{Amount: amount})
	}}
}

// settled waits until nothing is due and nothing runs.
func (x *till) settled(t reporter) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), quiet)
	defer cancel()
	if idle, err := x.driver.Wait(ctx); err != nil || !idle {
		t.Fatalf("wait until all is done: idle %v, %v", idle, err)
	}
}

// advance moves the clock with everything that falls due on the way.
func (x *till) advance(t reporter, by time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), quiet)
	defer cancel()
	if idle, err := x.driver.Advance(ctx, x.clock.Now().Add(by)); err != nil || !idle {
		t.Fatalf("advance by %v: idle %v, %v", by, idle, err)
	}
}

func (x *till) audit(t reporter, expected ...engine.Expected) wire.Audit {
	t.Helper()
	report, err := x.Engine.Audit(context.Background(), engine.AuditRequest{Business: x.business, Books: x.Books(), Expected: expected})
	if err != nil {
		t.Fatalf("audit: %v", err)
	}
	return report
}

// faultless fails the test if the audit finds anything but exceptions that were
// handled; something may still be in flight.
func (x *till) faultless(t reporter) wire.Audit {
	t.Helper()
	report := x.audit(t)
	for _, f := range report.Findings {
		if f.Kind != wire.Exception {
			t.Errorf("the audit found %s: %s", f.Kind, f.Detail)
		}
	}
	return report
}

// clean fails the test unless the books are in order and nothing is in flight.
func (x *till) clean(t reporter) {
	t.Helper()
	if report := x.faultless(t); !report.Clean {
		t.Errorf("the audit is not clean: %d in flight, %v\n%s", report.InFlight, report.Findings, x.open(t))
	}
}

// open lists the instructions without an outcome.
func (x *till) open(t reporter) string {
	t.Helper()
	var out strings.Builder
	for _, i := range view(t, x, func(v store.View) ([]*store.Instruction, error) { return v.InstructionsAfter("", 1000) }) {
		if i.ClosedAt == nil {
			fmt.Fprintf(&out, "open: %s %s of %s, sent %d times, asked %d times, last answer %q\n", i.Kind, i.Ref, i.Target, i.Sends, i.Asks, i.Answer)
			p := x.payment(t, i.ObjectID)
			fmt.Fprintf(&out, "its payment: %s, course %+v\n", p.State, p.Course)
		}
	}
	return out.String()
}

// view reads from the store.
func view[T any](t reporter, x *till, read func(v store.View) (T, error)) T {
	t.Helper()
	var out T
	err := x.Engine.Store.Snapshot(context.Background(), func(v store.View) (err error) {
		out, err = read(v)
		return err
	})
	if err != nil {
		t.Fatalf("read the store: %v", err)
	}
	return out
}

func (x *till) payment(t reporter, id string) *payment.Payment {
	t.Helper()
	return view(t, x, func(v store.View) (*payment.Payment, error) { return v.Payment(id) })
}

func (x *till) payments(t reporter) []*payment.Payment {
	t.Helper()
	return view(t, x, func(v store.View) ([]*payment.Payment, error) { return v.PaymentsAfter("", 1000) })
}

func (x *till) refunds(t reporter) []*payment.Refund {
	t.Helper()
	return view(t, x, func(v store.View) ([]*payment.Refund, error) { return v.RefundsAfter("", 1000) })
}

// events names what was told about an object, in order.
func (x *till) events(t reporter, object string) (names []string) {
	t.Helper()
	for _, e := range view(t, x, func(v store.View) ([]store.Event, error) { return v.EventsOf(object) }) {
		names = append(names, e.Event)
	}
	return names
}
