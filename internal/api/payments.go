package api

import (
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

func getPayment(x *exchange) (answer, error) {
	return x.getPayment(func() (*payment.Payment, error) {
		return x.engine().Payment(x.ctx(), x.business(), x.param("id"))
	}, x.engine().PaymentReply)
}

// listPayments is a page, or all of the ids or references asked for.
func listPayments(x *exchange) (answer, error) {
	q := x.query
	if ask, some := readChosen(q); some {
		return x.chosenPayments(ask)
	}
	f := engine.PaymentFilter{Page: q.Page("payments", pageSizeDefault), Span: readSpan(q),
		Status: q.Text("status", wire.Allowed(wire.StatusFilters...))}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	rows, err := x.engine().Payments(x.ctx(), x.business(), f)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(f.Page, rows, func(p *payment.Payment) wire.Cursor { return wire.Cursor{CreatedAt: p.CreatedAt, ID: p.ID} })
	return listed(wire.List{Data: x.flat(rows), Pagination: block}), nil
}

func listed(v any) answer { return answer{status: wire.OK, body: wire.Marshal(v)} }

func (x *exchange) flat(rows []*payment.Payment) []wire.Payment {
	out := make([]wire.Payment, len(rows))
	for i, p := range rows {
		out[i] = x.s.Site.FlatPayment(p)
	}
	return out
}

// picked is what a list is asked for by name.
type picked struct {
	keys        []string
	byReference bool
}

// readChosen reads ids or references; false if the query has neither, and is a page.
func readChosen(q *wire.Query) (ask picked, some bool) {
	ids, references := q.List("ids"), q.List("references")
	if !q.Has("ids") && !q.Has("references") {
		return ask, false
	}
	for _, name := range []string{"limit", "after", "before", "created_after", "created_before", "status"} {
		if q.Has(name) {
			q.Breach(name, "Cannot be combined with ids or references")
		}
	}
	if q.Has("ids") && q.Has("references") {
		q.Breach("references", "Cannot be combined with ids")
	}
	q.Ignore("limit", "after", "before", "created_after", "created_before", "status")
	if q.Has("references") {
		return picked{references, true}, true
	}
	return picked{ids, false}, true
}

func (x *exchange) chosenPayments(ask picked) (answer, error) {
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	rows, missing, err := x.engine().Chosen(x.ctx(), x.business(), ask.keys, ask.byReference)
	if err != nil {
		return answer{}, err
	}
	return listed(wire.Chosen{Data: x.flat(rows), Missing: missing, Pagination: wire.Pagination{Limit: chosenMax}}), nil
}

// readSpan reads created_after (inclusive) and created_before (exclusive).
func readSpan(q *wire.Query) store.Span {
	span := engine.EverSpan()
	if t := q.Time("created_after"); !t.IsZero() {
		span.From = t.Time
	}
	if t := q.Time("created_before"); !t.IsZero() {
		span.To = t.Time
	}
	return span
}

func paymentStats(x *exchange) (answer, error) {
	counts, err := x.engine().Stats(x.ctx(), x.business())
	return data(counts), err
}

func refundPayment(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	in := engine.Refund{
		Amount: r.Int("amount", wire.Positive), Reason: r.Text("reason", wire.MaxLength(200)), Reference: r.Reference("reference", wire.Optional),
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().RefundPayment(x.ctx(), x.call, x.param("id"), in))
}

func listRefunds(x *exchange) (answer, error) {
	page := x.query.Page("refunds", pageSizeDefault)
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	p, err := x.engine().FindPayment(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	rows, err := x.engine().Refunds(x.ctx(), p.ID, page)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(page, rows, func(r *payment.Refund) wire.Cursor { return wire.Cursor{CreatedAt: r.CreatedAt, ID: r.ID} })
	out := make([]wire.Refund, len(rows))
	for i, r := range rows {
		out[i] = x.s.Site.Refund(r)
	}
	return listed(wire.List{Data: out, Pagination: block}), nil
}

func getRefund(x *exchange) (answer, error) {
	until := x.waitUntil()
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	var r *payment.Refund
	err := x.engine().WaitFor(x.ctx(), until, func() (final bool, err error) {
		if r, err = x.engine().FindRefund(x.ctx(), x.business(), x.param("id")); err != nil {
			return false, err
		}
		return r.State.Final(), nil
	})
	if err != nil {
		return answer{}, err
	}
	x.trace.About("refund", r.ID)
	return replyOf(x.engine().RefundReply(r)), nil
}
