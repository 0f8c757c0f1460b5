package store

import (
	"database/sql"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
)

var (
	insertBulk      = query("insert_bulk")
	saveBulk        = query("save_bulk")
	insertBulkTally = query("insert_bulk_tally")
	countBulk       = query("count_bulk")
	bulkByID        = query("bulk_by_id")
	bulkByReference = query("bulk_by_reference")
	bulksOlder      = query("bulks_older")
	bulksNewer      = query("bulks_newer")
	bulksOlderIn    = query("bulks_older_in_state")
	bulksNewerIn    = query("bulks_newer_in_state")
	bulksAfter      = query("bulks_after")

	insertBulkItem        = query("insert_bulk_item")
	endBulkItem           = query("end_bulk_item")
	cancelBulkItems       = query("cancel_bulk_items")
	bulkItemsOf           = query("bulk_items_of")
	bulkItemsPending      = query("bulk_items_pending")
	bulkItemWithReference = query("bulk_item_with_reference")
	bulkItemsAfter        = query("bulk_items_after")

	scheduleBulkEnd    = query("schedule_bulk_end")
	countOpenBulkItems = query("count_open_bulk_items")
)

// InsertBulk writes a new bulk transfer; a Conflict of "insert_bulk" means that its
// reference is taken.
func (t Tx) InsertBulk(b *payment.Bulk) error {
	err := t.s.Exec(insertBulk, One, b.ID, b.Business, b.Reference, string(b.State), b.Version, b.Items, toJSON(b.Totals), b.Given, toJSON(b.Fixed),
		micros(b.CreatedAt), micros(b.UpdatedAt), micros(b.ExpiresAt), microsOrNull(b.ExecutedAt))
	if err != nil {
		return err
	}
	return t.s.Exec(insertBulkTally, One, b.ID, b.Tally.Succeeded, b.Tally.Failed, b.Tally.Open, micros(b.CreatedAt))
}

// SaveBulk writes what may change of b but its tally, guarded by its version: else a
// Conflict of "save_bulk".
func (t Tx) SaveBulk(b *payment.Bulk) error {
	return t.s.Exec(saveBulk, One, string(b.State), b.Items, toJSON(b.Totals), micros(b.UpdatedAt), microsOrNull(b.ExecutedAt), b.ID, b.Version)
}

// CountBulk changes the tally of a bulk transfer; its version stays.
func (t Tx) CountBulk(id string, by payment.Tally, at time.Time) error {
	return t.s.Exec(countBulk, One, by.Succeeded, by.Failed, by.Open, micros(at), id)
}

// CountOpenBulkItems counts the items of bulk transfers that are executing whose payouts
// have no outcome yet.
func (v View) CountOpenBulkItems() (int64, error) { return one(v, countOpenBulkItems, readInt) }

// Bulk reads one bulk transfer by id, whoever owns it; ErrNotFound.
func (v View) Bulk(id string) (*payment.Bulk, error) { return one(v, bulkByID, readBulk, id) }

// BulkByReference reads one bulk transfer of a business; ErrNotFound.
func (v View) BulkByReference(business, reference string) (*payment.Bulk, error) {
	return one(v, bulkByReference, readBulk, business, reference)
}

// BulksOlder reads a page below pos, newest first; "" is every state.
func (v View) BulksOlder(business string, pos Position, state payment.BulkState, limit int) ([]*payment.Bulk, error) {
	if state == "" {
		return many(v, bulksOlder, readBulk, business, micros(pos.At), pos.ID, limit)
	}
	return many(v, bulksOlderIn, readBulk, business, string(state), micros(pos.At), pos.ID, limit)
}

// BulksNewer reads a page above pos, oldest first.
func (v View) BulksNewer(business string, pos Position, state payment.BulkState, limit int) ([]*payment.Bulk, error) {
	if state == "" {
		return many(v, bulksNewer, readBulk, business, micros(pos.At), pos.ID, limit)
	}
	return many(v, bulksNewerIn, readBulk, business, string(state), micros(pos.At), pos.ID, limit)
}

// BulksAfter walks all bulk transfers in the order of their ids, for the audit.
func (v View) BulksAfter(id string, limit int) ([]*payment.Bulk, error) {
	return many(v, bulksAfter, readBulk, id, limit)
}

