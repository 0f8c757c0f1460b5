package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/store"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// pair is two processes on one database.
type pair struct {
	t     *testing.T
	url   string
	nodes [2]*store.Store
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{t: t, url: ready(t)}
	for i := range p.nodes {
		p.nodes[i] = store.New(open(t, p.url))
		t.Cleanup(func() { p.nodes[i].Close() })
	}
	return p
}

func (p *pair) write(fn func(store.Tx) error) {
	p.t.Helper()
	if err := p.nodes[0].Write(p.t.Context(), fn); err != nil {
		p.t.Fatal(err)
	}
}

// race runs fn in a transaction of each process, so that both have read before either
// writes, and gives their errors.
func (p *pair) race(read func(store.View) error, write func(node int, tx store.Tx) error) (errs [2]error) {
	p.t.Helper()
	var met, done sync.WaitGroup
	met.Add(2)
	for i, node := range p.nodes {
		done.Go(func() {
			first := sync.OnceFunc(func() { met.Done(); met.Wait() })
			errs[i] = node.Write(context.Background(), func(tx store.Tx) error {
				err := read(tx.View)
				first()
				return errors.Join(err, write(i, tx))
			})
		})
	}
	done.Wait()
	return errs
}

// one fails the test unless one process has won and the other lost at the guard.
func (p *pair) one(errs [2]error, guard string) {
	p.t.Helper()
	a, b := errs[0], errs[1]
	if a != nil {
		a, b = b, a
	}
	if a != nil || !store.Lost(b, guard) {
		p.t.Errorf("got errors %v and %v, want one to win and one conflict of %s", errs[0], errs[1], guard)
	}
}

func newSession(id string) *payment.Payment {
	return &payment.Payment{ID: id, Business: "b", Reference: "ord-1", Method: "card", State: payment.Created,
		Amount: money.Of(100, money.NGN), CreatedAt: noon, UpdatedAt: noon, ExpiresAt: noon}
}

func nothing(store.View) error { return nil }

