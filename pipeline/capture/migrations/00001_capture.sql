-- What is handed in by people and by partners. Times are milliseconds since 1970,
-- 0 where there is none.

-- +goose Up
-- Captures. The post itself is here only until the queue has it.
CREATE TABLE capture_posts (
    num         {{.AutoID}},
    post_id     TEXT NOT NULL,
    link        TEXT NOT NULL,
    link_key    TEXT NOT NULL,
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    who         TEXT NOT NULL,
    files       BIGINT NOT NULL,
    tip         BIGINT NOT NULL DEFAULT 0,
    by_id       BIGINT NOT NULL,
    by_name     TEXT NOT NULL,
    captured_at BIGINT NOT NULL,
    state       TEXT NOT NULL,
    outcome     TEXT NOT NULL DEFAULT '',
    post        TEXT NOT NULL,
    next_at     BIGINT NOT NULL,
    tries       BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX capture_posts_link ON capture_posts (link_key);
CREATE INDEX capture_posts_waiting ON capture_posts (next_at) WHERE state = 'waiting';

-- Who handed in which file: a capture may name only files of its own sender.
CREATE TABLE capture_files (
    sha256 TEXT NOT NULL,
    by_id  BIGINT NOT NULL,
    kind   TEXT NOT NULL,
    name   TEXT NOT NULL,
    size   BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (sha256, by_id)
);

-- Tips. The contact is encrypted and goes long before the rest.
CREATE TABLE capture_tips (
    num         {{.AutoID}},
    receipt     TEXT NOT NULL UNIQUE,
    link        TEXT NOT NULL,
    link_key    TEXT NOT NULL,
    seen        TEXT NOT NULL,
    contact     {{.Blob}} NOT NULL,
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    origin      TEXT NOT NULL,
    proof       TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    state       TEXT NOT NULL,
    cause       TEXT NOT NULL DEFAULT '',
    by_id       BIGINT NOT NULL DEFAULT 0,
    by_name     TEXT NOT NULL DEFAULT '',
    decided_at  BIGINT NOT NULL DEFAULT 0,
    capture     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX capture_tips_state ON capture_tips (state, received_at);
CREATE INDEX capture_tips_link ON capture_tips (link_key);

-- Challenges and signatures that were used, until they are too old to be used.
CREATE TABLE capture_spent (
    proof TEXT PRIMARY KEY,
    until BIGINT NOT NULL
);

-- +goose Down
DROP TABLE capture_spent;
DROP TABLE capture_tips;
DROP TABLE capture_files;
DROP TABLE capture_posts;
