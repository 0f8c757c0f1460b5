package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/sandbox"
	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

// cluster is two nodes on one PostgreSQL database. The first one can be held at a
// crash point, as a process that is stopped there.
type cluster struct {
	t        *testing.T
	database string
	a, b     *till
	hold     hold
}

// hold stops the piece of work that comes to a point until it is let go.
type hold struct {
	mu   sync.Mutex
	at   string
	came chan struct{}
	free chan struct{}
}

func (h *hold) arm(point string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at, h.came, h.free = point, make(chan struct{}), make(chan struct{})
}

func (h *hold) come(point string) {
	h.mu.Lock()
	if h.at != point {
		h.mu.Unlock()
		return
	}
	h.at = ""
	came, free := h.came, h.free
	h.mu.Unlock()
	close(came)
	<-free
}

// release lets go what was stopped, or will come; once or more.
func (h *hold) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = ""
	if h.free != nil {
		close(h.free)
		h.free = nil
	}
}

func newCluster(t *testing.T, flaws engine.Flaws) *cluster {
	t.Helper()
	c := &cluster{t: t, database: servertest.Postgres(t)}
	dir := t.TempDir()
	c.a = c.node(dir, nodetest.Crashing(c.hold.come), nodetest.Flawed(flaws))
	c.b = c.node(dir)
	t.Cleanup(c.hold.release) // else a test that fails would wait for ever for its nodes to end
	c.until("the nodes know each other", func() bool { all := c.nodes(); return all[0].SeenAt.After(all[1].StartedAt) })
	nodetest.Must(t, c.a.Engine.SaveClock(t.Context(), frozen(c.a.clock)))
	return c
}

func frozen(clock *world.TestClock) world.ClockState {
	clock.Freeze()
	return clock.State()
}

func (c *cluster) node(dir string, options ...nodetest.Option) *till {
	c.t.Helper()
	env := nodetest.StartIn(c.t, dir, append([]nodetest.Option{nodetest.On(c.database)}, options...)...)
	clock, _ := env.Engine.Clock.(*world.TestClock)
	b, err := env.Business(c.t.Context())
	nodetest.Must(c.t, err)
	return &till{Env: env, clock: clock, business: b.ID, driver: &world.Driver{Clock: clock, Activity: env.Engine.Activity,
		Sources: []world.Source{env.Engine, env.Bank}, Shared: env.Engine.ShareClock}}
}

// silence makes the first node look as if it had given no sign of life for an hour.
func (c *cluster) silence() {
	c.t.Helper()
	conn, err := pgx.Connect(c.t.Context(), c.database)
	nodetest.Must(c.t, err)
	defer conn.Close(c.t.Context())
	_, err = conn.Exec(c.t.Context(), "UPDATE juicer_test.nodes SET seen_at = 1 WHERE id = $1", c.a.Engine.Owner)
	nodetest.Must(c.t, err)
}

// until waits for something that nodes bring about by themselves.
func (c *cluster) until(what string, happened func() bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	for !happened() {
		if world.Sleep(ctx, 5*time.Millisecond) != nil {
			c.t.Fatalf("in vain waited until %s\nfirst node:\n%s\nsecond node:\n%s", what, c.a.Log, c.b.Log)
		}
	}
}

func (c *cluster) nodes() []store.Node { return view(c.t, c.b, store.View.Nodes) }

