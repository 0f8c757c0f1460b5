package payment

import (
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
)

// The payment methods by their wire names.
const (
	MethodCard       = "card"
	MethodBank       = "bank_account"
	MethodCrypto     = "crypto_address"
	MethodInterac    = "interac"
	MethodBinancePay = "binance_pay"
)

// Method is what a payment method allows. Amounts are in minor
// units.
type Method struct {
	Name       string
	Currencies []money.Currency
	Minimum    int64
	Maximum    int64
	Lifetime   time.Duration // of a session that nobody captures
	Patience   time.Duration // with the payer, from the capture on; 0: the lifetime goes on
	Refundable bool
	Daily      int64 // sum of a customer's sessions in a day; 0: no limit
}

// Methods lists them in the order the contract names them.
var Methods = []Method{
	{MethodCard, []money.Currency{money.NGN, money.USD, money.CAD}, 100, 1_000_000_000, 12 * time.Hour, 0, true, 0},
	{MethodBank, []money.Currency{money.NGN, money.USD}, 100, 100_000_000_000, 24 * time.Hour, 24 * time.Hour, true, 0},
	{MethodCrypto, []money.Currency{money.USDT, money.USDC}, 1000, 5_000_000, 24 * time.Hour, 24 * time.Hour, false, 0},
	{MethodInterac, []money.Currency{money.CAD}, 10_000, 1_000_000, 24 * time.Hour, 0, true, 2_500_000},
	{MethodBinancePay, []money.Currency{money.USD, money.USDT, money.USDC}, 100, 5_000_000, 30 * time.Minute, 30 * time.Minute, false, 0},
}

// MethodByName finds a method.
func MethodByName(name string) (Method, bool) {
	i := slices.IndexFunc(Methods, func(m Method) bool { return m.Name == name })
	if i < 0 {
		return Method{}, false
	}
	return Methods[i], true
}

// Admit raises invalid_currency or invalid_amount.
func (m Method) Admit(a money.Amount) error {
	if !slices.Contains(m.Currencies, a.Currency) {
		return problem.InvalidCurrency.With(problem.Details{"allowed": m.Currencies, "currency": a.Currency, "method": m.Name})
	}
	if a.Minor < m.Minimum || a.Minor > m.Maximum {
		return problem.InvalidAmount.With(problem.Details{"currency": a.Currency, "maximum": m.Maximum, "method": m.Name, "minimum": m.Minimum})
	}
	return nil
}

// AdmitPart raises invalid_amount for a capture of less than the whole that is
// none: below 1 or above the session's amount.
func (m Method) AdmitPart(part int64, whole money.Amount) error {
	if part < 1 || part > whole.Minor {
		return problem.InvalidAmount.With(problem.Details{"currency": whole.Currency, "maximum": whole.Minor, "method": m.Name, "minimum": 1})
	}
	return nil
}
