-- name: schedule_job
INSERT INTO jobs (object_type, object_id, business, due_at, node, owner, lease_until, fence, attempts)
VALUES ($1, $2, $3, $4, $5, '', 0, 0, 0)
ON CONFLICT (object_type, object_id) DO UPDATE
SET due_at = excluded.due_at, node = excluded.node, owner = '', lease_until = 0, fence = jobs.fence + 1, attempts = 0

-- name: drop_job
DELETE FROM jobs WHERE object_type = $1 AND object_id = $2

-- name: lease_jobs
WITH due AS MATERIALIZED (
    SELECT object_type, object_id FROM jobs
    WHERE due_at <= $1 AND lease_until < $2 AND (node = '' OR node = $3 OR node NOT IN (SELECT id FROM nodes))
    ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED)
UPDATE jobs SET owner = $3, lease_until = $5, fence = fence + 1, attempts = attempts + 1
WHERE (object_type, object_id) IN (SELECT object_type, object_id FROM due)
RETURNING object_type, object_id, business, due_at, fence, attempts

-- name: postpone_job
UPDATE jobs SET due_at = $1, owner = '', lease_until = 0 WHERE object_type = $2 AND object_id = $3 AND fence = $4

-- name: next_job
SELECT MIN(due_at) FROM jobs WHERE lease_until < $1

-- name: count_due_jobs
SELECT COUNT(*) FROM jobs WHERE due_at <= $1

-- name: free_jobs
UPDATE jobs SET owner = '', lease_until = 0 WHERE lease_until > 0 AND owner NOT IN (SELECT id FROM nodes)

-- name: hasten_jobs
UPDATE jobs SET due_at = $1, owner = '', lease_until = 0
WHERE due_at > $1 AND (object_type, object_id) IN (
    SELECT object_type, object_id FROM instructions WHERE closed_at IS NULL AND node NOT IN (SELECT id FROM nodes))

-- name: finish_job
DELETE FROM jobs WHERE object_type = $1 AND object_id = $2 AND fence = $3