func TestNodesShareOneStore(t *testing.T) {
	t.Parallel()
	c := newCluster(t, engine.Flaws{})
	t.Run("and make its first business and card key once", func(t *testing.T) {
		if c.a.business != c.b.business || c.a.Engine.EncryptionKey() != c.b.Engine.EncryptionKey() {
			t.Errorf("businesses %s and %s, want one; the same card key: %v", c.a.business, c.b.business,
				c.a.Engine.EncryptionKey() == c.b.Engine.EncryptionKey())
		}
	})
	t.Run("the clock of one is the clock of the other before the call that moves it returns", func(t *testing.T) {
		c.a.advance(t, time.Hour)
		if a, b := c.a.clock.Now(), c.b.clock.Now(); !a.Equal(b) {
			t.Errorf("one node's clock stands at %v, the other's at %v", a, b)
		}
	})
	t.Run("so are the settings, and after a reset the defaults", func(t *testing.T) {
		s := c.a.Engine.Settings()
		s.SettlementDelayS = 17
		nodetest.Must(t, c.a.Engine.SaveSettings(t.Context(), s))
		if got := c.b.Engine.Settings().SettlementDelayS; got != 17 {
			t.Errorf("the other node settles after %d s, want 17", got)
		}
		nodetest.Must(t, c.b.Engine.Reset(t.Context(), "", map[string]bool{"keys": true}, 1000))
		if got := c.a.Engine.Settings().SettlementDelayS; got != engine.DefaultSettings().SettlementDelayS {
			t.Errorf("after a reset by the other node the first settles after %d s, want the default", got)
		}
	})
	t.Run("so are the rules for requests, which are counted together", func(t *testing.T) {
		rule, err := sandbox.NewRequestRule(sandbox.RequestMatch{}, "status=503;times=2")
		nodetest.Must(t, err)
		_, err = c.a.Engine.AddRequestFaults(t.Context(), c.a.business, []*sandbox.RequestRule{rule})
		nodetest.Must(t, err)
		var struck []int
		for _, node := range []*till{c.b, c.a, c.b, c.a} {
			met, err := node.Engine.MeetFaults(t.Context(), c.a.business, "req_1", sandbox.Seen{}, nil)
			nodetest.Must(t, err)
			struck = append(struck, len(met))
		}
		if !slices.Equal(struck, []int{1, 1, 0, 0}) {
			t.Errorf("the nodes struck %v, want the first two requests, wherever they go", struck)
		}
		nodetest.Must(t, c.b.Engine.DropRequestFaults(t.Context(), c.a.business))
	})
	t.Run("a new card key is taken up by both", func(t *testing.T) {
		nodetest.Must(t, c.a.RotateEncryptionKey(t.Context()))
		c.until("the other node has the new card key", func() bool { return c.a.Engine.EncryptionKey() == c.b.Engine.EncryptionKey() })
	})
	t.Run("a payment made on one is captured on the other, refunded on the first, and clean", func(t *testing.T) {
		id := c.a.sold(t, "ord_1", money.Of(1000, money.NGN))
		_, err := c.b.send(c.b.capture(id, "4000000000011009", 0, "capture"))
		nodetest.Must(t, err)
		c.until("it is captured", func() bool { return c.b.payment(t, id).State == payment.Captured }) // the caller is less patient than a loaded machine
		_, err = c.a.send(c.a.refund(id, 400, "refund"))
		nodetest.Must(t, err)
		c.a.settled(t) // whose work the refund is
		c.b.settled(t)
		if p := c.b.payment(t, id); p.State != payment.Captured || p.AmountRefunded != 400 {
			t.Errorf("the payment is %s with %d given back, want captured with 400", p.State, p.AmountRefunded)
		}
		c.b.clean(t)
	})
	t.Run("a long poll on one is answered by a commit on the other", func(t *testing.T) {
		id := c.a.sold(t, "ord_2", money.Of(1000, money.NGN))
		looks, seen := make(chan struct{}, 100), make(chan error, 1)
		go func() {
			seen <- c.b.Engine.WaitFor(context.Background(), world.RealNow().Add(time.Hour), func() (bool, error) {
				p, err := c.b.Engine.FindPayment(context.Background(), c.b.business, id)
				looks <- struct{}{}
				return err == nil && p.State == payment.Captured, err
			})
		}()
		<-looks
		_, err := c.a.send(c.a.capture(id, "4000000000011009", 0, "capture 2"))
		nodetest.Must(t, err)
		nodetest.Must(t, <-seen)
	})
	t.Run("one that ends in order is forgotten at once", func(t *testing.T) {
		third := c.node(c.a.Data)
		if n := len(c.nodes()); n != 3 {
			t.Fatalf("%d nodes, want 3", n)
		}
		third.Engine.Close()
		if n := len(c.nodes()); n != 2 {
			t.Errorf("%d nodes after one has ended, want 2", n)
		}
	})
}

