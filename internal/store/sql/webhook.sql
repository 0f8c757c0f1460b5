-- name: open_stream
INSERT INTO event_streams (business, last_sequence, endpoints) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING

-- name: stream_of
SELECT last_sequence, endpoints FROM event_streams WHERE business = $1

-- name: advance_stream
UPDATE event_streams SET last_sequence = $1 WHERE business = $2 AND last_sequence = $3 RETURNING last_sequence

-- name: resize_stream
UPDATE event_streams SET endpoints = $1 WHERE business = $2 AND endpoints = $3

-- name: insert_endpoint
INSERT INTO webhook_endpoints (id, business, url, events, description, status, secret, old_secret, old_until, failing_since,
    last_success_at, last_sequence, turn, edits, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT DO NOTHING

-- name: save_endpoint
UPDATE webhook_endpoints
SET url = $1, events = $2, description = $3, status = $4, secret = $5, old_secret = $6, old_until = $7, edits = edits + 1
WHERE id = $8 AND edits = $9 AND NOT EXISTS (
    SELECT 1 FROM webhook_endpoints o WHERE o.business = webhook_endpoints.business AND o.url = $1 AND o.id <> $8)

-- name: delete_endpoint
DELETE FROM webhook_endpoints WHERE business = $1 AND id = $2

-- name: endpoint_by_id
SELECT id, business, url, events, description, status, secret, old_secret, old_until, failing_since, last_success_at,
    last_sequence, turn, edits, created_at
FROM webhook_endpoints WHERE id = $1

-- name: endpoints_of
SELECT id, business, url, events, description, status, secret, old_secret, old_until, failing_since, last_success_at,
    last_sequence, turn, edits, created_at
FROM webhook_endpoints WHERE business = $1 ORDER BY created_at DESC, id DESC

-- name: endpoints_with_work
SELECT id, business, url, events, description, status, secret, old_secret, old_until, failing_since, last_success_at,
    last_sequence, turn, edits, created_at
FROM webhook_endpoints e
WHERE status = 'active' AND EXISTS (
    SELECT 1 FROM webhook_deliveries d WHERE d.endpoint = e.id AND d.due_at <= $1 AND d.lease_until < $2)
ORDER BY id

-- name: take_turn
UPDATE webhook_endpoints SET turn = turn + 1 WHERE id = $1 AND turn = $2 AND status = 'active'

-- name: point_endpoint
UPDATE webhook_endpoints SET last_sequence = $1 WHERE id = $2

-- name: note_endpoint_success
UPDATE webhook_endpoints SET failing_since = NULL, last_success_at = $1 WHERE id = $2

-- name: note_endpoint_failure
UPDATE webhook_endpoints SET failing_since = $1 WHERE id = $2 AND failing_since IS NULL

-- name: pause_endpoint
UPDATE webhook_endpoints SET status = 'paused', edits = edits + 1
WHERE id = $1 AND status = 'active' AND failing_since = $2

-- name: forgive_endpoint
UPDATE webhook_endpoints SET failing_since = NULL WHERE id = $1

-- name: insert_delivery
INSERT INTO webhook_deliveries (id, business, endpoint, event_id, event, sequence, previous, status, attempts, sent, tries,
    first_at, due_at, extra, back, back_at, fault, owner, lease_until, fence, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, '', 0, 0, $18)

-- name: delivery_by_id
SELECT d.id, d.business, d.endpoint, d.event_id, d.event, d.sequence, d.previous, d.status, d.attempts, d.sent, d.tries,
    d.first_at, d.due_at, d.extra, d.back, d.back_at, d.fault, d.fence, d.created_at, COALESCE(e.status, '')
FROM webhook_deliveries d LEFT JOIN webhook_endpoints e ON e.id = d.endpoint
WHERE d.id = $1

-- name: deliveries_of_event
SELECT d.id, d.business, d.endpoint, d.event_id, d.event, d.sequence, d.previous, d.status, d.attempts, d.sent, d.tries,
    d.first_at, d.due_at, d.extra, d.back, d.back_at, d.fault, d.fence, d.created_at, COALESCE(e.status, '')
FROM webhook_deliveries d LEFT JOIN webhook_endpoints e ON e.id = d.endpoint
WHERE d.event_id = $1 ORDER BY d.id

-- name: deliveries_older
SELECT d.id, d.business, d.endpoint, d.event_id, d.event, d.sequence, d.previous, d.status, d.attempts, d.sent, d.tries,
    d.first_at, d.due_at, d.extra, d.back, d.back_at, d.fault, d.fence, d.created_at, e.status
FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint
WHERE d.endpoint = $1 AND (d.created_at, d.id) < ($2, $3)
    AND ($4 = '' OR $4 = CASE WHEN d.status = 'pending' AND e.status = 'paused' THEN 'held' ELSE d.status END)
    AND ($5 = '' OR d.event = $5)
ORDER BY d.created_at DESC, d.id DESC LIMIT $6

-- name: deliveries_newer
SELECT d.id, d.business, d.endpoint, d.event_id, d.event, d.sequence, d.previous, d.status, d.attempts, d.sent, d.tries,
    d.first_at, d.due_at, d.extra, d.back, d.back_at, d.fault, d.fence, d.created_at, e.status
FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint
WHERE d.endpoint = $1 AND (d.created_at, d.id) > ($2, $3)
    AND ($4 = '' OR $4 = CASE WHEN d.status = 'pending' AND e.status = 'paused' THEN 'held' ELSE d.status END)
    AND ($5 = '' OR d.event = $5)
ORDER BY d.created_at, d.id LIMIT $6

-- name: deliveries_due
SELECT d.id, d.business, d.endpoint, d.event_id, d.event, d.sequence, d.previous, d.status, d.attempts, d.sent, d.tries,
    d.first_at, d.due_at, d.extra, d.back, d.back_at, d.fault, d.fence, d.created_at, 'active'
FROM webhook_deliveries d
WHERE d.endpoint = $1 AND d.due_at <= $2 AND d.lease_until < $3
ORDER BY d.due_at, d.sequence LIMIT $4

-- name: count_leased_deliveries
SELECT COUNT(*) FROM webhook_deliveries WHERE endpoint = $1 AND lease_until > 0 AND lease_until >= $2

-- name: lease_delivery
UPDATE webhook_deliveries SET owner = $1, lease_until = $2, fence = fence + 1 WHERE id = $3 AND fence = $4

-- name: finish_delivery
UPDATE webhook_deliveries
SET status = $1, attempts = $2, sent = $3, tries = $4, first_at = $5, due_at = $6, extra = $7, back = $8, back_at = $9,
    fault = $10, owner = '', lease_until = 0
WHERE id = $11 AND fence = $12

-- name: free_deliveries
UPDATE webhook_deliveries SET owner = '', lease_until = 0 WHERE lease_until > 0 AND owner NOT IN (SELECT id FROM nodes)

-- name: release_reordered
UPDATE webhook_deliveries SET due_at = $1
WHERE endpoint = $2 AND due_at > $1 AND sequence < $3 AND fault = 'reorder' AND lease_until = 0

-- name: resend_delivery
UPDATE webhook_deliveries
SET back = CASE WHEN extra = 1 THEN back WHEN status = 'pending' THEN '' ELSE status END,
    back_at = CASE WHEN extra = 1 THEN back_at ELSE due_at END, extra = 1, status = 'pending', due_at = $1
WHERE id = $2 AND lease_until < $3

-- name: resend_deliveries
UPDATE webhook_deliveries
SET back = CASE WHEN extra = 1 THEN back WHEN status = 'pending' THEN '' ELSE status END,
    back_at = CASE WHEN extra = 1 THEN back_at ELSE due_at END, extra = 1, status = 'pending', due_at = $1
WHERE id IN (
    SELECT id FROM webhook_deliveries
    WHERE endpoint = $2 AND sequence > $3 AND ($4 = '' OR event = $4) AND ($5 = 'all' OR status = $5) AND lease_until < $6
    ORDER BY sequence LIMIT $7)
RETURNING id

-- name: release_held
UPDATE webhook_deliveries SET due_at = $1 WHERE endpoint = $2 AND due_at IS NOT NULL AND lease_until = 0

-- name: drop_old_deliveries
DELETE FROM webhook_deliveries WHERE endpoint = $1 AND due_at IS NOT NULL AND created_at < $2

-- name: drop_waiting_deliveries
DELETE FROM webhook_deliveries WHERE endpoint = $1 AND due_at IS NOT NULL

-- name: count_held_deliveries
SELECT COUNT(*) FROM webhook_deliveries WHERE endpoint = $1 AND due_at IS NOT NULL

-- name: next_delivery
SELECT MIN(due) FROM (
    SELECT (SELECT d.due_at FROM webhook_deliveries d
            WHERE d.endpoint = e.id AND d.due_at IS NOT NULL AND d.lease_until < $1
            ORDER BY d.due_at, d.sequence LIMIT 1) AS due
    FROM webhook_endpoints e WHERE e.status = 'active') AS soonest

-- name: count_due_deliveries
SELECT COUNT(*) FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint
WHERE e.status = 'active' AND d.due_at <= $1

-- name: undelivered_after
SELECT d.event_id, MIN(d.event), MIN(d.sequence) FROM webhook_deliveries d
JOIN webhook_endpoints e ON e.id = d.endpoint AND e.status = 'active'
WHERE d.event_id > $1
GROUP BY d.event_id
HAVING SUM(CASE WHEN d.status = 'delivered' OR d.back = 'delivered' THEN 1 ELSE 0 END) = 0
   AND SUM(CASE WHEN d.due_at <= $2 OR d.sent > 0 THEN 1 ELSE 0 END) > 0
ORDER BY d.event_id LIMIT $3

-- name: count_deliveries
SELECT COUNT(*) FROM webhook_deliveries

-- name: forget_deliveries
DELETE FROM webhook_deliveries WHERE business = $1 AND sequence < $2

-- name: insert_webhook_fault
INSERT INTO webhook_faults (id, business, matcher, rule, matched, fired, created_at) VALUES ($1, $2, $3, $4, 0, 0, $5)

-- name: webhook_faults_of
SELECT id, business, matcher, rule, matched, fired, created_at FROM webhook_faults WHERE business = $1 ORDER BY created_at, id

-- name: count_webhook_fault
UPDATE webhook_faults SET matched = $1, fired = $2 WHERE id = $3 AND matched = $4

-- name: drop_webhook_fault
DELETE FROM webhook_faults WHERE business = $1 AND id = $2

-- name: drop_webhook_faults
DELETE FROM webhook_faults WHERE business = $1
