-- +goose Up

-- The accounts that were opened for others: account numbers, addresses, e-mails. Each
-- has a row of the same ref in instructions too, which counts the money on it.
CREATE TABLE accounts (
    ref       TEXT   NOT NULL PRIMARY KEY, -- of the order
    rail      TEXT   NOT NULL,
    number    TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    currency  TEXT   NOT NULL,
    chain     TEXT   NOT NULL,
    bank_code TEXT   NOT NULL,
    bank_name TEXT   NOT NULL,
    opened    BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_number ON accounts (number);

-- Transfers from outside to these accounts.
CREATE TABLE transfers (
    ref     TEXT   NOT NULL PRIMARY KEY, -- the bank's own reference
    account TEXT   NOT NULL,             -- ref of the account
    rail    TEXT   NOT NULL,
    stage   TEXT   NOT NULL,             -- sent, seen, confirmed, credited
    body    TEXT   NOT NULL              -- JSON
);
CREATE INDEX transfers_account ON transfers (account);

-- What a notice tells of money that has arrived, as JSON; '' for notices about orders.
ALTER TABLE notices ADD COLUMN arrival TEXT NOT NULL DEFAULT '';
