package store

var clears = []Query{
	query("clear_payments"), query("clear_payment_links"), query("clear_refunds"), query("clear_deposits"), query("clear_instructions"), query("clear_entries"),
	query("clear_postings"), query("clear_seals"), query("clear_balances"), query("clear_events"), query("clear_jobs"),
	query("clear_idempotency_keys"), query("clear_requests"), query("clear_customers"), query("clear_wallets"),
	query("clear_deliveries"), query("clear_streams"), query("rewind_endpoints"),
	query("clear_wallet_events"), query("clear_wallet_accounts"), query("clear_wallet_transactions"),
	query("clear_beneficiaries"), query("clear_bulk_transfers"), query("clear_bulk_tallies"), query("clear_bulk_items"),
	query("clear_payouts"), query("clear_daily_sums"),
	query("clear_quotes"), query("clear_deals"), query("clear_orders"),
}

var (
	clearAPIKeys  = query("clear_api_keys")
	clearSettings = query("clear_settings")

	clearEndpoints       = query("clear_endpoints")
	clearStreamEndpoints = query("clear_stream_endpoints")
	clearWebhookFaults   = query("clear_webhook_faults")
	clearRates           = query("clear_rates")
)

// Clear empties everything about money and requests; businesses, keys, settings,
// encryption keys and webhook endpoints stay. Only the sandbox may call it.
func (t Tx) Clear() error {
	for _, q := range clears {
		if err := t.s.Exec(q, Any); err != nil {
			return err
		}
	}
	return nil
}

// ClearAPIKeys deletes every key but one.
func (t Tx) ClearAPIKeys(but string) error { return t.s.Exec(clearAPIKeys, Any, but) }

// ClearSetting forgets a named setting.
func (t Tx) ClearSetting(name string) error { return t.s.Exec(clearSettings, Any, name) }

// ClearEndpoints deletes every webhook endpoint.
func (t Tx) ClearEndpoints() error {
	if err := t.s.Exec(clearEndpoints, Any); err != nil {
		return err
	}
	return t.s.Exec(clearStreamEndpoints, Any)
}

// ClearWebhookFaults deletes the rules of every business.
func (t Tx) ClearWebhookFaults() error { return t.s.Exec(clearWebhookFaults, Any) }

// ClearRates forgets the rates that the operator has set.
func (t Tx) ClearRates() error { return t.s.Exec(clearRates, Any) }
