package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

// CancelBulk gives up what of a bulk transfer has not been sent; the rest runs on.
// Cancelling again gives the present state. It raises not_found, bulk_transfer_not_open.
func (e *Engine) CancelBulk(ctx context.Context, c *Call, key string) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutBulk, key}, func() error {
		b, err := e.FindBulk(ctx, c.Business, key)
		if err != nil {
			return err
		}
		c.Trace.About(aboutBulk, b.ID)
		switch b.State {
		case payment.BulkCancelled:
			out, err = e.standingBulk(ctx, c, b.ID, false)
		case payment.BulkExecuting:
			out, err = e.stopBulk(ctx, c, b)
		default:
			out, err = e.cancelUnsent(ctx, c, b.ID)
		}
		return err
	})
	return out, taken(c, err)
}

// cancelUnsent cancels a bulk transfer that was never executed.
func (e *Engine) cancelUnsent(ctx context.Context, c *Call, bulkID string) (Reply, error) {
	b, items, err := e.bulkAndItems(ctx, bulkID)
	if err != nil {
		return Reply{}, err
	}
	if err := e.open(b); err != nil {
		return Reply{}, err
	}
	b.State, _ = payment.NextBulk(b.State, payment.Cancel)
	b.UpdatedAt = e.now()
	out := e.replyOfBulk(b, items)
	err = e.commit(ctx, c, object{aboutBulk, b.ID}, &out, func(tx store.Tx) error { return e.endUnsent(tx, b) })
	return out, err
}

// stopBulk cancels a bulk transfer that is being executed. It first commits that nothing
// more is sent, for payouts are made faster than many items are given up; a job gives up
// what the caller does not wait for.
func (e *Engine) stopBulk(ctx context.Context, c *Call, b *payment.Bulk) (Reply, error) {
	b.State, _ = payment.NextBulk(b.State, payment.Cancel)
	b.UpdatedAt = e.now()
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := tx.SaveBulk(b); err != nil {
			return err
		}
		return tx.Schedule(aboutBulk, b.ID, b.Business, b.UpdatedAt)
	})
	if err != nil {
		return Reply{}, err
	}
	e.crash("after bulk stop")
	e.bump()
	c.Trace.Step("commit", string(b.State))
	for more := true; more && err == nil && world.RealNow().Before(c.Deadline); {
		more, err = e.giveUpSome(ctx, b.ID)
	}
	if err != nil {
		e.Log.Warn("a cancelled bulk transfer is given up later", "object", b.ID, "error", err)
	}
	out, err := e.BulkReply(ctx, b.ID)
	if err != nil {
		return out, err
	}
	return e.keep(ctx, c, object{aboutBulk, b.ID}, out)
}

// giveUpSome gives some items of a cancelled bulk transfer up; more tells whether there
// may be others.
func (e *Engine) giveUpSome(ctx context.Context, bulkID string) (more bool, err error) {
	err = e.optimistic(ctx, object{aboutBulk, bulkID}, func() error {
		b, items, err := e.bulkAndPending(ctx, bulkID)
		if more = len(items) > 0; err != nil || !more {
			return err
		}
		return e.giveUpItems(ctx, b, items)
	})
	return more, err
}

// giveUpItems commits that some items will be no payouts, and gives their money back.
func (e *Engine) giveUpItems(ctx context.Context, b *payment.Bulk, items []*payment.BulkItem) error {
	b.UpdatedAt = e.now()
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := e.releaseItems(tx, b, items); err != nil {
			return err
		}
		for _, i := range items {
			if err := tx.EndBulkItem(i.ID, payment.ItemCancelled, nil); err != nil {
				return err
			}
		}
		if err := tx.CountBulk(b.ID, payment.Tally{Open: -int64(len(items))}, b.UpdatedAt); err != nil {
			return err
		}
		if err := tx.SaveBulk(b); err != nil {
			return err
		}
		return tx.Schedule(aboutBulk, b.ID, b.Business, b.UpdatedAt)
	})
	if err == nil {
		e.bump()
	}
	return err
}

// endUnsent ends a bulk transfer for which nothing was held, and its items with it.
func (e *Engine) endUnsent(tx store.Tx, b *payment.Bulk) error {
	if err := tx.CancelBulkItems(b.ID); err != nil {
		return err
	}
	if err := tx.SaveBulk(b); err != nil {
		return err
	}
	return tx.Unschedule(aboutBulk, b.ID)
}

// releaseItems gives back what was held for items that become no payouts: the money, the
// exchanges, the part of the day's sums.
func (e *Engine) releaseItems(tx store.Tx, b *payment.Bulk, items []*payment.BulkItem) error {
	sums := payment.ReleasesOf(items)
	for _, wallet := range sortedWallets(sums) {
		back := ledger.Move(ledger.Held(wallet), ledger.Wallet(wallet), sums[wallet])
		if err := tx.Post(e.entry(b.Business, "bulk.released", b.ID, "", back)); err != nil {
			return err
		}
	}
	for _, i := range items {
		if err := e.undoItem(tx, i); err != nil {
			return err
		}
	}
	for rail, sum := range payment.DailyOf(items) {
		if err := tx.UnspendDaily(b.Business, rail, *b.ExecutedAt, sum); err != nil {
			return err
		}
	}
	return nil
}

// undoItem gives back what was exchanged for an item.
func (e *Engine) undoItem(tx store.Tx, i *payment.BulkItem) error {
	if !i.Exchanged() {
		return nil
	}
	origin, err := tx.WalletOf(i.Business, i.Business, i.Source)
	if err != nil {
		return err
	}
	return e.UndoExchange(tx, i.Business, i.ID, ledger.Held(i.Wallet), ledger.Wallet(origin.ID))
}
