package api

import (
	"errors"

	"github.com/juicer-pay/juicer/internal/sandbox"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// addRequestFaults takes one rule, or a list of them in the form in which they are listed.
func addRequestFaults(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	var in []*sandbox.RequestRule
	var bad error
	eachRule(r, func(r *wire.Reader) {
		match, text := readRequestMatch(r), r.Text("rule", wire.Required, wire.MaxLength(requestRuleMax))
		rule, err := sandbox.NewRequestRule(match, text)
		if text != "" && bad == nil {
			bad = err
		}
		in = append(in, rule)
	})
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	if bad != nil {
		return answer{}, bad
	}
	rows, err := x.engine().AddRequestFaults(x.ctx(), x.business(), in)
	if err != nil {
		return answer{}, err
	}
	return answer{status: wire.Made, body: wire.Marshal(wire.Data{Data: rows}), location: "/sandbox/faults"}, nil
}

// eachRule reads one rule, or those of a list; a saved list may be sent as it is.
func eachRule(r *wire.Reader, read func(*wire.Reader)) {
	one := func(r *wire.Reader) {
		for _, shown := range []string{"created_at", "fired", "id", "matched"} {
			r.Has(shown)
		}
		read(r)
	}
	if r.Has("rules") {
		r.Objects("rules", wire.Required, 1, rulesMax, func(_ int, r *wire.Reader) { one(r) })
	} else {
		one(r)
	}
}

const requestRuleMax = 600 // four actions with all their params

func readRequestMatch(r *wire.Reader) (m sandbox.RequestMatch) {
	r.Object("match", wire.Optional, func(r *wire.Reader) {
		m = sandbox.RequestMatch{
			IdempotencyKey: r.Text("idempotency_key", wire.MaxLength(nameMax)), KeyID: r.Text("key_id", wire.MaxLength(nameMax)),
			Method: r.Text("method", wire.Allowed(get, post, patch, del, "HEAD")), Nth: r.Int("nth", wire.AtLeast(1)),
			Path: r.Text("path", wire.MaxLength(nameMax)), Reference: r.Text("reference", wire.MaxLength(nameMax)),
		}
	})
	return m
}

func listRequestFaults(x *exchange) (answer, error) {
	rows, err := x.engine().RequestFaults(x.ctx(), x.business())
	return data(rows), err
}

func getRequestFault(x *exchange) (answer, error) {
	row, err := x.engine().RequestFault(x.ctx(), x.business(), x.param("id"))
	return data(row), err
}

func dropRequestFaults(x *exchange) (answer, error) {
	return answer{status: wire.NoContent}, x.engine().DropRequestFaults(x.ctx(), x.business())
}

func dropRequestFault(x *exchange) (answer, error) {
	return answer{status: wire.NoContent}, x.engine().DropRequestFault(x.ctx(), x.business(), x.param("id"))
}

// faultTrace lists what the requests of the business have met, oldest first; a cursor is
// the id of an entry.
func faultTrace(x *exchange) (answer, error) {
	q := x.query
	after, limit := q.Text("after"), int(q.Int("limit", pageSizeDefault, 1, wire.PageSizeMax))
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	rows, err := x.engine().FaultTrace(x.ctx(), x.business(), after, limit+1)
	if errors.Is(err, store.ErrNotFound) {
		q.Breach("after", "Unknown cursor")
		return answer{}, q.Err()
	}
	if err != nil {
		return answer{}, err
	}
	block := wire.Pagination{Limit: limit}
	if len(rows) > limit {
		rows = rows[:limit]
		block.After = &rows[limit-1].ID
	}
	return listed(wire.List{Data: rows, Pagination: block}), nil
}
