package wire

import (
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
)

// Payout is a payout as every endpoint shows it.
type Payout struct {
	Amount              int64    `json:"amount"`
	Beneficiary         Payee    `json:"beneficiary"`
	BeneficiaryType     string   `json:"beneficiary_type"`
	CreatedAt           Time     `json:"created_at"`
	Description         *string  `json:"description"`
	DestinationAmount   int64    `json:"destination_amount"`
	DestinationCurrency string   `json:"destination_currency"`
	Failure             *Failure `json:"failure"`
	Fee                 Fee      `json:"fee"`
	FeeChargedTo        string   `json:"fee_charged_to"`
	ID                  string   `json:"id"`
	Metadata            Raw      `json:"metadata"`
	Mode                string   `json:"mode"`
	ProviderReference   *string  `json:"provider_reference"`
	Rate                *string  `json:"rate"`
	Reason              *string  `json:"reason"`
	Reference           string   `json:"reference"`
	SourceAmount        int64    `json:"source_amount"`
	SourceCurrency      string   `json:"source_currency"`
	State               string   `json:"state"`
	Status              string   `json:"status"`
	UpdatedAt           Time     `json:"updated_at"`
}

// Payee is a beneficiary as a payout shows it: what does not belong to its type is left
// out.
type Payee struct {
	AccountName   string `json:"account_name,omitzero"`
	AccountNumber string `json:"account_number,omitzero"`
	Address       string `json:"address,omitzero"`
	BankCode      string `json:"bank_code,omitzero"`
	BankName      string `json:"bank_name,omitzero"`
	Chain         string `json:"chain,omitzero"`
	Email         string `json:"email,omitzero"`
	FirstName     string `json:"first_name,omitzero"`
	ID            string `json:"id"`
	LastName      string `json:"last_name,omitzero"`
	RoutingNumber string `json:"routing_number,omitzero"`
	Type          string `json:"type"`
}

// Payout is p as GET /payouts/{id} shows it.
func (s Site) Payout(p *payment.Payout) Payout {
	out := Payout{
		Amount: p.Amount.Minor, Beneficiary: showPayee(p), BeneficiaryType: p.Fixed.Beneficiary.Type, CreatedAt: At(p.CreatedAt),
		Description: orNull(p.Fixed.Description), DestinationAmount: p.Sends().Minor, DestinationCurrency: string(p.Amount.Currency),
		Failure: showFailure(p.Failure), Fee: Fee{Amount: p.Fee, Currency: string(p.Amount.Currency)}, FeeChargedTo: string(p.FeePayer), ID: p.ID,
		Metadata: orEmpty(p.Fixed.Metadata), Mode: s.Mode, ProviderReference: orNull(p.Provider), Rate: orNull(p.Fixed.Rate), Reference: p.Reference,
		SourceAmount: p.Source.Minor, SourceCurrency: string(p.Source.Currency), State: string(p.State), Status: PayoutStatus(p.State), UpdatedAt: At(p.UpdatedAt),
	}
	if out.Failure != nil {
		out.Reason = &out.Failure.Message
	}
	return out
}

func showPayee(p *payment.Payout) Payee {
	b := p.Fixed.Beneficiary
	out := Payee{AccountName: b.AccountName, AccountNumber: b.AccountNumber, Address: b.Address, BankCode: b.BankCode, BankName: b.BankName, Chain: b.Chain,
		Email: b.Email, FirstName: b.FirstName, ID: b.ID, LastName: b.LastName, Type: b.Type}
	if b.Type == string(party.ToBank) && p.Rail != payment.RailNuban {
		out.BankCode, out.RoutingNumber = "", b.BankCode
	}
	return out
}

// PayoutMoney is the money block of a payout.
func (s Site) PayoutMoney(p *payment.Payout) Money {
	return Money{Outcome: p.State.Outcome(), Retry: p.Retry(), StatusURL: s.PublicURL + "/payouts/" + p.ID}
}

// PayoutEvent names the event of a payout that has reached its state, and its data as
// webhooks carry it; "" if the state is not told.
func (s Site) PayoutEvent(p *payment.Payout) (name string, data []byte) {
	words := map[payment.PayoutState][2]string{payment.PayoutSucceeded: {"payout.succeeded", "success"},
		payment.PayoutFailed: {"payout.failed", "failed"}, payment.PayoutReversed: {"payout.reversed", "reversed"}}[p.State]
	if words[0] == "" {
		return "", nil
	}
	view, more := s.Payout(p), map[string]any{}
	view.Status = words[1]
	addMetadata(more, p.Fixed.Metadata)
	return words[0], told(view, more)
}

// PayoutCharge is what a payout would cost, and whether it would be taken now.
type PayoutCharge struct {
	CanPerform bool   `json:"can_perform"`
	Fee        Fee    `json:"fee"`
	Reason     string `json:"reason"` // an error code, or ""
}
