package engine

import (
	"context"
	"time"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

const (
	sealBatch = 500
	sealEvery = 200 * time.Millisecond // the floor: how long an entry may wait to be sealed
	// holdFor is how long a card stays in memory for a second sending.
	holdFor = 10 * time.Minute
)

// runSealer links committed entries into the hash chain and rolls the balances
// of unguarded accounts up, so that writers queue for neither.
func (e *Engine) runSealer(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := e.Seal(ctx)
		if err != nil && ctx.Err() == nil {
			e.Log.Error("entries not sealed", "error", err)
			_ = world.Sleep(ctx, troubleWait)
		}
		if n == sealBatch && err == nil {
			continue
		}
		timer, end := world.After(sealEvery)
		select {
		case <-timer:
		case <-ctx.Done():
		}
		end()
	}
}

// Seal seals one batch and tells how many entries it held.
func (e *Engine) Seal(ctx context.Context) (int, error) {
	var waiting []ledger.Entry
	var last store.Seal
	err := e.Store.Snapshot(ctx, func(v store.View) (err error) {
		if waiting, err = v.Unsealed(sealBatch); err != nil {
			return err
		}
		last, err = v.LastSeal()
		return err
	})
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		seal := last
		for _, entry := range waiting {
			seal = store.Seal{Seq: seal.Seq + 1, Entry: entry.ID, Hash: ledger.Link(seal.Hash, entry)}
			if err := tx.SealEntry(seal); err != nil {
				return err
			}
		}
		return e.rollUp(tx, waiting)
	})
	if store.Lost(err) {
		return 0, nil // another process sealed them
	}
	return len(waiting), err
}

func (e *Engine) rollUp(tx store.Tx, entries []ledger.Entry) error {
	type key struct {
		account  ledger.Account
		currency money.Currency
	}
	sums, order := map[key]int64{}, []key{}
	for _, entry := range entries {
		for _, p := range entry.Postings {
			k := key{p.Account, p.Currency}
			if p.Account.Guarded() || e.Flaws.DropSettleLeg && entry.Kind == "capture.succeeded" && p.Account.IsClearing() {
				continue
			}
			if _, seen := sums[k]; !seen {
				order = append(order, k)
			}
			sums[k] += p.Amount
		}
	}
	for _, k := range order {
		if err := tx.AddToBalance(k.account, money.Of(sums[k], k.currency)); err != nil {
			return err
		}
	}
	return nil
}

const (
	cleanEvery   = time.Hour
	requestsKept = 30 * 24 * time.Hour
	bodiesKept   = 7 * 24 * time.Hour
	claimsKept   = 90 * 24 * time.Hour
	quotesKept   = 30 * 24 * time.Hour // those that nobody has used
)

// runCleaner forgets what need not be kept any more.
func (e *Engine) runCleaner(ctx context.Context) {
	for ctx.Err() == nil {
		if err := e.clean(ctx); err != nil && ctx.Err() == nil {
			e.Log.Error("clean-up failed", "error", err)
		}
		e.Hold.Sweep()
		if world.Sleep(ctx, cleanEvery) != nil {
			return
		}
	}
}

// clean forgets in many short transactions: payments wait for none of them long.
func (e *Engine) clean(ctx context.Context) error {
	now, real := e.now(), world.RealNow()
	for more := true; more && ctx.Err() == nil; {
		err := e.Store.Write(ctx, func(tx store.Tx) error {
			lines, err := tx.ForgetRequests(real.Add(-requestsKept), real.Add(-bodiesKept))
			if err != nil {
				return err
			}
			quotes, err := tx.ForgetQuotes(now.Add(-quotesKept))
			if err != nil {
				return err
			}
			claims, err := tx.ForgetClaims(now.Add(-claimsKept))
			if err != nil {
				return err
			}
			faults, err := tx.ForgetFaultTrace(real.Add(-bodiesKept))
			more = lines || quotes || claims || faults
			return err
		})
		if err != nil {
			return err
		}
	}
	return e.forgetEvents(ctx)
}
