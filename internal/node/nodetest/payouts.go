package nodetest

import (
	"net/http"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/store"
)

// Beneficiary makes a beneficiary with an account number at a Nigerian bank and gives its id.
func (e *Env) Beneficiary(account, bankCode string) string {
	e.T.Helper()
	return e.BeneficiaryOf(party.ToBank, money.NGN, party.Details{AccountName: "ADA OBI", AccountNumber: account, BankCode: bankCode, BankName: "Steady Bank",
		Rail: party.Nuban})
}

// BeneficiaryOf makes a beneficiary of any type and gives its id.
func (e *Env) BeneficiaryOf(kind party.BeneficiaryType, c money.Currency, d party.Details) string {
	e.T.Helper()
	owner, err := e.Business(e.T.Context())
	Must(e.T, err)
	b := &party.Beneficiary{ID: e.Engine.IDs.New(), Business: owner.ID, Type: kind, Currency: c, Details: d, Status: party.BeneficiaryActive,
		CreatedAt: e.Engine.Clock.Now()}
	Must(e.T, e.Engine.Store.Write(e.T.Context(), func(tx store.Tx) error { return tx.InsertBeneficiary(b) }))
	return b.ID
}

// Payout is the body of a good POST /payouts to a beneficiary at a Nigerian bank.
func Payout(reference, beneficiary string) map[string]any {
	return map[string]any{"amount": 150000, "beneficiary": map[string]any{"id": beneficiary, "type": "bank_account"}, "description": "Refund 77",
		"destination_currency": "NGN", "reference": reference, "source_currency": "NGN"}
}

// PaidOut pays out to an account at a Nigerian bank, waits until the bank has said what
// became of it, and gives the payout as it is then.
func (e *Env) PaidOut(reference, account string) Answer {
	e.T.Helper()
	made := e.Do("POST", "/payouts", Payout(reference, e.Beneficiary(account, "999001")))
	if made.Status != http.StatusCreated {
		e.T.Fatalf("pay out %s: got %d %s, want 201", reference, made.Status, made.Body)
	}
	return e.Do("GET", "/payouts/"+made.Text("data.id")+"?wait=5", nil)
}
