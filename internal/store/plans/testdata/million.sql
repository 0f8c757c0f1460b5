-- only: rows for a test of both databases, no query of the store
-- A business year of 10^6 payments in the schema of the store, for both databases alike:
-- ids grow with time as the real ones do, one business has two thirds of everything,
-- nearly all payments are over, and what is due is a handful among much that is not.
-- The moment is 1800000000000000; "numbers" holds 0 to 999999 and is removed at the end.
-- Everything follows from the number, so that every run holds the same rows.

INSERT INTO businesses (id, secret_id, name, created_at)
SELECT 'business-' || CAST(10 + i AS TEXT), 'secret-' || CAST(10 + i AS TEXT), 'Business', 1760000000000000 + i FROM numbers WHERE i < 40;

INSERT INTO wallets (id, business, owner, currency, status, created_at)
SELECT 'wallet-' || CAST(100000 + i AS TEXT), 'business-' || CAST(10 + i / 3 % 40 AS TEXT), 'owner-' || CAST(10000 + i / 3 AS TEXT),
    CASE i % 3 WHEN 0 THEN 'NGN' WHEN 1 THEN 'USD' ELSE 'CAD' END, 'active', 1760000000000000 FROM numbers WHERE i < 30000;

INSERT INTO api_keys (id, business, hash, prefix, last4, name, description, scopes, replaces, lifetime, created_at)
SELECT 'key-' || CAST(100000 + i AS TEXT), 'business-' || CAST(10 + i / 50 AS TEXT), 'hash-' || CAST(100000 + i AS TEXT), 'test_', '1234',
    'key', '', '["*"]', '', 0, 1760000000000000 + i FROM numbers WHERE i < 20000;

INSERT INTO balances (account, currency, amount)
SELECT 'merchant:owner-' || CAST(10000 + i / 3 AS TEXT), CASE i % 3 WHEN 0 THEN 'NGN' WHEN 1 THEN 'USD' ELSE 'CAD' END, 1000 + i
FROM numbers WHERE i < 30000;

INSERT INTO settings (name, value) SELECT 'setting-' || CAST(10 + i AS TEXT), '1' FROM numbers WHERE i < 20;

INSERT INTO encryption_keys (id, sealed, created_at, retired_at)
SELECT 'encryption-' || CAST(10 + i AS TEXT), 'sealed', 1760000000000000 + i, CASE WHEN i < 4 THEN 1770000000000000 END FROM numbers WHERE i < 5;

INSERT INTO nodes (id, started_at, seen_at, heeds)
SELECT 'node-' || CAST(1 + i AS TEXT), 1799990000000000, 1800000000000000, '' FROM numbers WHERE i < 3;

