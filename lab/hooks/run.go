package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/internal/world"
)

// plan is what a run is to do.
type plan struct {
	Deliveries, Receivers, TimeoutMS int
	Seed                             uint64
	Database                         string
}

const (
	writeBatch = 500
	stepsLong  = 50 * time.Hour // of the test clock: the whole schedule
	secretText = "a server secret for this run alone, 32 bytes"
)

// steps are how far the test clock is moved at a time: finely at first, when most is due.
func step(passed time.Duration) time.Duration {
	switch {
	case passed < 10*time.Minute:
		return 2 * time.Second
	case passed < 2*time.Hour:
		return time.Minute
	default:
		return 10 * time.Minute
	}
}

func (p plan) run(ctx context.Context, progress io.Writer) (r report, err error) {
	dir, err := os.MkdirTemp("", "juicer-hooks")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	secret, err := vault.NewSecret([]byte(secretText))
	if err != nil {
		return r, err
	}
	settings := engine.DefaultSettings()
	settings.HookTimeoutMS = int64(p.TimeoutMS)
	n, err := node.Open(ctx, node.Config{Env: access.Test, Data: dir, Database: p.Database, Secret: secret, PublicURL: "http://127.0.0.1",
		Log: slog.New(slog.NewTextHandler(progress, &slog.HandlerOptions{Level: slog.LevelWarn})), Metrics: prometheus.NewRegistry(), Settings: settings})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	shops, err := open(p.Seed, time.Duration(p.TimeoutMS)*time.Millisecond)
	if err != nil {
		return r, err
	}
	defer shops.server.Close()
	if err := n.Start(ctx); err != nil {
		return r, err
	}
	x := &work{plan: p, node: n, shops: shops, progress: progress}
	return x.do(ctx)
}

// work is a run under way.
type work struct {
	plan
	node     *node.Node
	shops    *receivers
	progress io.Writer
	business string
	ids      []string // of the endpoints
}

func (x *work) do(ctx context.Context) (report, error) {
	clock := x.node.API.Sandbox.Clock
	clock.Freeze()
	began := world.RealNow()
	if err := x.register(ctx); err != nil {
		return report{}, err
	}
	if err := x.happen(ctx, x.Deliveries/x.Receivers); err != nil {
		return report{}, err
	}
	driver := x.node.API.Sandbox.Driver
	start := clock.Now()
	for passed := time.Duration(0); passed < stepsLong; passed += step(passed) {
		if err := driver.Set(ctx, start.Add(passed)); err != nil {
			return report{}, err
		}
		if _, err := driver.Wait(ctx); err != nil {
			return report{}, err
		}
	}
	return x.report(ctx, world.RealNow().Sub(began))
}

func (x *work) register(ctx context.Context) error {
	b, err := x.node.Business(ctx)
	if err != nil {
		return err
	}
	x.business = b.ID
	for i := range x.Receivers {
		out, err := x.node.Engine.CreateEndpoint(ctx, &engine.Call{Business: b.ID}, engine.NewEndpoint{URL: fmt.Sprintf("%s/%d", x.shops.url, i), Events: []string{"*"}})
		if err != nil {
			return err
		}
		var reply struct{ Data struct{ ID string } }
		if err := json.Unmarshal(out.Body, &reply); err != nil {
			return err
		}
		x.ids = append(x.ids, reply.Data.ID)
	}
	return nil
}

// happen writes events as the engine does, in transactions of many.
func (x *work) happen(ctx context.Context, events int) error {
	e := x.node.Engine
	for done := 0; done < events; done += writeBatch {
		err := e.Store.Write(ctx, func(tx store.Tx) error {
			for i := done; i < min(events, done+writeBatch); i++ {
				err := tx.InsertEvent(store.Event{ID: e.IDs.Event(), Business: x.business, Event: "payment.session.succeeded", Object: fmt.Sprint(i),
					Data: fmt.Sprintf(`{"amount":%d,"currency":"NGN","reference":"ord_%d","status":"success"}`, i+1, i), CreatedAt: e.Clock.Now()})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		e.Wake()
	}
	return nil
}

// report reads what became of every delivery, and holds it against what the receivers saw.
func (x *work) report(ctx context.Context, took time.Duration) (report, error) {
	r := report{Seed: x.Seed, Attempts: map[string]int{}, Moods: x.shops.moods, Requests: x.shops.requests, RealMS: took.Milliseconds(), BySequence: x.shops.early}
	r.PerSecond = int64(float64(r.Requests) / took.Seconds())
	var late []int64
	for i, id := range x.ids {
		pos := store.Position{At: time.UnixMicro(1<<62 - 1)}
		for {
			var rows []*store.Delivery
			err := x.node.Engine.Store.Read(ctx, func(v store.View) (err error) {
				rows, err = v.DeliveriesOlder(id, pos, store.DeliveryFilter{}, writeBatch)
				return err
			})
			if err != nil {
				return r, err
			}
			if len(rows) == 0 {
				break
			}
			for _, d := range rows {
				r.Deliveries++
				r.Attempts[fmt.Sprint(d.Sent)]++
				times := x.shops.accepted[fmt.Sprintf("/%d %s", i, d.EventID)]
				if times == 0 || d.Status != "delivered" {
					r.Lost++
				}
				if times > 1 {
					r.Repeated++
				}
				late = append(late, d.Attempts[0].At.Sub(d.CreatedAt).Milliseconds())
				pos = store.Position{At: d.CreatedAt, ID: d.ID}
			}
		}
	}
	slices.Sort(late)
	if n := len(late); n > 0 {
		r.LateMS = []int64{late[n/2], late[n*99/100], late[n-1]}
	}
	r.Lost += x.Deliveries/x.Receivers*x.Receivers - r.Deliveries
	var err error
	r.Gaps, err = x.gaps(ctx)
	return r, err
}

func (x *work) gaps(ctx context.Context) (gaps int, err error) {
	next := int64(1)
	for {
		rows, err := x.node.Engine.Events(ctx, x.business, next-1, "", writeBatch)
		if err != nil || len(rows) == 0 {
			return gaps + x.Deliveries/x.Receivers - int(next-1), err
		}
		for _, e := range rows {
			if e.Sequence != next {
				gaps++
			}
			next = e.Sequence + 1
		}
	}
}
