-- name: insert_deposit
INSERT INTO deposits (id, business, rail, reference, payment_id, wallet_id, customer_id, amount, currency, state, listed, details, steps, version,
    occurred_at, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT DO NOTHING

-- name: save_deposit
UPDATE deposits SET state = $1, listed = $2, steps = $3, updated_at = $4, version = version + 1 WHERE id = $5 AND version = $6

-- name: deposit_by_id
SELECT id, business, rail, reference, payment_id, wallet_id, customer_id, amount, currency, state, listed, details, steps, version,
    occurred_at, created_at, updated_at
FROM deposits WHERE id = $1

-- name: deposit_by_transfer
SELECT id, business, rail, reference, payment_id, wallet_id, customer_id, amount, currency, state, listed, details, steps, version,
    occurred_at, created_at, updated_at
FROM deposits WHERE rail = $1 AND reference = $2

-- name: deposits_of_payment
SELECT id, business, rail, reference, payment_id, wallet_id, customer_id, amount, currency, state, listed, details, steps, version,
    occurred_at, created_at, updated_at
FROM deposits WHERE payment_id = $1 AND payment_id <> '' ORDER BY created_at, id

-- name: deposits_after
SELECT id, business, rail, reference, payment_id, wallet_id, customer_id, amount, currency, state, listed, details, steps, version,
    occurred_at, created_at, updated_at
FROM deposits WHERE id > $1 ORDER BY id LIMIT $2

-- name: deposits_older
SELECT id, business, rail, reference, payment_id, wallet_id, customer_id, amount, currency, state, listed, details, steps, version,
    occurred_at, created_at, updated_at
FROM deposits
WHERE business = $1 AND (created_at, id) < ($2, $3) AND created_at >= $4 AND listed = 1
ORDER BY created_at DESC, id DESC LIMIT $5

-- name: deposits_newer
SELECT id, business, rail, reference, payment_id, wallet_id, customer_id, amount, currency, state, listed, details, steps, version,
    occurred_at, created_at, updated_at
FROM deposits
WHERE business = $1 AND (created_at, id) > ($2, $3) AND created_at < $4 AND listed = 1
ORDER BY created_at, id LIMIT $5

-- name: deposits_sought_older
SELECT id, business, rail, reference, payment_id, wallet_id, customer_id, amount, currency, state, listed, details, steps, version,
    occurred_at, created_at, updated_at
FROM deposits
WHERE business = $1 AND (created_at, id) < ($2, $3) AND created_at >= $4 AND listed = 1
    AND ($5 = '' OR state = $5 OR state = $6) AND ($7 = '' OR wallet_id = $7) AND ($8 = '' OR currency = $8)
ORDER BY created_at DESC, id DESC LIMIT $9

-- name: deposits_sought_newer
SELECT id, business, rail, reference, payment_id, wallet_id, customer_id, amount, currency, state, listed, details, steps, version,
    occurred_at, created_at, updated_at
FROM deposits
WHERE business = $1 AND (created_at, id) > ($2, $3) AND created_at < $4 AND listed = 1
    AND ($5 = '' OR state = $5 OR state = $6) AND ($7 = '' OR wallet_id = $7) AND ($8 = '' OR currency = $8)
ORDER BY created_at, id LIMIT $9