func TestAKeyWhoseRequestRunsOnAnotherNodeIsInUse(t *testing.T) {
	t.Parallel()
	c := newCluster(t, engine.Flaws{})
	c.a.waits = time.Minute // else its reply, "processing", would be stored under the key soon
	id := c.a.sold(t, "ord_1", money.Of(1000, money.NGN))
	c.hold.arm("before act")
	done := make(chan error, 1)
	go func() {
		_, err := c.a.send(c.a.capture(id, "4000000000011009", 0, "k"))
		done <- err
	}()
	<-c.hold.came
	_, err := c.b.send(c.b.capture(id, "4000000000011009", 0, "k"))
	if !problem.IdempotencyKeyInUse.Is(err) {
		t.Errorf("on the other node: %v, want %s", err, problem.IdempotencyKeyInUse.Code)
	}
	c.hold.release()
	nodetest.Must(t, <-done)
	c.until("it is captured", func() bool { return c.b.payment(t, id).State == payment.Captured })
	c.b.clean(t)
}

// doubting begins a refund on the first node, which stops just before it tells the
// bank, and lets so much time pass that the second node, if it takes the first one for
// dead, sends the refund itself.
func (c *cluster) doubting(dead bool) (resume func() error) {
	c.t.Helper()
	t := c.t
	forgetful := "forgetful"
	_, err := c.a.Bank.SetRail(t.Context(), "card", scripted.Patch{Personality: &forgetful})
	nodetest.Must(t, err)
	id := c.paidUnderForget()
	c.hold.arm("before act")
	done := make(chan error, 1)
	go func() {
		_, err := c.a.send(c.a.refund(id, 400, "refund"))
		done <- err
	}()
	<-c.hold.came
	if dead {
		c.silence()
		c.until("the first node is buried", func() bool { return !strings.Contains(fmt.Sprint(c.nodes()), c.a.Engine.Owner+" ") })
	}
	c.b.advance(t, 10*time.Minute)
	if dead { // the first node may have begun anew at once, and keep the work in its new life for a while
		c.until("the second node has sent it", func() bool {
			c.b.advance(t, time.Minute)
			return c.b.refunds(t)[0].State == payment.RefundSucceeded
		})
	}
	return func() error {
		c.hold.release()
		err := <-done
		c.a.settled(t)
		return err
	}
}

// paidUnderForget pays until the forgetful bank has not lost the reply.
func (c *cluster) paidUnderForget() string {
	c.t.Helper()
	for n := range 20 {
		id := c.a.sold(c.t, fmt.Sprint("ord_", n), money.Of(1000, money.NGN))
		_, err := c.a.send(c.a.capture(id, "4000000000011009", 0, fmt.Sprint("capture ", n)))
		nodetest.Must(c.t, err)
		c.a.advance(c.t, 10*time.Minute)
		if c.a.payment(c.t, id).State == payment.Captured {
			return id
		}
	}
	c.t.Fatal("no payment of twenty went through")
	return ""
}

func TestANodeThatComesBackLateSendsNothing(t *testing.T) {
	t.Parallel()
	t.Run("when others have sent it meanwhile", func(t *testing.T) {
		c := newCluster(t, engine.Flaws{})
		resume := c.doubting(true)
		nodetest.Must(t, resume()) // its caller was told "processing" long ago
		c.until("the late node has noticed", func() bool { return strings.Contains(c.a.Log.String(), "not sent") })
		c.b.clean(t)
	})
	t.Run("and without that fence the audit turns red", func(t *testing.T) {
		c := newCluster(t, engine.Flaws{SendFenced: true})
		resume := c.doubting(true)
		_ = resume()
		c.until("the bank has executed it again", func() bool {
			return c.b.audit(t).Totals["doubled"] > 0
		})
	})
	t.Run("but while it lives, slow as it is, nobody else sends its instruction", func(t *testing.T) {
		c := newCluster(t, engine.Flaws{})
		resume := c.doubting(false)
		if r := c.b.refunds(t)[0]; r.State == payment.RefundSucceeded {
			t.Fatal("the second node has sent what the first one was about to send")
		}
		nodetest.Must(t, resume())
		c.b.advance(t, 10*time.Minute)
		c.b.clean(t)
	})
}
