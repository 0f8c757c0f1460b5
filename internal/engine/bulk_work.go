package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// bulkChunk is how many items become payouts in one transaction.
const bulkChunk = 100

// attendBulk does what is due about a bulk transfer: the next payouts of one that is
// executed, its completion, its expiry.
func (e *Engine) attendBulk(ctx context.Context, j store.Job) error {
	return e.optimistic(ctx, object{aboutBulk, j.ObjectID}, func() error {
		b, next, err := e.bulkAndPending(ctx, j.ObjectID)
		switch {
		case store.IsMissing(err):
			return e.finishBulk(ctx, j)
		case err != nil:
			return err
		case b.State == payment.BulkCreated && !b.ExpiresAt.After(e.now()):
			return e.expireBulk(ctx, b)
		case b.State == payment.BulkCreated:
			return e.Store.Write(ctx, func(tx store.Tx) error { return tx.Schedule(aboutBulk, b.ID, b.Business, b.ExpiresAt) })
		case b.State == payment.BulkExecuting && len(next) > 0:
			return e.sendChunk(ctx, b, next)
		case b.State == payment.BulkExecuting && b.Tally.Open == 0:
			return e.completeBulk(ctx, b)
		case b.State == payment.BulkCancelled && len(next) > 0:
			return e.giveUpItems(ctx, b, next)
		default: // the last payout to be decided makes it due again
			return e.finishBulk(ctx, j)
		}
	})
}

// bulkAndPending reads a bulk transfer with its next items that are no payouts yet.
func (e *Engine) bulkAndPending(ctx context.Context, bulkID string) (b *payment.Bulk, next []*payment.BulkItem, err error) {
	err = e.Store.Snapshot(ctx, func(v store.View) (err error) {
		if b, err = v.Bulk(bulkID); err != nil {
			return err
		}
		next, err = v.PendingBulkItems(bulkID, bulkChunk)
		return err
	})
	return b, next, err
}

// finishBulk drops a job under which nothing is left to do. Whoever has made it due again
// meanwhile is not overruled.
func (e *Engine) finishBulk(ctx context.Context, j store.Job) error {
	err := e.Store.Write(ctx, func(tx store.Tx) error { return tx.Finish(j) })
	if store.Lost(err, "finish_job") {
		return nil
	}
	return err
}

func (e *Engine) expireBulk(ctx context.Context, b *payment.Bulk) error {
	b.State, _ = payment.NextBulk(b.State, payment.Expire)
	b.UpdatedAt = e.now()
	err := e.Store.Write(ctx, func(tx store.Tx) error { return e.endUnsent(tx, b) })
	if err == nil {
		e.bump()
	}
	return err
}

func (e *Engine) completeBulk(ctx context.Context, b *payment.Bulk) error {
	b.State, _ = payment.NextBulk(b.State, payment.Settle)
	b.UpdatedAt = e.now()
	told := store.Event{ID: e.IDs.Event(), Business: b.Business, Event: wire.BulkEventName, Object: b.ID, Data: string(wire.BulkEventData(b)),
		CreatedAt: b.UpdatedAt}
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := tx.SaveBulk(b); err != nil {
			return err
		}
		if err := tx.InsertEvent(told); err != nil {
			return err
		}
		return tx.Unschedule(aboutBulk, b.ID)
	})
	if err == nil {
		e.bump()
	}
	return err
}

// chunk is some items on their way to be payouts, and those among them that cannot be.
type chunk struct {
	drafts []*Draft
	bad    []*payment.BulkItem
}

// sendChunk makes payouts of items, in one commit with the next due moment. An item that
// cannot be one fails alone, and what was held for it goes back.
func (e *Engine) sendChunk(ctx context.Context, b *payment.Bulk, items []*payment.BulkItem) error {
	var ch chunk
	for _, i := range items {
		d, why, err := e.draftItem(ctx, b, i)
		switch {
		case err != nil:
			return err
		case why != nil:
			i.Failure = why
			ch.bad = append(ch.bad, i)
		default:
			ch.drafts = append(ch.drafts, d)
		}
	}
	b.UpdatedAt = e.now()
	e.crash("before bulk chunk")
	err := e.Store.Write(ctx, func(tx store.Tx) error { return e.writeChunk(tx, b, ch) })
	e.crash("after bulk chunk")
	if err == nil {
		e.bump()
	}
	if store.Lost(err, "insert_payout") {
		return &store.Conflict{Query: "save_bulk"} // a reference was taken at this moment: look again
	}
	return err
}

