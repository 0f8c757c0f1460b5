-- name: insert_customer
INSERT INTO customers (id, business, email, body, created_at, updated_at, status, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING

-- name: save_customer
UPDATE customers SET body = $1, status = $2, updated_at = $3, version = version + 1
WHERE id = $4 AND email = $5 AND version = $6

-- name: leave_email
DELETE FROM customers WHERE id = $1 AND version = $2

-- name: hold_customer
UPDATE customers SET version = version + 1 WHERE id = $1 AND version = $2

-- name: customer_by_email
SELECT id FROM customers WHERE business = $1 AND email = $2

-- name: customer_with_email
SELECT id, business, email, body, created_at, updated_at, status, version FROM customers
WHERE business = $1 AND email = $2

-- name: customer_by_id
SELECT id, business, email, body, created_at, updated_at, status, version FROM customers WHERE id = $1

-- name: customers_older
SELECT id, business, email, body, created_at, updated_at, status, version FROM customers
WHERE business = $1 AND (created_at, id) < ($2, $3) AND created_at >= $4 AND status <> 'deleted'
ORDER BY created_at DESC, id DESC LIMIT $5

-- name: customers_newer
SELECT id, business, email, body, created_at, updated_at, status, version FROM customers
WHERE business = $1 AND (created_at, id) > ($2, $3) AND created_at < $4 AND status <> 'deleted'
ORDER BY created_at, id LIMIT $5
