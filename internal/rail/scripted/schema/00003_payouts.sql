-- +goose Up

-- The bank that a payout goes to; '' where a rail has none.
ALTER TABLE instructions ADD COLUMN bank_code TEXT NOT NULL DEFAULT '';
