-- name: insert_wallet
INSERT INTO wallets (id, business, owner, currency, status, created_at, customer_id, account_id, updated_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING

-- name: save_wallet
UPDATE wallets SET owner = $1, status = $2, updated_at = $3, version = version + 1 WHERE id = $4 AND version = $5

-- name: wallet_of
SELECT id, business, owner, currency, status, created_at, customer_id, account_id, updated_at, version FROM wallets
WHERE business = $1 AND owner = $2 AND currency = $3

-- name: wallet_by_id
SELECT id, business, owner, currency, status, created_at, customer_id, account_id, updated_at, version FROM wallets
WHERE id = $1

-- name: wallets
SELECT id, business, owner, currency, status, created_at, customer_id, account_id, updated_at, version FROM wallets
ORDER BY id

-- name: wallets_of_customer
SELECT id, business, owner, currency, status, created_at, customer_id, account_id, updated_at, version FROM wallets
WHERE customer_id = $1 AND customer_id <> '' ORDER BY created_at, id

-- name: wallets_older
SELECT id, business, owner, currency, status, created_at, customer_id, account_id, updated_at, version FROM wallets
WHERE business = $1 AND (created_at, id) < ($2, $3)
ORDER BY created_at DESC, id DESC LIMIT $4

-- name: wallets_newer
SELECT id, business, owner, currency, status, created_at, customer_id, account_id, updated_at, version FROM wallets
WHERE business = $1 AND (created_at, id) > ($2, $3)
ORDER BY created_at, id LIMIT $4

-- name: wallets_sought_older
SELECT id, business, owner, currency, status, created_at, customer_id, account_id, updated_at, version FROM wallets
WHERE business = $1 AND (created_at, id) < ($2, $3) AND ($4 = '' OR currency = $4) AND ($5 = '' OR status = $5)
ORDER BY created_at DESC, id DESC LIMIT $6

-- name: wallets_sought_newer
SELECT id, business, owner, currency, status, created_at, customer_id, account_id, updated_at, version FROM wallets
WHERE business = $1 AND (created_at, id) > ($2, $3) AND ($4 = '' OR currency = $4) AND ($5 = '' OR status = $5)
ORDER BY created_at, id LIMIT $6

-- name: insert_wallet_event
INSERT INTO wallet_events (id, wallet_id, number, action, reason, at) VALUES ($1, $2, $3, $4, $5, $6)

-- name: wallet_events_of
SELECT id, wallet_id, number, action, reason, at FROM wallet_events WHERE wallet_id = $1 ORDER BY number DESC LIMIT $2

-- name: insert_wallet_account
INSERT INTO wallet_accounts (wallet_id, id, business, type, account_name, bank_code, bank_name, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING

-- name: issue_wallet_account
UPDATE wallet_accounts SET account_number = $1, bank_code = $2, bank_name = $3, issued_at = $4
WHERE wallet_id = $5 AND COALESCE(account_number, '') = ''
    AND NOT EXISTS (SELECT 1 FROM wallet_accounts other WHERE other.account_number = $1)

-- name: wallet_account_of
SELECT wallet_id, id, business, type, account_name, COALESCE(account_number, ''), bank_code, bank_name, created_at, issued_at
FROM wallet_accounts WHERE wallet_id = $1

-- name: wallet_account_by_number
SELECT wallet_id, id, business, type, account_name, COALESCE(account_number, ''), bank_code, bank_name, created_at, issued_at
FROM wallet_accounts WHERE account_number = $1

-- name: insert_wallet_transaction
INSERT INTO wallet_transactions (id, business, wallet_id, reference, type, amount, currency, description, balance_after,
    created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING

-- name: wallet_transaction_by_id
SELECT id, business, wallet_id, COALESCE(reference, ''), type, amount, currency, description, balance_after, created_at
FROM wallet_transactions WHERE id = $1

-- name: wallet_transaction_by_reference
SELECT id, business, wallet_id, COALESCE(reference, ''), type, amount, currency, description, balance_after, created_at
FROM wallet_transactions WHERE business = $1 AND reference = $2

-- name: wallet_transactions_older
SELECT id, business, wallet_id, COALESCE(reference, ''), type, amount, currency, description, balance_after, created_at
FROM wallet_transactions
WHERE business = $1 AND (created_at, id) < ($2, $3) AND ($4 = '' OR type = $4)
ORDER BY created_at DESC, id DESC LIMIT $5

-- name: wallet_transactions_newer
SELECT id, business, wallet_id, COALESCE(reference, ''), type, amount, currency, description, balance_after, created_at
FROM wallet_transactions
WHERE business = $1 AND (created_at, id) > ($2, $3) AND ($4 = '' OR type = $4)
ORDER BY created_at, id LIMIT $5

-- name: transactions_of_wallet_older
SELECT id, business, wallet_id, COALESCE(reference, ''), type, amount, currency, description, balance_after, created_at
FROM wallet_transactions
WHERE wallet_id = $1 AND (created_at, id) < ($2, $3) AND ($4 = '' OR type = $4)
ORDER BY created_at DESC, id DESC LIMIT $5

-- name: transactions_of_wallet_newer
SELECT id, business, wallet_id, COALESCE(reference, ''), type, amount, currency, description, balance_after, created_at
FROM wallet_transactions
WHERE wallet_id = $1 AND (created_at, id) > ($2, $3) AND ($4 = '' OR type = $4)
ORDER BY created_at, id LIMIT $5

-- name: wallet_transactions_after
SELECT id, business, wallet_id, COALESCE(reference, ''), type, amount, currency, description, balance_after, created_at
FROM wallet_transactions WHERE id > $1 ORDER BY id LIMIT $2
