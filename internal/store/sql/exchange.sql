-- name: insert_quote
INSERT INTO quotes (id, business, kind, symbol, side, rate, state, version, time_to_lock, time_to_convert, created_at,
    expires_at, used_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: save_quote
UPDATE quotes SET state = $1, expires_at = $2, used_by = $3, version = version + 1 WHERE id = $4 AND version = $5

-- name: quote_by_id
SELECT id, business, kind, symbol, side, rate, state, version, time_to_lock, time_to_convert, created_at, expires_at,
    used_by
FROM quotes WHERE id = $1

-- name: forget_quotes
DELETE FROM quotes
WHERE id IN (SELECT id FROM quotes WHERE created_at < $1 AND used_by = '' ORDER BY created_at LIMIT 500)
RETURNING id

-- name: insert_deal
INSERT INTO deals (id, business, kind, quote_id, reference, symbol, side, rate, source_amount, target_amount, rest, state,
    correlation_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT DO NOTHING

-- name: deal_by_id
SELECT id, business, kind, quote_id, reference, symbol, side, rate, source_amount, target_amount, rest, state,
    correlation_id, created_at
FROM deals WHERE id = $1

-- name: deal_by_reference
SELECT id, business, kind, quote_id, reference, symbol, side, rate, source_amount, target_amount, rest, state,
    correlation_id, created_at
FROM deals WHERE business = $1 AND kind = $2 AND reference = $3

-- name: deals_older
SELECT id, business, kind, quote_id, reference, symbol, side, rate, source_amount, target_amount, rest, state,
    correlation_id, created_at
FROM deals
WHERE business = $1 AND kind = $2 AND (created_at, id) < ($3, $4) AND ($5 = '' OR symbol = $5) AND ($6 = '' OR state = $6)
ORDER BY created_at DESC, id DESC LIMIT $7

-- name: deals_newer
SELECT id, business, kind, quote_id, reference, symbol, side, rate, source_amount, target_amount, rest, state,
    correlation_id, created_at
FROM deals
WHERE business = $1 AND kind = $2 AND (created_at, id) > ($3, $4) AND ($5 = '' OR symbol = $5) AND ($6 = '' OR state = $6)
ORDER BY created_at, id LIMIT $7

-- name: deals_after
SELECT id, business, kind, quote_id, reference, symbol, side, rate, source_amount, target_amount, rest, state,
    correlation_id, created_at
FROM deals WHERE id > $1 ORDER BY id LIMIT $2

-- name: insert_order
INSERT INTO orders (id, business, symbol, kind, qty, time_in_force, expires_at, state, version, fill_price, fill_amount,
    created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: save_order
UPDATE orders SET state = $1, updated_at = $2, version = version + 1 WHERE id = $3 AND version = $4

-- name: order_by_id
SELECT id, business, symbol, kind, qty, time_in_force, expires_at, state, version, fill_price, fill_amount, created_at,
    updated_at
FROM orders WHERE id = $1

-- name: orders_older
SELECT id, business, symbol, kind, qty, time_in_force, expires_at, state, version, fill_price, fill_amount, created_at,
    updated_at
FROM orders
WHERE business = $1 AND (created_at, id) < ($2, $3) AND ($4 = '' OR symbol = $4) AND ($5 = '' OR state = $5)
ORDER BY created_at DESC, id DESC LIMIT $6

-- name: orders_newer
SELECT id, business, symbol, kind, qty, time_in_force, expires_at, state, version, fill_price, fill_amount, created_at,
    updated_at
FROM orders
WHERE business = $1 AND (created_at, id) > ($2, $3) AND ($4 = '' OR symbol = $4) AND ($5 = '' OR state = $5)
ORDER BY created_at, id LIMIT $6

-- name: rates
SELECT symbol, buy, sell, ttl, version, updated_at FROM rates ORDER BY symbol

-- name: insert_rate
INSERT INTO rates (symbol, buy, sell, ttl, version, updated_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING

-- name: save_rate
UPDATE rates SET buy = $1, sell = $2, ttl = $3, updated_at = $4, version = version + 1 WHERE symbol = $5 AND version = $6
