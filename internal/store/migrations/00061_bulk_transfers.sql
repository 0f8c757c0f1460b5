-- +goose Up

-- Lists of payouts that are ordered together.
CREATE TABLE bulk_transfers (
    id          TEXT   PRIMARY KEY,
    business    TEXT   NOT NULL,
    reference   TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    items       BIGINT NOT NULL,
    totals      TEXT   NOT NULL, -- amounts of the items by currency
    given       TEXT   NOT NULL, -- digest of the items it was created with
    fixed       TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    executed_at BIGINT,
    UNIQUE (business, reference)
);
CREATE INDEX bulk_transfers_by_age ON bulk_transfers (business, created_at, id);
CREATE INDEX bulk_transfers_by_state ON bulk_transfers (business, state, created_at, id);

-- How many of its items stand how: that changes with every outcome of an item's payout,
-- whatever else happens to the bulk transfer.
CREATE TABLE bulk_tallies (
    bulk       TEXT   PRIMARY KEY,
    succeeded  BIGINT NOT NULL,
    failed     BIGINT NOT NULL,
    undecided  BIGINT NOT NULL,
    counted_at BIGINT NOT NULL
);

-- An item has the id of the payout it becomes. Pending ones hold their reference.
CREATE TABLE bulk_items (
    id              TEXT   PRIMARY KEY,
    bulk            TEXT   NOT NULL,
    number          BIGINT NOT NULL,
    business        TEXT   NOT NULL,
    reference       TEXT   NOT NULL,
    state           TEXT   NOT NULL,
    amount          BIGINT NOT NULL,
    currency        TEXT   NOT NULL,
    source_currency TEXT   NOT NULL,
    fee             BIGINT NOT NULL,
    fee_payer       TEXT   NOT NULL,
    rail            TEXT   NOT NULL,
    wallet          TEXT   NOT NULL,
    failure         TEXT   NOT NULL,
    fixed           TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    UNIQUE (bulk, number)
);
CREATE UNIQUE INDEX bulk_items_by_reference ON bulk_items (business, reference) WHERE state = 'pending';
CREATE INDEX bulk_items_pending ON bulk_items (bulk, number) WHERE state = 'pending';

-- +goose Down
SELECT 1;
