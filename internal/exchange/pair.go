// Package exchange holds what an exchange of currencies is: pairs, rates, prices,
// quotes, deals and market orders, and how each may change. Its arithmetic is exact:
// rates are decimals, amounts are minor units, and every rounding has a name. It is
// pure: no context, no database, no clock.
package exchange

import (
	"slices"
	"strings"

	"github.com/juicer-pay/juicer/internal/money"
)

// Pair is two currencies of which the first has a price in the second.
type Pair struct{ First, Second money.Currency }

// Symbol is how the pair is written: CAD-NGN.
func (p Pair) Symbol() string { return string(p.First) + "-" + string(p.Second) }

// ReadSymbol reads what Symbol wrote; ok is false for anything else.
func ReadSymbol(symbol string) (p Pair, ok bool) {
	first, second, found := strings.Cut(symbol, "-")
	return Pair{money.Currency(first), money.Currency(second)}, found && first != "" && second != "" && !strings.Contains(second, "-")
}

// Swaps reports whether both currencies have wallets, so that money can be moved.
func (p Pair) Swaps() bool { return money.Known(p.First) && money.Known(p.Second) }

// Side is what the provider does with the first currency.
type Side string

// The sides.
const (
	Buy  Side = "buy"  // the customer gives the first currency
	Sell Side = "sell" // the customer gets the first currency
)

// Find looks for the pair that turns source into target.
func Find(pairs []Pair, source, target money.Currency) (Pair, Side, bool) {
	if p := (Pair{source, target}); slices.Contains(pairs, p) {
		return p, Buy, true
	}
	p := Pair{target, source}
	return p, Sell, slices.Contains(pairs, p)
}

// TargetsOf lists what source can be turned into.
func TargetsOf(pairs []Pair, source money.Currency) (all []money.Currency) {
	for _, p := range pairs {
		switch source {
		case p.First:
			all = append(all, p.Second)
		case p.Second:
			all = append(all, p.First)
		}
	}
	return all
}

// Currencies are those that a rate may be asked for. Money can be held in the five of
// money.All alone.
var Currencies = []money.Currency{
	money.NGN, money.USD, "GHS", "CNY", "KES", "EUR", "GBP", "AUD", money.CAD, "BTC", "ETH", money.USDT, money.USDC, "BUSD",
	"SOL", "DOGE", "XRP", "ADA", "TRX", "AVAX",
}
