package engine

import (
	"context"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// Payment reads a business's payment by id or by reference; a value in the form
// of a UUID is tried as an id first.
func (e *Engine) Payment(ctx context.Context, business, key string) (*payment.Payment, error) {
	p, err := e.FindPayment(ctx, business, key)
	if err == nil {
		return p, nil
	}
	refErr := e.Store.Read(ctx, func(v store.View) (err error) {
		p, err = v.PaymentByReference(business, key)
		return err
	})
	if store.IsMissing(refErr) {
		return nil, err
	}
	return p, refErr
}

// PaymentReply is a fetched payment with its money block.
func (e *Engine) PaymentReply(p *payment.Payment) Reply { return e.about(p, e.Site.FlatPayment(p)) }

// SessionReply is a session with its money block.
func (e *Engine) SessionReply(p *payment.Payment) Reply { return e.sessionReply(p) }

// WaitFor calls look until it says that the state is final or the time is up. It
// looks again whenever something was committed.
func (e *Engine) WaitFor(ctx context.Context, until time.Time, look func() (final bool, err error)) error {
	for {
		changed := e.moved.C()
		final, err := look()
		left := until.Sub(world.RealNow())
		if final || err != nil || left <= 0 {
			return err
		}
		timer, end := world.After(left)
		select {
		case <-changed:
		case <-timer:
		case <-ctx.Done():
			end()
			return ctx.Err()
		case <-e.life.Done():
			end()
			return nil
		}
		end()
	}
}

// PaymentFilter narrows a list of payments.
type PaymentFilter struct {
	Page   wire.Page
	Span   store.Span
	Status string // "" for all
}

// Payments reads a page of a business's payments, newest first.
func (e *Engine) Payments(ctx context.Context, business string, f PaymentFilter) (rows []*payment.Payment, err error) {
	var states []payment.State
	if f.Status != "" {
		states = wire.StatesOf(f.Status)
	}
	read := e.Store.Read
	if len(states) > 1 {
		read = e.Store.Snapshot
	}
	err = read(ctx, func(v store.View) (err error) {
		if f.Page.OldestFirst() {
			rows, err = v.PaymentsNewer(business, place(*f.Page.Before), f.Span, states, f.Page.Fetch())
			return err
		}
		rows, err = v.PaymentsOlder(business, under(f.Page), f.Span, states, f.Page.Fetch())
		return err
	})
	return rows, err
}

func place(c wire.Cursor) store.Position { return store.Position{At: c.CreatedAt, ID: c.ID} }

// under is where a page that reads towards older rows begins.
func under(p wire.Page) store.Position {
	if p.After != nil {
		return place(*p.After)
	}
	return store.Position{At: time.UnixMicro(1<<62 - 1)}
}

// EverSpan is the span that holds everything.
func EverSpan() store.Span {
	return store.Span{From: time.UnixMicro(0), To: time.UnixMicro(1<<62 - 1)}
}

// Chosen reads payments by ids or references, in the order asked for, and names
// those that do not exist.
func (e *Engine) Chosen(ctx context.Context, business string, keys []string, byReference bool) (rows []*payment.Payment, missing []string, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		rows, missing, err = chosen(keys, func(key string) (*payment.Payment, error) {
			if byReference {
				return v.PaymentByReference(business, key)
			}
			p, err := v.Payment(id.Fold(key))
			return p, owned(err, err == nil && p.Business == business)
		})
		return err
	})
	return rows, missing, err
}

// chosen reads rows by keys, in the order of the keys, and names the keys of those that
// do not exist.
func chosen[T any](keys []string, pick func(key string) (T, error)) (rows []T, missing []string, err error) {
	for _, key := range keys {
		row, err := pick(key)
		switch {
		case store.IsMissing(err):
			missing = append(missing, key)
		case err != nil:
			return nil, nil, err
		default:
			rows = append(rows, row)
		}
	}
	return rows, missing, nil
}

// owned makes a row of another business one that does not exist.
func owned(err error, ours bool) error {
	if err == nil && !ours {
		return store.ErrNotFound
	}
	return err
}

const statsDays = 30

// Stats counts the payments of the last 30 days by bucket; total is their sum.
func (e *Engine) Stats(ctx context.Context, business string) (map[string]int64, error) {
	var counts map[payment.State]int64
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		counts, err = v.CountPayments(business, e.now().AddDate(0, 0, -statsDays))
		return err
	})
	out := map[string]int64{"total": 0}
	for bucket, states := range payment.Buckets {
		for _, s := range states {
			out[bucket] += counts[s]
			out["total"] += counts[s]
		}
	}
	return out, err
}

// Refunds reads a page of a payment's refunds, newest first.
func (e *Engine) Refunds(ctx context.Context, paymentID string, page wire.Page) (rows []*payment.Refund, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if page.OldestFirst() {
			rows, err = v.RefundsNewer(paymentID, place(*page.Before), page.Fetch())
			return err
		}
		rows, err = v.RefundsOlder(paymentID, under(page), page.Fetch())
		return err
	})
	return rows, err
}

// beside cuts a page out of a few rows, given oldest first: those that fit, next to the
// page's cursor, in the order in which a page is read.
func beside[T any](p wire.Page, few []T, at func(T) store.Position, fits func(T) bool) (rows []T) {
	few = slices.Clone(few)
	if !p.OldestFirst() {
		slices.Reverse(few)
	}
	for _, row := range few {
		if fits(row) && within(p, at(row)) && len(rows) < p.Fetch() {
			rows = append(rows, row)
		}
	}
	return rows
}

// within reports whether a row stands on the page's side of its cursor.
func within(p wire.Page, at store.Position) bool {
	later := func(a, b store.Position) bool { return a.At.After(b.At) || a.At.Equal(b.At) && a.ID > b.ID }
	if p.OldestFirst() {
		return later(at, place(*p.Before))
	}
	return later(under(p), at)
}
