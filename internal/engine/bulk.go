package engine

import (
	"context"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// aboutBulk is the kind of object that a bulk transfer is.
const aboutBulk = "bulk_transfer"

// BulkItemsMax is how many items a bulk transfer may have.
const BulkItemsMax = 5000

// NewBulk asks for a bulk transfer; its fields are well formed.
type NewBulk struct {
	Reference   string
	Description string
	Metadata    []byte // canonical JSON, nil if none was given
	ExpiresAt   time.Time
}

// ReadBulk reads a request for a bulk transfer by the facts about its items. It raises
// validation_error. It may be called again, with newer facts.
type ReadBulk func(*ItemFacts) (NewBulk, []NewPayout, error)

// CreateBulk makes the bulk transfer that read gives, with its items. The same reference
// with the same items again gives the first one. It raises what read raises, and
// reference_exists.
func (e *Engine) CreateBulk(ctx context.Context, c *Call, reference string, named ItemNames, read ReadBulk) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutBulk, reference}, func() error {
		first, err := e.bulkWith(ctx, c.Business, reference)
		if err != nil {
			return err
		}
		here := ""
		if first != nil {
			here = first.ID
		}
		facts, err := e.itemFacts(ctx, c.Business, here, named)
		if err != nil {
			return err
		}
		in, orders, err := read(facts)
		switch {
		case err != nil:
			return err
		case first != nil:
			out, err = e.sameBulk(ctx, c, first, orders)
		default:
			out, err = e.createBulkOnce(ctx, c, in, facts, orders)
		}
		return err
	})
	return out, taken(c, err)
}

// bulkWith is the business's bulk transfer under a reference, nil if there is none.
func (e *Engine) bulkWith(ctx context.Context, business, reference string) (b *payment.Bulk, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		b, err = v.BulkByReference(business, reference)
		return err
	})
	if store.IsMissing(err) {
		return nil, nil
	}
	return b, err
}

// sameBulk answers a repetition, or says what differs.
func (e *Engine) sameBulk(ctx context.Context, c *Call, first *payment.Bulk, orders []NewPayout) (Reply, error) {
	c.Trace.About(aboutBulk, first.ID)
	if first.Given != givenOf(orders) {
		return Reply{}, referenceTaken([]string{"items"}, first.ID, first.Reference, string(first.State), "bulk transfer")
	}
	out, err := e.BulkReply(ctx, first.ID)
	if err != nil {
		return out, err
	}
	return e.keep(ctx, c, object{aboutBulk, first.ID}, madeBulk(out, first.ID).replayed())
}

func (e *Engine) createBulkOnce(ctx context.Context, c *Call, in NewBulk, facts *ItemFacts, orders []NewPayout) (Reply, error) {
	now := e.now()
	b := &payment.Bulk{ID: e.IDs.New(), Business: c.Business, Reference: in.Reference, State: payment.BulkCreated, Given: givenOf(orders),
		Fixed: payment.BulkFixed{Description: in.Description, Metadata: in.Metadata}, CreatedAt: now, UpdatedAt: now, ExpiresAt: in.ExpiresAt}
	items, err := e.newItems(ctx, b, facts, orders)
	if err != nil {
		return Reply{}, err
	}
	b.Add(items...)
	out := madeBulk(e.replyOfBulk(b, items), b.ID)
	err = e.commit(ctx, c, object{aboutBulk, b.ID}, &out, func(tx store.Tx) error {
		if err := tx.InsertBulk(b); err != nil {
			return err
		}
		if err := insertItems(tx, items); err != nil {
			return err
		}
		return tx.Schedule(aboutBulk, b.ID, b.Business, b.ExpiresAt)
	})
	return out, err
}

// FindBulk reads a business's bulk transfer by id or by reference; not_found for any
// other. A value in the form of a UUID is tried as an id first.
func (e *Engine) FindBulk(ctx context.Context, business, key string) (b *payment.Bulk, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if id.Valid(key) {
			b, err = v.Bulk(id.Fold(key))
			if err == nil && b.Business == business || err != nil && !store.IsMissing(err) {
				return err
			}
		}
		b, err = v.BulkByReference(business, key)
		return err
	})
	if store.IsMissing(err) {
		return nil, missing(aboutBulk, key)
	}
	return b, err
}

// BulkReply is a bulk transfer as it is now, with its items and its money block.
func (e *Engine) BulkReply(ctx context.Context, bulkID string) (Reply, error) {
	b, items, err := e.bulkAndItems(ctx, bulkID)
	if err != nil {
		return Reply{}, err
	}
	return e.replyOfBulk(b, items), nil
}

func (e *Engine) bulkAndItems(ctx context.Context, bulkID string) (b *payment.Bulk, items []*payment.BulkItem, err error) {
	err = e.Store.Snapshot(ctx, func(v store.View) (err error) {
		if b, err = v.Bulk(bulkID); err != nil {
			return err
		}
		items, err = v.BulkItems(bulkID)
		return err
	})
	return b, items, err
}

func (e *Engine) replyOfBulk(b *payment.Bulk, items []*payment.BulkItem) Reply {
	m := e.Site.BulkMoney(b)
	return Reply{Status: wire.OK, Body: wire.Marshal(wire.About{Data: wire.ShownBulk(b, items), Money: m}), Outcome: m.Outcome}
}

// madeBulk is the 201 of a bulk transfer, or of more items in one.
func madeBulk(r Reply, bulkID string) Reply {
	r.Status, r.Location = wire.Made, PathOf(aboutBulk, bulkID)
	return r
}

// Bulks reads a page of a business's bulk transfers, newest first; "" is every state.
func (e *Engine) Bulks(ctx context.Context, business string, page wire.Page, state payment.BulkState) (rows []*payment.Bulk, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if page.OldestFirst() {
			rows, err = v.BulksNewer(business, place(*page.Before), state, page.Fetch())
			return err
		}
		rows, err = v.BulksOlder(business, under(page), state, page.Fetch())
		return err
	})
	return rows, err
}

// notOpen is bulk_transfer_not_open for a bulk transfer in a state.
func notOpen(s payment.BulkState) error {
	return problem.BulkTransferNotOpen.With(problem.Details{"status": string(s)})
}

// open raises bulk_transfer_not_open unless the bulk transfer can be changed and executed.
func (e *Engine) open(b *payment.Bulk) error {
	switch {
	case b.State != payment.BulkCreated:
		return notOpen(b.State)
	case !b.ExpiresAt.After(e.now()): // nobody has come to write it down yet
		return notOpen(payment.BulkExpired)
	}
	return nil
}

// stateOfBulk is StateOf for bulk transfers.
func (e *Engine) stateOfBulk(ctx context.Context, bulkID string) (state string, o problem.Outcome, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		b, err := v.Bulk(bulkID)
		if err == nil {
			state, o = string(b.State), b.Outcome()
		}
		return err
	})
	if store.IsMissing(err) {
		return "", "", nil
	}
	return state, o, err
}
