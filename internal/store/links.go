package store

import (
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
)

var (
	insertLink      = query("insert_link")
	saveLink        = query("save_link")
	linkByID        = query("link_by_id")
	linkByReference = query("link_by_reference")
	linksOlder      = query("links_older")
	linksNewer      = query("links_newer")
	linksOlderIn    = query("links_older_in_state")
	linksNewerIn    = query("links_newer_in_state")
)

// InsertLink writes a new payment link; a Conflict of "insert_link" means that its
// reference is taken.
func (t Tx) InsertLink(l *payment.Link) error {
	return t.s.Exec(insertLink, One, l.ID, l.Business, l.Reference, string(l.State), l.Version, l.Amount.Minor, string(l.Amount.Currency),
		l.Method, l.Payment, l.Tries, toJSON(l.Fixed), micros(l.CreatedAt), micros(l.UpdatedAt))
}

// SaveLink writes what may change of l, guarded by its version: else a Conflict of
// "save_link".
func (t Tx) SaveLink(l *payment.Link) error {
	return t.s.Exec(saveLink, One, string(l.State), l.Payment, l.Tries, micros(l.UpdatedAt), l.ID, l.Version)
}

// Link reads one payment link by id, whoever owns it; ErrNotFound.
func (v View) Link(id string) (*payment.Link, error) { return one(v, linkByID, readLink, id) }

// LinkByReference reads one payment link of a business; ErrNotFound.
func (v View) LinkByReference(business, reference string) (*payment.Link, error) {
	return one(v, linkByReference, readLink, business, reference)
}

// LinksOlder reads a page below pos, newest first; "" is every state.
func (v View) LinksOlder(business string, pos Position, state payment.LinkState, limit int) ([]*payment.Link, error) {
	if state == "" {
		return many(v, linksOlder, readLink, business, micros(pos.At), pos.ID, limit)
	}
	return many(v, linksOlderIn, readLink, business, string(state), micros(pos.At), pos.ID, limit)
}

// LinksNewer reads a page above pos, oldest first.
func (v View) LinksNewer(business string, pos Position, state payment.LinkState, limit int) ([]*payment.Link, error) {
	if state == "" {
		return many(v, linksNewer, readLink, business, micros(pos.At), pos.ID, limit)
	}
	return many(v, linksNewerIn, readLink, business, string(state), micros(pos.At), pos.ID, limit)
}

func readLink(scan Scan) (*payment.Link, error) {
	var l payment.Link
	var state, currency, fixed string
	var created, updated int64
	err := scan(&l.ID, &l.Business, &l.Reference, &state, &l.Version, &l.Amount.Minor, &currency, &l.Method, &l.Payment, &l.Tries, &fixed,
		&created, &updated)
	if err != nil {
		return nil, err
	}
	l.State, l.Amount.Currency = payment.LinkState(state), money.Currency(currency)
	l.CreatedAt, l.UpdatedAt = fromMicros(created), fromMicros(updated)
	return &l, fromJSON(fixed, &l.Fixed)
}
