package conformance

// catalogueRow is what the contract fixes of one refusal.
type catalogueRow struct {
	code    string
	status  int
	outcome string // "": depends on the resource
	advice  string // "no", "same_key", "new_key"
}

// catalogueRows are the refusals of the endpoints that the suite drives.
func catalogueRows() []catalogueRow { return append(badRequestRows(), otherRows()...) }

// badRequestRows are those with status 400.
func badRequestRows() []catalogueRow {
	return []catalogueRow{
		{"malformed_json", 400, "not_attempted", "no"},
		{"invalid_request", 400, "not_attempted", "no"},
		{"invalid_idempotency_key", 400, "not_attempted", "no"},
		{"invalid_mode", 400, "not_attempted", "no"},
		{"not_batchable", 400, "not_attempted", "no"},
		{"invalid_amount", 400, "not_attempted", "no"},
		{"invalid_currency", 400, "not_attempted", "no"},
		{"reference_exists", 400, "not_attempted", "no"},
		{"duplicate_currency_wallet", 400, "not_attempted", "no"},
		{"insufficient_funds", 400, "refused", "new_key"},
		{"limit_exceeded", 400, "refused", "new_key"},
		{"invalid_encryption", 400, "not_attempted", "no"},
		{"invalid_card", 400, "not_attempted", "no"},
		{"payment_method_mismatch", 400, "not_attempted", "no"},
		{"payment_session_completed", 400, "", ""},
		{"payment_session_expired", 400, "refused", "new_key"},
		{"authentication_not_expected", 400, "not_attempted", "no"},
		{"auth_type_mismatch", 400, "not_attempted", "no"},
		{"payment_not_refundable", 400, "refused", "no"},
		{"refund_exceeds_payment", 400, "refused", "no"},
		{"invalid_status_transition", 400, "not_attempted", "no"},
		{"wallet_not_active", 400, "refused", "new_key"},
		{"customer_not_verified", 400, "refused", "new_key"},
		{"invalid_beneficiary", 400, "not_attempted", "no"},
		{"incorrect_payout_pin", 400, "not_attempted", "no"},
		{"bulk_transfer_not_open", 400, "refused", "no"},
		{"bulk_transfer_empty", 400, "not_attempted", "no"},
		{"bulk_transfer_full", 400, "not_attempted", "no"},
		{"invalid_account_number", 400, "not_attempted", "no"},
		{"invalid_bank_code", 400, "not_attempted", "no"},
		{"account_not_found", 400, "not_attempted", "no"},
		{"quote_expired", 400, "not_attempted", "no"},
		{"quote_mismatch", 400, "not_attempted", "no"},
		{"quote_already_used", 400, "not_attempted", "no"},
		{"order_not_open", 400, "not_attempted", "no"},
	}
}

func otherRows() []catalogueRow {
	return []catalogueRow{
		{"missing_api_key", 401, "not_attempted", "no"},
		{"invalid_api_key", 401, "not_attempted", "no"},
		{"expired_api_key", 401, "not_attempted", "no"},
		{"revoked_api_key", 401, "not_attempted", "no"},
		{"test_key_in_production", 401, "not_attempted", "no"},
		{"production_key_in_test", 401, "not_attempted", "no"},
		{"insufficient_permissions", 403, "not_attempted", "no"},
		{"not_found", 404, "not_attempted", "no"},
		{"route_not_found", 404, "not_attempted", "no"},
		{"method_not_allowed", 405, "not_attempted", "no"},
		{"payload_too_large", 413, "not_attempted", "no"},
		{"unsupported_media_type", 415, "not_attempted", "no"},
		{"validation_error", 422, "not_attempted", "no"},
		{"payment_in_progress", 409, "", ""},
		{"resource_busy", 409, "not_attempted", "same_key"},
		{"probable_duplicate", 409, "not_attempted", "new_key"},
		{"customer_exists", 409, "not_attempted", "no"},
		{"beneficiary_exists", 409, "not_attempted", "no"},
		{"balance_not_zero", 409, "not_attempted", "no"},
		{"idempotency_key_in_use", 409, "pending", "same_key"},
		{"idempotency_key_reused", 422, "not_attempted", "new_key"},
		{"idempotency_key_expired", 409, "", ""},
		{"rate_limit_exceeded", 429, "not_attempted", "same_key"},
		{"server_error", 500, "not_attempted", "same_key"},
		{"rail_unavailable", 503, "not_attempted", "same_key"},
		{"bank_not_available", 503, "not_attempted", "same_key"},
		{"storage_unavailable", 503, "not_attempted", "same_key"},
		{"overloaded", 503, "not_attempted", "same_key"},
		{"request_timeout", 503, "not_attempted", "same_key"},
	}
}
