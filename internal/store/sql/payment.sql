-- name: insert_payment
INSERT INTO payments (id, business, reference, method, state, amount, currency, amount_paid, amount_refunded,
    unsettled, steps, version, customer_id, correlation_id, fixed, course, created_at, updated_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
ON CONFLICT DO NOTHING

-- name: save_payment
UPDATE payments
SET state = $1, amount_paid = $2, amount_refunded = $3, unsettled = $4, steps = $5, course = $6,
    updated_at = $7, expires_at = $8, version = version + 1
WHERE id = $9 AND version = $10

-- name: payment_by_id
SELECT id, business, reference, method, state, amount, currency, amount_paid, amount_refunded, unsettled, steps,
    version, customer_id, correlation_id, fixed, course, created_at, updated_at, expires_at
FROM payments WHERE id = $1

-- name: payment_by_reference
SELECT id, business, reference, method, state, amount, currency, amount_paid, amount_refunded, unsettled, steps,
    version, customer_id, correlation_id, fixed, course, created_at, updated_at, expires_at
FROM payments WHERE business = $1 AND reference = $2

-- name: payments_older
SELECT id, business, reference, method, state, amount, currency, amount_paid, amount_refunded, unsettled, steps,
    version, customer_id, correlation_id, fixed, course, created_at, updated_at, expires_at
FROM payments
WHERE business = $1 AND (created_at, id) < ($2, $3) AND created_at >= $4
ORDER BY created_at DESC, id DESC LIMIT $5

-- name: payments_newer
SELECT id, business, reference, method, state, amount, currency, amount_paid, amount_refunded, unsettled, steps,
    version, customer_id, correlation_id, fixed, course, created_at, updated_at, expires_at
FROM payments
WHERE business = $1 AND (created_at, id) > ($2, $3) AND created_at < $4
ORDER BY created_at, id LIMIT $5

-- name: payments_older_in_state
SELECT id, business, reference, method, state, amount, currency, amount_paid, amount_refunded, unsettled, steps,
    version, customer_id, correlation_id, fixed, course, created_at, updated_at, expires_at
FROM payments
WHERE business = $1 AND state = $2 AND (created_at, id) < ($3, $4) AND created_at >= $5
ORDER BY created_at DESC, id DESC LIMIT $6

-- name: payments_newer_in_state
SELECT id, business, reference, method, state, amount, currency, amount_paid, amount_refunded, unsettled, steps,
    version, customer_id, correlation_id, fixed, course, created_at, updated_at, expires_at
FROM payments
WHERE business = $1 AND state = $2 AND (created_at, id) > ($3, $4) AND created_at < $5
ORDER BY created_at, id LIMIT $6

-- name: payment_states_since
-- Not by the column itself: to get the groups in order, SQLite would read all of a business.
SELECT state || '', COUNT(*) FROM payments WHERE business = $1 AND created_at >= $2 GROUP BY 1

-- name: payments_after
SELECT id, business, reference, method, state, amount, currency, amount_paid, amount_refunded, unsettled, steps,
    version, customer_id, correlation_id, fixed, course, created_at, updated_at, expires_at
FROM payments WHERE id > $1 ORDER BY id LIMIT $2

-- name: payments_alike
SELECT id, business, reference, method, state, amount, currency, amount_paid, amount_refunded, unsettled, steps,
    version, customer_id, correlation_id, fixed, course, created_at, updated_at, expires_at
FROM payments
WHERE business = $1 AND created_at > $2 AND customer_id = $3 AND amount = $4 AND currency = $5
    AND state NOT IN ('failed', 'cancelled', 'expired')
ORDER BY created_at DESC, id DESC LIMIT 1

-- name: payments_of_customer
SELECT id, business, reference, method, state, amount, currency, amount_paid, amount_refunded, unsettled, steps,
    version, customer_id, correlation_id, fixed, course, created_at, updated_at, expires_at
FROM payments WHERE business = $1 AND customer_id = $2 ORDER BY created_at DESC, id DESC LIMIT $3

-- name: sum_of_customer
SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM payments
WHERE business = $1 AND customer_id = $2 AND created_at >= $3 AND method = $4 AND state NOT IN ('failed', 'cancelled', 'expired')
