-- +goose Up
ALTER TABLE businesses ADD COLUMN address TEXT NOT NULL DEFAULT '';    -- JSON; '' for none
ALTER TABLE businesses ADD COLUMN payout_pin TEXT NOT NULL DEFAULT ''; -- slow hash; '' for none

-- Real time at which it was written: an event that follows from another is numbered
-- after it. 0 for those of a release that did not keep it.
ALTER TABLE events ADD COLUMN written_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX events_unnumbered ON events (written_at, id) WHERE sequence IS NULL;
CREATE UNIQUE INDEX events_by_sequence ON events (business, sequence);
CREATE INDEX events_by_age ON events (business, created_at, sequence);

-- One row for each business: the number its last event was given, and how many
-- endpoints it has.
CREATE TABLE event_streams (
    business      TEXT   PRIMARY KEY,
    last_sequence BIGINT NOT NULL,
    endpoints     BIGINT NOT NULL
);

CREATE TABLE webhook_endpoints (
    id              TEXT   PRIMARY KEY,
    business        TEXT   NOT NULL,
    url             TEXT   NOT NULL,
    events          TEXT   NOT NULL,
    description     TEXT   NOT NULL,
    status          TEXT   NOT NULL,
    secret          TEXT   NOT NULL, -- sealed under the server secret
    old_secret      TEXT   NOT NULL,
    old_until       BIGINT,
    failing_since   BIGINT,
    last_success_at BIGINT,
    last_sequence   BIGINT NOT NULL, -- of the last event that was due for it
    turn            BIGINT NOT NULL, -- grows whenever a node takes deliveries
    edits           BIGINT NOT NULL, -- by its owner, or a pause
    created_at      BIGINT NOT NULL,
    UNIQUE (business, url)
);
CREATE INDEX webhook_endpoints_by_age ON webhook_endpoints (business, created_at, id);

-- One event on its way to one endpoint. "Held" is no state of its own: it is pending
-- while the endpoint is paused.
CREATE TABLE webhook_deliveries (
    id          TEXT   PRIMARY KEY,
    business    TEXT   NOT NULL,
    endpoint    TEXT   NOT NULL,
    event_id    TEXT   NOT NULL,
    event       TEXT   NOT NULL,
    sequence    BIGINT NOT NULL,
    previous    BIGINT NOT NULL,
    status      TEXT   NOT NULL,
    attempts    TEXT   NOT NULL, -- JSON, what became of each
    sent        BIGINT NOT NULL, -- attempts in all
    tries       BIGINT NOT NULL, -- those of the schedule
    first_at    BIGINT,
    due_at      BIGINT,          -- NULL: nothing is to be done
    extra       BIGINT NOT NULL, -- 1: the next attempt is a resend
    back        TEXT   NOT NULL, -- what it is again if the resend fails
    back_at     BIGINT,
    fault       TEXT   NOT NULL, -- sandbox: what has put it off
    owner       TEXT   NOT NULL,
    lease_until BIGINT NOT NULL,
    fence       BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint, due_at, sequence) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (endpoint) WHERE lease_until > 0;
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (endpoint, created_at, id);
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_by_sequence ON webhook_deliveries (business, sequence);

CREATE TABLE webhook_faults (
    id         TEXT   PRIMARY KEY,
    business   TEXT   NOT NULL,
    matcher    TEXT   NOT NULL, -- JSON
    rule       TEXT   NOT NULL,
    matched    BIGINT NOT NULL,
    fired      BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhook_faults_by_age ON webhook_faults (business, created_at, id);

-- +goose Down
SELECT 1;
