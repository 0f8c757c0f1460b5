-- name: insert_beneficiary
INSERT INTO beneficiaries (id, business, identity, type, currency, body, answer, status, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING

-- name: retire_beneficiary
UPDATE beneficiaries SET status = 'deleted', identity = id WHERE id = $1 AND status <> 'deleted'

-- name: beneficiary_by_id
SELECT id, business, type, currency, body, answer, status, created_at FROM beneficiaries WHERE id = $1

-- name: beneficiary_with_identity
SELECT id, business, type, currency, body, answer, status, created_at FROM beneficiaries
WHERE business = $1 AND identity = $2

-- name: beneficiaries_older
SELECT id, business, type, currency, body, answer, status, created_at FROM beneficiaries
WHERE business = $1 AND (created_at, id) < ($2, $3) AND ($4 = '' OR type = $4) AND ($5 = '' OR currency = $5)
    AND status <> 'deleted'
ORDER BY created_at DESC, id DESC LIMIT $6

-- name: beneficiaries_newer
SELECT id, business, type, currency, body, answer, status, created_at FROM beneficiaries
WHERE business = $1 AND (created_at, id) > ($2, $3) AND ($4 = '' OR type = $4) AND ($5 = '' OR currency = $5)
    AND status <> 'deleted'
ORDER BY created_at, id LIMIT $6
