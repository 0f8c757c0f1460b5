package engine

import (
	"context"
	"slices"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// What every pair keeps to. Times are seconds, amounts minor units of what is given.
const (
	timeToLock    = 30
	timeToConvert = 60
	rateTTL       = 300 // of a rate for which the operator has named none
	exchangeLeast = 100
	exchangeMost  = 1_000_000_000
	// exchangeMethod stands where other refusals name a payment method.
	exchangeMethod = "exchange"
)

// offer is a pair with its present rate.
type offer struct {
	pair  exchange.Pair
	rate  exchange.Rate
	known bool  // there is a rate
	ttl   int64 // seconds for which a price made of it may be had at most
	set   store.Rate
}

// id names the pair in every process alike.
func (o offer) id() string { return id.Named("rate " + o.pair.Symbol()) }

// offers lists the pairs: what the operator has set wins over the source.
func (e *Engine) offers(ctx context.Context) (all []offer, err error) {
	var rows []store.Rate
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		rows, err = v.Rates()
		return err
	})
	pairs, source := exchange.DefaultPairs(), exchange.Source(nil)
	if e.Config.Rates != nil {
		source = e.Config.Rates(e.Settings().Rates)
		pairs = source.Pairs()
	}
	for _, p := range pairs {
		o := offer{pair: p, ttl: rateTTL}
		i := slices.IndexFunc(rows, func(r store.Rate) bool { return r.Symbol == p.Symbol() })
		switch {
		case i >= 0:
			o.set, o.known, o.ttl = rows[i], true, rows[i].TTL
			o.rate = exchange.Rate{Buy: exchange.OfMinor(o.set.Buy), Sell: exchange.OfMinor(o.set.Sell), At: o.set.UpdatedAt}
		case source != nil:
			o.rate, o.known = source.Rate(p, e.now())
		}
		all = append(all, o)
	}
	return all, err
}

// swapping are the offers under which money can be moved.
func swapping(all []offer) []offer {
	return slices.DeleteFunc(slices.Clone(all), func(o offer) bool { return !o.pair.Swaps() })
}

func pairsOf(all []offer) (pairs []exchange.Pair) {
	for _, o := range all {
		if o.known {
			pairs = append(pairs, o.pair)
		}
	}
	return pairs
}

// among finds the price that turns source into target. It raises invalid_currency.
func among(all []offer, source, target money.Currency) (exchange.Price, offer, error) {
	pairs := pairsOf(all)
	pair, side, ok := exchange.Find(pairs, source, target)
	if !ok {
		return exchange.Price{}, offer{}, noRate(pairs, source, target)
	}
	o := all[slices.IndexFunc(all, func(o offer) bool { return o.pair == pair })]
	return o.rate.On(pair, side), o, nil
}

// noRate is invalid_currency about the source if it has no rate at all, else about
// the target.
func noRate(pairs []exchange.Pair, source, target money.Currency) error {
	refused, allowed := target, exchange.TargetsOf(pairs, source)
	if len(allowed) == 0 {
		refused, allowed = source, []money.Currency{}
		for _, c := range exchange.Currencies {
			if len(exchange.TargetsOf(pairs, c)) > 0 {
				allowed = append(allowed, c)
			}
		}
	}
	return problem.InvalidCurrency.With(problem.Details{"allowed": allowed, "currency": string(refused), "method": exchangeMethod})
}

// swapPrice is the present price of a swap, in whole minor units.
func (e *Engine) swapPrice(ctx context.Context, source, target money.Currency) (exchange.Price, offer, error) {
	all, err := e.offers(ctx)
	if err != nil {
		return exchange.Price{}, offer{}, err
	}
	exact, o, err := among(swapping(all), source, target)
	if err != nil {
		return exact, o, err
	}
	p, ok := exact.InMinor()
	if !ok {
		return p, o, noRate(nil, source, target)
	}
	return p, o, nil
}

// fxPrice is the present price of any pair, as exact as the rate.
func (e *Engine) fxPrice(ctx context.Context, source, target money.Currency) (exchange.Price, offer, error) {
	all, err := e.offers(ctx)
	if err != nil {
		return exchange.Price{}, offer{}, err
	}
	return among(all, source, target)
}

// Pairs lists the symbols that can be swapped.
func (e *Engine) Pairs(ctx context.Context) ([]string, error) {
	all, err := e.offers(ctx)
	symbols := []string{}
	for _, p := range pairsOf(swapping(all)) {
		symbols = append(symbols, p.Symbol())
	}
	return symbols, err
}

