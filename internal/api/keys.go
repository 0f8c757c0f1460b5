package api

import (
	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/wire"
)

// createKey makes a key; its scopes may not exceed those of the calling key.
func createKey(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	in := engine.NewKey{
		Name: r.Text("name", wire.Required, wire.Length(5, 20)), Description: r.Text("description", wire.Length(5, 100)),
		Scopes: r.Texts("scopes", wire.Required, 1, 20, wire.Allowed(access.Scopes()...)),
	}
	if t := r.Time("expiry_date", wire.After(x.engine().Clock.Now())); !t.IsZero() {
		in.ExpiresAt = &t.Time
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	if err := x.key.RequireAll(in.Scopes); err != nil {
		return answer{}, err
	}
	return reply(x.engine().CreateKey(x.ctx(), x.call, in))
}

func rotateKey(x *exchange) (answer, error) {
	if err := wire.Read(x.body).Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().RotateKey(x.ctx(), x.call, x.param("id")))
}

func revokeKey(x *exchange) (answer, error) {
	return reply(x.engine().RevokeKey(x.ctx(), x.call, x.param("id")))
}

func getKey(x *exchange) (answer, error) {
	k, err := x.engine().FindKey(x.ctx(), x.business(), x.param("id"))
	return data(x.engine().ShowKey(k)), err
}

func listKeys(x *exchange) (answer, error) {
	page := x.query.Page("keys", pageSizeDefault)
	state := x.query.Text("status", wire.Allowed(access.Active, access.Rotating, access.Expired, access.Revoked))
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	keys, err := x.engine().APIKeys(x.ctx(), x.business(), state)
	if err != nil {
		return answer{}, err
	}
	at := func(k access.Key) wire.Cursor { return wire.Cursor{CreatedAt: k.CreatedAt, ID: k.ID} }
	keys, block := wire.Show(page, window(page, keys, at), at)
	out := make([]wire.APIKey, len(keys))
	for i, k := range keys {
		out[i] = x.engine().ShowKey(k)
	}
	return listed(wire.List{Data: out, Pagination: block}), nil
}

// window cuts the rows next to the page's cursor out of all rows of a list that is short
// or whose content depends on the time.
func window[T any](p wire.Page, all []T, at func(T) wire.Cursor) []T {
	var out []T
	for i := range all {
		row := all[i]
		if p.OldestFirst() {
			row = all[len(all)-1-i]
		}
		if beyond(p, at(row)) && len(out) < p.Fetch() {
			out = append(out, row)
		}
	}
	return out
}

func beyond(p wire.Page, at wire.Cursor) bool {
	switch {
	case p.After != nil:
		return at.CreatedAt.Before(p.After.CreatedAt) || at.CreatedAt.Equal(p.After.CreatedAt) && at.ID < p.After.ID
	case p.Before != nil:
		return at.CreatedAt.After(p.Before.CreatedAt) || at.CreatedAt.Equal(p.Before.CreatedAt) && at.ID > p.Before.ID
	default:
		return true
	}
}
