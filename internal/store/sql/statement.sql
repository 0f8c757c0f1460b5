-- name: statement_totals
SELECT CAST(COALESCE(SUM(CASE WHEN e.at < $1 THEN p.amount ELSE 0 END), 0) AS BIGINT),
    CAST(COALESCE(SUM(CASE WHEN e.at >= $1 THEN p.amount ELSE 0 END), 0) AS BIGINT),
    CAST(COALESCE(SUM(CASE WHEN e.at >= $1 THEN 1 ELSE 0 END), 0) AS BIGINT)
FROM postings p CROSS JOIN entries e
WHERE e.id = p.entry AND p.account = $2 AND p.currency = $3 AND substr(p.account, 1, 7) = 'wallet:' AND e.at < $4

-- name: statement_lines
SELECT e.id, p.line, e.at, e.kind, e.object, e.rail_ref, p.amount,
    COALESCE((SELECT reference FROM payments WHERE id = e.object), (SELECT reference FROM refunds WHERE id = e.object),
        (SELECT reference FROM payouts WHERE id = e.object), (SELECT reference FROM wallet_transactions WHERE id = e.object), '')
FROM postings p CROSS JOIN entries e
WHERE e.id = p.entry AND p.account = $1 AND p.currency = $2 AND substr(p.account, 1, 7) = 'wallet:'
    AND (p.entry, p.line) > ($3, $4) AND e.at >= $5 AND e.at < $6
ORDER BY p.entry, p.line LIMIT $7

-- name: reference_of
SELECT COALESCE((SELECT reference FROM payments WHERE id = $1), (SELECT reference FROM refunds WHERE id = $1),
    (SELECT reference FROM payouts WHERE id = $1), (SELECT reference FROM wallet_transactions WHERE id = $1), '')
