-- name: insert_node
INSERT INTO nodes (id, started_at, seen_at, heeds) VALUES ($1, $2, $3, $4)

-- name: renew_node
UPDATE nodes SET seen_at = $1, heeds = $2 WHERE id = $3 AND seen_at > $4

-- name: nodes
SELECT id, started_at, seen_at, heeds FROM nodes ORDER BY started_at, id

-- name: node_by_id
SELECT id, started_at, seen_at, heeds FROM nodes WHERE id = $1

-- name: drop_node
DELETE FROM nodes WHERE id = $1

-- name: bury_nodes
DELETE FROM nodes WHERE seen_at <= $1 RETURNING id