// InsertBulkItem writes a new item; a Conflict of "insert_bulk_item" means that a pending
// one has its reference, or its number.
func (t Tx) InsertBulkItem(i *payment.BulkItem) error {
	return t.s.Exec(insertBulkItem, One, i.ID, i.Bulk, i.Number, i.Business, i.Reference, string(i.State), i.Amount.Minor, string(i.Amount.Currency),
		string(i.Source), i.Fee, string(i.FeePayer), i.Rail, i.Wallet, failureText(i.Failure), toJSON(i.Fixed), micros(i.CreatedAt))
}

// EndBulkItem takes a pending item to another state; a Conflict of "end_bulk_item" means
// that somebody else has.
func (t Tx) EndBulkItem(id string, to payment.ItemState, why *payment.Failure) error {
	return t.s.Exec(endBulkItem, One, string(to), failureText(why), id)
}

// CancelBulkItems cancels what is pending of a bulk transfer.
func (t Tx) CancelBulkItems(bulk string) error { return t.s.Exec(cancelBulkItems, Any, bulk) }

// BulkItems reads all items of a bulk transfer in their order, with how their payouts
// stand.
func (v View) BulkItems(bulk string) ([]*payment.BulkItem, error) {
	return many(v, bulkItemsOf, readBulkItem, bulk)
}

// PendingBulkItems reads the first items that are no payouts yet.
func (v View) PendingBulkItems(bulk string, limit int) ([]*payment.BulkItem, error) {
	return many(v, bulkItemsPending, readBulkItem, bulk, limit)
}

// BulkItemWithReference reads the pending item of a business that holds a reference;
// ErrNotFound.
func (v View) BulkItemWithReference(business, reference string) (*payment.BulkItem, error) {
	return one(v, bulkItemWithReference, readBulkItem, business, reference)
}

// BulkItemsAfter walks all items in the order of their ids, for the audit.
func (v View) BulkItemsAfter(id string, limit int) ([]*payment.BulkItem, error) {
	return many(v, bulkItemsAfter, readBulkItem, id, limit)
}

// ScheduleBulkEnd sets the due moment of a bulk transfer all of whose items are final by
// now; of any other it does nothing.
func (t Tx) ScheduleBulkEnd(objectType, id string, due time.Time) error {
	return t.s.Exec(scheduleBulkEnd, Any, objectType, micros(due), id)
}

func readBulk(scan Scan) (*payment.Bulk, error) {
	var b payment.Bulk
	var state, totals, fixed string
	var counted, created, updated, expires int64
	var executed sql.NullInt64
	err := scan(&b.ID, &b.Business, &b.Reference, &state, &b.Version, &b.Items, &totals, &b.Given, &fixed, &b.Tally.Succeeded, &b.Tally.Failed,
		&b.Tally.Open, &counted, &created, &updated, &expires, &executed)
	if err != nil {
		return nil, err
	}
	b.State, b.ExecutedAt = payment.BulkState(state), fromNullable(executed)
	b.CreatedAt, b.UpdatedAt, b.ExpiresAt = fromMicros(created), fromMicros(max(updated, counted)), fromMicros(expires)
	if err := fromJSON(totals, &b.Totals); err != nil {
		return nil, err
	}
	return &b, fromJSON(fixed, &b.Fixed)
}

func readBulkItem(scan Scan) (*payment.BulkItem, error) {
	var i payment.BulkItem
	var state, currency, source, payer, failure, fixed, payout, why string
	var created int64
	err := scan(&i.ID, &i.Bulk, &i.Number, &i.Business, &i.Reference, &state, &i.Amount.Minor, &currency, &source, &i.Fee, &payer, &i.Rail, &i.Wallet,
		&failure, &fixed, &created, &payout, &why)
	if err != nil {
		return nil, err
	}
	i.State, i.FeePayer, i.Payout = payment.ItemState(state), payment.FeePayer(payer), payment.PayoutState(payout)
	i.Amount.Currency, i.Source, i.CreatedAt = money.Currency(currency), money.Currency(source), fromMicros(created)
	if i.Failure, err = readFailure(failure); err != nil {
		return nil, err
	}
	if i.PayoutFailure, err = readFailure(why); err != nil {
		return nil, err
	}
	return &i, fromJSON(fixed, &i.Fixed)
}
