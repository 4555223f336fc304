-- +goose Up
-- How busy an account is, which decides how often it is visited; when it was
-- visited last; and the handle that the platform showed.
ALTER TABLE target ADD COLUMN visited INTEGER NOT NULL DEFAULT 0;
ALTER TABLE target ADD COLUMN pace_day REAL NOT NULL DEFAULT 0;
ALTER TABLE target ADD COLUMN pace_month REAL NOT NULL DEFAULT 0;
ALTER TABLE target ADD COLUMN handle TEXT NOT NULL DEFAULT '';

-- Periods in which posts of a target may be missing.
CREATE TABLE gap (
    source     TEXT    NOT NULL,
    target     TEXT    NOT NULL,
    from_time  INTEGER NOT NULL,
    until_time INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    PRIMARY KEY (source, target, from_time, until_time)
) WITHOUT ROWID;

-- What is spent of a source's quota in the window that began then.
CREATE TABLE quota (
    source TEXT    NOT NULL PRIMARY KEY,
    began  INTEGER NOT NULL,
    used   INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE quota;
DROP TABLE gap;
ALTER TABLE target DROP COLUMN handle;
ALTER TABLE target DROP COLUMN pace_month;
ALTER TABLE target DROP COLUMN pace_day;
ALTER TABLE target DROP COLUMN visited;
