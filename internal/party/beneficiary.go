package party

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
)

// Beneficiary is somebody a business pays, on one account.
type Beneficiary struct {
	ID        string
	Business  string
	Type      BeneficiaryType
	Currency  money.Currency
	Details   Details
	Answer    string // to Details.SecurityQuestion, sealed under the server secret; "" for none
	Status    BeneficiaryStatus
	CreatedAt time.Time
}

// BeneficiaryType says what kind of account it is.
type BeneficiaryType string

// The types of beneficiary.
const (
	ToBank    BeneficiaryType = "bank_account"
	ToInterac BeneficiaryType = "interac"
	ToCrypto  BeneficiaryType = "crypto_address"
)

// BeneficiaryTypes lists all of them.
var BeneficiaryTypes = []BeneficiaryType{ToBank, ToInterac, ToCrypto}

// BeneficiaryStatus is active until the beneficiary is deleted, which is final.
type BeneficiaryStatus string

// The states of a beneficiary.
const (
	BeneficiaryActive  BeneficiaryStatus = "active"
	BeneficiaryDeleted BeneficiaryStatus = "deleted"
)

// The rails of bank accounts.
const (
	Nuban = "nuban" // NGN
	ACH   = "ach"   // USD
	Wire  = "wire"  // USD
)

// Details is what a business says of a beneficiary, kept as JSON. What does not belong
// to the type and currency is empty.
type Details struct {
	AccountName   string   `json:"account_name,omitempty"`   // ToBank
	AccountNumber string   `json:"account_number,omitempty"` // ToBank
	BankCode      string   `json:"bank_code,omitempty"`      // NGN
	BankName      string   `json:"bank_name,omitempty"`      // ToBank
	BankID        string   `json:"bank_id,omitempty"`        // NGN: the directory's
	Rail          string   `json:"rail,omitempty"`           // ToBank
	RoutingNumber string   `json:"routing_number,omitempty"` // USD, as the three below
	SortCode      string   `json:"sort_code,omitempty"`
	BIC           string   `json:"bic,omitempty"`
	Address       *Address `json:"address,omitempty"` // the holder's
	BankAddress   *Address `json:"bank_address,omitempty"`

	Chain         string `json:"chain,omitempty"`          // ToCrypto
	CryptoAddress string `json:"crypto_address,omitempty"` // ToCrypto

	RecipientType    string `json:"recipient_type,omitempty"` // ToInterac, as all below: personal, business
	FirstName        string `json:"first_name,omitempty"`
	LastName         string `json:"last_name,omitempty"`
	Email            string `json:"email,omitempty"`
	PhoneNumber      string `json:"phone_number,omitempty"`
	AutoDeposit      bool   `json:"auto_deposit,omitempty"`
	SecurityQuestion string `json:"security_question,omitempty"`

	Metadata json.RawMessage `json:"metadata,omitempty"` // canonical JSON object; nil: {}
}

// Recipients of Interac transfers.
const (
	RecipientPersonal = "personal"
	RecipientBusiness = "business"
)

// Identity says which account the beneficiary is; two with the same identity are one
// account. A deleted beneficiary's is free.
func (b *Beneficiary) Identity() string {
	d := b.Details
	parts := []string{string(b.Type), string(b.Currency)}
	switch b.Type {
	case ToBank:
		parts = append(parts, d.BankCode+d.RoutingNumber, d.AccountNumber)
	case ToInterac:
		parts = append(parts, strings.ToLower(d.Email))
	case ToCrypto:
		parts = append(parts, d.Chain, sameAddress(d.CryptoAddress))
	}
	return strings.Join(parts, "/")
}

// sameAddress is one spelling of an address: the case of hexadecimal digits is a check
// digit at most, that of base58 is part of the address.
func sameAddress(address string) string {
	if strings.HasPrefix(address, "0x") {
		return strings.ToLower(address)
	}
	return address
}

// Target is where the money goes, as a rail knows it: account number, address or
// e-mail.
func (b *Beneficiary) Target() string {
	switch b.Type {
	case ToInterac:
		return b.Details.Email
	case ToCrypto:
		return b.Details.CryptoAddress
	default:
		return b.Details.AccountNumber
	}
}

// RailName is the rail that pays the beneficiary: nuban, ach, wire, interac, crypto.
func (b *Beneficiary) RailName() string {
	switch b.Type {
	case ToInterac:
		return "interac"
	case ToCrypto:
		return "crypto"
	default:
		return b.Details.Rail
	}
}

// Why a beneficiary cannot be paid, as invalid_beneficiary says it.
const (
	reasonDeleted  = "deleted"
	reasonType     = "type"
	reasonCurrency = "currency"
)

// MayReceive raises invalid_beneficiary if a payout of that type and currency cannot go
// to the beneficiary.
func (b *Beneficiary) MayReceive(as BeneficiaryType, c money.Currency) error {
	switch {
	case b.Status == BeneficiaryDeleted:
		return invalidBeneficiary(b.ID, reasonDeleted)
	case b.Type != as:
		return invalidBeneficiary(b.ID, reasonType)
	case b.Currency != c:
		return invalidBeneficiary(b.ID, reasonCurrency)
	}
	return nil
}

// NoBeneficiary is invalid_beneficiary for an id that names none of the business.
func NoBeneficiary(id string) error { return invalidBeneficiary(id, problem.NotFound.Code) }

// invalidBeneficiary is invalid_beneficiary with its reason.
func invalidBeneficiary(id, reason string) error {
	return problem.InvalidBeneficiary.With(problem.Details{"beneficiary_id": id, "reason": reason})
}

// Differs names the fields, in byte order, in which a body that names the same account
// says something else. Whether the security answers are others is for the caller to
// say, who can read them.
func (d Details) Differs(again Details, answer bool) []string {
	differs := []string{}
	for _, f := range []struct{ name, a, b string }{
		{"account_name", d.AccountName, again.AccountName},
		{"address", d.Address.line(), again.Address.line()},
		{"auto_deposit", yes(d.AutoDeposit), yes(again.AutoDeposit)},
		{"bank_address", d.BankAddress.line(), again.BankAddress.line()},
		{"bank_name", d.BankName, again.BankName},
		{"bic", d.BIC, again.BIC},
		{"first_name", d.FirstName, again.FirstName},
		{"last_name", d.LastName, again.LastName},
		{"metadata", object(d.Metadata), object(again.Metadata)},
		{"phone_number", d.PhoneNumber, again.PhoneNumber},
		{"rail", d.Rail, again.Rail},
		{"recipient_type", d.RecipientType, again.RecipientType},
		{"security_answer", yes(false), yes(answer)},
		{"security_question", d.SecurityQuestion, again.SecurityQuestion},
		{"sort_code", d.SortCode, again.SortCode},
	} {
		if f.a != f.b {
			differs = append(differs, f.name)
		}
	}
	return differs
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// line is an address as one text, to be compared.
func (a *Address) line() string {
	if a == nil {
		return ""
	}
	return strings.Join([]string{a.Line1, text(a.Line2), a.City, text(a.State), a.Country, a.ZipCode}, "\n")
}
