-- +goose Up

-- Rules of the sandbox for requests, and what they and the header have done.
CREATE TABLE request_faults (
    id         TEXT   PRIMARY KEY,
    business   TEXT   NOT NULL,
    matcher    TEXT   NOT NULL, -- JSON
    rule       TEXT   NOT NULL,
    matched    BIGINT NOT NULL,
    fired      BIGINT NOT NULL,
    counts     TEXT   NOT NULL, -- JSON: how often each action of the rule was tried
    created_at BIGINT NOT NULL
);
CREATE INDEX request_faults_by_age ON request_faults (business, created_at, id);

CREATE TABLE fault_trace (
    id         TEXT   PRIMARY KEY,
    business   TEXT   NOT NULL,
    request_id TEXT   NOT NULL,
    rule_id    TEXT   NOT NULL, -- '' for the header
    action     TEXT   NOT NULL,
    nth        BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX fault_trace_by_age ON fault_trace (business, created_at, id);
CREATE INDEX fault_trace_old ON fault_trace (created_at);

-- +goose Down
SELECT 1;
