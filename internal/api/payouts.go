package api

import (
	"net/url"
	"strings"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

const cryptoTextMax = 140 // characters of the description of a crypto payout

// payoutRoutes are the routes of payouts.
func payoutRoutes() []Route {
	return []Route{
		{Method: post, Path: "/payouts", Scope: payoutsWrite, handle: createPayout},
		{Method: get, Path: "/payouts", Scope: payoutsRead, Query: true, handle: listPayouts},
		{Method: get, Path: "/payouts/Charge", Scope: payoutsRead, Query: true, handle: payoutCharge},
		{Method: get, Path: "/payouts/charge", Scope: payoutsRead, Query: true, handle: payoutCharge},
		{Method: get, Path: "/payouts/{id}", Scope: payoutsRead, Cache: cacheAsk, ETag: true, Query: true, Poll: true, handle: getPayout},
	}
}

func createPayout(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	in := readPayout(r)
	in.PIN, in.QuoteID = r.Text("pin", wire.Digits(4, 6)), r.Text("quote_id", wire.MaxLength(nameMax))
	if metadata := r.Metadata("metadata"); metadata != nil {
		in.Metadata = metadata.Canonical()
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().CreatePayout(x.ctx(), x.call, in))
}

// readPayout reads what a payout and an item of a bulk transfer have in common.
func readPayout(r *wire.Reader) engine.NewPayout {
	in := engine.NewPayout{Amount: money.Of(r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max)), "")}
	readPayee(r, &in)
	most := textMax
	if in.Type == party.ToCrypto {
		most = cryptoTextMax
	}
	in.Description = r.Text("description", wire.MaxLength(most))
	in.Amount.Currency = wire.OneOf(r, "destination_currency", wire.Required, money.All...)
	in.Source = wire.OneOf(r, "source_currency", wire.Required, money.All...)
	in.Reference = r.Reference("reference", wire.Required)
	in.FeePayer = wire.OneOf(r, "fee_charged_to", wire.Optional, payment.FeeOnSender, payment.FeeOnRecipient)
	if in.FeePayer == "" {
		in.FeePayer = payment.FeeOnSender
	}
	in.AllowDuplicate = r.Bool("allow_duplicate", wire.Optional)
	return in
}

// readPayee reads the beneficiary: an object, or two flat fields.
func readPayee(r *wire.Reader, in *engine.NewPayout) {
	if !r.Has("beneficiary") && (r.Has("beneficiary_id") || r.Has("beneficiary_type")) {
		in.Beneficiary = r.Text("beneficiary_id", wire.Required, wire.MaxLength(textMax))
		in.Type = wire.OneOf(r, "beneficiary_type", wire.Required, party.BeneficiaryTypes...)
		return
	}
	r.Object("beneficiary", wire.Required, func(b *wire.Reader) {
		in.Beneficiary = b.Text("id", wire.Required, wire.MaxLength(textMax))
		in.Type = wire.OneOf(b, "type", wire.Required, party.BeneficiaryTypes...)
	})
	for name, same := range map[string]string{"beneficiary_id": in.Beneficiary, "beneficiary_type": string(in.Type)} {
		if flat := r.Text(name, wire.MaxLength(textMax)); flat != "" && flat != same {
			r.Breach(name, problem.FieldConflict, problem.Details{"other": "beneficiary"})
		}
	}
}

// payoutCharge tells what a payout would cost. Names of parameters come in any case.
func payoutCharge(x *exchange) (answer, error) {
	q := wire.ReadQuery(lowered(x.r.URL.RawQuery))
	amount := q.Int("amount", 0, 1, money.Max)
	if !q.Has("amount") {
		q.Breach("amount", "Is required")
	}
	c := money.Currency(q.Text("currency", wire.Required, wire.Allowed(money.All...)))
	name := q.Text("currency_rail", wire.Allowed(payment.PayoutRailNames()...))
	if other := q.Text("rail", wire.Allowed(payment.PayoutRailNames()...)); name == "" {
		name = other
	} else if other != "" && other != name {
		q.Breach("rail", "Cannot be combined with currency_rail")
	}
	rails := payment.PayoutRailsOf(c)
	switch {
	case name == "" && len(rails) == 1:
		name = rails[0]
	case name == "" && len(rails) > 1:
		q.Breach("currency_rail", "Must be one of: "+strings.Join(rails, ", "))
	}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	r, _ := payment.PayoutRailByName(name)
	out, err := x.engine().PayoutCharge(x.ctx(), x.business(), money.Of(amount, c), r)
	return data(out), err
}

// lowered is a query with its names in lower case.
func lowered(raw string) string {
	parts := strings.Split(raw, "&")
	for i, part := range parts {
		name, value, there := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = url.QueryEscape(strings.ToLower(plain))
		}
		if parts[i] = name; there {
			parts[i] += "=" + value
		}
	}
	return strings.Join(parts, "&")
}

// listPayouts is a page, or all of the ids or references asked for.
func listPayouts(x *exchange) (answer, error) {
	q := x.query
	show := func(rows []*payment.Payout) []wire.Payout {
		out := make([]wire.Payout, len(rows))
		for i, p := range rows {
			out[i] = x.s.Site.Payout(p)
		}
		return out
	}
	if ask, some := readChosen(q); some {
		if err := q.Err(); err != nil {
			return answer{}, err
		}
		rows, missing, err := x.engine().ChosenPayouts(x.ctx(), x.business(), ask.keys, ask.byReference)
		return listed(wire.Chosen{Data: show(rows), Missing: missing, Pagination: wire.Pagination{Limit: chosenMax}}), err
	}
	f := engine.PayoutFilter{Page: q.Page("payouts", pageSizeDefault), Span: readSpan(q), Status: q.Text("status", wire.Allowed(wire.PayoutFilters...))}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	rows, err := x.engine().ListPayouts(x.ctx(), x.business(), f)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(f.Page, rows, func(p *payment.Payout) wire.Cursor { return wire.Cursor{CreatedAt: p.CreatedAt, ID: p.ID} })
	return listed(wire.List{Data: show(rows), Pagination: block}), nil
}

// sentPayout is the payout of the path; one that was just ordered is sent first.
func (x *exchange) sentPayout() (p *payment.Payout, err error) {
	err = x.engine().WaitFor(x.ctx(), world.RealNow().Add(settlePatience), func() (bool, error) {
		p, err = x.engine().FindPayout(x.ctx(), x.business(), x.param("id"))
		return err == nil && p.State != payment.PayoutPending, err
	})
	return p, err
}

// resolvePayout ends a running payout, or sends one back that has succeeded, by the
// bank's hand.
func resolvePayout(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	ending := wire.OneOf(r, "outcome", wire.Required, scripted.Succeed, scripted.Fail, scripted.Reverse)
	code := r.Text("code", wire.Allowed(failureCodes("payout")...))
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	p, err := x.sentPayout()
	if err != nil {
		return answer{}, err
	}
	x.trace.About("payout", p.ID)
	if mayReverse := p.State == payment.PayoutSucceeded; p.State.Final() || mayReverse != (ending == scripted.Reverse) {
		return answer{}, transition(string(p.State), string(ending))
	}
	return x.byBank(byHand{"payout", p.ID, engine.PayoutRef(p), string(p.State), ending, code}, func() (engine.Reply, error) {
		p, err := x.engine().FindPayout(x.ctx(), x.business(), p.ID)
		if err != nil {
			return engine.Reply{}, err
		}
		return x.engine().PayoutReply(p), nil
	})
}
