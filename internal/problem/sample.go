package problem

import "time"

// SampleRequestID stands in every sample for the id of the request.
const SampleRequestID = "req_01m819ge10es0vfhb0nknb8xyj"

// SampleEnvelope is the envelope of the samples: the example addresses of the
// documentation, live for the one code that only live can give.
func SampleEnvelope(k *Kind) Envelope {
	if k.Code == TestKeyInProduction.Code {
		return Envelope{RequestID: SampleRequestID, PublicURL: "https://api.juicer.example", Environment: "live"}
	}
	return Envelope{RequestID: SampleRequestID, PublicURL: sampleURL, Environment: "test"}
}

// Sample raises k with believable details, as the sandbox does for a fault and
// the documentation for its sample body. server_error and its like are not told
// how far the request had come: BrokeOff is the caller's to say.
func Sample(k *Kind) *Error {
	e := k.With(sampleDetails(k.Code))
	switch k.Code {
	case ValidationError.Code:
		e.Fields = []Field{
			Breach(FieldMustBePositive, "amount", nil),
			Breach(FieldNotAllowed, "currency", Details{"list": []string{"NGN", "USD", "CAD"}}),
		}
	case RateLimitExceeded.Code:
		return e.Advise(Again(SameKey, 3000))
	case LimitExceeded.Code:
		return e.Advise(WaitUntil(NewKey, sampleNow, sampleMidnight))
	case IdempotencyKeyExpired.Code:
		return e.Told(Succeeded)
	}
	return e
}

const (
	sampleURL         = "https://sandbox.juicer.example"
	samplePayment     = "01a20297-4dc0-74cd-9faf-fc8186734721"
	samplePayout      = "01a20297-d678-7c1d-89ba-1d555790f82e"
	sampleCustomer    = "01a20297-6918-7e00-aeaf-3b4857ee05cd"
	sampleBeneficiary = "01a20297-bb20-7830-8a8e-bd356b0a18e8"
	sampleQuote       = "01a20298-7a88-7b1f-a60a-27f359a54a7b"
	sampleWallet      = "01a20298-1c08-7d52-9c0b-6a1f5be3a9d4"
	sampleSwap        = "01a20298-b3f0-7ac1-8e75-0d94c2f6b118"
	sampleFirst       = "req_01m819gdh8f7gr5fnpm5gjm2t4" // an earlier request
)

var (
	sampleNow      = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	sampleMidnight = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
)

func sampleDetails(code string) Details {
	for _, samples := range []map[string]Details{requestSamples(), paymentSamples(), transferSamples(), edgeSamples(), conflictSamples()} {
		if d, ok := samples[code]; ok {
			return d
		}
	}
	return nil
}

func requestSamples() map[string]Details {
	return map[string]Details{
		"malformed_json":            {"position": 42, "reason": "the object is not closed"},
		"invalid_request":           {"limit": []string{"Must be between 1 and 100"}},
		"invalid_idempotency_key":   {"length": 300},
		"invalid_mode":              {"allowed": []string{"test"}},
		"not_batchable":             {"path": "/batch"},
		"invalid_amount":            {"currency": "NGN", "maximum": 1000000000, "method": "card", "minimum": 100},
		"invalid_currency":          {"allowed": []string{"NGN", "USD", "CAD"}, "currency": "USDT", "method": "card"},
		"reference_exists":          {"differs": []string{"amount"}, "id": samplePayment, "kind": "payment session", "reference": "ord_1001", "status": "succeeded"},
		"duplicate_currency_wallet": {"currency": "NGN", "customer_id": sampleCustomer, "id": sampleWallet},
	}
}

