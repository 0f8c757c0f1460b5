package wire

import "github.com/juicer-pay/juicer/internal/party"

// Beneficiary is a beneficiary as every endpoint shows it: every key for every type,
// null where it does not apply. The answer to the security question is never shown.
type Beneficiary struct {
	AccountName   *string  `json:"account_name"`
	AccountNumber *string  `json:"account_number"`
	AccountType   *string  `json:"account_type"`
	Address       any      `json:"address"` // a text for crypto addresses, else an object
	AutoDeposit   *bool    `json:"auto_deposit"`
	BankAddress   *Address `json:"bank_address"`
	BankCode      *string  `json:"bank_code"`
	BankID        *string  `json:"bank_id"`
	BankName      *string  `json:"bank_name"`
	BIC           *string  `json:"bic"`
	Chain         *string  `json:"chain"`
	CreatedAt     Time     `json:"created_at"`
	Currency      string   `json:"currency"`
	Email         *string  `json:"email"`
	FirstName     *string  `json:"first_name"`
	ID            string   `json:"id"`
	LastName      *string  `json:"last_name"`
	Lifetime      string   `json:"lifetime"`
	Metadata      Raw      `json:"metadata"`
	PhoneNumber   *string  `json:"phone_number"`
	Rail          *string  `json:"rail"`
	RecipientType *string  `json:"recipient_type"`
	RoutingNumber *string  `json:"routing_number"`
	SortCode      *string  `json:"sort_code"`
	Status        string   `json:"status"`
	Type          string   `json:"type"`
	UserID        *string  `json:"user_id"`
	Virtual       bool     `json:"virtual"`
}

// nairaAccountType is what the contract calls every account that is paid through nuban.
const nairaAccountType = "savings"

// ShowBeneficiary is b as every endpoint shows it.
func ShowBeneficiary(b *party.Beneficiary) Beneficiary {
	d := b.Details
	v := Beneficiary{AccountName: orNull(d.AccountName), AccountNumber: orNull(d.AccountNumber), BankAddress: (*Address)(d.BankAddress),
		BankCode: orNull(d.BankCode), BankID: orNull(d.BankID), BankName: orNull(d.BankName), BIC: orNull(d.BIC), Chain: orNull(d.Chain),
		CreatedAt: At(b.CreatedAt), Currency: string(b.Currency), Email: orNull(d.Email), FirstName: orNull(d.FirstName), ID: b.ID,
		LastName: orNull(d.LastName), Lifetime: "permanent", Metadata: orEmpty(d.Metadata), PhoneNumber: orNull(d.PhoneNumber), Rail: orNull(d.Rail),
		RecipientType: orNull(d.RecipientType), RoutingNumber: orNull(d.RoutingNumber), SortCode: orNull(d.SortCode), Status: string(b.Status),
		Type: string(b.Type)}
	switch {
	case b.Type == party.ToCrypto:
		v.Address = d.CryptoAddress
	case d.Address != nil:
		v.Address = Address(*d.Address)
	}
	if b.Type == party.ToInterac {
		v.AutoDeposit = &d.AutoDeposit
	}
	if d.Rail == party.Nuban {
		kind := nairaAccountType
		v.AccountType = &kind
	}
	return v
}

// BankRow is a bank as GET /payment-methods/banks shows it.
type BankRow struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Holder is whose a bank account is.
type Holder struct {
	AccountName   string `json:"account_name"`
	AccountNumber string `json:"account_number"`
	BankCode      string `json:"bank_code"`
}
