package store

import (
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
)

var (
	insertBeneficiary       = query("insert_beneficiary")
	retireBeneficiary       = query("retire_beneficiary")
	beneficiaryByID         = query("beneficiary_by_id")
	beneficiaryWithIdentity = query("beneficiary_with_identity")
	beneficiariesOlder      = query("beneficiaries_older")
	beneficiariesNewer      = query("beneficiaries_newer")
)

// InsertBeneficiary writes a new beneficiary: a Conflict of "insert_beneficiary" means
// that the business has one with that account.
func (t Tx) InsertBeneficiary(b *party.Beneficiary) error {
	return t.s.Exec(insertBeneficiary, One, b.ID, b.Business, b.Identity(), string(b.Type), string(b.Currency), toJSON(b.Details), b.Answer,
		string(b.Status), micros(b.CreatedAt))
}

// RetireBeneficiary deletes a beneficiary: its account is free again, the row stays
// readable. A Conflict of "retire_beneficiary" means that it is deleted already.
func (t Tx) RetireBeneficiary(id string) error { return t.s.Exec(retireBeneficiary, One, id) }

// Beneficiary reads one by id, whoever owns it, deleted ones too; ErrNotFound.
func (v View) Beneficiary(id string) (*party.Beneficiary, error) {
	return one(v, beneficiaryByID, readBeneficiary, id)
}

// BeneficiaryWithIdentity reads a business's beneficiary with an account, see
// party.Beneficiary.Identity; deleted ones have none. ErrNotFound.
func (v View) BeneficiaryWithIdentity(business, identity string) (*party.Beneficiary, error) {
	return one(v, beneficiaryWithIdentity, readBeneficiary, business, identity)
}

// BeneficiaryFilter narrows a list; an empty member fits all.
type BeneficiaryFilter struct {
	Type     party.BeneficiaryType
	Currency money.Currency
}

// BeneficiariesOlder reads a page below pos, newest first, without deleted ones.
func (v View) BeneficiariesOlder(business string, pos Position, f BeneficiaryFilter, limit int) ([]*party.Beneficiary, error) {
	return many(v, beneficiariesOlder, readBeneficiary, business, micros(pos.At), pos.ID, string(f.Type), string(f.Currency), limit)
}

// BeneficiariesNewer reads a page above pos, oldest first.
func (v View) BeneficiariesNewer(business string, pos Position, f BeneficiaryFilter, limit int) ([]*party.Beneficiary, error) {
	return many(v, beneficiariesNewer, readBeneficiary, business, micros(pos.At), pos.ID, string(f.Type), string(f.Currency), limit)
}

func readBeneficiary(scan Scan) (*party.Beneficiary, error) {
	var b party.Beneficiary
	var body string
	var created int64
	err := scan(&b.ID, &b.Business, (*string)(&b.Type), (*string)(&b.Currency), &body, &b.Answer, (*string)(&b.Status), &created)
	if err != nil {
		return nil, err
	}
	b.CreatedAt = fromMicros(created)
	return &b, fromJSON(body, &b.Details)
}
