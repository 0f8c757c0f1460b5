-- +goose Up

-- Links that a payer opens to pay. payment is the session made by the newest opening that
-- made one, "" before; tries counts the sessions.
CREATE TABLE payment_links (
    id         TEXT   PRIMARY KEY,
    business   TEXT   NOT NULL,
    reference  TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    amount     BIGINT NOT NULL,
    currency   TEXT   NOT NULL,
    method     TEXT   NOT NULL, -- '': the payer chooses
    payment    TEXT   NOT NULL,
    tries      BIGINT NOT NULL,
    fixed      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (business, reference)
);
CREATE INDEX payment_links_by_age ON payment_links (business, created_at, id);
CREATE INDEX payment_links_by_state ON payment_links (business, state, created_at, id);

-- +goose Down
SELECT 1;
