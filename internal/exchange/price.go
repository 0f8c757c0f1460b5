package exchange

import (
	"time"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
)

// Rate is what the provider pays and takes for one unit of a pair's first currency,
// in units of the second.
type Rate struct {
	Buy, Sell Decimal
	At        time.Time // when it became so
}

// Price is a rate that one side gets.
type Price struct {
	Pair Pair
	Side Side
	Rate Decimal // units of the pair's second currency for one of the first
}

// On is the price on one side of a rate, as exact as the rate.
func (r Rate) On(p Pair, s Side) Price {
	if s == Buy {
		return Price{p, s, r.Buy}
	}
	return Price{p, s, r.Sell}
}

// InMinor is the price in whole minor units, as swaps and orders write it: what is
// finer is rounded to the provider's side. False: nothing is left of it.
func (p Price) InMinor() (Price, bool) {
	minor := p.Minor()
	p.Rate = OfMinor(minor)
	return p, minor > 0
}

// Minor is the rate in minor units of the second currency.
func (p Price) Minor() int64 {
	r := toCustomer
	if p.Side == Sell {
		r = fromCustomer
	}
	n, err := r.times(100, p.Rate)
	if err != nil {
		return 0
	}
	return n
}

// Source is the currency that the customer gives.
func (p Price) Source() money.Currency {
	if p.Side == Buy {
		return p.Pair.First
	}
	return p.Pair.Second
}

// Target is the currency that the customer gets.
func (p Price) Target() money.Currency {
	if p.Side == Buy {
		return p.Pair.Second
	}
	return p.Pair.First
}

// Text is the price as target units for one source unit. Where that takes a division
// it has 12 significant digits; amounts are worked out from the exact rate.
func (p Price) Text() Decimal {
	if p.Side == Buy {
		return p.Rate.cents()
	}
	return p.Rate.inverse()
}

// worth is what the customer gets for minor units of the source.
func (p Price) worth(source int64) (int64, error) {
	if p.Side == Buy {
		return toCustomer.times(source, p.Rate)
	}
	return toCustomer.over(source, p.Rate)
}

// cost is the least number of source units whose worth is target.
func (p Price) cost(target int64) (int64, error) {
	if p.Side == Buy {
		return fromCustomer.over(target, p.Rate)
	}
	return fromCustomer.times(target, p.Rate)
}

// Terms are what an exchange moves, in minor units.
type Terms struct {
	Source money.Amount // the customer gives all of it
	Target money.Amount // and gets this
	// Rest is the part of Source that Target would not have needed: what rounding down
	// has left over. It is worth less than one minor unit of the target.
	Rest int64
}

// Give works out what the customer gets for minor units of the source. It gives
// ErrRange if no amount can hold it; the result may be 0.
func (p Price) Give(source int64) (Terms, error) {
	target, err := p.worth(source)
	if err != nil || target > money.Max {
		return Terms{}, ErrRange
	}
	used, err := p.cost(target)
	return Terms{money.Of(source, p.Source()), money.Of(target, p.Target()), source - used}, err
}

// Take works out what the customer must give to get exactly these minor units of the
// target. It gives ErrRange if no amount can hold it.
func (p Price) Take(target int64) (Terms, error) {
	source, err := p.cost(target)
	if err != nil || source > money.Max {
		return Terms{}, ErrRange
	}
	return Terms{Source: money.Of(source, p.Source()), Target: money.Of(target, p.Target())}, nil
}

// Bounds are minor units.
type Bounds struct{ Least, Most int64 }

// Holds reports whether minor units lie inside.
func (b Bounds) Holds(minor int64) bool { return minor >= b.Least && minor <= b.Most }

// Given narrows bounds of what is given to what becomes an amount: at least one minor
// unit of the target, at most money.Max of it.
func (p Price) Given(b Bounds) Bounds {
	if least, err := p.cost(1); err == nil {
		b.Least = max(b.Least, least)
	}
	if beyond, err := p.cost(money.Max + 1); err == nil {
		b.Most = min(b.Most, beyond-1)
	}
	return b
}

// Taken narrows bounds of what is taken to what costs an amount.
func (p Price) Taken(b Bounds) Bounds {
	if most, err := p.worth(money.Max); err == nil {
		b.Most = min(b.Most, most)
	}
	return b
}

// Postings move the terms' money from one account to another over fx; what rounding
// left over goes to fx_rounding.
func (t Terms) Postings(from, to ledger.Account) []ledger.Posting {
	all := ledger.Move(from, ledger.FX, money.Of(t.Source.Minor-t.Rest, t.Source.Currency))
	if t.Rest > 0 {
		all[0].Amount -= t.Rest
		all = append(all, ledger.Posting{Account: ledger.FXRounding, Amount: t.Rest, Currency: t.Source.Currency})
	}
	all = append(all, ledger.Move(ledger.FX, to, t.Target)...)
	if to < from { // all entries take accounts in one order: two in opposite directions never wait for each other
		last := len(all) - 1
		all[0], all[last] = all[last], all[0]
	}
	return all
}

// Undone are the terms that give all of it back.
func (t Terms) Undone() Terms {
	return Terms{Source: t.Target, Target: money.Of(t.Source.Minor-t.Rest, t.Source.Currency)}
}