INSERT INTO customers (id, business, email, body, created_at, updated_at)
SELECT 'customer-' || CAST(100000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    'customer-' || CAST(100000 + i AS TEXT) || '@example.com', '{"first_name":"Ada","last_name":"Obi"}', 1770000000000000 + i, 1770000000000000 + i
FROM numbers WHERE i < 200000;

-- One payment each 31.5 seconds. Of the youngest some are open; the last two days wait to be settled.
INSERT INTO payments (id, business, reference, method, state, amount, currency, amount_paid, amount_refunded, unsettled, steps, version,
    customer_id, correlation_id, fixed, course, created_at, updated_at, expires_at)
SELECT '01930000-0000-7000-8000-' || CAST(100000000000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    'order-' || CAST(1000000 + i AS TEXT), 'card',
    CASE WHEN i % 100 < 9 THEN 'failed' WHEN i % 100 < 13 THEN 'expired' WHEN i % 1000 = 13 THEN 'cancelled'
        WHEN i % 50000 = 71 THEN 'in_doubt' WHEN i % 100000 = 72 THEN 'authenticating'
        WHEN i > 999000 AND i % 10 = 5 THEN 'created' WHEN i > 999000 AND i % 100 = 16 THEN 'awaiting_payment'
        WHEN i > 994500 THEN 'captured' ELSE 'settled' END,
    1000 * (1 + i % 500), CASE i % 3 WHEN 0 THEN 'NGN' WHEN 1 THEN 'USD' ELSE 'CAD' END, 1000 * (1 + i % 500), 0, 0, 0, 4,
    'customer-' || CAST(100000 + (i % 2000) * 100 + i % 100 AS TEXT), '',
    '{"description":"Term fee","order":{"identifier":"INV-7"},"customer":{"first_name":"Ada","email":"ada@example.com"},"lifetime":3600}',
    '{"card":{"brand":"visa","last4":"1009"},"attempts":1}', 1800000000000000 - (1000000 - i) * 31500000, 1800000000000000 - (1000000 - i) * 31500000,
    1800000000000000 - (1000000 - i) * 31500000 + 86400000000
FROM numbers;

INSERT INTO refunds (id, business, payment_id, reference, amount, currency, reason, state, source, failure, steps, version, created_at, updated_at)
SELECT '01930000-0000-7000-9000-' || CAST(100000000000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    '01930000-0000-7000-8000-' || CAST(100000000000 + i AS TEXT), 'refund-' || CAST(1000000 + i AS TEXT), 1000, 'NGN', '', 'succeeded', 'api', '', 0, 2,
    1800000000000000 - (1000000 - i) * 31500000 + 60000000, 1800000000000000 - (1000000 - i) * 31500000 + 60000000
FROM numbers WHERE i % 33 = 20;

INSERT INTO instructions (ref, business, object_type, object_id, rail, kind, target, amount, currency, answer, provider, sends, asks, node,
    sent_at, doubt_at, closed_at)
SELECT '01930000-0000-7000-8000-' || CAST(100000000000 + i AS TEXT) || '/1',
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    'payment', '01930000-0000-7000-8000-' || CAST(100000000000 + i AS TEXT), 'card', 'charge', '', 1000, 'NGN', 'approved', '', 1, 0,
    CASE WHEN i % 100000 = 71 THEN 'node-gone' ELSE 'node-' || CAST(1 + i % 3 AS TEXT) END, 1800000000000000 - (1000000 - i) * 31500000, NULL,
    CASE WHEN i % 50000 = 71 THEN NULL ELSE 1800000000000000 - (1000000 - i) * 31500000 + 1000000 END
FROM numbers WHERE i % 100 >= 13 OR i % 100 < 9;

-- A capture and its settlement have an entry of two postings each.
INSERT INTO entries (id, business, at, kind, object, rail_ref, seq)
SELECT '01930000-0000-7000-a000-' || CAST(100000000000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    1800000000000000 - (1000000 - i) * 31500000, CASE i % 2 WHEN 0 THEN 'capture.succeeded' ELSE 'settlement' END,
    '01930000-0000-7000-8000-' || CAST(100000000000 + i - i % 2 AS TEXT), '', CASE WHEN i < 999990 THEN 1 + i END
FROM numbers;

INSERT INTO postings (entry, line, account, amount, currency)
SELECT '01930000-0000-7000-a000-' || CAST(100000000000 + i / 2 AS TEXT), i % 2,
    CASE i % 2 WHEN 0 THEN 'clearing:card' ELSE 'merchant:business-10' END, 1000, 'NGN' FROM numbers;

INSERT INTO postings (entry, line, account, amount, currency)
SELECT '01930000-0000-7000-a000-' || CAST(100000500000 + i / 2 AS TEXT), i % 2,
    CASE i % 2 WHEN 0 THEN 'clearing:card' ELSE 'merchant:business-10' END, 1000, 'NGN' FROM numbers;

-- A wallet of each customer, with an account number. The first 2000 have a hundred movements
-- in their statements, and the first 20000 ten transactions.
INSERT INTO wallets (id, business, owner, currency, status, created_at, customer_id, account_id, updated_at, version)
SELECT 'wallet-c-' || CAST(100000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    'customer-' || CAST(100000 + i AS TEXT), 'NGN', CASE i % 1000 WHEN 3 THEN 'frozen' ELSE 'active' END, 1770000000000000 + i,
    'customer-' || CAST(100000 + i AS TEXT), 'account-' || CAST(100000 + i AS TEXT), 1770000000000000 + i, 0 FROM numbers WHERE i < 200000;

INSERT INTO balances (account, currency, amount)
SELECT 'wallet:wallet-c-' || CAST(100000 + i AS TEXT), 'NGN', 0 FROM numbers WHERE i < 200000;

INSERT INTO wallet_events (id, wallet_id, number, action, reason, at)
SELECT 'happening-' || CAST(100000 + i AS TEXT), 'wallet-c-' || CAST(100000 + i AS TEXT), 0, 'created', '', 1770000000000000 + i
FROM numbers WHERE i < 200000;

INSERT INTO wallet_accounts (wallet_id, id, business, type, account_name, account_number, bank_code, bank_name, created_at, issued_at)
SELECT 'wallet-c-' || CAST(100000 + i AS TEXT), 'number-' || CAST(100000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    'bank_account', 'Ada Obi', '99' || CAST(10000000 + i AS TEXT), '999001', 'Steady Bank', 1770000000000000 + i, 1770000000000000 + i
FROM numbers WHERE i < 200000;

INSERT INTO beneficiaries (id, business, identity, type, currency, body, answer, status, created_at)
SELECT 'bene-' || CAST(100000 + i AS TEXT), 'business-' || CAST(10 + i % 40 AS TEXT), 'bank_account/NGN/999001/' || CAST(1000000000 + i AS TEXT),
    'bank_account', 'NGN', '{}', '', CASE i % 21 WHEN 0 THEN 'deleted' ELSE 'active' END, 1770000000000000 + i
FROM numbers WHERE i < 100000;

INSERT INTO payouts (id, business, reference, state, amount, currency, fee, fee_payer, source_amount, source_currency, rail, wallet, beneficiary_id,
    failure, provider, steps, version, fixed, created_at, updated_at)
SELECT 'payout-' || CAST(100000 + i AS TEXT), 'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    'po-' || CAST(1000000 + i AS TEXT), CASE WHEN i % 50000 = 71 THEN 'in_doubt' WHEN i % 50 = 7 THEN 'failed' ELSE 'succeeded' END,
    1000 * (1 + i % 500), 'NGN', 2500, 'sender', 2500 + 1000 * (1 + i % 500), 'NGN', 'nuban', 'wallet-10', 'bene-' || CAST(100000 + i % 10000 AS TEXT),
    '', 'nuban-1', 1, 2, '{"beneficiary":{"id":"bene","type":"bank_account","account_number":"0690000031"}}',
    1800000000000000 - (200000 - i) * 150000000, 1800000000000000 - (200000 - i) * 150000000
FROM numbers WHERE i < 200000;

INSERT INTO daily_sums (business, rail, day, amount)
SELECT 'business-' || CAST(10 + i % 40 AS TEXT), 'crypto', 20000 + i / 40, 1000 FROM numbers WHERE i < 40000;

INSERT INTO bulk_transfers (id, business, reference, state, version, items, totals, given, fixed, created_at, updated_at, expires_at,
    executed_at)
SELECT 'bulk-' || CAST(100000 + i AS TEXT), 'business-' || CAST(10 + i % 40 AS TEXT), 'salaries-' || CAST(100000 + i AS TEXT),
    CASE i % 20 WHEN 0 THEN 'expired' WHEN 1 THEN 'executing' ELSE 'completed' END, 3, 10, '{}', '', '{}',
    1770000000000000 + i, 1770000000000000 + i, 1770000000000000 + i, NULL
FROM numbers WHERE i < 20000;

INSERT INTO payment_links (id, business, reference, state, version, amount, currency, method, payment, tries, fixed, created_at, updated_at)
SELECT 'link-' || CAST(100000 + i AS TEXT), 'business-' || CAST(10 + i % 40 AS TEXT), 'fee-' || CAST(100000 + i AS TEXT),
    CASE i % 20 WHEN 0 THEN 'inactive' WHEN 1 THEN 'active' ELSE 'completed' END, 3, 250000, 'NGN', '', '', 0, '{}',
    1770000000000000 + i, 1770000000000000 + i
FROM numbers WHERE i < 20000;

INSERT INTO bulk_tallies (bulk, succeeded, failed, undecided, counted_at)
SELECT 'bulk-' || CAST(100000 + i AS TEXT), 9, 1, 0, 1770000000000000 + i FROM numbers WHERE i < 20000;

INSERT INTO bulk_items (id, bulk, number, business, reference, state, amount, currency, source_currency, fee, fee_payer, rail, wallet,
    failure, fixed, created_at)
SELECT 'item-' || CAST(1000000 + i AS TEXT), 'bulk-' || CAST(100000 + i / 10 AS TEXT), i % 10, 'business-' || CAST(10 + (i / 10) % 40 AS TEXT),
    'sal-' || CAST(1000000 + i AS TEXT), CASE (i / 10) % 20 WHEN 1 THEN 'pending' ELSE 'processing' END, 10000, 'NGN', 'NGN', 2500, 'sender', 'nuban', 'w',
    '', '{}', 1770000000000000 + i
FROM numbers WHERE i < 200000;

INSERT INTO wallet_transactions (id, business, wallet_id, reference, type, amount, currency, description, balance_after, created_at)
SELECT 'move-' || CAST(100000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    'wallet-c-' || CAST(100000 + i % 20000 AS TEXT), 'mv-' || CAST(100000 + i AS TEXT), CASE i % 2 WHEN 0 THEN 'credit' ELSE 'debit' END, 1000, 'NGN', '', 1000,
    1800000000000000 - (200000 - i) * 150000000 FROM numbers WHERE i < 200000;

INSERT INTO postings (entry, line, account, amount, currency)
SELECT '01930000-0000-7000-a000-' || CAST(100000000000 + i * 5 AS TEXT), 2, 'wallet:wallet-c-' || CAST(100000 + i % 2000 AS TEXT), 1000, 'NGN'
FROM numbers WHERE i < 200000;

INSERT INTO deposits (id, business, rail, reference, payment_id, wallet_id, customer_id, amount, currency, state, listed, details, steps, version,
    occurred_at, created_at, updated_at)
SELECT 'deposit-' || CAST(100000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    'nuban', '999001' || CAST(100000 + i AS TEXT), CASE i % 2 WHEN 0 THEN 'paid-' || CAST(100000 + i / 4 AS TEXT) ELSE '' END,
    CASE i % 2 WHEN 0 THEN '' ELSE 'wallet-c-' || CAST(100000 + i % 20000 AS TEXT) END, '', 1000, 'NGN', CASE i % 2 WHEN 0 THEN 'held' ELSE 'settled' END,
    i % 2, '{}', 0, 0, 1800000000000000 - (200000 - i) * 150000000, 1800000000000000 - (200000 - i) * 150000000, 1800000000000000
FROM numbers WHERE i < 200000;

INSERT INTO seals (seq, entry, hash)
SELECT 1 + i, '01930000-0000-7000-a000-' || CAST(100000000000 + i AS TEXT), '5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9'
FROM numbers WHERE i < 999990;

INSERT INTO events (id, business, event, object, data, created_at, written_at, sequence)
SELECT 'evt_' || CAST(100000000000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT), 'payment.session.succeeded',
    '01930000-0000-7000-8000-' || CAST(100000000000 + i AS TEXT), '{"status":"succeeded","amount":1000}', 1800000000000000 - (1000000 - i) * 31500000,
    1800000000000000 - (1000000 - i) * 31500000, CASE WHEN i < 999990 THEN i + 1 END
FROM numbers;

INSERT INTO event_streams (business, last_sequence, endpoints) SELECT 'business-' || CAST(i AS TEXT), 999990, 1 FROM numbers WHERE i < 50;

INSERT INTO webhook_endpoints (id, business, url, events, description, status, secret, old_secret, last_sequence, turn, edits, created_at)
SELECT 'endpoint-' || CAST(i AS TEXT), 'business-' || CAST(i AS TEXT), 'https://shop.example/' || CAST(i AS TEXT), '["*"]', '', 'active', '', '', 0, 0, 0, 1700000000000000 + i
FROM numbers WHERE i < 50;

-- One in five events was delivered to one endpoint; a few are due, one of them on its way.
INSERT INTO webhook_deliveries (id, business, endpoint, event_id, event, sequence, previous, status, attempts, sent, tries, due_at, extra,
    back, fault, owner, lease_until, fence, created_at)
SELECT 'delivery-' || CAST(100000000000 + i AS TEXT), 'business-10', 'endpoint-' || CAST(CASE WHEN i % 100 < 65 THEN 10 ELSE 11 END AS TEXT),
    'evt_' || CAST(100000000000 + i AS TEXT), 'payment.session.succeeded', i + 1, i, CASE WHEN i % 50000 = 5 THEN 'pending' ELSE 'delivered' END, '[]', 1, 1,
    CASE WHEN i % 50000 = 5 THEN 1800000000000000 - i END, 0, '', '', CASE WHEN i % 250000 = 5 THEN 'node-1' ELSE '' END,
    CASE WHEN i % 250000 = 5 THEN 1900000000000000 ELSE 0 END, 0, 1800000000000000 - (1000000 - i) * 31500000
FROM numbers WHERE i % 5 = 0;

-- Twenty are due, ten of them held; all others wait for days.
INSERT INTO jobs (object_type, object_id, business, due_at, owner, lease_until, fence, attempts, node)
SELECT 'payment', '01930000-0000-7000-8000-' || CAST(100000000000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    CASE WHEN i % 50000 = 7 THEN 1800000000000000 - i ELSE 1800000000000000 + (i + 1) * 1000000 END,
    CASE WHEN i % 100000 = 7 THEN 'node-1' ELSE '' END, CASE WHEN i % 100000 = 7 THEN 1800000030000000 ELSE 0 END, 1, 1,
    CASE WHEN i % 1000 = 71 THEN 'node-2' ELSE '' END
FROM numbers WHERE i % 10 = 7 OR i % 1000 = 71;

-- Keys of 90 days and lines of 30, two and five a payment.
INSERT INTO idempotency_keys (business, key, fingerprint, fields, method, path, scope, state, owner, request_ids, object_type, object_id,
    status, outcome, body, created_at, completed_at)
SELECT 'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    'idem-' || CAST(100000000000 + i AS TEXT), 'fingerprint', '{}', 'POST', '/payment-sessions', 'payments:write', 'completed', '', '[]', 'payment',
    '01930000-0000-7000-8000-' || CAST(100000000000 + 750000 + i / 2 AS TEXT), 200, 'succeeded', '{"data":{"status":"succeeded"}}',
    1800000000000000 - (500000 - i) * 15500000, 1800000000000000 - (500000 - i) * 15500000
FROM numbers WHERE i < 500000;

INSERT INTO requests (id, business, created_at, method, path, status, code, outcome, idempotency_key, object_id, head, timeline, request_body, reply_body)
SELECT 'req_' || CAST(100000000000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT), 1800000000000000 - (400000 - i) * 6400000,
    CASE i % 5 WHEN 0 THEN 'POST' ELSE 'GET' END, CASE i % 5 WHEN 0 THEN '/payment-sessions' ELSE '/payments/' || CAST(900000 + i / 5 AS TEXT) END,
    CASE WHEN i % 10000 = 50 THEN 503 WHEN i % 200 = 5 THEN 422 WHEN i % 5 = 0 THEN 201 ELSE 200 END,
    CASE WHEN i % 10000 = 50 THEN 'rail_unavailable' WHEN i % 200 = 5 THEN 'validation_error' ELSE '' END, 'succeeded',
    CASE i % 5 WHEN 0 THEN 'idem-' || CAST(100000000000 + i AS TEXT) ELSE '' END,
    '01930000-0000-7000-8000-' || CAST(100000000000 + 900000 + i / 5 AS TEXT), '{"ip":"192.0.2.1","duration_ms":12}', '{"steps":[]}',
    CASE WHEN i < 300000 THEN '' ELSE '{"amount":1000}' END, CASE WHEN i < 300000 THEN '' ELSE '{"data":{}}' END
FROM numbers WHERE i < 400000;

-- A deal for every tenth payment, half of them swaps; as many quotes were never used.
INSERT INTO quotes (id, business, kind, symbol, side, rate, state, version, time_to_lock, time_to_convert, created_at, expires_at, used_by)
SELECT '01930000-0000-7000-b000-' || CAST(100000000000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    'quote', 'CAD-NGN', 'buy', '1030.00', CASE i % 10 WHEN 0 THEN 'used' ELSE 'locked' END, 1, 30, 60,
    1800000000000000 - (1000000 - i) * 31500000, 1800000000000000 - (1000000 - i) * 31500000 + 60000000,
    CASE i % 10 WHEN 0 THEN '01930000-0000-7000-b000-' || CAST(100000000000 + i AS TEXT) ELSE '' END
FROM numbers WHERE i % 10 = 0 OR (i % 10 = 4 AND i > 915000);

INSERT INTO deals (id, business, kind, quote_id, reference, symbol, side, rate, source_amount, target_amount, rest, state, correlation_id, created_at)
SELECT '01930000-0000-7000-b000-' || CAST(100000000000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    CASE i % 20 WHEN 0 THEN 'conversion' ELSE 'swap' END, '01930000-0000-7000-b000-' || CAST(100000000000 + i AS TEXT),
    CASE i % 20 WHEN 0 THEN 'deal-' || CAST(100000000000 + i AS TEXT) END, 'CAD-NGN', 'buy', '1030.00', 100, 103000, 0, 'success', '',
    1800000000000000 - (1000000 - i) * 31500000
FROM numbers WHERE i % 10 = 0;

INSERT INTO orders (id, business, symbol, kind, qty, time_in_force, expires_at, state, version, fill_price, fill_amount, created_at, updated_at)
SELECT '01930000-0000-7000-b000-' || CAST(100000000000 + i AS TEXT),
    'business-' || CAST(CASE WHEN i % 100 < 66 THEN 10 WHEN i % 100 < 82 THEN 11 ELSE 12 + i % 38 END AS TEXT),
    'CAD-NGN', 'sell', 100, 'gtc', NULL, 'filled', 0, 103000, 103000, 1800000000000000 - (1000000 - i) * 31500000, 1800000000000000 - (1000000 - i) * 31500000
FROM numbers WHERE i % 10 = 0;
