package engine

import (
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
)

// The rails by name.
const (
	railCard    = "card"
	railNuban   = "nuban" // account numbers in Nigeria
	railACH     = "ach"   // account numbers in the United States
	railInterac = "interac"
	railCrypto  = "crypto"
)

// railOf names the rail on which a method moves a currency.
func railOf(method string, c money.Currency) string {
	switch method {
	case payment.MethodCard:
		return railCard
	case payment.MethodInterac:
		return railInterac
	case payment.MethodCrypto, payment.MethodBinancePay:
		return railCrypto
	}
	return accountRail(c)
}

// accountRail names the rail whose account numbers take a currency.
func accountRail(c money.Currency) string {
	if c == money.USD {
		return railACH
	}
	return railNuban
}

func railOfPayment(p *payment.Payment) string { return railOf(p.Method, p.Amount.Currency) }
