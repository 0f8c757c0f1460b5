-- +goose Up

-- Who a business pays. identity says which account it is, and is unique in a business;
-- a beneficiary that was deleted gives its place free: identity then holds its id.
CREATE TABLE beneficiaries (
    id         TEXT   PRIMARY KEY,
    business   TEXT   NOT NULL,
    identity   TEXT   NOT NULL,
    type       TEXT   NOT NULL,
    currency   TEXT   NOT NULL,
    body       TEXT   NOT NULL,
    answer     TEXT   NOT NULL, -- to the security question, sealed under the server secret
    status     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (business, identity)
);
CREATE INDEX beneficiaries_by_age ON beneficiaries (business, created_at, id);

-- +goose Down
SELECT 1;
