-- name: insert_request_fault
INSERT INTO request_faults (id, business, matcher, rule, matched, fired, counts, created_at) VALUES ($1, $2, $3, $4, 0, 0, '[]', $5)

-- name: request_faults
SELECT id, business, matcher, rule, matched, fired, counts, created_at FROM request_faults ORDER BY business, created_at, id

-- name: request_faults_of
SELECT id, business, matcher, rule, matched, fired, counts, created_at FROM request_faults WHERE business = $1 ORDER BY created_at, id

-- name: request_fault
SELECT id, business, matcher, rule, matched, fired, counts, created_at FROM request_faults WHERE business = $1 AND id = $2

-- name: count_request_fault
UPDATE request_faults SET matched = matched + 1, fired = $1, counts = $2 WHERE id = $3 AND matched = $4

-- name: drop_request_fault
DELETE FROM request_faults WHERE business = $1 AND id = $2

-- name: drop_request_faults
DELETE FROM request_faults WHERE business = $1

-- name: insert_fault_trace
INSERT INTO fault_trace (id, business, request_id, rule_id, action, nth, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: fault_trace_after
SELECT id, business, request_id, rule_id, action, nth, created_at FROM fault_trace
WHERE business = $1 AND (created_at, id) > ($2, $3)
ORDER BY created_at, id LIMIT $4

-- name: fault_trace_entry
SELECT id, business, request_id, rule_id, action, nth, created_at FROM fault_trace WHERE id = $1

-- name: forget_fault_trace
DELETE FROM fault_trace WHERE id IN (SELECT id FROM fault_trace WHERE created_at < $1 ORDER BY created_at LIMIT 500) RETURNING id
