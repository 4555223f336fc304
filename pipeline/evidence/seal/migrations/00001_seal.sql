-- +goose Up
-- A statement waits here, in the transaction of what it tells of, until it is
-- appended to the log a moment later.
CREATE TABLE seal_waiting (
    id       {{.AutoID}},
    kind     TEXT NOT NULL,
    sha256   {{.Blob}} NOT NULL,
    added_at BIGINT NOT NULL
);

CREATE TABLE seal_leaves (
    number    BIGINT PRIMARY KEY,
    kind      TEXT NOT NULL,
    sha256    {{.Blob}} NOT NULL,
    sealed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX seal_leaves_statement ON seal_leaves (sha256, kind);

-- The hashes of the tree, in the order of golang.org/x/mod/sumdb/tlog.
CREATE TABLE seal_hashes (
    number BIGINT PRIMARY KEY,
    hash   {{.Blob}} NOT NULL
);

CREATE TABLE seal_checkpoints (
    size    BIGINT PRIMARY KEY,
    note    TEXT NOT NULL,
    made_at BIGINT NOT NULL
);

-- The time stamps of checkpoints; stamped_at is the authority's time.
CREATE TABLE seal_stamps (
    size       BIGINT PRIMARY KEY,
    response   {{.Blob}} NOT NULL,
    authority  TEXT NOT NULL,
    stamped_at BIGINT NOT NULL
);

{{if .SQLite}}
-- +goose StatementBegin
CREATE TRIGGER seal_leaves_no_update BEFORE UPDATE ON seal_leaves
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_leaves_no_delete BEFORE DELETE ON seal_leaves
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_leaves_no_replace BEFORE INSERT ON seal_leaves
WHEN EXISTS (SELECT 1 FROM seal_leaves WHERE number = NEW.number) OR EXISTS (SELECT 1 FROM seal_leaves WHERE sha256 = NEW.sha256 AND kind = NEW.kind)
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_hashes_no_update BEFORE UPDATE ON seal_hashes
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_hashes_no_delete BEFORE DELETE ON seal_hashes
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_hashes_no_replace BEFORE INSERT ON seal_hashes
WHEN EXISTS (SELECT 1 FROM seal_hashes WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_checkpoints_no_update BEFORE UPDATE ON seal_checkpoints
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_checkpoints_no_delete BEFORE DELETE ON seal_checkpoints
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_checkpoints_no_replace BEFORE INSERT ON seal_checkpoints
WHEN EXISTS (SELECT 1 FROM seal_checkpoints WHERE size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_stamps_no_update BEFORE UPDATE ON seal_stamps
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_stamps_no_delete BEFORE DELETE ON seal_stamps
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_stamps_no_replace BEFORE INSERT ON seal_stamps
WHEN EXISTS (SELECT 1 FROM seal_stamps WHERE size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_waiting_no_update BEFORE UPDATE ON seal_waiting
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_waiting_no_delete BEFORE DELETE ON seal_waiting
WHEN NOT EXISTS (SELECT 1 FROM seal_leaves WHERE sha256 = OLD.sha256 AND kind = OLD.kind)
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seal_waiting_no_replace BEFORE INSERT ON seal_waiting
WHEN EXISTS (SELECT 1 FROM seal_waiting WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the sealed log is append-only'); END;
-- +goose StatementEnd
{{else}}
-- +goose StatementBegin
CREATE FUNCTION seal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the sealed log is append-only';
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION seal_refuse_unsealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM seal_leaves WHERE sha256 = OLD.sha256 AND kind = OLD.kind) THEN
        RAISE EXCEPTION 'the sealed log is append-only';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER seal_leaves_append_only BEFORE UPDATE OR DELETE ON seal_leaves FOR EACH ROW EXECUTE FUNCTION seal_refuse();
CREATE TRIGGER seal_hashes_append_only BEFORE UPDATE OR DELETE ON seal_hashes FOR EACH ROW EXECUTE FUNCTION seal_refuse();
CREATE TRIGGER seal_checkpoints_append_only BEFORE UPDATE OR DELETE ON seal_checkpoints FOR EACH ROW EXECUTE FUNCTION seal_refuse();
CREATE TRIGGER seal_stamps_append_only BEFORE UPDATE OR DELETE ON seal_stamps FOR EACH ROW EXECUTE FUNCTION seal_refuse();
CREATE TRIGGER seal_waiting_no_update BEFORE UPDATE ON seal_waiting FOR EACH ROW EXECUTE FUNCTION seal_refuse();
CREATE TRIGGER seal_waiting_no_delete BEFORE DELETE ON seal_waiting FOR EACH ROW EXECUTE FUNCTION seal_refuse_unsealed();
CREATE TRIGGER seal_waiting_no_truncate BEFORE TRUNCATE ON seal_waiting FOR EACH STATEMENT EXECUTE FUNCTION seal_refuse();
CREATE TRIGGER seal_leaves_no_truncate BEFORE TRUNCATE ON seal_leaves FOR EACH STATEMENT EXECUTE FUNCTION seal_refuse();
CREATE TRIGGER seal_hashes_no_truncate BEFORE TRUNCATE ON seal_hashes FOR EACH STATEMENT EXECUTE FUNCTION seal_refuse();
CREATE TRIGGER seal_checkpoints_no_truncate BEFORE TRUNCATE ON seal_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION seal_refuse();
CREATE TRIGGER seal_stamps_no_truncate BEFORE TRUNCATE ON seal_stamps FOR EACH STATEMENT EXECUTE FUNCTION seal_refuse();
{{end}}

-- +goose Down
DROP TABLE seal_stamps;
DROP TABLE seal_checkpoints;
DROP TABLE seal_hashes;
DROP TABLE seal_leaves;
DROP TABLE seal_waiting;
