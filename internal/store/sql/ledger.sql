-- name: insert_entry
INSERT INTO entries (id, business, at, kind, object, rail_ref) VALUES ($1, $2, $3, $4, $5, $6)

-- name: insert_posting
INSERT INTO postings (entry, line, account, amount, currency) VALUES ($1, $2, $3, $4, $5)

-- name: insert_two_postings
INSERT INTO postings (entry, line, account, amount, currency)
VALUES ($1, 0, $2, $3, $4), ($1, 1, $5, $6, $7)

-- name: change_guarded_balance
UPDATE balances SET amount = amount + $1
WHERE account = $2 AND currency = $3 AND amount + $1 >= 0 AND shut = 0

-- name: shut_balance
UPDATE balances SET shut = $1 WHERE account = $2 AND currency = $3

-- name: close_balance
UPDATE balances SET shut = 1 WHERE account = $1 AND currency = $2 AND amount = 0

-- name: add_to_balance
INSERT INTO balances (account, currency, amount) VALUES ($1, $2, $3)
ON CONFLICT (account, currency) DO UPDATE SET amount = balances.amount + excluded.amount

-- name: open_balance
INSERT INTO balances (account, currency, amount) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING

-- name: balance
SELECT amount FROM balances WHERE account = $1 AND currency = $2

-- name: balances
SELECT account, currency, amount FROM balances ORDER BY account, currency

-- name: unsealed_sum
SELECT COALESCE(SUM(p.amount), 0) FROM entries e CROSS JOIN postings p -- so that the few entries are read first
WHERE p.entry = e.id AND e.seq IS NULL AND p.account = $1 AND p.currency = $2

-- name: unsealed_entries
SELECT id, business, at, kind, object, rail_ref FROM entries WHERE seq IS NULL ORDER BY id LIMIT $1

-- name: entry_by_id
SELECT id, business, at, kind, object, rail_ref FROM entries WHERE id = $1

-- name: postings_of
SELECT account, amount, currency FROM postings WHERE entry = $1 ORDER BY line

-- name: entries_of_object
SELECT id, business, at, kind, object, rail_ref FROM entries WHERE object = $1 ORDER BY at, id

-- name: number_entry
-- COALESCE, or PostgreSQL would look for one entry among all that wait or did so lately.
UPDATE entries SET seq = $1 WHERE id = $2 AND COALESCE(seq, 0) = 0

-- name: insert_seal
INSERT INTO seals (seq, entry, hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: last_seal
SELECT seq, entry, hash FROM seals ORDER BY seq DESC LIMIT 1

-- name: seals_after
SELECT seq, entry, hash FROM seals WHERE seq > $1 ORDER BY seq LIMIT $2

-- name: entries_after
SELECT e.id, e.business, e.at, e.kind, e.object, e.rail_ref, COALESCE(e.seq, 0), p.account, p.amount, p.currency
FROM (SELECT id, business, at, kind, object, rail_ref, seq FROM entries WHERE id > $1 ORDER BY id LIMIT $2) e
LEFT JOIN postings p ON p.entry = e.id
ORDER BY e.id, p.line

-- name: count_stray_postings
SELECT COUNT(*) FROM postings p LEFT JOIN entries e ON e.id = p.entry WHERE e.id IS NULL
