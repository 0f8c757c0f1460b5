-- +goose Up
CREATE TABLE businesses (
    id         TEXT   PRIMARY KEY,
    secret_id  TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE wallets (
    id         TEXT   PRIMARY KEY,
    business   TEXT   NOT NULL,
    owner      TEXT   NOT NULL,
    currency   TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (business, owner, currency)
);

CREATE TABLE api_keys (
    id                  TEXT   PRIMARY KEY,
    business            TEXT   NOT NULL,
    hash                TEXT   NOT NULL UNIQUE,
    prefix              TEXT   NOT NULL,
    last4               TEXT   NOT NULL,
    name                TEXT   NOT NULL,
    description         TEXT   NOT NULL,
    scopes              TEXT   NOT NULL,
    replaces            TEXT   NOT NULL,
    lifetime            BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    expires_at          BIGINT,
    rotated_at          BIGINT,
    replacement_used_at BIGINT,
    revoked_at          BIGINT,
    last_used_at        BIGINT
);
CREATE INDEX api_keys_by_business ON api_keys (business, created_at, id);

CREATE TABLE customers (
    id         TEXT   PRIMARY KEY,
    business   TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    body       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (business, email)
);

CREATE TABLE payments (
    id              TEXT   PRIMARY KEY,
    business        TEXT   NOT NULL,
    reference       TEXT   NOT NULL,
    method          TEXT   NOT NULL,
    state           TEXT   NOT NULL,
    amount          BIGINT NOT NULL,
    currency        TEXT   NOT NULL,
    amount_paid     BIGINT NOT NULL,
    amount_refunded BIGINT NOT NULL,
    unsettled       BIGINT NOT NULL,
    steps           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    customer_id     TEXT   NOT NULL,
    correlation_id  TEXT   NOT NULL,
    fixed           TEXT   NOT NULL,
    course          TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    UNIQUE (business, reference)
);
CREATE INDEX payments_by_age ON payments (business, created_at, id, state);

CREATE TABLE refunds (
    id         TEXT   PRIMARY KEY,
    business   TEXT   NOT NULL,
    payment_id TEXT   NOT NULL,
    reference  TEXT,
    amount     BIGINT NOT NULL,
    currency   TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    failure    TEXT   NOT NULL,
    steps      BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (business, reference)
);
CREATE INDEX refunds_by_payment ON refunds (payment_id, created_at, id);

-- Every order ever given to a rail, written before the rail hears of it.
CREATE TABLE instructions (
    ref         TEXT   PRIMARY KEY,
    business    TEXT   NOT NULL,
    object_type TEXT   NOT NULL,
    object_id   TEXT   NOT NULL,
    rail        TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    target      TEXT   NOT NULL,
    amount      BIGINT NOT NULL,
    currency    TEXT   NOT NULL,
    answer      TEXT   NOT NULL,
    provider    TEXT   NOT NULL,
    sends       BIGINT NOT NULL,
    asks        BIGINT NOT NULL,
    sent_at     BIGINT NOT NULL,
    doubt_at    BIGINT,
    closed_at   BIGINT
);
CREATE INDEX instructions_by_object ON instructions (object_id);
CREATE INDEX instructions_open ON instructions (sent_at) WHERE closed_at IS NULL;

CREATE TABLE entries (
    id       TEXT   PRIMARY KEY,
    business TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    object   TEXT   NOT NULL,
    rail_ref TEXT   NOT NULL,
    seq      BIGINT
);
CREATE INDEX entries_unsealed ON entries (id) WHERE seq IS NULL;
CREATE INDEX entries_by_object ON entries (object);

CREATE TABLE postings (
    entry    TEXT   NOT NULL,
    line     BIGINT NOT NULL,
    account  TEXT   NOT NULL,
    amount   BIGINT NOT NULL,
    currency TEXT   NOT NULL,
    PRIMARY KEY (entry, line)
);

CREATE TABLE seals (
    seq   BIGINT PRIMARY KEY,
    entry TEXT   NOT NULL,
    hash  TEXT   NOT NULL
);

CREATE TABLE balances (
    account  TEXT   NOT NULL,
    currency TEXT   NOT NULL,
    amount   BIGINT NOT NULL,
    PRIMARY KEY (account, currency)
);

CREATE TABLE events (
    id         TEXT   PRIMARY KEY,
    business   TEXT   NOT NULL,
    event      TEXT   NOT NULL,
    object     TEXT   NOT NULL,
    data       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    sequence   BIGINT
);
CREATE INDEX events_by_object ON events (object);

-- At most one row per object: the next moment at which something is to be done
-- about it. What that is follows from the object's state.
CREATE TABLE jobs (
    object_type TEXT   NOT NULL,
    object_id   TEXT   NOT NULL,
    business    TEXT   NOT NULL,
    due_at      BIGINT NOT NULL,
    owner       TEXT   NOT NULL,
    lease_until BIGINT NOT NULL,
    fence       BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    PRIMARY KEY (object_type, object_id)
);
CREATE INDEX jobs_due ON jobs (due_at);

CREATE TABLE idempotency_keys (
    business     TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    fingerprint  TEXT   NOT NULL,
    fields       TEXT   NOT NULL,
    method       TEXT   NOT NULL,
    path         TEXT   NOT NULL,
    scope        TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    owner        TEXT   NOT NULL,
    request_ids  TEXT   NOT NULL,
    object_type  TEXT   NOT NULL,
    object_id    TEXT   NOT NULL,
    status       BIGINT NOT NULL,
    outcome      TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    completed_at BIGINT,
    PRIMARY KEY (business, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE requests (
    id              TEXT   PRIMARY KEY,
    business        TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    method          TEXT   NOT NULL,
    path            TEXT   NOT NULL,
    status          BIGINT NOT NULL,
    code            TEXT   NOT NULL,
    outcome         TEXT   NOT NULL,
    idempotency_key TEXT   NOT NULL,
    object_id       TEXT   NOT NULL,
    head            TEXT   NOT NULL,
    timeline        TEXT   NOT NULL,
    request_body    TEXT   NOT NULL,
    reply_body      TEXT   NOT NULL
);
CREATE INDEX requests_by_age ON requests (business, created_at, id);
CREATE INDEX requests_by_object ON requests (object_id, created_at) WHERE object_id <> '';
CREATE INDEX requests_by_key ON requests (idempotency_key, created_at) WHERE idempotency_key <> '';

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE encryption_keys (
    id         TEXT   PRIMARY KEY,
    sealed     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);

-- +goose Down
SELECT 1;
