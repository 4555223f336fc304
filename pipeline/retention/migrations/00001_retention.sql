-- Times are milliseconds since 1970, 0 where there is none.

-- +goose Up
-- Purges under way: the row is made in the transaction in which the post is taken
-- out of this database, and goes when ClickHouse has forgotten it, too.
CREATE TABLE retention_work (
    post TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    at   BIGINT NOT NULL
);

-- Posts that were purged, by a keyed hash, for as long as the queue may still give
-- them back.
CREATE TABLE retention_purged (
    name  TEXT PRIMARY KEY,
    until BIGINT NOT NULL
);

-- What was done, without saying of whom.
CREATE TABLE retention_runs (
    num      {{.AutoID}},
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL DEFAULT 0,
    made_by  TEXT NOT NULL,
    -- counts is JSON: posts by reason, pieces, statements, files.
    counts   TEXT NOT NULL,
    problem  TEXT NOT NULL DEFAULT ''
);

-- The statements of tombstones, as they were sealed.
CREATE TABLE retention_tombstones (
    num       {{.AutoID}},
    leaf      TEXT NOT NULL UNIQUE,
    statement TEXT NOT NULL
);

-- Legal holds on posts. A lifted one stays.
CREATE TABLE retention_holds (
    num       {{.AutoID}},
    post      TEXT NOT NULL,
    reason    TEXT NOT NULL,
    made_by   TEXT NOT NULL,
    made_at   BIGINT NOT NULL,
    lifted_by TEXT NOT NULL DEFAULT '',
    lifted_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX retention_holds_post ON retention_holds (post);

CREATE TABLE retention_state (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    until BIGINT NOT NULL
);

-- +goose Down
DROP TABLE retention_state;
DROP TABLE retention_holds;
DROP TABLE retention_tombstones;
DROP TABLE retention_runs;
DROP TABLE retention_purged;
DROP TABLE retention_work;