// writeChunk locks what it changes in the same order as whoever cancels or counts.
func (e *Engine) writeChunk(tx store.Tx, b *payment.Bulk, ch chunk) error {
	if err := e.releaseItems(tx, b, ch.bad); err != nil {
		return err
	}
	for _, i := range ch.bad {
		if err := tx.EndBulkItem(i.ID, payment.ItemFailed, i.Failure); err != nil {
			return err
		}
	}
	for _, d := range ch.drafts {
		if err := tx.EndBulkItem(d.Payout.ID, payment.ItemProcessing, nil); err != nil {
			return err
		}
		if err := d.Insert(tx, e); err != nil {
			return err
		}
	}
	if n := int64(len(ch.bad)); n > 0 {
		if err := tx.CountBulk(b.ID, payment.Tally{Failed: n, Open: -n}, b.UpdatedAt); err != nil {
			return err
		}
	}
	if err := tx.SaveBulk(b); err != nil {
		return err
	}
	return tx.Schedule(aboutBulk, b.ID, b.Business, b.UpdatedAt)
}

// draftItem is the payout that an item becomes, or why it cannot be one. It counts as
// made when the bulk transfer was executed: on that day its money was held.
func (e *Engine) draftItem(ctx context.Context, b *payment.Bulk, i *payment.BulkItem) (*Draft, *payment.Failure, error) {
	to := i.Fixed.Beneficiary
	d := &Draft{Payout: i.Order()}
	d.rail, _ = payment.PayoutRailByName(i.Rail)
	d.Payout.CreatedAt, d.Payout.UpdatedAt = *b.ExecutedAt, e.now()
	_, err := e.BeneficiaryFor(ctx, i.Business, to.ID, party.BeneficiaryType(to.Type), i.Amount.Currency)
	if err == nil && !i.Fixed.AllowDuplicate {
		err = e.guardPayout(ctx, d.Payout)
	}
	if err == nil {
		err = e.completeDraft(ctx, d, i)
	}
	if p, refused := problem.Of(err); refused {
		reason, _ := p.Details["reason"].(string)
		return nil, &payment.Failure{Code: p.Kind.Code, Reason: reason}, nil
	}
	return d, nil, err
}

// completeDraft reads what the store knows of an item's payout: that its reference is
// free, and the exchange that was booked for it. It raises reference_exists.
func (e *Engine) completeDraft(ctx context.Context, d *Draft, i *payment.BulkItem) error {
	return e.Store.Read(ctx, func(v store.View) error {
		first, err := v.PayoutByReference(i.Business, i.Reference)
		switch {
		case err == nil:
			return referenceTaken([]string{}, first.ID, first.Reference, wire.PayoutStatus(first.State), aboutPayout)
		case !store.IsMissing(err):
			return err
		case !i.Exchanged():
			return nil
		}
		deal, err := v.DealByReference(i.Business, exchange.Payout, i.ID)
		if err != nil {
			return err
		}
		origin, err := v.WalletOf(i.Business, i.Business, i.Source)
		if err != nil {
			return err
		}
		p := d.Payout
		p.Source, p.Fixed.Rate, p.Fixed.Origin = deal.Terms.Source, string(deal.Price.Text()), origin.ID
		return nil
	})
}

// countItem notes in its bulk transfer what has become of a payout, in the transaction
// that decides it. The last one makes the bulk transfer due.
func (e *Engine) countItem(tx store.Tx, p *payment.Payout) error {
	by := payment.Counts(p.State)
	if p.Fixed.Bulk == "" || by == (payment.Tally{}) {
		return nil
	}
	now := e.now()
	if err := tx.CountBulk(p.Fixed.Bulk, by, now); err != nil {
		return err
	}
	return tx.ScheduleBulkEnd(aboutBulk, p.Fixed.Bulk, now)
}
