// Package node wires one environment together: store, rails, engine, API. Test
// and live are two wirings of the same parts; what only the sandbox has is added
// here and asked for nowhere else.
package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/api"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/ratelimit"
	"github.com/juicer-pay/juicer/internal/ratelimit/redis"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/sandbox"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/store/postgres"
	"github.com/juicer-pay/juicer/internal/store/sqlite"
	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

const (
	// openingBalance is what each wallet of a fresh test environment holds.
	openingBalance = 1_000_000_000
	heldCardsMax   = 100_000
	gaugeTime      = time.Second
)

// Config is one environment.
type Config struct {
	Env       access.Env
	Data      string // directory of the databases
	Database  string // URL of a PostgreSQL database to use instead of files in Data; ""
	Secret    vault.Secret
	PublicURL string
	Support   string
	OpenAPI   []byte
	Log       *slog.Logger
	Metrics   prometheus.Registerer
	Settings  engine.Settings
	Limits    *ratelimit.Table // nil: as documented
	Redis     redis.Server     // shares the rate limits with other processes; zero: they are of this one

	Crash func(point string) // the lab's crash points; nil
	Flaws engine.Flaws       // planted faults; empty
	Twice func(ref string) bool
}

// Node is one environment at work.
type Node struct {
	Config
	Engine *engine.Engine
	API    *api.Server
	Bank   *scripted.Bank // test only

	store *store.Store
	lines *requestlog.Writer
	ends  []func() error
	stop  context.CancelFunc
}

// Open opens the stores of an environment and wires it. Nothing runs by itself
// before Start; command-line tools need no more than this.
func Open(ctx context.Context, c Config) (n *Node, err error) {
	n = &Node{Config: c}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.closeAll())
		}
	}()
	driver, err := Driver(ctx, c.Env, c.Data, c.Database)
	if err != nil {
		return n, err
	}
	n.store = store.New(driver)
	n.ends = append(n.ends, n.store.Close)
	clock, testClock, err := n.clock(ctx)
	if err != nil {
		return n, err
	}
	activity := &world.Activity{}
	rails, err := n.rails(ctx, testClock, activity)
	if err != nil {
		return n, err
	}
	ring, err := n.keyring(ctx, clock)
	if err != nil {
		return n, err
	}
	n.Engine = engine.New(engine.Config{
		Store: n.store, Clock: clock, IDs: id.Maker{Now: clock.Now, Entropy: world.Entropy}, Site: n.site(), Rails: rails, Payouts: n.payouts(),
		Keyring: ring, Hold: vault.NewHold(heldCardsMax, world.RealNow), Activity: activity, Log: c.Log.With("env", string(c.Env)),
		Env: c.Env, KeyHasher: c.Secret.Subkey(vault.ForAPIKeys), Secret: c.Secret, Chance: world.Chance, Hooks: webhook.NewMetrics(c.Metrics, string(c.Env)), Owner: owner(), Crash: c.Crash, Flaws: c.Flaws, Changed: n.changed,
		Rates: n.rates(),
	})
	if n.Bank != nil {
		n.Engine.Accounts = n.Bank
		n.Engine.Directory = n.Bank
	}
	n.Engine.Preset(c.Settings)
	n.wireAPI(ring, testClock, activity)
	return n, nil
}

// Driver opens the store of an environment: a file in data, or a schema of the
// database if one is named.
func Driver(ctx context.Context, env access.Env, data, database string) (store.Driver, error) {
	r := storeOf(env)
	if database != "" {
		return postgres.Open(ctx, database, r.Schema)
	}
	return sqlite.Open(ctx, filepath.Join(data, r.File))
}

// Exists raises what is wrong if there is no such environment yet. It makes nothing.
func Exists(ctx context.Context, env access.Env, data, database string) error {
	r := storeOf(env)
	if database == "" {
		if _, err := os.Stat(filepath.Join(data, r.File)); err != nil {
			return fmt.Errorf("there is no %s environment in %s (no %s): is --data right?", env, data, r.File)
		}
		return nil
	}
	there, err := postgres.Exists(ctx, database, r.Schema)
	if err == nil && !there {
		err = fmt.Errorf("there is no %s environment in this database (no schema %s): is --database right?", env, r.Schema)
	}
	return err
}

