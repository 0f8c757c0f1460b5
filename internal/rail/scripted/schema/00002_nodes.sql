-- +goose Up

-- Who made a timer or a notice: the node that fires or tells it, for as long as it
-- lives. '' is nobody (an earlier release), so anybody does it.
ALTER TABLE timers ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE notices ADD COLUMN owner TEXT NOT NULL DEFAULT '';

-- The nodes that live, where several share the books. A node that gives no sign of
-- life is taken out by another, and comes back with its next one.
CREATE TABLE nodes (
    name  TEXT   NOT NULL PRIMARY KEY,
    beats BIGINT NOT NULL -- signs of life so far
);

-- One row: whoever holds it writes the books. It is no counter, because those go
-- with a reset and the turn must not.
CREATE TABLE turns (
    name TEXT NOT NULL PRIMARY KEY
);
INSERT INTO turns (name) VALUES ('books');
