// Package money holds amounts and currencies. An amount is an integer in minor
// units (two decimals for every currency) and never stands without its currency.
package money

import (
	"errors"
	"fmt"
	"slices"
)

// Currency is one of the five wallet currencies.
type Currency string

// The wallet currencies.
const (
	NGN  Currency = "NGN"
	USD  Currency = "USD"
	CAD  Currency = "CAD"
	USDT Currency = "USDT"
	USDC Currency = "USDC"
)

// All lists the wallet currencies in the order the contract names them.
var All = []Currency{NGN, USD, CAD, USDT, USDC}

// Known reports whether c is a wallet currency.
func Known(c Currency) bool { return slices.Contains(All, c) }

// Max is the largest amount in minor units.
const Max = 999_999_999_999

// Amount is minor units of a currency; negative only inside postings.
type Amount struct {
	Minor    int64
	Currency Currency
}

// Of is minor units of c.
func Of(minor int64, c Currency) Amount { return Amount{Minor: minor, Currency: c} }

// ErrCurrency is given for arithmetic across currencies.
var ErrCurrency = errors.New("amounts of different currencies")

// Plus adds b, which must have the same currency.
func (a Amount) Plus(b Amount) (Amount, error) {
	if a.Currency != b.Currency {
		return Amount{}, fmt.Errorf("add %s to %s: %w", b, a, ErrCurrency)
	}
	return Of(a.Minor+b.Minor, a.Currency), nil
}

// Negated is the same amount the other way.
func (a Amount) Negated() Amount { return Of(-a.Minor, a.Currency) }

// String writes the amount for people: 1500.00 NGN.
func (a Amount) String() string { return a.Decimal() + " " + string(a.Currency) }

// Decimal writes the number alone: 1500.00.
func (a Amount) Decimal() string {
	sign, n := "", a.Minor
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}
