-- +goose Up
-- What has been sent. Ids and contents are hashes: the state file holds no
-- text of anybody. A row is written with sent = 0 before the post goes to the
-- queue, so that a post that is sent again after a crash keeps its revision.
CREATE TABLE seen (
    id        BLOB    NOT NULL,
    content   BLOB    NOT NULL,
    revision  INTEGER NOT NULL,
    sent      INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (id, content)
) WITHOUT ROWID;
CREATE INDEX seen_last_seen ON seen (last_seen);

-- How far each target is, and when it is due. Times are Unix milliseconds, 0
-- where there was none.
CREATE TABLE target (
    source       TEXT    NOT NULL,
    target       TEXT    NOT NULL,
    cursor       BLOB,
    due          INTEGER NOT NULL DEFAULT 0,
    failures     INTEGER NOT NULL DEFAULT 0,
    problem      TEXT    NOT NULL DEFAULT '',
    reason       TEXT    NOT NULL DEFAULT '',
    since        INTEGER NOT NULL DEFAULT 0,
    last_success INTEGER NOT NULL DEFAULT 0,
    last_post    INTEGER NOT NULL DEFAULT 0,
    touched      INTEGER NOT NULL,
    PRIMARY KEY (source, target)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE seen;
DROP TABLE target;
