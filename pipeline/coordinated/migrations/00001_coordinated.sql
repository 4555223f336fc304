-- Clusters of near-identical posts by many accounts. Times are milliseconds since
-- 1970, 0 where there is none.

-- +goose Up
CREATE TABLE coordinated_clusters (
    id         TEXT PRIMARY KEY,
    first_at   BIGINT NOT NULL,
    last_at    BIGINT NOT NULL,
    found_at   BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    rank       BIGINT NOT NULL,
    accounts   BIGINT NOT NULL,
    posts      BIGINT NOT NULL,
    flagged    BIGINT NOT NULL,
    -- The text by which others are compared with the cluster.
    turns      BIGINT NOT NULL,
    signature  {{.Blob}} NOT NULL,
    -- What else is counted, as JSON.
    figures    TEXT NOT NULL,
    -- merged_into is the cluster that this one turned out to be a part of.
    merged_into TEXT NOT NULL DEFAULT ''
);
CREATE INDEX coordinated_clusters_last ON coordinated_clusters (last_at);

-- The texts of a cluster, by the hash of their words.
CREATE TABLE coordinated_forms (
    cluster TEXT NOT NULL,
    exact   BIGINT NOT NULL,
    PRIMARY KEY (cluster, exact)
){{if .SQLite}} WITHOUT ROWID{{end}};
CREATE INDEX coordinated_forms_exact ON coordinated_forms (exact);

-- The flagged posts of a cluster.
CREATE TABLE coordinated_items (
    cluster    TEXT NOT NULL,
    item       TEXT NOT NULL,
    region     TEXT NOT NULL,
    account    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (cluster, item)
){{if .SQLite}} WITHOUT ROWID{{end}};
CREATE INDEX coordinated_items_item ON coordinated_items (item);

-- How far sketches were looked at, and which console does it.
CREATE TABLE coordinated_state (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    until BIGINT NOT NULL
);

-- +goose Down
DROP TABLE coordinated_state;
DROP TABLE coordinated_items;
DROP TABLE coordinated_forms;
DROP TABLE coordinated_clusters;
