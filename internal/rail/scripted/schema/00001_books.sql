-- +goose Up

-- What was ordered, and where it stands. No card number and no security code:
-- masked is the first six and last four digits, behaviour a name of cards.go.
CREATE TABLE instructions (
    ref               TEXT   NOT NULL PRIMARY KEY,
    root              TEXT   NOT NULL, -- first ref of the chain
    rail              TEXT   NOT NULL,
    kind              TEXT   NOT NULL,
    amount            BIGINT NOT NULL, -- minor units
    currency          TEXT   NOT NULL,
    target            TEXT   NOT NULL,
    return_url        TEXT   NOT NULL,
    masked            TEXT   NOT NULL,
    expiry            TEXT   NOT NULL,
    behaviour         TEXT   NOT NULL,
    provider          TEXT   NOT NULL,
    token             TEXT   NOT NULL, -- of the issuer's page
    last              TEXT   NOT NULL, -- of a root: the ref of the chain that was worked on last
    state             TEXT   NOT NULL,
    failure           TEXT   NOT NULL,
    reason            TEXT   NOT NULL,
    challenge         TEXT   NOT NULL,
    step              BIGINT NOT NULL,
    attempts_left     BIGINT NOT NULL,
    plan              TEXT   NOT NULL, -- JSON: what the timer will do
    silence           TEXT   NOT NULL,
    silent_until      BIGINT NOT NULL, -- microseconds, as all times
    unreachable_until BIGINT NOT NULL,
    told              BIGINT NOT NULL, -- 0: nobody has learnt the outcome
    executions        BIGINT NOT NULL,
    moved             BIGINT NOT NULL, -- executed and not given back, minor units
    created           BIGINT NOT NULL,
    version           BIGINT NOT NULL
);
CREATE INDEX instructions_token ON instructions (token);

-- The books: append-only.
CREATE TABLE entries (
    entry         BIGINT NOT NULL PRIMARY KEY,
    at            BIGINT NOT NULL,
    amount        BIGINT NOT NULL,
    currency      TEXT   NOT NULL,
    direction     TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    rail          TEXT   NOT NULL,
    bank_code     TEXT   NOT NULL,
    counterparty  TEXT   NOT NULL,
    provider      TEXT   NOT NULL,
    ref           TEXT   NOT NULL,
    balance_after BIGINT NOT NULL
);
CREATE INDEX entries_ref ON entries (ref, entry);

CREATE TABLE balances (
    rail     TEXT   NOT NULL,
    currency TEXT   NOT NULL,
    balance  BIGINT NOT NULL,
    entries  BIGINT NOT NULL,
    PRIMARY KEY (rail, currency)
);

CREATE TABLE counters (
    name TEXT   NOT NULL PRIMARY KEY,
    n    BIGINT NOT NULL
);

-- Work that falls due.
CREATE TABLE timers (
    ref  TEXT   NOT NULL,
    what TEXT   NOT NULL,
    rail TEXT   NOT NULL,
    due  BIGINT NOT NULL,
    soft BIGINT NOT NULL, -- 1: mere latency, which a frozen clock takes as passed
    PRIMARY KEY (ref, what)
);
CREATE INDEX timers_due ON timers (rail, due);

-- Callbacks. delivered 0: not yet.
CREATE TABLE notices (
    seq       BIGINT NOT NULL PRIMARY KEY,
    id        TEXT   NOT NULL,
    rail      TEXT   NOT NULL,
    ref       TEXT   NOT NULL,
    result    TEXT   NOT NULL, -- JSON
    at        BIGINT NOT NULL,
    due       BIGINT NOT NULL,
    copies    BIGINT NOT NULL, -- deliveries still to make
    attempts  BIGINT NOT NULL, -- refused in a row
    delivered BIGINT NOT NULL
);
CREATE INDEX notices_due ON notices (delivered, rail, due);

CREATE TABLE rails (
    name        TEXT   NOT NULL PRIMARY KEY,
    personality TEXT   NOT NULL,
    seed        BIGINT NOT NULL,
    down_until  BIGINT NOT NULL -- 0: up
);
