-- +goose Up

CREATE TABLE payouts (
    id              TEXT   PRIMARY KEY,
    business        TEXT   NOT NULL,
    reference       TEXT   NOT NULL,
    state           TEXT   NOT NULL,
    amount          BIGINT NOT NULL, -- as ordered, in the destination currency as the fee
    currency        TEXT   NOT NULL,
    fee             BIGINT NOT NULL,
    fee_payer       TEXT   NOT NULL,
    source_amount   BIGINT NOT NULL, -- what leaves the wallet
    source_currency TEXT   NOT NULL,
    rail            TEXT   NOT NULL,
    wallet          TEXT   NOT NULL, -- that holds the money until the rail has it
    beneficiary_id  TEXT   NOT NULL,
    failure         TEXT   NOT NULL,
    provider        TEXT   NOT NULL,
    steps           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    fixed           TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    UNIQUE (business, reference)
);
CREATE INDEX payouts_by_age ON payouts (business, created_at, id, state);
CREATE INDEX payouts_by_state ON payouts (business, state, created_at, id);
CREATE INDEX payouts_by_beneficiary ON payouts (business, beneficiary_id, created_at, id);

-- What a business has paid out over a rail that has a limit for the day, failed payouts
-- not counted. Days are those of UTC, counted from 1970.
CREATE TABLE daily_sums (
    business TEXT   NOT NULL,
    rail     TEXT   NOT NULL,
    day      BIGINT NOT NULL,
    amount   BIGINT NOT NULL,
    PRIMARY KEY (business, rail, day)
);

-- +goose Down
SELECT 1;
