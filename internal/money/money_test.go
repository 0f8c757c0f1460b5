package money_test

import (
	"errors"
	"testing"

	"github.com/juicer-pay/juicer/internal/money"
)

func TestAnAmountReads(t *testing.T) {
	for want, a := range map[string]money.Amount{
		"1500.00 NGN": money.Of(150000, money.NGN), "0.00 USD": money.Of(0, money.USD), "0.05 CAD": money.Of(5, money.CAD),
		"-0.05 USDT": money.Of(-5, money.USDT), "-12.34 USDC": money.Of(-1234, money.USDC), "9999999999.99 NGN": money.Of(money.Max, money.NGN),
	} {
		if got := a.String(); got != want {
			t.Errorf("%d minor units: got %q, want %q", a.Minor, got, want)
		}
	}
}

func TestAmountsAdd(t *testing.T) {
	t.Run("in one currency", func(t *testing.T) {
		got, err := money.Of(150, money.NGN).Plus(money.Of(-151, money.NGN))
		if want := money.Of(-1, money.NGN); err != nil || got != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	})
	t.Run("never across currencies", func(t *testing.T) {
		if got, err := money.Of(150, money.NGN).Plus(money.Of(1, money.USD)); !errors.Is(err, money.ErrCurrency) {
			t.Errorf("got %s, %v; want %v", got, err, money.ErrCurrency)
		}
	})
	t.Run("to nothing with what they are negated", func(t *testing.T) {
		a := money.Of(77, money.CAD)
		if got, err := a.Plus(a.Negated()); err != nil || got != money.Of(0, money.CAD) {
			t.Errorf("got %s, %v; want 0.00 CAD", got, err)
		}
	})
}

func TestCurrenciesAreTheFive(t *testing.T) {
	for _, c := range []money.Currency{"NGN", "USD", "CAD", "USDT", "USDC"} {
		if !money.Known(c) {
			t.Errorf("%s is not known", c)
		}
	}
	for _, c := range []money.Currency{"", "EUR", "ngn", "NGN ", "XYZ"} {
		if money.Known(c) {
			t.Errorf("%q is known, want only the wallet currencies", c)
		}
	}
	if len(money.All) != 5 {
		t.Errorf("there are %d wallet currencies, want 5", len(money.All))
	}
}
