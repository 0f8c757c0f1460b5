package requestlog_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/store"
)

func openStore(t *testing.T) *store.Store {
	t.Helper()
	d, err := node.Driver(t.Context(), "test", t.TempDir(), servertest.StoreURL(t))
	if err != nil {
		t.Fatal(err)
	}
	s := store.New(d)
	t.Cleanup(func() { s.Close() })
	return s
}

func line(n int) *store.Request {
	return &store.Request{ID: fmt.Sprintf("req_%d", n), Business: "b", CreatedAt: time.UnixMicro(int64(n)), Head: "{}"}
}

func count(t *testing.T, s *store.Store) (n int64) {
	t.Helper()
	err := s.Read(t.Context(), func(v store.View) (err error) {
		n, err = v.CountRequests()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWriter(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	t.Run("loses no line when it is closed", func(t *testing.T) {
		s := openStore(t)
		w := requestlog.NewWriter(s, quiet)
		const writers, each = 20, 123
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() {
				for k := range each {
					w.Add(line(i*each + k))
				}
			})
		}
		group.Wait()
		w.Close()
		if got := count(t, s); got != writers*each {
			t.Errorf("got %d lines, want %d", got, writers*each)
		}
		w.Close() // once more harms nobody
	})
	t.Run("has written every line before a flush returns", func(t *testing.T) {
		s := openStore(t)
		w := requestlog.NewWriter(s, quiet)
		defer w.Close()
		for n := range 700 { // more than one transaction takes
			w.Add(line(n))
			if n%100 == 99 {
				w.Flush(t.Context())
				if got := count(t, s); got != int64(n+1) {
					t.Fatalf("after line %d: got %d lines", n+1, got)
				}
			}
		}
	})
	t.Run("writes a line soon although others keep coming", func(t *testing.T) {
		s := openStore(t)
		w := requestlog.NewWriter(s, quiet)
		defer w.Close()
		beat := time.NewTicker(20 * time.Millisecond)
		defer beat.Stop()
		for n := 0; count(t, s) == 0; n++ {
			if n == 400 {
				t.Fatal("400 lines in 8 seconds, and the first is not in the store")
			}
			w.Add(line(n))
			<-beat.C
		}
	})
	t.Run("a flush ends with its context, and after the end at once", func(t *testing.T) {
		w := requestlog.NewWriter(openStore(t), quiet)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		w.Flush(gone)
		w.Close()
		w.Flush(t.Context())
	})
	t.Run("tells the log about lines that cannot be written, and about late ones", func(t *testing.T) {
		var told bytes.Buffer
		s := openStore(t)
		w := requestlog.NewWriter(s, slog.New(slog.NewTextHandler(&told, nil)))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		w.Add(line(1))
		w.Add(line(2))
		w.Close()
		w.Add(line(3))
		for _, want := range []string{"lines=2", "req_3"} {
			if !strings.Contains(told.String(), want) {
				t.Errorf("the log says %q, want %q in it", told.String(), want)
			}
		}
	})
}

func TestTrace(t *testing.T) {
	t.Run("collects what happened, from many at once", func(t *testing.T) {
		trace := requestlog.NewTrace()
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				trace.Step("commit", "processing")
				trace.Rail(requestlog.RailAttempt{AtMS: trace.Since(), Kind: "execute", Rail: "card", Answer: "approved"})
				trace.Event("evt_1", "payment.session.succeeded")
				trace.About("payment", "p-1")
				trace.Object()
				trace.Timeline()
			})
		}
		group.Wait()
		got := trace.Timeline()
		if len(got.Steps) != 50 || len(got.RailAttempts) != 50 || len(got.Webhooks) != 50 {
			t.Errorf("got %d steps, %d rail attempts, %d webhooks; want 50 of each", len(got.Steps), len(got.RailAttempts), len(got.Webhooks))
		}
		if about := trace.Object(); about != (requestlog.Object{ID: "p-1", Type: "payment"}) {
			t.Errorf("got %+v, want payment p-1", about)
		}
		for i, a := range got.RailAttempts {
			if a.DurationMS < 0 || a.AtMS < 0 {
				t.Errorf("rail attempt %d began at %d ms and took %d ms", i, a.AtMS, a.DurationMS)
			}
		}
	})
	t.Run("goes with a context", func(t *testing.T) {
		trace := requestlog.NewTrace()
		if got := requestlog.From(requestlog.In(t.Context(), trace)); got != trace {
			t.Errorf("got %p, want %p", got, trace)
		}
		if got := requestlog.From(t.Context()); got != nil {
			t.Errorf("got %p from a context without one, want nil", got)
		}
	})
	t.Run("that does not exist takes everything and does nothing", func(t *testing.T) {
		var none *requestlog.Trace
		none.Step("a", "b")
		none.Rail(requestlog.RailAttempt{})
		none.Event("a", "b")
		none.About("a", "b")
		if none.Since() != 0 || none.Object() != (requestlog.Object{}) {
			t.Errorf("since %d, about %+v; want nothing", none.Since(), none.Object())
		}
	})
}
