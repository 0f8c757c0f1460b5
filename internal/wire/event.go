package wire

import (
	"encoding/json"

	"github.com/juicer-pay/juicer/internal/payment"
)

// PaymentEvent names the event of a payment that has reached its state, and its
// data as webhooks carry it; "" if the state is not told.
func (s Site) PaymentEvent(p *payment.Payment, merchant string) (name string, data []byte) {
	names := map[payment.State]string{
		payment.Captured: "payment.session.succeeded", payment.Failed: "payment.session.failed",
		payment.Cancelled: "payment.session.cancelled", payment.Expired: "payment.session.expired",
	}
	if names[p.State] == "" {
		return "", nil
	}
	flat := s.payment(p, stateWords[p.State].webhook)
	return names[p.State], Marshal(told(flat, map[string]any{
		"channel_reference": flat.ProviderID, "collection_mode": nil, "merchant": map[string]any{"name": merchant},
	}))
}

// RefundEvent is the event of a refund that succeeded.
func (s Site) RefundEvent(r *payment.Refund, p *payment.Payment) (name string, data []byte) {
	view := s.Refund(r)
	view.Status = "success"
	return "payment.refunded", Marshal(told(view, map[string]any{"payment": map[string]any{
		"amount": p.Amount.Minor, "amount_paid": p.AmountPaid, "amount_refunded": p.AmountRefunded,
		"currency": string(p.Amount.Currency), "id": p.ID, "reference": p.Reference, "state": string(p.State),
	}}))
}

// told is the members of v and more, without the empty objects that webhooks
// never carry.
func told(v any, more map[string]any) map[string]any {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(Marshal(v), &members); err != nil {
		panic("wire: our own reply does not parse: " + err.Error()) // Marshal wrote it
	}
	out := map[string]any{}
	for name, raw := range members {
		if string(raw) != "{}" {
			out[name] = Raw(raw)
		}
	}
	for name, x := range more {
		out[name] = x
	}
	return out
}
