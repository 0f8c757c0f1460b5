package party

import (
	"regexp"
	"slices"
	"strings"

	"github.com/juicer-pay/juicer/internal/money"
)

// Pays lists the currencies that a type of beneficiary can be paid in.
func (t BeneficiaryType) Pays() []money.Currency {
	switch t {
	case ToBank:
		return []money.Currency{money.NGN, money.USD}
	case ToInterac:
		return []money.Currency{money.CAD}
	case ToCrypto:
		return []money.Currency{money.USDC, money.USDT}
	default:
		return slices.Clone(money.All)
	}
}

// Chains lists the chains on which a currency can be paid out.
func Chains(c money.Currency) []string {
	switch c {
	case money.USDC:
		return []string{"ETH", "MATIC", "AVAXC"}
	case money.USDT:
		return []string{"ETH", "TRX", "BSC"}
	default:
		return nil
	}
}

var (
	hexAddress = regexp.MustCompile(`^0x[0-9a-fA-F]{40}$`)
	trxAddress = regexp.MustCompile(`^T[1-9A-HJ-NP-Za-km-z]{33}$`) // base58 has no 0, O, I, l
	bicForm    = regexp.MustCompile(`^[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$`)
	usState    = regexp.MustCompile(`^[A-Z]{2}$`)
	usZip      = regexp.MustCompile(`^\d{5}(?:-?\d{4})?$`)
	usPhone    = regexp.MustCompile(`^\+1\d{10}$`) // of the United States and Canada
)

// FitsChain reports whether an address is one of the chain.
func FitsChain(chain, address string) bool {
	if chain == "TRX" {
		return trxAddress.MatchString(address)
	}
	return hexAddress.MatchString(address)
}

// ValidRouting reports whether s is a routing number: nine digits whose last checks the
// others (ABA).
func ValidRouting(s string) bool {
	if len(s) != 9 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	sum := 0
	for i, weight := range []int{3, 7, 1, 3, 7, 1, 3, 7, 1} {
		sum += weight * int(s[i]-'0')
	}
	return sum%10 == 0 && sum > 0
}

// ValidBIC reports whether s has the form of a bank identifier code.
func ValidBIC(s string) bool { return bicForm.MatchString(s) }

// ValidUSState and ValidUSZip judge what an address in the United States must hold.
func ValidUSState(s string) bool { return usState.MatchString(s) }

// ValidUSZip takes five digits, or nine with or without a hyphen.
func ValidUSZip(s string) bool { return usZip.MatchString(s) }

// ValidInteracPhone reports whether s is a number of North America with its +1.
func ValidInteracPhone(s string) bool { return usPhone.MatchString(s) }
