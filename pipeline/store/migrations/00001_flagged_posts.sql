-- Flagged posts, one row a post: a post that is collected again, or edited, has
-- the same id, and the row with the greatest version (when it was collected)
-- stays; of equal versions the one inserted last.
--
-- There are no partitions: any column they could be made of may change with an
-- edit, and rows of one id in two partitions would never meet. It also keeps an
-- insert one part, which is what its deduplication token stands for. Flags are
-- few (about 33,000 a day were every civil servant watched).

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS {{.Local "flagged_posts"}} {{.OnCluster}}
(
    id                  String CODEC(ZSTD(1)),
    version             DateTime64(9, 'UTC') CODEC(ZSTD(1)),
    platform            LowCardinality(String),
    kind                LowCardinality(String),
    created_at          DateTime64(9, 'UTC') CODEC(ZSTD(1)),

    account_id          String CODEC(ZSTD(1)),
    account_handle      String CODEC(ZSTD(1)),
    account_name        String CODEC(ZSTD(1)),

    -- The person behind the account as of created_at.
    person_id           String CODEC(ZSTD(1)),
    person_name         String CODEC(ZSTD(1)),
    agency              LowCardinality(String),
    unit                LowCardinality(String),
    position            LowCardinality(String),
    region              LowCardinality(String),
    person_status       LowCardinality(String),
    person_basis        LowCardinality(String),

    -- labels, scores and contestants have one element for each label of the
    -- verdict, in its order; contestants has '' where none is meant.
    language            LowCardinality(String),
    language_confidence Float64,
    labels              Array(LowCardinality(String)),
    scores              Array(Float64),
    contestants         Array(LowCardinality(String)),
    rules               Array(LowCardinality(String)),

    text                String CODEC(ZSTD(3)),
    quoted              String CODEC(ZSTD(3)),
    url                 String CODEC(ZSTD(1)),
    in_reply_to         String CODEC(ZSTD(1)),
    media               String CODEC(ZSTD(3)),
    verdict             String CODEC(ZSTD(3)),

    -- 1970 stands for a time that is not known.
    collected_at        DateTime64(9, 'UTC') CODEC(ZSTD(1)),
    flagged_at          DateTime64(9, 'UTC') CODEC(ZSTD(1)),
    source              LowCardinality(String),
    raw_sha256          String CODEC(ZSTD(1)),

    lists_version       LowCardinality(String),
    models_version      LowCardinality(String),
    netra_version       LowCardinality(String),

    kafka_topic         LowCardinality(String),
    kafka_partition     Int32,
    kafka_offset        Int64,

    INDEX created_at_range created_at TYPE minmax GRANULARITY 1,
    INDEX person person_id TYPE bloom_filter(0.01) GRANULARITY 4,
    CONSTRAINT has_id CHECK notEmpty(id)
)
ENGINE = {{.Engine "ReplacingMergeTree" "version"}}
ORDER BY id
SETTINGS {{.Deduplication}};

{{.DistributedOver "flagged_posts" "cityHash64(id)"}}
