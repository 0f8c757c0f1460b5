-- name: insert_event
INSERT INTO events (id, business, event, object, data, created_at) VALUES ($1, $2, $3, $4, $5, $6)

-- name: events_of
SELECT id, business, event, object, data, created_at FROM events WHERE object = $1 ORDER BY created_at, id

-- name: count_events
SELECT COUNT(*) FROM events

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
WHERE business = $1 AND (created_at < $2 OR (created_at = $2 AND id < $3)) AND created_at >= $4 AND created_at < $5
    AND ($6 = 0 OR status = $6) AND ($7 = '' OR code = $7) AND ($8 = '' OR path = $8)
    AND ($9 = '' OR idempotency_key = $9) AND ($10 = '' OR object_id = $10)
ORDER BY created_at DESC, id DESC LIMIT $11

-- name: requests_newer
SELECT id, business, created_at, method, path, status, code, outcome, idempotency_key, object_id, head, '', '', ''
FROM requests
WHERE business = $1 AND (created_at > $2 OR (created_at = $2 AND id > $3)) AND created_at >= $4 AND created_at < $5
    AND ($6 = 0 OR status = $6) AND ($7 = '' OR code = $7) AND ($8 = '' OR path = $8)
    AND ($9 = '' OR idempotency_key = $9) AND ($10 = '' OR object_id = $10)
ORDER BY created_at, id LIMIT $11

-- name: count_requests
SELECT COUNT(*) FROM requests

-- name: forget_requests
DELETE FROM requests WHERE created_at < $1

-- name: strip_request_bodies
UPDATE requests SET request_body = '', reply_body = ''
WHERE created_at < $1 AND (request_body <> '' OR reply_body <> '')
