-- What is to be captured. Times are milliseconds since 1970, 0 where there is none.

-- +goose Up
CREATE TABLE evidence_tasks (
    num       {{.AutoID}},
    -- task names what is to be done: the same is done once, however often it is asked for.
    task      TEXT NOT NULL UNIQUE,
    post      TEXT NOT NULL,
    stage     TEXT NOT NULL,
    occasion  TEXT NOT NULL,
    -- what is JSON: the flag or the record that is meant.
    what      TEXT NOT NULL,
    wanted_by TEXT NOT NULL DEFAULT '',
    made_at   BIGINT NOT NULL,
    next_at   BIGINT NOT NULL,
    tries     BIGINT NOT NULL DEFAULT 0,
    -- claim is who works on it, until claimed_until.
    claim         TEXT NOT NULL DEFAULT '',
    claimed_until BIGINT NOT NULL DEFAULT 0,
    -- kept lists the addresses that were captured already, as JSON.
    kept      TEXT NOT NULL DEFAULT '[]',
    done_at   BIGINT NOT NULL DEFAULT 0,
    problem   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX evidence_tasks_waiting ON evidence_tasks (next_at, num) WHERE done_at = 0;
CREATE INDEX evidence_tasks_done ON evidence_tasks (done_at) WHERE done_at > 0;
CREATE INDEX evidence_tasks_post ON evidence_tasks (post);

-- How far flags and edits were looked at.
CREATE TABLE evidence_cursors (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- +goose Down
DROP TABLE evidence_cursors;
DROP TABLE evidence_tasks;
