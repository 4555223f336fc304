-- +goose Up
-- Files by the digest of their content; versions share them.
CREATE TABLE tuning_files (
    hash    TEXT PRIMARY KEY,
    content {{.Blob}} NOT NULL
);

CREATE TABLE tuning_versions (
    id       TEXT PRIMARY KEY,
    manifest TEXT NOT NULL,
    created  BIGINT NOT NULL,
    made_by  TEXT NOT NULL
);

CREATE TABLE tuning_drafts (
    name      TEXT PRIMARY KEY,
    version   TEXT NOT NULL REFERENCES tuning_versions (id),
    base      TEXT NOT NULL,
    revision  BIGINT NOT NULL,
    why       TEXT NOT NULL,
    made_by   TEXT NOT NULL,
    changed   BIGINT NOT NULL,
    checked   TEXT NOT NULL DEFAULT '',
    -- the number of the back-test of this version that somebody looked at
    backtest  BIGINT NOT NULL DEFAULT 0,
    approved  TEXT NOT NULL DEFAULT ''
);

-- previous is unique: of two operators who publish at once over the same
-- publication, one is refused.
CREATE TABLE tuning_publications (
    number    BIGINT PRIMARY KEY,
    version   TEXT NOT NULL REFERENCES tuning_versions (id),
    kind      TEXT NOT NULL,
    previous  BIGINT NOT NULL UNIQUE,
    made_by   TEXT NOT NULL,
    made_at   BIGINT NOT NULL,
    why       TEXT NOT NULL,
    draft     TEXT NOT NULL,
    approved  TEXT NOT NULL,
    backtest  BIGINT NOT NULL,
    -- laid out in ClickHouse, where the workers take it from
    delivered INTEGER NOT NULL DEFAULT 0
);

-- +goose Down
DROP TABLE tuning_publications;
DROP TABLE tuning_drafts;
DROP TABLE tuning_versions;
DROP TABLE tuning_files;
