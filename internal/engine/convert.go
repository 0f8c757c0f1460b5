package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// Convert asks to exchange money of the business's own at an FX rate.
type Convert struct {
	RateID         string
	Source, Target money.Currency
	Amount         int64 // minor units of the source
	Reference      string
}

// Convert exchanges money between two wallets of the business, at once. The same
// reference with the same money again gives the first conversion, whatever its rate. It
// raises reference_exists, invalid_currency, not_found, quote_mismatch,
// quote_already_used, quote_expired, invalid_amount, insufficient_funds.
func (e *Engine) Convert(ctx context.Context, c *Call, in Convert) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutConversion, in.Reference}, func() (err error) {
		out, err = e.convertOnce(ctx, c, in)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) convertOnce(ctx context.Context, c *Call, in Convert) (Reply, error) {
	first, err := e.conversionOf(ctx, c.Business, in.Reference)
	switch {
	case err != nil:
		return Reply{}, err
	case first != nil:
		return e.sameConversion(ctx, c, first, in)
	}
	if err := haveWallets(in.Source, in.Target); err != nil {
		return Reply{}, err
	}
	q, err := e.FindQuote(ctx, c.Business, exchange.ForFX, in.RateID)
	if err != nil {
		return Reply{}, err
	}
	c.Trace.About(aboutFXRate, q.ID)
	if err := q.Fits(in.Source, in.Target); err != nil {
		return Reply{}, err
	}
	d := e.newDeal(c, exchange.Conversion)
	d.Price, d.QuoteID, d.Reference = q.Price, q.ID, in.Reference
	if err := q.Uses(d.CreatedAt, d.ID); err != nil {
		return e.spentRate(ctx, c, in, err)
	}
	if d.Terms, err = given(d.Price, in.Amount); err != nil {
		return Reply{}, err
	}
	out := conversionReply(d)
	return out, e.book(ctx, c, d, q, &out, nothingElse)
}

// spentRate answers for a rate that cannot be used any more. The same request may have
// used it since its reference was looked up: then it is a repetition.
func (e *Engine) spentRate(ctx context.Context, c *Call, in Convert, spent error) (Reply, error) {
	first, err := e.conversionOf(ctx, c.Business, in.Reference)
	switch {
	case err != nil:
		return Reply{}, err
	case first == nil:
		return Reply{}, spent
	}
	return e.sameConversion(ctx, c, first, in)
}

// haveWallets raises invalid_currency for currencies that only have rates.
func haveWallets(all ...money.Currency) error {
	for _, c := range all {
		if !money.Known(c) {
			return problem.InvalidCurrency.With(problem.Details{"allowed": money.All, "currency": string(c), "method": exchangeMethod})
		}
	}
	return nil
}

// conversionOf reads the conversion under a reference; nil if there is none.
func (e *Engine) conversionOf(ctx context.Context, business, reference string) (first *exchange.Deal, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		first, err = v.DealByReference(business, exchange.Conversion, reference)
		return err
	})
	if store.IsMissing(err) {
		return nil, nil
	}
	return first, err
}

// sameConversion answers a repetition under the same reference.
func (e *Engine) sameConversion(ctx context.Context, c *Call, first *exchange.Deal, in Convert) (Reply, error) {
	c.Trace.About(aboutConversion, first.ID)
	differs := []string{}
	for _, field := range []struct {
		name string
		same bool
	}{
		{"amount", first.Terms.Source.Minor == in.Amount}, {"source_currency", first.Terms.Source.Currency == in.Source},
		{"target_currency", first.Terms.Target.Currency == in.Target},
	} {
		if !field.same {
			differs = append(differs, field.name)
		}
	}
	if len(differs) > 0 {
		return Reply{}, referenceTaken(differs, first.ID, first.Reference, string(first.State), aboutConversion)
	}
	return e.keep(ctx, c, object{aboutConversion, first.ID}, conversionReply(first).replayed())
}

func conversionReply(d *exchange.Deal) Reply {
	money := wire.ConversionMoney(d)
	return Reply{Status: wire.Made, Location: PathOf(aboutConversion, d.ID), Outcome: money.Outcome,
		Body: wire.Marshal(wire.AboutDone{Data: wire.ShowConversion(d), Money: money})}
}

// Reckon works out what an amount would become at the present rate; nothing moves. It
// raises invalid_currency, and invalid_amount for what would become nothing or too much.
func (e *Engine) Reckon(ctx context.Context, source, target money.Currency, amount int64) (wire.Converted, error) {
	p, _, err := e.fxPrice(ctx, source, target)
	if err != nil {
		return wire.Converted{}, err
	}
	if bounds := p.Given(exchange.Bounds{Least: 1, Most: money.Max}); !bounds.Holds(amount) {
		return wire.Converted{}, outside(bounds, source)
	}
	terms, err := p.Give(amount)
	return wire.ShowConverted(p, terms), err
}
