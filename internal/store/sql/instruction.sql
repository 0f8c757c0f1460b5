-- name: insert_instruction
INSERT INTO instructions (ref, business, object_type, object_id, rail, kind, target, amount, currency, answer,
    provider, sends, asks, node, sent_at, doubt_at, closed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT DO NOTHING

-- name: save_instruction
-- COALESCE, or PostgreSQL would look for one reference among all that are open or were so lately.
UPDATE instructions SET answer = $1, provider = $2, sends = $3, asks = $4, node = $5, doubt_at = $6, closed_at = $7
WHERE ref = $8 AND COALESCE(closed_at, 0) = 0 AND sends = $9 AND asks = $10

-- name: instruction_by_ref
SELECT ref, business, object_type, object_id, rail, kind, target, amount, currency, answer, provider, sends, asks, node,
    sent_at, doubt_at, closed_at
FROM instructions WHERE ref = $1

-- name: instructions_of
SELECT ref, business, object_type, object_id, rail, kind, target, amount, currency, answer, provider, sends, asks, node,
    sent_at, doubt_at, closed_at
FROM instructions WHERE object_id = $1 ORDER BY sent_at, ref

-- name: instructions_after
SELECT ref, business, object_type, object_id, rail, kind, target, amount, currency, answer, provider, sends, asks, node,
    sent_at, doubt_at, closed_at
FROM instructions WHERE ref > $1 ORDER BY ref LIMIT $2

-- name: count_open_instructions
SELECT COUNT(*) FROM instructions WHERE closed_at IS NULL
