-- name: insert_bulk
INSERT INTO bulk_transfers (id, business, reference, state, version, items, totals, given, fixed, created_at, updated_at, expires_at,
    executed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT DO NOTHING

-- name: insert_bulk_tally
INSERT INTO bulk_tallies (bulk, succeeded, failed, undecided, counted_at) VALUES ($1, $2, $3, $4, $5)

-- name: save_bulk
UPDATE bulk_transfers SET state = $1, items = $2, totals = $3, updated_at = $4, executed_at = $5, version = version + 1
WHERE id = $6 AND version = $7

-- name: count_bulk
UPDATE bulk_tallies SET succeeded = succeeded + $1, failed = failed + $2, undecided = undecided + $3, counted_at = $4
WHERE bulk = $5

-- name: bulk_by_id
SELECT b.id, b.business, b.reference, b.state, b.version, b.items, b.totals, b.given, b.fixed, t.succeeded, t.failed, t.undecided,
    t.counted_at, b.created_at, b.updated_at, b.expires_at, b.executed_at
FROM bulk_transfers b JOIN bulk_tallies t ON t.bulk = b.id WHERE b.id = $1

-- name: bulk_by_reference
SELECT b.id, b.business, b.reference, b.state, b.version, b.items, b.totals, b.given, b.fixed, t.succeeded, t.failed, t.undecided,
    t.counted_at, b.created_at, b.updated_at, b.expires_at, b.executed_at
FROM bulk_transfers b JOIN bulk_tallies t ON t.bulk = b.id WHERE b.business = $1 AND b.reference = $2

-- name: bulks_older
SELECT b.id, b.business, b.reference, b.state, b.version, b.items, b.totals, b.given, b.fixed, t.succeeded, t.failed, t.undecided,
    t.counted_at, b.created_at, b.updated_at, b.expires_at, b.executed_at
FROM bulk_transfers b JOIN bulk_tallies t ON t.bulk = b.id WHERE b.business = $1 AND (b.created_at, b.id) < ($2, $3)
ORDER BY b.created_at DESC, b.id DESC LIMIT $4

-- name: bulks_newer
SELECT b.id, b.business, b.reference, b.state, b.version, b.items, b.totals, b.given, b.fixed, t.succeeded, t.failed, t.undecided,
    t.counted_at, b.created_at, b.updated_at, b.expires_at, b.executed_at
FROM bulk_transfers b JOIN bulk_tallies t ON t.bulk = b.id WHERE b.business = $1 AND (b.created_at, b.id) > ($2, $3)
ORDER BY b.created_at, b.id LIMIT $4

-- name: bulks_older_in_state
SELECT b.id, b.business, b.reference, b.state, b.version, b.items, b.totals, b.given, b.fixed, t.succeeded, t.failed, t.undecided,
    t.counted_at, b.created_at, b.updated_at, b.expires_at, b.executed_at
FROM bulk_transfers b JOIN bulk_tallies t ON t.bulk = b.id WHERE b.business = $1 AND b.state = $2 AND (b.created_at, b.id) < ($3, $4)
ORDER BY b.created_at DESC, b.id DESC LIMIT $5

-- name: bulks_newer_in_state
SELECT b.id, b.business, b.reference, b.state, b.version, b.items, b.totals, b.given, b.fixed, t.succeeded, t.failed, t.undecided,
    t.counted_at, b.created_at, b.updated_at, b.expires_at, b.executed_at
FROM bulk_transfers b JOIN bulk_tallies t ON t.bulk = b.id WHERE b.business = $1 AND b.state = $2 AND (b.created_at, b.id) > ($3, $4)
ORDER BY b.created_at, b.id LIMIT $5

-- name: bulks_after
SELECT b.id, b.business, b.reference, b.state, b.version, b.items, b.totals, b.given, b.fixed, t.succeeded, t.failed, t.undecided,
    t.counted_at, b.created_at, b.updated_at, b.expires_at, b.executed_at
FROM bulk_transfers b JOIN bulk_tallies t ON t.bulk = b.id WHERE b.id > $1 ORDER BY b.id LIMIT $2

-- name: count_open_bulk_items
SELECT CAST(COALESCE(SUM(t.undecided), 0) AS BIGINT) FROM bulk_transfers b JOIN bulk_tallies t ON t.bulk = b.id WHERE b.state = 'executing'

-- name: insert_bulk_item
INSERT INTO bulk_items (id, bulk, number, business, reference, state, amount, currency, source_currency, fee, fee_payer, rail, wallet,
    failure, fixed, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT DO NOTHING

-- name: end_bulk_item
UPDATE bulk_items SET state = $1, failure = $2 WHERE id = $3 AND state = 'pending'

-- name: cancel_bulk_items
UPDATE bulk_items SET state = 'cancelled' WHERE bulk = $1 AND state = 'pending'

-- name: bulk_items_of
SELECT i.id, i.bulk, i.number, i.business, i.reference, i.state, i.amount, i.currency, i.source_currency, i.fee, i.fee_payer, i.rail,
    i.wallet, i.failure, i.fixed, i.created_at, COALESCE(p.state, ''), COALESCE(p.failure, '')
FROM bulk_items i LEFT JOIN payouts p ON p.id = i.id WHERE i.bulk = $1 ORDER BY i.number

-- name: bulk_items_pending
SELECT id, bulk, number, business, reference, state, amount, currency, source_currency, fee, fee_payer, rail, wallet, failure, fixed,
    created_at, '', ''
FROM bulk_items WHERE bulk = $1 AND state = 'pending' ORDER BY number LIMIT $2

-- name: bulk_item_with_reference
SELECT id, bulk, number, business, reference, state, amount, currency, source_currency, fee, fee_payer, rail, wallet, failure, fixed,
    created_at, '', ''
FROM bulk_items WHERE business = $1 AND reference = $2 AND state = 'pending'

-- name: bulk_items_after
SELECT i.id, i.bulk, i.number, i.business, i.reference, i.state, i.amount, i.currency, i.source_currency, i.fee, i.fee_payer, i.rail,
    i.wallet, i.failure, i.fixed, i.created_at, COALESCE(p.state, ''), COALESCE(p.failure, '')
FROM bulk_items i LEFT JOIN payouts p ON p.id = i.id WHERE i.id > $1 ORDER BY i.id LIMIT $2

-- name: schedule_bulk_end
INSERT INTO jobs (object_type, object_id, business, due_at, node, owner, lease_until, fence, attempts)
SELECT CAST($1 AS TEXT), b.id, b.business, CAST($2 AS BIGINT), '', '', 0, 0, 0
FROM bulk_transfers b JOIN bulk_tallies t ON t.bulk = b.id
WHERE b.id = $3 AND b.state = 'executing' AND t.undecided = 0
ON CONFLICT (object_type, object_id) DO UPDATE
SET due_at = excluded.due_at, node = '', owner = '', lease_until = 0, fence = jobs.fence + 1, attempts = 0
