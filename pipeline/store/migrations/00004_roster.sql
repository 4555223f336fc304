-- The roster: every import is kept whole under its number, and is in force from
-- the moment that its row in roster_imports is there. NIP and NIK are keyed
-- hashes (person_id).

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS roster_accounts {{.OnCluster}}
(
    import      UInt64,
    platform    LowCardinality(String),
    account_id  String,
    handle      String,
    person_id   String,
    person_name String,
    agency      LowCardinality(String),
    unit        LowCardinality(String),
    position    LowCardinality(String),
    region      LowCardinality(String),
    status      LowCardinality(String),
    basis       LowCardinality(String),
    valid_from  Date32,
    valid_until Nullable(Date32)
)
ENGINE = {{.EngineOnAll "MergeTree"}}
PARTITION BY import
ORDER BY (platform, account_id, valid_from)
SETTINGS {{.Deduplication}};

CREATE TABLE IF NOT EXISTS roster_imports {{.OnCluster}}
(
    import      UInt64,
    version     String,
    entries     UInt64,
    imported_at DateTime64(3, 'UTC'),
    new         UInt64,
    changed     UInt64,
    ended       UInt64,
    unchanged   UInt64
)
ENGINE = {{.EngineOnAll "MergeTree"}}
ORDER BY import
SETTINGS {{.Deduplication}};
