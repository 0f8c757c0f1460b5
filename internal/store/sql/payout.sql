-- name: insert_payout
INSERT INTO payouts (id, business, reference, state, amount, currency, fee, fee_payer, source_amount, source_currency, rail, wallet,
    beneficiary_id, failure, provider, steps, version, fixed, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
ON CONFLICT DO NOTHING

-- name: save_payout
UPDATE payouts SET state = $1, failure = $2, provider = $3, steps = $4, updated_at = $5, version = version + 1
WHERE id = $6 AND version = $7

-- name: payout_by_id
SELECT id, business, reference, state, amount, currency, fee, fee_payer, source_amount, source_currency, rail, wallet,
    beneficiary_id, failure, provider, steps, version, fixed, created_at, updated_at
FROM payouts WHERE id = $1

-- name: payout_by_reference
SELECT id, business, reference, state, amount, currency, fee, fee_payer, source_amount, source_currency, rail, wallet,
    beneficiary_id, failure, provider, steps, version, fixed, created_at, updated_at
FROM payouts WHERE business = $1 AND reference = $2

-- name: payouts_older
SELECT id, business, reference, state, amount, currency, fee, fee_payer, source_amount, source_currency, rail, wallet,
    beneficiary_id, failure, provider, steps, version, fixed, created_at, updated_at
FROM payouts
WHERE business = $1 AND (created_at, id) < ($2, $3) AND created_at >= $4
ORDER BY created_at DESC, id DESC LIMIT $5

-- name: payouts_newer
SELECT id, business, reference, state, amount, currency, fee, fee_payer, source_amount, source_currency, rail, wallet,
    beneficiary_id, failure, provider, steps, version, fixed, created_at, updated_at
FROM payouts
WHERE business = $1 AND (created_at, id) > ($2, $3) AND created_at < $4
ORDER BY created_at, id LIMIT $5

-- name: payouts_older_in_state
SELECT id, business, reference, state, amount, currency, fee, fee_payer, source_amount, source_currency, rail, wallet,
    beneficiary_id, failure, provider, steps, version, fixed, created_at, updated_at
FROM payouts
WHERE business = $1 AND state = $2 AND (created_at, id) < ($3, $4) AND created_at >= $5
ORDER BY created_at DESC, id DESC LIMIT $6

-- name: payouts_newer_in_state
SELECT id, business, reference, state, amount, currency, fee, fee_payer, source_amount, source_currency, rail, wallet,
    beneficiary_id, failure, provider, steps, version, fixed, created_at, updated_at
FROM payouts
WHERE business = $1 AND state = $2 AND (created_at, id) > ($3, $4) AND created_at < $5
ORDER BY created_at, id LIMIT $6

-- name: payouts_after
SELECT id, business, reference, state, amount, currency, fee, fee_payer, source_amount, source_currency, rail, wallet,
    beneficiary_id, failure, provider, steps, version, fixed, created_at, updated_at
FROM payouts WHERE id > $1 ORDER BY id LIMIT $2

-- name: payouts_alike
SELECT id, business, reference, state, amount, currency, fee, fee_payer, source_amount, source_currency, rail, wallet,
    beneficiary_id, failure, provider, steps, version, fixed, created_at, updated_at
FROM payouts
WHERE business = $1 AND created_at > $2 AND beneficiary_id = $3 AND amount = $4 AND currency = $5
    AND state NOT IN ('failed', 'reversed')
ORDER BY created_at DESC, id DESC LIMIT 1

-- name: spend_daily
INSERT INTO daily_sums (business, rail, day, amount) VALUES ($1, $2, $3, $4)
ON CONFLICT (business, rail, day) DO UPDATE SET amount = daily_sums.amount + excluded.amount
WHERE daily_sums.amount + excluded.amount <= $5

-- name: unspend_daily
UPDATE daily_sums SET amount = amount - $1 WHERE business = $2 AND rail = $3 AND day = $4

-- name: spent_daily
SELECT amount FROM daily_sums WHERE business = $1 AND rail = $2 AND day = $3
