package wire

import (
	"maps"
	"slices"
	"strings"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
)

// Bulk is a bulk transfer as lists show it, without its items.
type Bulk struct {
	CreatedAt     Time          `json:"created_at"`
	Description   *string       `json:"description"`
	ExpiresAt     Time          `json:"expires_at"`
	Failed        int64         `json:"failed_transfer_count"`
	ID            string        `json:"id"`
	Items         []BulkItem    `json:"items,omitzero"`
	Metadata      Raw           `json:"metadata"`
	Owner         Owner         `json:"owner"`
	Reference     string        `json:"reference"`
	Status        string        `json:"status"`
	Succeeded     int64         `json:"successful_transfer_count"`
	TotalAmounts  []MoneyAmount `json:"total_amounts"`
	TotalTransfer int64         `json:"total_transfer_count"`
	UpdatedAt     Time          `json:"updated_at"`
}

// Owner is whose a bulk transfer is.
type Owner struct {
	ID   string `json:"id"`
	Type string `json:"type"` // business
}

// BulkItem is one payout of a bulk transfer.
type BulkItem struct {
	Amount      int64     `json:"amount"`
	Beneficiary BulkPayee `json:"beneficiary"`
	CreatedAt   Time      `json:"created_at"`
	Currency    string    `json:"currency"`
	Failure     *Failure  `json:"failure"`
	PayoutID    *string   `json:"payout_id"`
	Reference   string    `json:"reference"`
	Status      string    `json:"status"`
}

// BulkPayee is a beneficiary as an item shows it: what does not belong to its type is
// left out.
type BulkPayee struct {
	AccountName   string `json:"account_name,omitzero"`
	AccountNumber string `json:"account_number,omitzero"`
	Address       string `json:"address,omitzero"`
	BankName      string `json:"bank_name,omitzero"`
	Chain         string `json:"chain,omitzero"`
	Email         string `json:"email,omitzero"`
	FirstName     string `json:"first_name,omitzero"`
	LastName      string `json:"last_name,omitzero"`
}

// ListedBulk is b as lists show it.
func ListedBulk(b *payment.Bulk) Bulk {
	out := Bulk{CreatedAt: At(b.CreatedAt), Description: orNull(b.Fixed.Description), ExpiresAt: At(b.ExpiresAt), Failed: b.Tally.Failed, ID: b.ID,
		Metadata: orEmpty(b.Fixed.Metadata), Owner: Owner{ID: b.Business, Type: "business"}, Reference: b.Reference, Status: string(b.State),
		Succeeded: b.Tally.Succeeded, TotalAmounts: []MoneyAmount{}, TotalTransfer: b.Items, UpdatedAt: At(b.UpdatedAt)}
	for _, c := range slices.Sorted(maps.Keys(b.Totals)) {
		out.TotalAmounts = append(out.TotalAmounts, showAmount(money.Of(b.Totals[c], c)))
	}
	return out
}

// ShownBulk is b with its items.
func ShownBulk(b *payment.Bulk, items []*payment.BulkItem) Bulk {
	out := ListedBulk(b)
	out.Items = make([]BulkItem, len(items))
	for n, i := range items {
		out.Items[n] = showItem(i)
		if b.State.Final() && i.State == payment.ItemPending { // it is not written down yet
			out.Items[n].Status = string(payment.ItemCancelled)
		}
	}
	return out
}

func showItem(i *payment.BulkItem) BulkItem {
	state, why := i.Standing()
	to := i.Fixed.Beneficiary
	out := BulkItem{Amount: i.Amount.Minor, CreatedAt: At(i.CreatedAt), Currency: string(i.Amount.Currency), Failure: showItemFailure(i, why),
		Reference: i.Reference, Status: string(state), Beneficiary: BulkPayee{AccountName: to.AccountName, AccountNumber: to.AccountNumber, Address: to.Address,
			BankName: to.BankName, Chain: to.Chain, Email: to.Email, FirstName: to.FirstName, LastName: to.LastName}}
	if i.State == payment.ItemProcessing {
		out.PayoutID = &i.ID
	}
	return out
}

// showItemFailure is why an item failed: as its payout did, or, if it never became one,
// the refusal that its order got.
func showItemFailure(i *payment.BulkItem, why *payment.Failure) *Failure {
	if why == nil || i.State == payment.ItemProcessing {
		return showFailure(why)
	}
	kind, known := problem.ByCode(why.Code)
	if !known {
		return showFailure(why)
	}
	told := kind.With(problem.Details{"kind": "payout", "reference": i.Reference})
	if kind == problem.ProbableDuplicate {
		told = told.Say("A payout with the same amount to the same party was made shortly before.")
	}
	// Never retryable by a program: what was refused as a repetition may have been paid.
	return &Failure{Code: why.Code, Message: strings.TrimPrefix(told.Message(), why.Code+": "), Reason: orNull(why.Reason)}
}

// BulkMoney is the money block of a bulk transfer.
func (s Site) BulkMoney(b *payment.Bulk) Money {
	return Money{Outcome: b.Outcome(), Retry: b.Retry(), StatusURL: s.PublicURL + "/bulk-transfers/" + b.ID}
}

// BulkEventName is the event of a bulk transfer all of whose items are final.
const BulkEventName = "bulk_transfer.completed"

// BulkEventData is a bulk transfer as its event carries it.
func BulkEventData(b *payment.Bulk) []byte {
	more := map[string]any{}
	addMetadata(more, b.Fixed.Metadata)
	return told(ListedBulk(b), more)
}
