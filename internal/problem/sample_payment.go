package problem

// samplePaymentIn is a flat payment, as GET /payments/{id} shows it.
func samplePaymentIn(state, status string) map[string]any {
	paid, cancelled := 0, any(nil)
	switch state {
	case "captured":
		paid = 250000
	case "expired":
		cancelled = "expired"
	}
	return map[string]any{
		"amount": 250000, "amount_paid": paid, "amount_refunded": 0, "cancellation_reason": cancelled,
		"correlation_id": "01a20297-8470-772e-a6f9-2f3f49b64a08", "currency": "NGN", "customer": sampleCustomerData(),
		"date": sampleNow, "description": "Term fee", "failure": nil, "fee": nil, "id": samplePayment,
		"metadata": map[string]any{"class": "JSS2"}, "mode": "test",
		"order": map[string]any{"identifier": "INV-7", "items": []any{map[string]any{"name": "Term fee", "type": "service"}}},
		"payer": nil, "payment_method": sampleMethod(state), "provider_id": sampleProvider(state), "reference": "ord_1001",
		"state": state, "status": status, "type": "payin", "updated_at": sampleNow,
	}
}

func sampleCustomerData() map[string]any {
	return map[string]any{
		"billing_address": map[string]any{
			"city": "Lagos", "country": "NG", "line1": "5 Marina Road", "line2": nil, "state": "Lagos", "zip_code": "100001",
		},
		"email": "ada@example.com", "first_name": "Ada", "id": sampleCustomer, "last_name": "Obi",
		"phone_number": "+2348031234567", "type": "individual",
	}
}

func sampleMethod(state string) map[string]any {
	if state == "expired" { // never captured: no card was seen
		return map[string]any{"id": nil, "type": "card"}
	}
	return map[string]any{
		"card_number": "401200******0026", "expiry_month": 1, "expiry_year": 2039,
		"id": "01a20297-9fc8-7fae-878e-63c412bd4ace", "type": "card",
	}
}

func sampleProvider(state string) any {
	if state == "expired" {
		return nil
	}
	return "card-7f31c2"
}
