-- +goose Up

-- Indexes for questions whose answer is a few rows of very many (see
-- docs/decisions/0012-plans-at-a-million.md). 0.1.0 can go on beside
-- them. They are built without CONCURRENTLY: meanwhile the tables cannot be written.

-- Lists of one state: the open payments of a business that has made a million.
CREATE INDEX payments_by_state ON payments (business, state, created_at, id);

-- What the same customer has just paid.
CREATE INDEX payments_by_customer ON payments (business, customer_id, created_at, id);

-- What is held, to find what dead nodes hold.
CREATE INDEX jobs_held ON jobs (owner) WHERE lease_until > 0;

-- What happened to one object or under one key, in the order in which it is shown. The
-- two that they replace were in no such order, and no plan used them.
CREATE INDEX requests_of_object ON requests (business, object_id, created_at, id) WHERE object_id <> '';
CREATE INDEX requests_with_key ON requests (business, idempotency_key, created_at, id) WHERE idempotency_key <> '';
DROP INDEX requests_by_object;
DROP INDEX requests_by_key;

-- Refusals in the request log, which are few.
CREATE INDEX requests_by_status ON requests (business, status, created_at, id) WHERE status NOT IN (200, 201);
CREATE INDEX requests_by_code ON requests (business, code, created_at, id) WHERE code <> '';

-- What of the request log is to be forgotten. By the hour: an index on created_at itself
-- would tempt PostgreSQL to read the lines of all businesses for a page of one.
CREATE INDEX requests_by_hour ON requests ((created_at / 3600000000));
CREATE INDEX requests_with_bodies ON requests (created_at) WHERE request_body <> '' OR reply_body <> '';

-- +goose Down
SELECT 1;
