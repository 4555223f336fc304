-- The published versions of lists, contestants, thresholds, claims and models,
-- from where every worker takes the one in force. The console's database is
-- their book; what is here follows it, and the same may be laid out twice.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS list_files {{.OnCluster}}
(
    hash    String,
    content String CODEC(ZSTD(3))
)
ENGINE = {{.EngineOnAll "ReplacingMergeTree"}}
ORDER BY hash
SETTINGS {{.Deduplication}};

CREATE TABLE IF NOT EXISTS list_versions {{.OnCluster}}
(
    version String,
    path    String,
    hash    String,
    size    UInt64
)
ENGINE = {{.EngineOnAll "ReplacingMergeTree"}}
ORDER BY (version, path)
SETTINGS {{.Deduplication}};

-- The publication with the greatest number is in force. Its row comes last, so
-- that whoever sees it finds its files.
CREATE TABLE IF NOT EXISTS list_publications {{.OnCluster}}
(
    number   UInt64,
    version  String,
    kind     LowCardinality(String),
    previous UInt64,
    made_by  String,
    made_at  DateTime64(3, 'UTC'),
    why      String,
    draft    String,
    approved String,
    backtest UInt64
)
ENGINE = {{.EngineOnAll "ReplacingMergeTree"}}
ORDER BY number
SETTINGS {{.Deduplication}};