// changed follows what another node has changed in the store.
func (n *Node) changed(ctx context.Context) {
	keys, err := n.encryptionKeys(ctx)
	if err == nil {
		err = n.Engine.Keyring.Replace(keys)
	}
	if err != nil {
		n.Log.Error("card encryption keys not read again", "error", err)
	}
	n.API.Changed()
}

// owner names this process: no two processes ever have the same name.
func owner() string {
	return fmt.Sprintf("%d-%s", os.Getpid(), id.Maker{Now: world.RealNow, Entropy: world.Entropy}.New())
}

func (n *Node) clock(ctx context.Context) (world.Clock, *world.TestClock, error) {
	if n.Env == access.Live {
		return world.Real{}, nil, nil
	}
	kept, err := engine.KeptClock(ctx, n.store)
	if err != nil {
		return nil, nil, fmt.Errorf("read the test clock: %w", err)
	}
	clock := &world.TestClock{}
	clock.Restore(kept)
	return clock, clock, nil
}

// rails gives the rails by name: in test the simulated bank, in live
// none, until a provider is configured.
func (n *Node) rails(ctx context.Context, clock *world.TestClock, activity *world.Activity) (map[string]rail.Rail, error) {
	if n.Env == access.Live {
		return map[string]rail.Rail{}, nil
	}
	bank, err := scripted.Open(ctx, scripted.Config{
		Path: filepath.Join(n.Data, bankRecord().File), Database: n.Database, Clock: clock, Activity: activity, Entropy: world.Entropy,
		IDs: id.Maker{Now: clock.Now, Entropy: world.Entropy}, PublicURL: n.PublicURL, Log: n.Log.With("part", "bank"), ExecuteTwice: n.Twice,
	})
	if err != nil {
		return nil, fmt.Errorf("open the simulated bank: %w", err)
	}
	n.Bank = bank
	n.ends = append(n.ends, bank.Close)
	return n.lanes(), nil
}

// lanes gives the simulated bank's rails by name.
func (n *Node) lanes() map[string]rail.Rail {
	out := map[string]rail.Rail{}
	for _, name := range scripted.RailNames() {
		out[name] = n.Bank.Lane(name)
	}
	return out
}

// payouts gives the rails of payouts by name: in test those of the simulated bank, in
// live none, until a provider is configured.
func (n *Node) payouts() map[string]rail.Rail {
	lines := map[string]rail.Rail{}
	for _, name := range payment.PayoutRailNames() {
		if n.Bank != nil {
			lines[name] = n.Bank.Lane(name)
		}
	}
	return lines
}

// rates gives the source of exchange rates: in test the sandbox's, in live none, until a
// feed is configured; then there are those that the operator sets.
func (n *Node) rates() func(string) exchange.Source {
	if n.Env == access.Live {
		return nil
	}
	return exchange.Sandbox
}

func (n *Node) site() wire.Site {
	return wire.Site{PublicURL: n.PublicURL, Mode: string(n.Env), PayPage: func(payment string) string {
		if n.Env == access.Live {
			return "" // no card page of ours in live (see docs/divergences.md)
		}
		return n.PublicURL + "/pay/" + id.Short(payment)
	}}
}

