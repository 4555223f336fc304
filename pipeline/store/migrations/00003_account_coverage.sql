-- How well each account is covered by each source: the last state stays. What
-- no source has reported on for two years goes.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS account_coverage {{.OnCluster}}
(
    platform     LowCardinality(String),
    account_id   String,
    source       LowCardinality(String),
    last_success DateTime64(3, 'UTC'),
    last_post    DateTime64(3, 'UTC'),
    gaps         UInt32,
    reason       String,
    updated_at   DateTime64(3, 'UTC')
)
ENGINE = {{.EngineOnAll "ReplacingMergeTree" "updated_at"}}
ORDER BY (platform, account_id, source)
TTL toDateTime(updated_at) + INTERVAL 2 YEAR
SETTINGS {{.Deduplication}};
