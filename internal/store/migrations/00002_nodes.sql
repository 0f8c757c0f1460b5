-- +goose Up

-- The processes that work on this store. Who is not here is dead: its leases and
-- what it was sending are taken over.
CREATE TABLE nodes (
    id         TEXT   PRIMARY KEY,
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL, -- real time of its last sign of life
    heeds      TEXT   NOT NULL  -- the clock and settings it goes by
);

-- The node that sent it last, which alone may hold the card; '' before 0.2.0.
ALTER TABLE instructions ADD COLUMN node TEXT NOT NULL DEFAULT '';

-- The node that is to do it while it lives; '' for any.
ALTER TABLE jobs ADD COLUMN node TEXT NOT NULL DEFAULT '';

-- +goose Down
SELECT 1;
