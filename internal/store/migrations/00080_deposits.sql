-- +goose Up

-- Money that arrived by itself: on the instructions of a payment session, or on an
-- account number, address or e-mail of a wallet.
CREATE TABLE deposits (
    id          TEXT   PRIMARY KEY,
    business    TEXT   NOT NULL,
    rail        TEXT   NOT NULL,
    reference   TEXT   NOT NULL, -- the rail's own
    payment_id  TEXT   NOT NULL, -- '' for wallets
    wallet_id   TEXT   NOT NULL, -- '' for sessions
    customer_id TEXT   NOT NULL,
    amount      BIGINT NOT NULL, -- minor units
    currency    TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    listed      BIGINT NOT NULL, -- 1: shown by itself; 0: in its payment
    details     TEXT   NOT NULL, -- JSON
    steps       BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    UNIQUE (rail, reference)
);
CREATE INDEX deposits_listed ON deposits (business, created_at, id) WHERE listed = 1;
CREATE INDEX deposits_by_payment ON deposits (payment_id) WHERE payment_id <> '';

-- +goose Down
SELECT 1;
