-- name: insert_business
INSERT INTO businesses (id, secret_id, name, created_at) VALUES ($1, $2, $3, $4)

-- name: businesses
SELECT id, secret_id, name, created_at, address, payout_pin FROM businesses ORDER BY created_at, id

-- name: business_by_id
SELECT id, secret_id, name, created_at, address, payout_pin FROM businesses WHERE id = $1

-- name: save_business_address
UPDATE businesses SET address = $1 WHERE id = $2

-- name: save_payout_pin
UPDATE businesses SET payout_pin = $1 WHERE id = $2

-- name: insert_api_key
INSERT INTO api_keys (id, business, hash, prefix, last4, name, description, scopes, replaces, lifetime, created_at,
    expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: api_key_by_hash
SELECT id, business, prefix, last4, name, description, scopes, replaces, lifetime, created_at, expires_at,
    rotated_at, replacement_used_at, revoked_at, last_used_at
FROM api_keys WHERE hash = $1

-- name: api_key_by_id
SELECT id, business, prefix, last4, name, description, scopes, replaces, lifetime, created_at, expires_at,
    rotated_at, replacement_used_at, revoked_at, last_used_at
FROM api_keys WHERE business = $1 AND id = $2

-- name: api_key_of_any
SELECT id, business, prefix, last4, name, description, scopes, replaces, lifetime, created_at, expires_at,
    rotated_at, replacement_used_at, revoked_at, last_used_at
FROM api_keys WHERE id = $1

-- name: api_keys_of
SELECT id, business, prefix, last4, name, description, scopes, replaces, lifetime, created_at, expires_at,
    rotated_at, replacement_used_at, revoked_at, last_used_at
FROM api_keys WHERE business = $1 ORDER BY created_at DESC, id DESC

-- name: rotate_api_key
UPDATE api_keys SET rotated_at = $1 WHERE id = $2 AND rotated_at IS NULL AND revoked_at IS NULL

-- name: revoke_api_key
UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL

-- name: note_key_use
UPDATE api_keys SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $1)

-- name: note_replacement_use
UPDATE api_keys SET replacement_used_at = $1 WHERE id = $2 AND replacement_used_at IS NULL

-- name: setting
SELECT value FROM settings WHERE name = $1

-- name: save_setting
INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: claim_setting
INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: insert_encryption_key
INSERT INTO encryption_keys (id, sealed, created_at) VALUES ($1, $2, $3)

-- name: encryption_keys
SELECT id, sealed, created_at, retired_at FROM encryption_keys ORDER BY created_at DESC, id DESC

-- name: retire_encryption_keys
UPDATE encryption_keys SET retired_at = $1 WHERE retired_at IS NULL
