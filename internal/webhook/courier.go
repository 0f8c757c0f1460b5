package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

const (
	// perEndpoint is how many deliveries run at once for one endpoint, on all nodes together.
	perEndpoint = 8
	// atOnceMax is how many run at once in this process.
	atOnceMax = 512
	// leaseFor is how long a delivery is held, in real time: longer than any attempt takes.
	leaseFor    = 2 * time.Minute
	pollEvery   = 500 * time.Millisecond // the floor: how late a delivery may be noticed without a wake-up
	troubleWait = 2 * time.Second        // rest after the store has failed
)

// Config is what a courier is made of; every field must be set unless it says otherwise.
type Config struct {
	Store    *store.Store
	Clock    world.Clock
	IDs      id.Maker
	Activity *world.Activity
	Log      *slog.Logger
	Metrics  *Metrics

	Node   func() string                                   // names this process in leases
	Holds  func(node string) bool                          // whether leases taken under that name are still its own
	Open   func(e *store.Endpoint) ([]string, error)       // the secrets of an endpoint at present, newest first
	Rules  func() Rules                                    // how attempts may be made at present
	Chance func() float64                                  // 0..1, varies the schedule
	Paused func(e *store.Endpoint, held int64) store.Event // drafts endpoint.paused
	Faults bool                                            // look for rules of the sandbox
	Told   func()                                          // after something was committed
	Crash  func(point string)                              // the lab's crash points
}

// Courier sends what is due. Several of them may work on one store: each delivery is
// leased, and what a dead one held is given back.
type Courier struct {
	Config
	sender *Sender
	wake   world.Pulse
	work   sync.WaitGroup

	mu     sync.Mutex
	flying map[string]int // by endpoint
	total  int
	shops  map[string]string // secret ids of businesses, which never change
}

// NewCourier makes one; Run makes it work.
func NewCourier(c Config) *Courier {
	return &Courier{Config: c, sender: NewSender(), flying: map[string]int{}, shops: map[string]string{}}
}

// Wake makes it look for work.
func (c *Courier) Wake() { c.wake.Beat() }

// Run sends what falls due until ctx ends, then waits for what is on its way.
func (c *Courier) Run(ctx context.Context) {
	defer c.sender.Close()
	defer c.work.Wait()
	for ctx.Err() == nil {
		woken, moves := c.wake.C(), c.Clock.Moves()
		n, err := c.round(ctx)
		if err != nil && ctx.Err() == nil {
			c.Log.Error("webhooks not taken", "error", err)
			_ = world.Sleep(ctx, troubleWait)
		}
		if n > 0 && err == nil {
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

// load is what a round takes of one endpoint.
type load struct {
	to   *store.Endpoint
	take []*store.Delivery
}

// round leases what is due, as far as there is room, and starts it in order.
func (c *Courier) round(ctx context.Context) (int, error) {
	loads, err := c.look(ctx)
	if err != nil || len(loads) == 0 {
		return 0, err
	}
	c.Activity.Enter() // a look alone is no activity: see engine.doDue
	defer c.Activity.Leave()
	node := c.Node()
	if err = c.lease(ctx, node, loads); store.Lost(err) {
		loads, err = c.leaseEach(ctx, node, loads) // one of them was lost: the others need not wait for it
	}
	if err != nil {
		return 0, fmt.Errorf("lease deliveries: %w", err)
	}
	n := 0
	for _, l := range loads {
		for _, d := range l.take {
			c.start(ctx, node, l.to, d)
			n++
		}
	}
	return n, nil
}

func (c *Courier) look(ctx context.Context) (loads []load, err error) {
	now, real := c.Clock.Now(), world.RealNow()
	err = c.Store.Read(ctx, func(v store.View) error {
		busy, err := v.EndpointsWithWork(now, real)
		for _, to := range busy {
			room := c.room(to.ID)
			if err != nil || room <= 0 {
				continue
			}
			var leased int64
			if leased, err = v.CountLeased(to.ID, real); err != nil {
				continue
			}
			if room = min(room, perEndpoint-int(leased)); room <= 0 {
				continue
			}
			var due []*store.Delivery
			if due, err = v.DueDeliveries(to.ID, now, real, room); len(due) > 0 {
				loads = append(loads, load{to, due})
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for deliveries: %w", err)
	}
	return loads, nil
}

// room is how many more deliveries to an endpoint this process may start.
func (c *Courier) room(endpoint string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return min(perEndpoint-c.flying[endpoint], atOnceMax-c.total)
}

// lease takes all or nothing. Nodes take turns at an endpoint, so that together they
// never run more than they may.
func (c *Courier) lease(ctx context.Context, node string, loads []load) error {
	return c.Store.Write(ctx, func(tx store.Tx) error {
		until := world.RealNow().Add(leaseFor)
		for _, l := range loads {
			if err := tx.TakeTurn(l.to); err != nil {
				return err
			}
		}
		for _, l := range loads {
			for _, d := range l.take {
				if err := tx.LeaseDelivery(d, node, until); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (c *Courier) leaseEach(ctx context.Context, node string, loads []load) (got []load, err error) {
	for _, l := range loads {
		switch err := c.lease(ctx, node, []load{l}); {
		case err == nil:
			got = append(got, l)
		case !store.Lost(err):
			return got, err
		}
	}
	return got, nil
}

// start runs one leased delivery.
func (c *Courier) start(ctx context.Context, node string, to *store.Endpoint, d *store.Delivery) {
	d.Fence++ // by the lease
	c.count(to.ID, 1)
	c.Activity.Enter()
	c.work.Go(func() {
		defer func() {
			c.count(to.ID, -1)
			c.Activity.Leave()
			c.wake.Beat()
		}()
		err := c.deliver(ctx, node, to, d)
		if err != nil && !store.Lost(err) && ctx.Err() == nil {
			c.Log.Error("delivery not recorded", "delivery", d.ID, "endpoint", to.ID, "error", err)
		}
	})
}

func (c *Courier) count(endpoint string, by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total += by
	if c.flying[endpoint] += by; c.flying[endpoint] == 0 {
		delete(c.flying, endpoint)
	}
}
