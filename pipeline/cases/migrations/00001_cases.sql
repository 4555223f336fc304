-- The cases' tables. Times are milliseconds since 1970, 0 where there is none.

-- +goose Up
CREATE TABLE cases (
    num        {{.AutoID}},
    id         TEXT NOT NULL UNIQUE,
    number     TEXT NOT NULL UNIQUE,
    title      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    status     TEXT NOT NULL,
    known_at   BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    receiver   TEXT NOT NULL DEFAULT '',
    reference  TEXT NOT NULL DEFAULT '',
    handed_at  BIGINT NOT NULL DEFAULT 0,
    closed_at  BIGINT NOT NULL DEFAULT 0,
    outcome    TEXT NOT NULL DEFAULT '',
    hold       TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    -- What the list is searched in, folded.
    search     TEXT NOT NULL
);
CREATE INDEX cases_status ON cases (status, due_at);

-- The last number that was given in a year and region.
CREATE TABLE case_numbers (
    year   BIGINT NOT NULL,
    region TEXT NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (year, region)
);

-- A post that is removed stays, with the reason.
CREATE TABLE case_posts (
    num        {{.AutoID}},
    case_num   BIGINT NOT NULL REFERENCES cases (num),
    post       TEXT NOT NULL,
    region     TEXT NOT NULL,
    account    TEXT NOT NULL,
    handle     TEXT NOT NULL,
    person_id  TEXT NOT NULL,
    known_at   BIGINT NOT NULL,
    added_at   BIGINT NOT NULL,
    added_by   TEXT NOT NULL,
    removed_at BIGINT NOT NULL DEFAULT 0,
    removed_by TEXT NOT NULL DEFAULT '',
    reason     TEXT NOT NULL DEFAULT '',
    UNIQUE (case_num, post)
);
CREATE INDEX case_posts_post ON case_posts (post);
CREATE INDEX case_posts_person ON case_posts (person_id);

CREATE TABLE case_people (
    num      {{.AutoID}},
    case_num BIGINT NOT NULL REFERENCES cases (num),
    name     TEXT NOT NULL,
    UNIQUE (case_num, name)
);
CREATE INDEX case_people_name ON case_people (name);

-- Everything that happened to a case, as the statements that were sealed.
CREATE TABLE case_events (
    num       {{.AutoID}},
    case_num  BIGINT NOT NULL REFERENCES cases (num),
    statement TEXT NOT NULL
);
CREATE INDEX case_events_case ON case_events (case_num, num);

{{if .SQLite}}
-- +goose StatementBegin
CREATE TRIGGER case_events_no_update BEFORE UPDATE ON case_events
BEGIN SELECT RAISE(ABORT, 'what happened to a case is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_events_no_delete BEFORE DELETE ON case_events
BEGIN SELECT RAISE(ABORT, 'what happened to a case is append-only'); END;
-- +goose StatementEnd
{{else}}
-- +goose StatementBegin
CREATE FUNCTION case_events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what happened to a case is append-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER case_events_append_only BEFORE UPDATE OR DELETE ON case_events FOR EACH ROW EXECUTE FUNCTION case_events_refuse();
{{end}}
