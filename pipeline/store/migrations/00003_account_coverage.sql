-- How well each account is covered by each source: the last state stays. What
-- no source has reported on for two years goes.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS account_coverage {{.OnCluster}}
(
    platform      LowCardinality(String),
    account_id    String,
    source        LowCardinality(String),
    -- 1970 stands for never.
    last_success  DateTime64(3, 'UTC'),
    last_post     DateTime64(3, 'UTC'),
    -- Failures since last_success, the kind of the last one and what it said.
    gaps          UInt32,
    problem       LowCardinality(String),
    reason        String,
    failing_since DateTime64(3, 'UTC'),
    updated_at    DateTime64(3, 'UTC')
)
ENGINE = {{.EngineOnAll "ReplacingMergeTree" "updated_at"}}
ORDER BY (platform, account_id, source)
TTL toDateTime(updated_at) + INTERVAL 2 YEAR
SETTINGS {{.Deduplication}};
