package store

var clears = []Query{
	query("clear_payments"), query("clear_refunds"), query("clear_instructions"), query("clear_entries"),
	query("clear_postings"), query("clear_seals"), query("clear_balances"), query("clear_events"), query("clear_jobs"),
	query("clear_idempotency_keys"), query("clear_requests"), query("clear_customers"), query("clear_wallets"),
	query("clear_quotes"), query("clear_deals"), query("clear_orders"),
}

var (
	clearAPIKeys  = query("clear_api_keys")
	clearSettings = query("clear_settings")
	clearRates    = query("clear_rates")
)

// Clear empties everything about money and requests; businesses, keys, settings
// and encryption keys stay. Only the sandbox may call it.
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

// ClearRates forgets the rates that the operator has set.
func (t Tx) ClearRates() error { return t.s.Exec(clearRates, Any) }
