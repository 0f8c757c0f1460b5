package event_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/event"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

func TestPatternsFitNamesAndTheirBeginnings(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		fits          bool
	}{
		{"*", "payment.refunded", true}, {"payment.*", "payment.refunded", true}, {"payment.*", "payment.session.failed", true},
		{"payment.session.*", "payment.session.failed", true}, {"payment.session.*", "payment.refunded", false},
		{"payment.*", "crypto.payment.pending", false}, {"payout.failed", "payout.failed", true}, {"payout.failed", "payout.reversed", false},
	} {
		if got := event.Fits([]string{"key.expired", c.pattern}, c.name); got != c.fits {
			t.Errorf("%s fits %s: got %v, want %v", c.pattern, c.name, got, c.fits)
		}
	}
	for _, name := range event.Names() {
		if !event.Fits(event.Patterns()[:1], name) {
			t.Errorf("%s is not everything", name)
		}
	}
}

const (
	nodes   = 3
	writers = 6
	each    = 40 // events of each writer
)

// cluster is as many stores on one database as it takes nodes; a file has one process.
func cluster(t *testing.T) (all []*store.Store) {
	t.Helper()
	dir, database := t.TempDir(), servertest.StoreURL(t)
	for range nodes {
		if len(all) > 0 && database == "" {
			all = append(all, all[0])
			continue
		}
		driver, err := node.Driver(t.Context(), "test", dir, database)
		must(t, err)
		s := store.New(driver)
		t.Cleanup(func() { must(t, s.Close()) })
		all = append(all, s)
	}
	return all
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Many write events at once, of two businesses, some in transactions that are undone,
// while several nodes give numbers: there is no gap, no number is given twice, what was
// committed before something else began has the lower number, and every endpoint has one
// delivery for each event it wants, linked to the one before.
func TestNumbersHaveNoGapsHoweverManyNodesGiveThem(t *testing.T) {
	all := cluster(t)
	businesses := []string{"ada", "bola"}
	ids := id.Maker{Now: world.RealNow, Entropy: world.Entropy}
	endpoints := map[string][]string{"ada": {"*"}, "bola": {"payment.refunded"}}
	for name, events := range endpoints {
		must(t, all[0].Write(t.Context(), func(tx store.Tx) error {
			return tx.InsertEndpoint(&store.Endpoint{ID: name + "'s", Business: name, URL: "u", Events: events, Status: "active", CreatedAt: world.RealNow()})
		}))
	}
	ctx, stop := context.WithCancel(t.Context())
	var numbering, writing sync.WaitGroup
	for _, s := range all {
		numbering.Go(func() { number(t, ctx, s, ids) })
	}
	for w := range writers {
		writing.Go(func() { write(t, all[w%nodes], ids, businesses[w%2], w) })
	}
	writing.Wait()
	stop()
	numbering.Wait()
	number(t, t.Context(), all[0], ids) // what the last writer left
	for _, business := range businesses {
		check(t, all[0], business, endpoints[business])
	}
}

// number gives numbers until ctx ends, or once if nothing is left.
func number(t *testing.T, ctx context.Context, s *store.Store, ids id.Maker) {
	numbers := &event.Sequencer{Store: s, Clock: world.Real{}, IDs: ids}
	for {
		n, err := numbers.Number(context.WithoutCancel(ctx))
		if err != nil {
			t.Errorf("number: %v", err)
			return
		}
		if n == 0 && (ctx.Err() != nil || ctx == t.Context()) {
			return
		}
	}
}

var errUndone = errors.New("undone")

// write writes events one after the other; each is committed before the next begins.
func write(t *testing.T, s *store.Store, ids id.Maker, business string, w int) {
	for n := range each {
		name := []string{"payment.refunded", "payment.session.failed"}[n%2]
		err := s.Write(t.Context(), func(tx store.Tx) error {
			e := store.Event{ID: ids.Event(), Business: business, Event: name, Object: fmt.Sprintf("%d", w), Data: fmt.Sprintf(`{"n":%d}`, n), CreatedAt: world.RealNow()}
			if err := tx.InsertEvent(e); err != nil || n%5 != 4 {
				return err
			}
			return errUndone
		})
		if err != nil && !errors.Is(err, errUndone) {
			t.Errorf("write: %v", err)
		}
	}
}

func check(t *testing.T, s *store.Store, business string, wants []string) {
	t.Helper()
	last := map[string]string{}
	previous := int64(0)
	must(t, s.Read(t.Context(), func(v store.View) error {
		all, err := v.EventsAfter(business, 0, "", 10_000)
		if err != nil {
			return err
		}
		if len(all) != writers/2*each*4/5 {
			t.Errorf("%s has %d events, want %d", business, len(all), writers/2*each*4/5)
		}
		for i, e := range all {
			if e.Sequence != int64(i+1) {
				t.Fatalf("%s: number %d stands at place %d", business, e.Sequence, i+1)
			}
			if len(e.Data) < len(last[e.Object]) || len(e.Data) == len(last[e.Object]) && e.Data <= last[e.Object] {
				t.Errorf("%s: %s of writer %s has a higher number than %s", business, e.Data, e.Object, last[e.Object])
			}
			last[e.Object] = e.Data
			due, err := v.DeliveriesOf(e.ID)
			if err != nil {
				return err
			}
			switch wanted := event.Fits(wants, e.Event); {
			case wanted && (len(due) != 1 || due[0].Previous != previous || due[0].Sequence != e.Sequence):
				t.Fatalf("%s: event %d has deliveries %+v, want one behind %d", business, e.Sequence, due, previous)
			case !wanted && len(due) != 0:
				t.Fatalf("%s: event %d has deliveries nobody wants", business, e.Sequence)
			case wanted:
				previous = e.Sequence
			}
		}
		return nil
	}))
}
