-- Periods in which posts of an account may be missing, as far as its source
-- could tell and no backfill has closed them, and the handle that the platform
-- shows where the roster has another.

-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE account_coverage {{.OnCluster}}
    ADD COLUMN IF NOT EXISTS handle         String,
    ADD COLUMN IF NOT EXISTS missing_from   Array(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS missing_until  Array(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS missing_reason Array(String);
