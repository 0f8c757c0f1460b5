-- +goose Up

-- Prices that a business may have for a while: quotes of swaps, and FX rates.
CREATE TABLE quotes (
    id              TEXT   PRIMARY KEY,
    business        TEXT   NOT NULL,
    kind            TEXT   NOT NULL,
    symbol          TEXT   NOT NULL,
    side            TEXT   NOT NULL,
    rate            TEXT   NOT NULL, -- decimal: units of the symbol's second currency for one of the first
    state           TEXT   NOT NULL,
    version         BIGINT NOT NULL,
    time_to_lock    BIGINT NOT NULL,
    time_to_convert BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    used_by         TEXT   NOT NULL
);
CREATE INDEX quotes_unused ON quotes (created_at) WHERE used_by = '';

-- Money that was exchanged: swaps, conversions, fills of orders, what payouts needed.
CREATE TABLE deals (
    id             TEXT   PRIMARY KEY,
    business       TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    quote_id       TEXT   UNIQUE,
    reference      TEXT,
    symbol         TEXT   NOT NULL,
    side           TEXT   NOT NULL,
    rate           TEXT   NOT NULL,
    source_amount  BIGINT NOT NULL,
    target_amount  BIGINT NOT NULL,
    rest           BIGINT NOT NULL, -- part of source_amount that rounding left over
    state          TEXT   NOT NULL,
    correlation_id TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    UNIQUE (business, kind, reference)
);
CREATE INDEX deals_by_age ON deals (business, kind, created_at, id);

CREATE TABLE orders (
    id            TEXT   PRIMARY KEY,
    business      TEXT   NOT NULL,
    symbol        TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    qty           BIGINT NOT NULL,
    time_in_force TEXT   NOT NULL,
    expires_at    BIGINT,
    state         TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    fill_price    BIGINT NOT NULL,
    fill_amount   BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX orders_by_age ON orders (business, created_at, id);

-- Rates that the operator has set; they win over every other source.
CREATE TABLE rates (
    symbol     TEXT   PRIMARY KEY,
    buy        BIGINT NOT NULL,
    sell       BIGINT NOT NULL,
    ttl        BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- +goose Down
SELECT 1;