func (n *Node) wireAPI(ring *vault.Keyring, clock *world.TestClock, activity *world.Activity) {
	limits := ratelimit.Test()
	if n.Env == access.Live {
		limits = ratelimit.Live()
	}
	if n.Limits != nil {
		limits = *n.Limits
	}
	n.lines = requestlog.NewWriter(n.store, n.Log)
	c := api.Config{
		Engine: n.Engine, Gate: access.Gate{Env: n.Env, HashKey: n.Secret.Subkey(vault.ForAPIKeys), Lookup: n.Engine.KeyBy},
		Keyring: ring, Limiter: n.limiter(limits), Slots: ratelimit.NewSlots(limits), Limits: limits,
		Log: n.Log.With("env", string(n.Env)), Lines: n.lines, Metrics: api.NewMetrics(n.Metrics, string(n.Env)),
		IDs: id.Maker{Now: world.RealNow, Entropy: world.Entropy}, Site: n.site(), Support: n.Support, OpenAPI: n.OpenAPI,
	}
	if clock != nil {
		driver := &world.Driver{Clock: clock, Activity: activity, Sources: []world.Source{n.Engine, n.Bank}, Shared: n.Engine.ShareClock}
		c.Sandbox = &api.Sandbox{Bank: n.Bank, Clock: clock, Driver: driver, Faults: sandbox.NewMatcher(), Opening: openingBalance}
	}
	n.API = api.New(c)
	n.gauges()
}

// limiter shares the limits, if there is a Redis to share them through.
func (n *Node) limiter(limits ratelimit.Table) ratelimit.Limiter {
	if !n.Redis.Given() {
		return ratelimit.NewLocal(limits)
	}
	l := redis.Open(redis.Config{Server: n.Redis, Env: string(n.Env), Table: limits, Log: n.Log.With("env", string(n.Env)), Metrics: n.Metrics})
	n.ends = append(n.ends, l.Close)
	return l
}

// gauges shows what operators watch: money whose outcome is open, and work that
// is due. A store that does not answer shows as -1.
func (n *Node) gauges() {
	for name, g := range map[string]struct {
		help string
		read func(context.Context) (int64, error)
	}{
		"juicer_instructions_open": {"Instructions given to a rail without a recorded outcome.", n.Engine.OpenInstructions},
		"juicer_jobs_due":          {"Due moments of payments, refunds, payouts, bulk transfers, deposits and wallets that nobody has attended to yet.", n.Engine.DueJobs},
		"juicer_bulk_items_open":   {"Items of executing bulk transfers whose payout has no outcome yet.", n.Engine.OpenBulkItems},
		"juicer_webhooks_due":      {"Deliveries to active endpoints that are due.", n.Engine.DueDeliveries},
	} {
		n.Metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: g.help,
			ConstLabels: prometheus.Labels{"env": string(n.Env)}}, func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), gaugeTime)
			defer cancel()
			value, err := g.read(ctx)
			if err != nil {
				return -1
			}
			return float64(value)
		}))
	}
}

// Start makes the default business if there is none and runs the background work.
func (n *Node) Start(ctx context.Context) error {
	if _, err := n.Business(ctx); err != nil {
		return err
	}
	if n.Bank != nil {
		n.Bank.Listen(n.Engine)
		life, stop := context.WithCancel(context.Background())
		n.stop = stop
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if err := n.Bank.Run(life); err != nil && life.Err() == nil {
				n.Log.Error("the simulated bank stopped", "error", err)
			}
		}()
		n.ends = append(n.ends, func() error { <-ended; return nil })
	}
	return n.Engine.Start(ctx)
}

// Business gives the environment's first business and makes it if there is none.
func (n *Node) Business(ctx context.Context) (store.Business, error) {
	return n.Engine.Business(ctx, n.Opening())
}

// Opening is what a fresh wallet holds: play money in test, nothing in live.
func (n *Node) Opening() int64 {
	if n.Env == access.Test {
		return openingBalance
	}
	return 0
}

// Books is the rail's statement for the audit; nil where there is none.
func (n *Node) Books() rail.Books {
	if n.Bank == nil {
		return nil
	}
	return n.Bank
}

// Close ends the background work and closes the stores.
func (n *Node) Close() error {
	if n.Engine != nil {
		n.Engine.Close()
	}
	if n.stop != nil {
		n.stop()
	}
	return n.closeAll()
}

func (n *Node) closeAll() error {
	if n.lines != nil {
		n.lines.Close()
	}
	var errs []error
	for i := len(n.ends) - 1; i >= 0; i-- {
		errs = append(errs, n.ends[i]())
	}
	return errors.Join(errs...)
}

var _ io.Closer = (*Node)(nil)
