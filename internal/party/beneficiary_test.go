package party_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/problem"
)

func TestAnAccountHasOneIdentity(t *testing.T) {
	bank := party.Details{BankCode: "999001", AccountNumber: "0690000031", BankName: "Steady Bank"}
	crypto := party.Details{Chain: "ETH", CryptoAddress: "0xAbCd"}
	of := func(as party.BeneficiaryType, c money.Currency, d party.Details) string {
		return (&party.Beneficiary{Type: as, Currency: c, Details: d}).Identity()
	}
	renamed, other, lower, tron := bank, bank, crypto, crypto
	renamed.BankName, renamed.AccountName, renamed.Rail = "Steady", "ADA", party.Nuban
	other.BankCode = "999002"
	lower.CryptoAddress = "0xabcd"
	tron.Chain, tron.CryptoAddress = "TRX", "Tabc"
	tronUpper := tron
	tronUpper.CryptoAddress = "TABC"
	for _, c := range []struct {
		says string
		a, b string
		same bool
	}{
		{"names are not part of an account", of(party.ToBank, money.NGN, bank), of(party.ToBank, money.NGN, renamed), true},
		{"the bank is", of(party.ToBank, money.NGN, bank), of(party.ToBank, money.NGN, other), false},
		{"the currency is", of(party.ToCrypto, money.USDC, crypto), of(party.ToCrypto, money.USDT, crypto), false},
		{"the case of hexadecimal digits is not", of(party.ToCrypto, money.USDC, crypto), of(party.ToCrypto, money.USDC, lower), true},
		{"the case of base58 is", of(party.ToCrypto, money.USDT, tron), of(party.ToCrypto, money.USDT, tronUpper), false},
		{"the case of an e-mail is not", of(party.ToInterac, money.CAD, party.Details{Email: "Ada@example.com"}), of(party.ToInterac, money.CAD, party.Details{Email: "ada@Example.com"}), true},
	} {
		if got := c.a == c.b; got != c.same {
			t.Errorf("%s: %s and %s are the same: %v", c.says, c.a, c.b, got)
		}
	}
}

func TestWhoMayReceive(t *testing.T) {
	b := party.Beneficiary{ID: "b", Type: party.ToBank, Currency: money.NGN, Status: party.BeneficiaryActive}
	gone := b
	gone.Status = party.BeneficiaryDeleted
	for _, c := range []struct {
		who    party.Beneficiary
		as     party.BeneficiaryType
		in     money.Currency
		reason any // nil: none
	}{
		{b, party.ToBank, money.NGN, nil}, {gone, party.ToBank, money.NGN, "deleted"}, {b, party.ToCrypto, money.NGN, "type"}, {b, party.ToBank, money.USD, "currency"},
	} {
		err := c.who.MayReceive(c.as, c.in)
		if c.reason == nil && err == nil {
			continue
		}
		p, _ := problem.Of(err)
		if p == nil || p.Kind != problem.InvalidBeneficiary || p.Details["reason"] != c.reason {
			t.Errorf("%+v as %s in %s: got %v, want reason %v", c.who, c.as, c.in, err, c.reason)
		}
	}
	if p, _ := problem.Of(party.NoBeneficiary("x")); p == nil || p.Details["reason"] != "not_found" {
		t.Errorf("one that is not there: got %v", p)
	}
}

// identical are the details that are the account itself: two bodies that differ in them
// are two accounts.
var identical = []string{"AccountNumber", "BankCode", "BankID", "RoutingNumber", "Chain", "CryptoAddress", "Email"}

func TestEveryOtherDetailMayDiffer(t *testing.T) {
	kind := reflect.TypeOf(party.Details{})
	for i := range kind.NumField() {
		name := kind.Field(i).Name
		var a, b party.Details
		switch v := reflect.ValueOf(&b).Elem().Field(i); v.Kind() {
		case reflect.String:
			v.SetString("x")
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Slice:
			v.SetBytes([]byte(`{"a":1}`))
		case reflect.Pointer:
			v.Set(reflect.ValueOf(&party.Address{City: "Austin"}))
		}
		if got, want := len(a.Differs(b, false)), 1; got != want != slices.Contains(identical, name) {
			t.Errorf("%s: %v", name, a.Differs(b, false))
		}
	}
	var d party.Details
	if got := d.Differs(d, true); !slices.Equal(got, []string{"security_answer"}) {
		t.Errorf("another answer: got %v", got)
	}
}

func TestFormsOfAccounts(t *testing.T) {
	for _, c := range []struct {
		says  string
		valid func(string) bool
		good  []string
		bad   []string
	}{
		{"routing numbers", party.ValidRouting, []string{"021000021", "011401533", "091000019"}, []string{"", "021000022", "02100002", "0210000210", "02100002x", "000000000"}},
		{"BICs", party.ValidBIC, []string{"FIRNUS33", "FIRNUS33XXX"}, []string{"", "FIRNUS3", "firnus33", "F1RNUS33", "FIRNUS33XX"}},
		{"states", party.ValidUSState, []string{"TX"}, []string{"", "Texas", "tx", "T1"}},
		{"ZIP codes", party.ValidUSZip, []string{"73301", "733011234", "73301-1234"}, []string{"", "7330", "73301-12", "7330x"}},
		{"Interac numbers", party.ValidInteracPhone, []string{"+14165550123"}, []string{"", "+2348031234567", "4165550123", "+1416555012", "+141655501234"}},
		{"addresses on ETH", func(s string) bool { return party.FitsChain("ETH", s) }, []string{"0x52908400098527886E0F7030069857D2E4169EE7"},
			[]string{"", "0x", "52908400098527886E0F7030069857D2E4169EE7", "0x52908400098527886E0F7030069857D2E4169EEg", "0x52908400098527886E0F7030069857D2E4169EE71"}},
		{"addresses on TRX", func(s string) bool { return party.FitsChain("TRX", s) }, []string{"TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC"},
			[]string{"", "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDe", "AJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC", "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tD0C"}},
	} {
		for _, s := range c.good {
			if !c.valid(s) {
				t.Errorf("%s: %q is refused", c.says, s)
			}
		}
		for _, s := range c.bad {
			if c.valid(s) {
				t.Errorf("%s: %q is taken", c.says, s)
			}
		}
	}
}
