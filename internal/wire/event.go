package wire

import (
	"encoding/json"
	"strconv"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
)

// Merchant is the business as events show it.
type Merchant struct {
	Address Raw    `json:"address"` // null if it has none
	Name    string `json:"name"`
}

// PaymentEvent names the event of a payment that has reached its state, and its
// data as webhooks carry it; "" if the state is not told.
func (s Site) PaymentEvent(p *payment.Payment, m Merchant) (name string, data []byte) {
	names := map[payment.State]string{
		payment.Captured: "payment.session.succeeded", payment.Failed: "payment.session.failed",
		payment.Cancelled: "payment.session.cancelled", payment.Expired: "payment.session.expired",
	}
	if names[p.State] == "" {
		return "", nil
	}
	return names[p.State], told(s.payment(p, stateWords[p.State].webhook), eventMembers(p, m))
}

// ChainEvent is the event of a transfer on a chain that pays a payment: seen, confirmed
// or credited.
func (s Site) ChainEvent(p *payment.Payment, m Merchant, a rail.Arrival) (name string, data []byte) {
	word := map[rail.Stage]string{rail.Seen: "pending", rail.Confirmed: "confirmed", rail.Credited: "completed"}[a.Stage]
	more := eventMembers(p, m)
	more["confirmations"], more["confirmations_needed"] = a.Confirmations, a.Needed
	more["tx_hash"], more["channel_reference"] = a.Reference, a.Reference
	return "crypto.payment." + word, told(s.payment(p, word), more)
}

// eventMembers is what events show of a payment beside its flat form.
func eventMembers(p *payment.Payment, m Merchant) map[string]any {
	more := map[string]any{"channel_reference": orNull(p.Course.Provider), "collection_mode": nil, "customer": withAccount(p.Fixed.Customer), "merchant": m}
	addMetadata(more, p.Fixed.Metadata)
	return more
}

// addMetadata adds the metadata that may travel, and how much of it may not.
func addMetadata(more map[string]any, metadata []byte) {
	kept, omitted := PrunedMetadata(metadata)
	if omitted == 0 && kept == nil {
		return
	}
	more["metadata"] = kept
	if omitted > 0 {
		more["metadata_omitted"] = omitted
	}
}

// withAccount is a customer with the account_id that webhooks show, null without one.
func withAccount(customer []byte) Raw {
	members := map[string]json.RawMessage{"account_id": json.RawMessage("null")}
	if json.Unmarshal(customer, &members) != nil {
		return Raw(customer)
	}
	return Raw(Marshal(members))
}

// RefundEvent is the event of a refund that succeeded.
func (s Site) RefundEvent(r *payment.Refund, p *payment.Payment) (name string, data []byte) {
	view := s.Refund(r)
	view.Status = "success"
	return "payment.refunded", told(view, map[string]any{"payment": map[string]any{
		"amount": p.Amount.Minor, "amount_paid": p.AmountPaid, "amount_refunded": p.AmountRefunded,
		"currency": string(p.Amount.Currency), "id": p.ID, "reference": p.Reference, "state": string(p.State),
	}})
}

// KeyEvent is the data of an event about an API key.
func KeyEvent(k APIKey) []byte { return told(k, nil) }

// EndpointEvent is the data of endpoint.paused.
func EndpointEvent(e Endpoint, held int64) []byte {
	return told(e, map[string]any{"held_deliveries": held})
}

// told is the members of v and more as canonical data of a webhook: without the empty
// objects and null metadata that webhooks never carry.
func told(v any, more map[string]any) Raw {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(Marshal(v), &members); err != nil {
		panic("wire: our own reply does not parse: " + err.Error()) // Marshal wrote it
	}
	delete(members, "metadata") // travels pruned, in more
	for name, x := range more {
		members[name] = Marshal(x)
	}
	out := map[string]Raw{}
	for name, raw := range members {
		if name == "metadata" && string(raw) == "null" {
			continue
		}
		if kept := withoutEmpty(raw); kept != nil {
			out[name] = kept
		}
	}
	return Marshal(out)
}

// Event is an event as GET /events shows it.
type Event struct {
	CreatedAt Time   `json:"created_at"`
	Data      Raw    `json:"data"`
	Event     string `json:"event"`
	ID        string `json:"id"`
	Sequence  int64  `json:"sequence"`
}

// Events is a page of them, lowest number first; rows may hold one more than the page.
func Events(rows []Event, limit int) List {
	block := Pagination{Limit: limit}
	if len(rows) > limit {
		rows = rows[:limit]
	}
	if n := len(rows); n == limit {
		after := strconv.FormatInt(rows[n-1].Sequence, 10)
		block.After = &after
	}
	return List{Data: rows, Pagination: block}
}
