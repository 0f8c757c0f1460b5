-- name: insert_event
INSERT INTO events (id, business, event, object, data, created_at, written_at) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: events_of
SELECT id, business, event, object, data, created_at, COALESCE(sequence, 0) FROM events WHERE object = $1 ORDER BY created_at, id

-- name: count_events
SELECT COUNT(*) FROM events

-- name: unnumbered_events
SELECT id, business, event, object, '', created_at, 0 FROM events WHERE sequence IS NULL ORDER BY written_at, id LIMIT $1

-- name: oldest_unnumbered_event
SELECT MIN(written_at) FROM events WHERE sequence IS NULL

-- name: number_event
UPDATE events SET sequence = $1 WHERE id = $2 AND sequence IS NULL

-- name: events_after
SELECT id, business, event, object, data, created_at, sequence FROM events
WHERE business = $1 AND sequence > $2 AND ($3 = '' OR event = $3) ORDER BY sequence LIMIT $4

-- name: event_by_id
SELECT id, business, event, object, data, created_at, COALESCE(sequence, 0) FROM events WHERE id = $1

-- name: first_event_since
SELECT sequence FROM events WHERE business = $1 AND created_at >= $2 AND sequence IS NOT NULL
ORDER BY created_at, sequence LIMIT 1

-- name: forget_events
DELETE FROM events WHERE business = $1 AND sequence < $2

-- name: insert_request
INSERT INTO requests (id, business, created_at, method, path, status, code, outcome, idempotency_key, object_id,
    head, timeline, request_body, reply_body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT DO NOTHING

-- name: request_by_id
SELECT id, business, created_at, method, path, status, code, outcome, idempotency_key, object_id, head, timeline,
    request_body, reply_body
FROM requests WHERE id = $1

-- name: requests_older
SELECT id, business, created_at, method, path, status, code, outcome, idempotency_key, object_id, head, '', '', ''
FROM requests
WHERE business = $1 AND (created_at, id) < ($2, $3) AND created_at >= $4
ORDER BY created_at DESC, id DESC LIMIT $5

-- name: requests_sought_older
SELECT id, business, created_at, method, path, status, code, outcome, idempotency_key, object_id, head, '', '', ''
FROM requests
WHERE business = $1 AND (created_at, id) < ($2, $3) AND created_at >= $4
    AND ($5 = 0 OR status = $5) AND ($6 = '' OR code = $6) AND ($7 = '' OR path = $7)
    AND ($8 = '' OR idempotency_key = $8) AND ($9 = '' OR object_id = $9)
ORDER BY created_at DESC, id DESC LIMIT $10

-- name: requests_newer
SELECT id, business, created_at, method, path, status, code, outcome, idempotency_key, object_id, head, '', '', ''
FROM requests
WHERE business = $1 AND (created_at, id) > ($2, $3) AND created_at < $4
ORDER BY created_at, id LIMIT $5

-- name: requests_sought_newer
SELECT id, business, created_at, method, path, status, code, outcome, idempotency_key, object_id, head, '', '', ''
FROM requests
WHERE business = $1 AND (created_at, id) > ($2, $3) AND created_at < $4
    AND ($5 = 0 OR status = $5) AND ($6 = '' OR code = $6) AND ($7 = '' OR path = $7)
    AND ($8 = '' OR idempotency_key = $8) AND ($9 = '' OR object_id = $9)
ORDER BY created_at, id LIMIT $10

-- name: requests_of_object_older
-- like requests_sought_older AND object_id = $9 AND object_id <> ''

-- name: requests_of_object_newer
-- like requests_sought_newer AND object_id = $9 AND object_id <> ''

-- name: requests_with_key_older
-- like requests_sought_older AND idempotency_key = $8 AND idempotency_key <> ''

-- name: requests_with_key_newer
-- like requests_sought_newer AND idempotency_key = $8 AND idempotency_key <> ''

-- name: requests_with_code_older
-- like requests_sought_older AND code = $6 AND code <> ''

-- name: requests_with_code_newer
-- like requests_sought_newer AND code = $6 AND code <> ''

-- name: requests_with_status_older
-- like requests_sought_older AND status = $5 AND status NOT IN (200, 201)

-- name: requests_with_status_newer
-- like requests_sought_newer AND status = $5 AND status NOT IN (200, 201)

-- name: count_requests
SELECT COUNT(*) FROM requests

-- name: forget_requests
DELETE FROM requests
WHERE id IN (
    SELECT id FROM requests WHERE created_at / 3600000000 <= $1 / 3600000000 AND created_at < $1
    ORDER BY created_at / 3600000000 LIMIT 500)
RETURNING id

-- name: strip_request_bodies
UPDATE requests SET request_body = '', reply_body = ''
WHERE id IN (
    SELECT id FROM requests WHERE created_at < $1 AND (request_body <> '' OR reply_body <> '')
    ORDER BY created_at LIMIT 500)
RETURNING id
