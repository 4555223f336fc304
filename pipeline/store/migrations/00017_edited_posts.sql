-- Where the records of edited posts lie in the queue, so that whoever keeps
-- evidence of a flagged post finds its later contents, also when they are not
-- flagged any more. Nothing of what the posts say is here, and the places go
-- after a week: they are read within seconds.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS {{.Local "edited_posts"}} {{.OnCluster}}
(
    id          String,
    topic       LowCardinality(String),
    partition   UInt32,
    offset      Int64,
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = {{.Engine "MergeTree"}}
ORDER BY (inserted_at, id)
TTL toDateTime(inserted_at) + INTERVAL 7 DAY
SETTINGS {{.Deduplication}};

{{.DistributedOver "edited_posts" "cityHash64(id)"}}