func paymentSamples() map[string]Details {
	return map[string]Details{
		"insufficient_funds":          {"available": 90000, "currency": "NGN", "required": 152500},
		"limit_exceeded":              {"limit": 2500000, "period": "daily", "remaining": 0, "resets_at": sampleMidnight},
		"invalid_beneficiary":         {"beneficiary_id": sampleBeneficiary, "reason": "deleted"},
		"invalid_encryption":          {"field": "card.card_number"},
		"invalid_card":                {"field": "card.card_number"},
		"payment_method_mismatch":     {"method": "card"},
		"payment_session_completed":   {"payment": samplePaymentIn("captured", "succeeded"), "status": "captured"},
		"payment_session_expired":     {"payment": samplePaymentIn("expired", "cancelled"), "expires_at": sampleNow.Add(12 * time.Hour)},
		"authentication_not_expected": {"state": "created"},
		"auth_type_mismatch":          {"expected": "otp"},
		"payment_not_refundable":      {"method": "card", "state": "failed"},
		"refund_exceeds_payment":      {"currency": "NGN", "refundable": 250000},
	}
}

func transferSamples() map[string]Details {
	return map[string]Details{
		"bulk_transfer_not_open":    {"status": "executing"},
		"bulk_transfer_full":        {"limit": 5000},
		"invalid_status_transition": {"from": "revoked", "to": "active"},
		"wallet_not_active":         {"id": sampleWallet, "status": "frozen"},
		"customer_not_verified":     {"customer_id": sampleCustomer, "status": "pending_kyc"},
		"invalid_account_number":    {"bank_code": "999001"},
		"invalid_bank_code":         {"bank_code": "000000"},
		"account_not_found":         {"bank_code": "999001"},
		"quote_expired":             {"expired_at": sampleNow.Add(2 * time.Minute), "id": sampleQuote},
		"quote_mismatch":            {"symbol": "CAD-NGN"},
		"quote_already_used":        {"id": sampleQuote, "resource_id": sampleSwap},
		"order_not_open":            {"status": "filled"},
	}
}

func edgeSamples() map[string]Details {
	return map[string]Details{
		"invalid_api_key":          {"reason": "checksum"},
		"expired_api_key":          {"expired_at": sampleNow.AddDate(0, 0, -2), "prefix": "test_Eeeby3a"},
		"revoked_api_key":          {"prefix": "test_Eeeby3a", "revoked_at": sampleNow.AddDate(0, 0, -2)},
		"test_key_in_production":   {"environment": "live", "prefix": "test_Ky9Pf34"},
		"production_key_in_test":   {"environment": "test", "prefix": "live_CN6Zj4a"},
		"insufficient_permissions": {"granted": []string{"payments:read"}, "required": "payouts:write"},
		"not_found":                {"id": samplePayment, "resource": "payment_session"},
		"route_not_found":          {"method": "GET", "path": "/no-such-endpoint"},
		"method_not_allowed":       {"allowed": []string{"GET", "HEAD"}, "method": "DELETE"},
		"payload_too_large":        {"limit": 1048576},
		"unsupported_media_type":   {"content_type": "text/plain"},
	}
}

func conflictSamples() map[string]Details {
	return map[string]Details{
		"payment_in_progress":     {"payment": samplePaymentIn("processing", "processing")},
		"resource_busy":           {"id": samplePayment, "resource": "payment_session"},
		"probable_duplicate":      {"age_seconds": 41, "id": samplePayout, "reference": "po_77", "status": "pending"},
		"customer_exists":         {"differs": []string{"first_name"}, "id": sampleCustomer},
		"beneficiary_exists":      {"differs": []string{"account_name"}, "id": sampleBeneficiary},
		"balance_not_zero":        {"balances": []map[string]any{{"amount": 150000, "currency": "NGN"}}},
		"idempotency_key_in_use":  {"age_ms": 840, "request_id": sampleFirst},
		"idempotency_key_reused":  {"differs": []string{"amount", "beneficiary.id"}, "request_id": sampleFirst},
		"idempotency_key_expired": {"completed_at": sampleNow.AddDate(0, 0, -2), "resource": map[string]any{"id": samplePayment, "type": "payment_session", "url": sampleURL + "/payments/" + samplePayment}},
		"rate_limit_exceeded":     {"limit": "endpoint", "policy": "100;w=60"},
		"rail_unavailable":        {"rail": "card", "reason": "down"},
		"bank_not_available":      {"bank_code": "999001"},
		"overloaded":              {"reason": "load"},
	}
}
