-- name: clear_payments
DELETE FROM payments

-- name: clear_payment_links
DELETE FROM payment_links

-- name: clear_refunds
DELETE FROM refunds

-- name: clear_deposits
DELETE FROM deposits

-- name: clear_instructions
DELETE FROM instructions

-- name: clear_entries
DELETE FROM entries

-- name: clear_postings
DELETE FROM postings

-- name: clear_seals
DELETE FROM seals

-- name: clear_balances
DELETE FROM balances

-- name: clear_events
DELETE FROM events

-- name: clear_jobs
DELETE FROM jobs

-- name: clear_idempotency_keys
DELETE FROM idempotency_keys

-- name: clear_requests
DELETE FROM requests

-- name: clear_customers
DELETE FROM customers

-- name: clear_wallets
DELETE FROM wallets

-- name: clear_wallet_events
DELETE FROM wallet_events

-- name: clear_wallet_accounts
DELETE FROM wallet_accounts

-- name: clear_wallet_transactions
DELETE FROM wallet_transactions

-- name: clear_beneficiaries
DELETE FROM beneficiaries

-- name: clear_bulk_transfers
DELETE FROM bulk_transfers

-- name: clear_bulk_tallies
DELETE FROM bulk_tallies

-- name: clear_bulk_items
DELETE FROM bulk_items

-- name: clear_payouts
DELETE FROM payouts

-- name: clear_daily_sums
DELETE FROM daily_sums

-- name: clear_quotes
DELETE FROM quotes

-- name: clear_deals
DELETE FROM deals

-- name: clear_orders
DELETE FROM orders

-- name: clear_rates
DELETE FROM rates

-- name: clear_api_keys
DELETE FROM api_keys WHERE id <> $1

-- name: clear_settings
DELETE FROM settings WHERE name = $1

-- name: clear_streams
UPDATE event_streams SET last_sequence = 0

-- name: rewind_endpoints
UPDATE webhook_endpoints SET last_sequence = 0, failing_since = NULL, last_success_at = NULL

-- name: clear_deliveries
DELETE FROM webhook_deliveries

-- name: clear_endpoints
DELETE FROM webhook_endpoints

-- name: clear_stream_endpoints
UPDATE event_streams SET endpoints = 0

-- name: clear_webhook_faults
DELETE FROM webhook_faults

-- name: clear_request_faults
DELETE FROM request_faults

-- name: clear_fault_trace
DELETE FROM fault_trace
