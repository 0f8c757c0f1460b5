package wire

import "github.com/juicer-pay/juicer/internal/payment"

// Refund is a refund as every endpoint shows it.
type Refund struct {
	Amount    int64    `json:"amount"`
	CreatedAt Time     `json:"created_at"`
	Currency  string   `json:"currency"`
	Failure   *Failure `json:"failure"`
	ID        string   `json:"id"`
	Mode      string   `json:"mode"`
	PaymentID string   `json:"payment_id"`
	Reason    *string  `json:"reason"`
	Reference *string  `json:"reference"`
	State     string   `json:"state"`
	Status    string   `json:"status"`
	UpdatedAt Time     `json:"updated_at"`
}

// Refund is r as GET /refunds/{id} shows it.
func (s Site) Refund(r *payment.Refund) Refund {
	return Refund{
		Amount: r.Amount.Minor, CreatedAt: At(r.CreatedAt), Currency: string(r.Amount.Currency), Failure: showFailure(r.Failure),
		ID: r.ID, Mode: s.Mode, PaymentID: r.PaymentID, Reason: orNull(r.Reason), Reference: orNull(r.Reference),
		State: string(r.State), Status: refundStatus(r.State), UpdatedAt: At(r.UpdatedAt),
	}
}

// RefundMoney is the money block of a refund.
func (s Site) RefundMoney(r *payment.Refund) Money {
	return Money{Outcome: r.State.Outcome(), Retry: r.Retry(), StatusURL: s.PublicURL + "/refunds/" + r.ID}
}
