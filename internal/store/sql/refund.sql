-- name: insert_refund
INSERT INTO refunds (id, business, payment_id, reference, amount, currency, reason, state, source, failure, steps,
    version, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT DO NOTHING

-- name: save_refund
UPDATE refunds SET state = $1, failure = $2, steps = $3, updated_at = $4, version = version + 1
WHERE id = $5 AND version = $6

-- name: refund_by_id
SELECT id, business, payment_id, reference, amount, currency, reason, state, source, failure, steps, version,
    created_at, updated_at
FROM refunds WHERE id = $1

-- name: refund_by_reference
SELECT id, business, payment_id, reference, amount, currency, reason, state, source, failure, steps, version,
    created_at, updated_at
FROM refunds WHERE business = $1 AND reference = $2

-- name: refunds_older
SELECT id, business, payment_id, reference, amount, currency, reason, state, source, failure, steps, version,
    created_at, updated_at
FROM refunds WHERE payment_id = $1 AND (created_at, id) < ($2, $3)
ORDER BY created_at DESC, id DESC LIMIT $4

-- name: refunds_newer
SELECT id, business, payment_id, reference, amount, currency, reason, state, source, failure, steps, version,
    created_at, updated_at
FROM refunds WHERE payment_id = $1 AND (created_at, id) > ($2, $3)
ORDER BY created_at, id LIMIT $4

-- name: refunds_after
SELECT id, business, payment_id, reference, amount, currency, reason, state, source, failure, steps, version,
    created_at, updated_at
FROM refunds WHERE id > $1 ORDER BY id LIMIT $2