func TestTwoTransactionsRace(t *testing.T) {
	t.Run("for a payment: one changes it, the other learns that it was changed", func(t *testing.T) {
		p := newPair(t)
		p.write(func(tx store.Tx) error { return tx.InsertPayment(newSession("p-1")) })
		var mu sync.Mutex
		seen := map[int64]int{}
		errs := p.race(func(v store.View) error {
			now, err := v.Payment("p-1")
			mu.Lock()
			defer mu.Unlock()
			seen[now.Version]++
			return err
		}, func(_ int, tx store.Tx) error {
			mine := newSession("p-1")
			mine.State = payment.Processing
			return tx.SavePayment(mine)
		})
		p.one(errs, "save_payment")
		if seen[0] != 2 {
			t.Errorf("versions seen before: %v, want 0 twice: there was no race", seen)
		}
	})
	t.Run("for a reference: it is given once", func(t *testing.T) {
		p := newPair(t)
		errs := p.race(nothing, func(node int, tx store.Tx) error { return tx.InsertPayment(newSession(fmt.Sprint("p-", node))) })
		p.one(errs, "insert_payment")
	})
	t.Run("for an idempotency key: it is claimed once", func(t *testing.T) {
		p := newPair(t)
		errs := p.race(nothing, func(node int, tx store.Tx) error {
			return tx.InsertClaim(&store.Claim{Business: "b", Key: "k", Owner: fmt.Sprint("node ", node), CreatedAt: noon})
		})
		p.one(errs, "claim_key")
	})
	t.Run("for what a claim's dead owner left: one continues it", func(t *testing.T) {
		p := newPair(t)
		left := &store.Claim{Business: "b", Key: "k", Owner: "dead", CreatedAt: noon}
		p.write(func(tx store.Tx) error { return tx.InsertClaim(left) })
		errs := p.race(nothing, func(node int, tx store.Tx) error { return tx.TakeOverClaim(left, fmt.Sprint("node ", node), nil) })
		p.one(errs, "take_over_key")
	})
	t.Run("for the last money of a wallet: one takes it", func(t *testing.T) {
		p := newPair(t)
		wallet := ledger.Wallet("w-1")
		p.write(func(tx store.Tx) error {
			return errors.Join(tx.OpenBalance(wallet, money.NGN), tx.OpenBalance(ledger.Held("w-1"), money.NGN),
				tx.Post(ledger.Entry{ID: "e-0", Business: "b", At: noon, Kind: "opening", Postings: ledger.Move(ledger.Outside, wallet, money.Of(100, money.NGN))}))
		})
		errs := p.race(nothing, func(node int, tx store.Tx) error {
			return tx.Post(ledger.Entry{ID: fmt.Sprint("e-", 1+node), Business: "b", At: noon, Kind: "refund.accepted",
				Postings: ledger.Move(wallet, ledger.Held("w-1"), money.Of(60, money.NGN))})
		})
		p.one(errs, "change_guarded_balance")
		err := p.nodes[1].Read(t.Context(), func(v store.View) error {
			left, err := v.Balance(wallet, money.NGN)
			if left != 40 {
				t.Errorf("%d is left, want 40", left)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("for the lease of a job: one holds it", func(t *testing.T) {
		p := newPair(t)
		p.write(func(tx store.Tx) error { return tx.Schedule("payment", "p-1", "b", noon) })
		var leased [2][]store.Job
		errs := p.race(nothing, func(node int, tx store.Tx) (err error) {
			leased[node], err = tx.LeaseJobs(fmt.Sprint("node ", node), noon.Add(time.Hour), noon, noon, 9)
			return err
		})
		if errors.Join(errs[:]...) != nil || len(leased[0])+len(leased[1]) != 1 {
			t.Errorf("leased %d and %d jobs (%v), want one together", len(leased[0]), len(leased[1]), errs)
		}
	})
	t.Run("for two rows in opposite order: both go through in the end", func(t *testing.T) {
		p := newPair(t)
		p.write(func(tx store.Tx) error { return errors.Join(tx.SaveSetting("a", "0"), tx.SaveSetting("b", "0")) })
		var errs [2]error
		var met, done sync.WaitGroup
		met.Add(2)
		for i, node := range p.nodes {
			done.Go(func() {
				first := sync.OnceFunc(func() { met.Done(); met.Wait() })
				order := [2]string{"a", "b"}
				errs[i] = node.Write(context.Background(), func(tx store.Tx) error {
					if err := tx.SaveSetting(order[i], fmt.Sprint(i)); err != nil {
						return err
					}
					if _, err := tx.Setting(order[i]); err != nil { // a read sends what waits
						return err
					}
					first()
					return tx.SaveSetting(order[1-i], fmt.Sprint(i))
				})
			})
		}
		done.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			t.Errorf("got %v, want PostgreSQL's deadlock to be tried again", err)
		}
	})
}

func TestManyProcessesMayOpenAnEmptyDatabaseAtOnce(t *testing.T) {
	url := servertest.Postgres(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			d, err := Open(context.Background(), url, schema)
			if err != nil {
				t.Error(err)
				return
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestASignalReachesEveryProcess(t *testing.T) {
	p := newPair(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	heard := make(chan string, 100)
	ended := make(chan error, 1)
	go func() { ended <- p.nodes[1].Signals().Hear(ctx, func(topic string) { heard <- topic }) }()
	for found := false; !found; { // until it listens, nothing is heard
		p.nodes[0].Signals().Announce("settings")
		select {
		case topic := <-heard:
			found = topic == "settings"
		case err := <-ended:
			t.Fatalf("listening ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("listening ended with %v, want %v", err, context.Canceled)
	}
}

// cut ends every connection that either process has.
func (p *pair) cut() error {
	conn, err := pgx.Connect(p.t.Context(), p.url)
	if err != nil {
		return err
	}
	defer conn.Close(p.t.Context())
	_, err = conn.Exec(p.t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	return err
}

func TestALostConnectionIsToldAndTheNextWriteWorks(t *testing.T) {
	p := newPair(t)
	err := p.nodes[0].Write(t.Context(), func(tx store.Tx) error {
		_, err := tx.Setting("a") // the transaction has begun
		return errors.Join(err, p.cut(), tx.SaveSetting("a", "1"))
	})
	if !errors.Is(err, store.ErrBroken) || store.Lost(err) {
		t.Errorf("got error %v, want %v", err, store.ErrBroken)
	}
	for _, node := range p.nodes {
		if err := node.Write(t.Context(), func(tx store.Tx) error { return tx.SaveSetting("b", "1") }); err != nil {
			t.Errorf("the next write: %v", err)
		}
	}
}
