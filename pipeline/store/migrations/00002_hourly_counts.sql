-- Counts of all posts, flagged or not: the denominators of every rate.
--
-- No partitions here either: a batch of old posts would make a part for every
-- month that it touches, and one insert would no longer be one part.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS {{.Local "hourly_counts"}} {{.OnCluster}}
(
    hour     DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    platform LowCardinality(String),
    region   LowCardinality(String),
    agency   LowCardinality(String),
    language LowCardinality(String),
    posts    UInt64 CODEC(ZSTD(1))
)
ENGINE = {{.Engine "SummingMergeTree" "posts"}}
ORDER BY (hour, platform, region, agency, language)
SETTINGS {{.Deduplication}};

{{.DistributedOver "hourly_counts" "cityHash64(hour, platform, region, agency, language)"}}
