-- What copies of posts are found by, of all posts whose text is long enough,
-- flagged or not: keyed hashes only, no text, no id, no account (see package
-- coordinated/sketch). They go by themselves at expires, which is as long after
-- the post was queued as the key coordinated.keep says: no longer than Kafka
-- keeps the posts.
--
-- No partitions, so that an insert stays one part. Hashes cannot be compressed;
-- it is not tried.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS {{.Local "text_sketches"}} {{.OnCluster}}
(
    created_at  DateTime('UTC') CODEC(DoubleDelta, LZ4),
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(DoubleDelta, LZ4),
    expires     DateTime('UTC') CODEC(DoubleDelta, LZ4),
    key_id      UInt16,
    post        UInt64 CODEC(NONE),
    account     UInt64 CODEC(NONE),
    platform    LowCardinality(String),
    region      LowCardinality(String),
    agency      LowCardinality(String),
    -- shared is 1 where the text is another's that the post passes on; harmless is
    -- the ordinary reason for copies, 0 where none is seen.
    shared      UInt8,
    harmless    UInt8,
    exact       UInt64 CODEC(NONE),
    turns       UInt32 CODEC(NONE),
    signature   FixedString(64) CODEC(NONE),
    band0       UInt32 CODEC(NONE),
    band1       UInt32 CODEC(NONE),
    band2       UInt32 CODEC(NONE),
    band3       UInt32 CODEC(NONE),
    band4       UInt32 CODEC(NONE),
    band5       UInt32 CODEC(NONE),
    band6       UInt32 CODEC(NONE),
    band7       UInt32 CODEC(NONE),
    band8       UInt32 CODEC(NONE),
    band9       UInt32 CODEC(NONE),

    INDEX inserted_at_range inserted_at TYPE minmax GRANULARITY 1
)
ENGINE = {{.Engine "MergeTree"}}
ORDER BY toStartOfHour(created_at)
TTL expires
SETTINGS {{.Deduplication}};

{{.DistributedOver "text_sketches" "cityHash64(post)"}}
