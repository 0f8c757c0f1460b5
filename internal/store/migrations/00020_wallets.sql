-- +goose Up

-- A customer has a state. One that was deleted gives its e-mail free: the column email,
-- which is unique in a business, then holds the customer's id; the body keeps the e-mail.
ALTER TABLE customers ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
ALTER TABLE customers ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
CREATE INDEX customers_by_age ON customers (business, created_at, id);

-- A wallet of a customer names it; '' for wallets of the business. One that was deleted
-- gives its place free: the column owner, which is unique with the currency, then holds
-- the wallet's id.
ALTER TABLE wallets ADD COLUMN customer_id TEXT NOT NULL DEFAULT '';
ALTER TABLE wallets ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
ALTER TABLE wallets ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE wallets ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
CREATE INDEX wallets_by_age ON wallets (business, created_at, id);
CREATE INDEX wallets_by_customer ON wallets (customer_id) WHERE customer_id <> '';

-- 1: the account takes and gives nothing. It stands beside the amount, so that the one
-- statement that moves money looks at both, and whoever freezes waits for whoever moves.
ALTER TABLE balances ADD COLUMN shut BIGINT NOT NULL DEFAULT 0;

CREATE TABLE wallet_events (
    id        TEXT   PRIMARY KEY,
    wallet_id TEXT   NOT NULL,
    number    BIGINT NOT NULL, -- the wallet's version by it: times may be equal
    action    TEXT   NOT NULL,
    reason    TEXT   NOT NULL,
    at        BIGINT NOT NULL
);
CREATE INDEX wallet_events_by_wallet ON wallet_events (wallet_id, number);

-- Where money can be sent to a wallet; without a number until the rail has given one.
CREATE TABLE wallet_accounts (
    wallet_id      TEXT   PRIMARY KEY,
    id             TEXT   NOT NULL,
    business       TEXT   NOT NULL,
    type           TEXT   NOT NULL,
    account_name   TEXT   NOT NULL,
    account_number TEXT   UNIQUE,
    bank_code      TEXT   NOT NULL,
    bank_name      TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    issued_at      BIGINT
);

CREATE TABLE wallet_transactions (
    id            TEXT   PRIMARY KEY,
    business      TEXT   NOT NULL,
    wallet_id     TEXT   NOT NULL,
    reference     TEXT,
    type          TEXT   NOT NULL,
    amount        BIGINT NOT NULL,
    currency      TEXT   NOT NULL,
    description   TEXT   NOT NULL,
    balance_after BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    UNIQUE (business, reference)
);
CREATE INDEX wallet_transactions_by_age ON wallet_transactions (business, created_at, id);
CREATE INDEX wallet_transactions_by_wallet ON wallet_transactions (wallet_id, created_at, id);

-- For statements: only what moves available money, so that captures, which post
-- elsewhere, do not pay for it.
CREATE INDEX postings_of_wallets ON postings (account, currency, entry, line)
    WHERE substr(account, 1, 7) = 'wallet:';

-- +goose Down
SELECT 1;
