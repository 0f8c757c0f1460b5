-- name: insert_link
INSERT INTO payment_links (id, business, reference, state, version, amount, currency, method, payment, tries, fixed,
    created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING

-- name: save_link
UPDATE payment_links SET state = $1, payment = $2, tries = $3, updated_at = $4, version = version + 1
WHERE id = $5 AND version = $6

-- name: link_by_id
SELECT id, business, reference, state, version, amount, currency, method, payment, tries, fixed, created_at, updated_at
FROM payment_links WHERE id = $1

-- name: link_by_reference
SELECT id, business, reference, state, version, amount, currency, method, payment, tries, fixed, created_at, updated_at
FROM payment_links WHERE business = $1 AND reference = $2

-- name: links_older
SELECT id, business, reference, state, version, amount, currency, method, payment, tries, fixed, created_at, updated_at
FROM payment_links WHERE business = $1 AND (created_at, id) < ($2, $3)
ORDER BY created_at DESC, id DESC LIMIT $4

-- name: links_newer
SELECT id, business, reference, state, version, amount, currency, method, payment, tries, fixed, created_at, updated_at
FROM payment_links WHERE business = $1 AND (created_at, id) > ($2, $3)
ORDER BY created_at, id LIMIT $4

-- name: links_older_in_state
SELECT id, business, reference, state, version, amount, currency, method, payment, tries, fixed, created_at, updated_at
FROM payment_links WHERE business = $1 AND state = $2 AND (created_at, id) < ($3, $4)
ORDER BY created_at DESC, id DESC LIMIT $5

-- name: links_newer_in_state
SELECT id, business, reference, state, version, amount, currency, method, payment, tries, fixed, created_at, updated_at
FROM payment_links WHERE business = $1 AND state = $2 AND (created_at, id) > ($3, $4)
ORDER BY created_at, id LIMIT $5
