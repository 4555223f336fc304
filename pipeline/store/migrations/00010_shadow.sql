-- A draft of the lists that runs in shadow beside the version in force: what it
-- would flag is counted and sampled here, and shown in no queue.

-- +goose NO TRANSACTION
-- +goose Up

-- The shadow with the greatest number holds; an empty version is none.
CREATE TABLE IF NOT EXISTS list_shadows {{.OnCluster}}
(
    number  UInt64,
    version String,
    draft   String,
    made_by String,
    made_at DateTime64(3, 'UTC')
)
ENGINE = {{.EngineOnAll "ReplacingMergeTree"}}
ORDER BY number
SETTINGS {{.Deduplication}};

-- Posts by the hour in which they reached the broker; label '' is any label.
CREATE TABLE IF NOT EXISTS {{.Local "shadow_counts"}} {{.OnCluster}}
(
    hour      DateTime('UTC'),
    version   LowCardinality(String),
    published LowCardinality(String),
    label     LowCardinality(String),
    posts     UInt64,
    live      UInt64,
    shadow    UInt64,
    both      UInt64
)
ENGINE = {{.Engine "SummingMergeTree" "(posts, live, shadow, both)"}}
ORDER BY (version, published, hour, label)
TTL hour + INTERVAL 90 DAY
SETTINGS {{.Deduplication}};

{{.DistributedOver "shadow_counts" "cityHash64(version, published, hour, label)"}}

-- Some of the posts on which the two differ.
CREATE TABLE IF NOT EXISTS {{.Local "shadow_samples"}} {{.OnCluster}}
(
    version       LowCardinality(String),
    published     LowCardinality(String),
    id            String,
    account       String,
    region        LowCardinality(String),
    excerpt       String CODEC(ZSTD(3)),
    live_labels   Array(LowCardinality(String)),
    shadow_labels Array(LowCardinality(String)),
    shadow_rules  Array(LowCardinality(String)),
    at            DateTime64(3, 'UTC')
)
ENGINE = {{.Engine "ReplacingMergeTree" "at"}}
ORDER BY (version, id)
TTL toDateTime(at) + INTERVAL 30 DAY
SETTINGS {{.Deduplication}};

{{.DistributedOver "shadow_samples" "cityHash64(id)"}}