// SwapConfigurations lists what swaps of each pair must keep to. A pair without a rate
// is inactive.
func (e *Engine) SwapConfigurations(ctx context.Context) ([]wire.SwapConfiguration, error) {
	all, err := e.offers(ctx)
	out := []wire.SwapConfiguration{}
	for _, o := range swapping(all) {
		status := "active"
		if !o.known {
			status = "inactive"
		}
		out = append(out, wire.SwapConfiguration{ID: o.id(), Maximum: exchangeMost, Minimum: exchangeLeast, Status: status,
			Symbol: o.pair.Symbol(), TimeToConvert: min(timeToConvert, o.ttl), TimeToLock: min(timeToLock, o.ttl)})
	}
	return out, err
}

// Rates lists the present rate of every pair.
func (e *Engine) Rates(ctx context.Context) ([]wire.OperatorRate, error) {
	all, err := e.offers(ctx)
	out := []wire.OperatorRate{}
	for _, o := range all {
		out = append(out, showRate(o))
	}
	return out, err
}

func showRate(o offer) wire.OperatorRate {
	out := wire.OperatorRate{ID: o.id(), Symbol: o.pair.Symbol(), TTL: o.ttl}
	if o.known {
		buy, sell := o.rate.On(o.pair, exchange.Buy).Minor(), o.rate.On(o.pair, exchange.Sell).Minor()
		out.Buy, out.Sell, out.UpdatedAt = &buy, &sell, wire.AtOrNull(&o.rate.At)
	}
	return out
}

// RateChange is what an operator sets of a rate; 0 leaves a number as it is.
type RateChange struct {
	Buy, Sell int64 // minor units
	TTL       int64 // seconds
}

// SetRate keeps a rate of the operator's. It raises not_found, and validation_error if
// the provider would pay more than it takes.
func (e *Engine) SetRate(ctx context.Context, c *Call, key string, in RateChange) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutRate, key}, func() (err error) {
		out, err = e.setRateOnce(ctx, c, key, in)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) setRateOnce(ctx context.Context, c *Call, key string, in RateChange) (Reply, error) {
	all, err := e.offers(ctx)
	if err != nil {
		return Reply{}, err
	}
	i := slices.IndexFunc(all, func(o offer) bool { return o.id() == id.Fold(key) })
	if i < 0 {
		return Reply{}, missing("rate", key)
	}
	o := all[i]
	if o.set, err = o.changed(in); err != nil {
		return Reply{}, err
	}
	o.set.UpdatedAt, o.known, o.ttl = e.now(), true, o.set.TTL
	o.rate = exchange.Rate{Buy: exchange.OfMinor(o.set.Buy), Sell: exchange.OfMinor(o.set.Sell), At: o.set.UpdatedAt}
	c.Trace.About(aboutRate, o.id())
	out := Reply{Status: wire.Made, Location: PathOf(aboutRate, o.id()), Body: wire.Marshal(wire.Data{Data: showRate(o)})}
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if err := e.claim(tx, c, object{aboutRate, o.id()}, &out); err != nil {
			return err
		}
		if o.set.Version == 0 {
			o.set.Version = 1
			return tx.InsertRate(o.set)
		}
		return tx.SaveRate(o.set)
	})
	c.finished(err)
	return out, err
}

// changed is the offer's rate with a change.
func (o offer) changed(in RateChange) (store.Rate, error) {
	r := o.set
	r.Symbol, r.TTL = o.pair.Symbol(), o.ttl
	if o.known {
		r.Buy, r.Sell = o.rate.On(o.pair, exchange.Buy).Minor(), o.rate.On(o.pair, exchange.Sell).Minor()
	}
	for _, n := range []struct {
		into *int64
		to   int64
	}{{&r.Buy, in.Buy}, {&r.Sell, in.Sell}, {&r.TTL, in.TTL}} {
		if n.to > 0 {
			*n.into = n.to
		}
	}
	return r, checkRate(r, in)
}

// checkRate raises validation_error about the field that was sent.
func checkRate(r store.Rate, in RateChange) error {
	switch {
	case r.Buy == 0:
		return problem.Invalid(problem.Breach(problem.FieldRequired, "buy", nil))
	case r.Sell == 0:
		return problem.Invalid(problem.Breach(problem.FieldRequired, "sell", nil))
	case r.Buy <= r.Sell:
		return nil
	case in.Buy > 0:
		return problem.Invalid(problem.Breach(problem.FieldConflict, "buy", problem.Details{"other": "sell"}))
	default:
		return problem.Invalid(problem.Breach(problem.FieldConflict, "sell", problem.Details{"other": "buy"}))
	}
}
