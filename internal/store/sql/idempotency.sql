-- name: claim_key
INSERT INTO idempotency_keys (business, key, fingerprint, fields, method, path, scope, state, owner, request_ids,
    object_type, object_id, status, outcome, body, created_at, completed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT DO NOTHING

-- name: take_over_key
UPDATE idempotency_keys SET owner = $1, request_ids = $2
WHERE business = $3 AND key = $4 AND owner = $5 AND completed_at IS NULL

-- name: complete_key
UPDATE idempotency_keys
SET state = 'completed', status = $1, outcome = $2, body = $3, object_type = $4, object_id = $5, completed_at = $6
WHERE business = $7 AND key = $8 AND completed_at IS NULL

-- name: release_key
UPDATE idempotency_keys SET owner = '' WHERE business = $1 AND key = $2 AND owner = $3 AND completed_at IS NULL

-- name: key_by_name
SELECT business, key, fingerprint, fields, method, path, scope, state, owner, request_ids, object_type, object_id,
    status, outcome, body, created_at, completed_at
FROM idempotency_keys WHERE business = $1 AND key = $2

-- name: forget_keys
DELETE FROM idempotency_keys
WHERE (business, key) IN (SELECT business, key FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT 500)
RETURNING key

-- name: forget_key
DELETE FROM idempotency_keys WHERE business = $1 AND key = $2 AND created_at < $3

-- name: note_replay
UPDATE idempotency_keys SET request_ids = $1 WHERE business = $2 AND key = $3 AND request_ids = $4
