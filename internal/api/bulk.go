package api

import (
	"strings"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/wire"
)

const (
	bulkPath      = "/bulk-transfers"
	bulkItemsPath = "/bulk-transfers/{id}/items"
)

// bulkRoutes are the routes of bulk transfers.
func bulkRoutes() []Route {
	return []Route{
		{Method: post, Path: bulkPath, Scope: payoutsWrite, handle: createBulk},
		{Method: get, Path: bulkPath, Scope: payoutsRead, Query: true, handle: listBulks},
		{Method: get, Path: "/bulk-transfers/{id}", Scope: payoutsRead, Cache: cacheAsk, ETag: true, Query: true, Poll: true, handle: getBulk},
		{Method: post, Path: bulkItemsPath, Scope: payoutsWrite, handle: addBulkItems},
		{Method: post, Path: "/bulk-transfers/{id}/execute", Scope: payoutsWrite, handle: executeBulk},
		{Method: post, Path: "/bulk-transfers/{id}/cancel", Scope: payoutsWrite, handle: cancelBulk},
	}
}

func createBulk(x *exchange) (answer, error) {
	reference := readBulkReference(wire.Read(x.body)) // whether the rest is right depends on what there is
	return reply(x.engine().CreateBulk(x.ctx(), x.call, reference, itemNames(x.body), func(f *engine.ItemFacts) (engine.NewBulk, []engine.NewPayout, error) {
		r, now := wire.Read(x.body), x.engine().Clock.Now()
		in := engine.NewBulk{Reference: readBulkReference(r), Description: r.Text("description", wire.MaxLength(textMax)), ExpiresAt: now.Add(bulkExpiry)}
		if ends := r.Time("expires_at", wire.After(now), wire.NotAfter(now.Add(bulkExpiryMax))); r.Has("expires_at") {
			in.ExpiresAt = ends.Time
		}
		if v := r.TextMetadata("metadata", bulkMetadataMax); v != nil {
			in.Metadata = v.Canonical()
		}
		items := readBulkItems(r, f, wire.Optional, 0)
		return in, items, r.Err()
	}))
}

func readBulkReference(r *wire.Reader) string {
	return r.Text("reference", wire.Required, wire.Length(1, bulkReferenceMax), wire.WordLike)
}

func addBulkItems(x *exchange) (answer, error) {
	return reply(x.engine().AddItems(x.ctx(), x.call, x.param("id"), itemNames(x.body), func(f *engine.ItemFacts) ([]engine.NewPayout, error) {
		r := wire.Read(x.body)
		items := readBulkItems(r, f, wire.Required, 1)
		return items, r.Err()
	}))
}

// itemNames are the beneficiaries and references that items name, whatever else is wrong
// with them.
func itemNames(body *wire.Value) (out engine.ItemNames) {
	list := body.Get("items")
	if list.Kind() != wire.KindList || list.Len() > bulkAtOnceMax {
		return out
	}
	for n := range list.Len() {
		item := list.At(n)
		for _, v := range []*wire.Value{item.Get("beneficiary").Get("id"), item.Get("beneficiary_id")} {
			if key, ok := v.Text(); ok {
				out.Beneficiaries = append(out.Beneficiaries, key)
			}
		}
		if reference, ok := item.Get("reference").Text(); ok {
			out.References = append(out.References, reference)
		}
	}
	return out
}

// readBulkItems reads the items of a bulk transfer and holds them against what the store
// knows.
func readBulkItems(r *wire.Reader, f *engine.ItemFacts, need wire.Need, least int) (items []engine.NewPayout) {
	f.Begin()
	r.Objects("items", need, least, bulkAtOnceMax, func(_ int, item *wire.Reader) {
		in := readPayout(item)
		for _, b := range f.Judge(in) {
			breachOf(item, b)
		}
		items = append(items, in)
	})
	return items
}

// breachOf reports a breach where the field stands: the beneficiary may be an object or
// two flat fields.
func breachOf(item *wire.Reader, b engine.ItemBreach) {
	group, field, inner := strings.Cut(b.Field, ".")
	switch to := item.Value().Get(group); {
	case inner && to.Kind() == wire.KindObject:
		item.Within(group, to, func(r *wire.Reader) { r.Breach(field, b.Code, b.Args) })
	case inner:
		item.Breach(group+"_"+field, b.Code, b.Args)
	default:
		item.Breach(b.Field, b.Code, b.Args)
	}
}

func executeBulk(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	pin := r.Text("pin", wire.Digits(4, 6))
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().ExecuteBulk(x.ctx(), x.call, x.param("id"), pin))
}

func cancelBulk(x *exchange) (answer, error) {
	if err := wire.Read(x.body).Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().CancelBulk(x.ctx(), x.call, x.param("id")))
}

func getBulk(x *exchange) (answer, error) {
	until := x.waitUntil()
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	var b *payment.Bulk
	err := x.engine().WaitFor(x.ctx(), until, func() (final bool, err error) {
		if b, err = x.engine().FindBulk(x.ctx(), x.business(), x.param("id")); err != nil {
			return false, err
		}
		return b.Over(), nil
	})
	if err != nil {
		return answer{}, err
	}
	x.trace.About("bulk_transfer", b.ID)
	return reply(x.engine().BulkReply(x.ctx(), b.ID))
}

func listBulks(x *exchange) (answer, error) {
	q := x.query
	page := q.Page("bulk_transfers", bulkPageSize)
	state := payment.BulkState(q.Text("status", wire.Allowed(payment.BulkStates...)))
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	rows, err := x.engine().Bulks(x.ctx(), x.business(), page, state)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(page, rows, func(b *payment.Bulk) wire.Cursor { return wire.Cursor{CreatedAt: b.CreatedAt, ID: b.ID} })
	out := make([]wire.Bulk, len(rows))
	for i, b := range rows {
		out[i] = wire.ListedBulk(b)
	}
	return listed(wire.List{Data: out, Pagination: block}), nil
}
