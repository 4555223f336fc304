-- The review's tables. Times are milliseconds since 1970, 0 where there is none.

-- +goose Up
CREATE TABLE review_items (
    num        {{.AutoID}},
    id         TEXT NOT NULL UNIQUE,

    -- What the flag says: [["support","landak-2"], ...] the highest score first,
    -- and the sources of its reasons.
    pairs      TEXT NOT NULL,
    rules      TEXT NOT NULL,
    score      DOUBLE PRECISION NOT NULL,
    account    TEXT NOT NULL,
    handle     TEXT NOT NULL,
    person_id  TEXT NOT NULL,
    region     TEXT NOT NULL,
    agency     TEXT NOT NULL,
    platform   TEXT NOT NULL,
    language   TEXT NOT NULL,
    lists      TEXT NOT NULL,
    excerpt    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    flagged_at BIGINT NOT NULL,
    -- Hashes of the text, and of all that was taken over from the flag.
    text_sum   BIGINT NOT NULL,
    flag_sum   BIGINT NOT NULL,

    status     TEXT NOT NULL,
    -- urgency is base and what copies and the deadline add to it.
    urgency    BIGINT NOT NULL,
    base       BIGINT NOT NULL,
    grp        BIGINT NOT NULL,
    opened_at  BIGINT NOT NULL DEFAULT 0,
    due_at     BIGINT NOT NULL DEFAULT 0,
    holder     TEXT NOT NULL DEFAULT '',
    held_until BIGINT NOT NULL DEFAULT 0,
    assignee   TEXT NOT NULL DEFAULT '',
    decided_at BIGINT NOT NULL DEFAULT 0,
    edited_at  BIGINT NOT NULL DEFAULT 0,
    -- first_by made the first decision that holds.
    first_by   TEXT NOT NULL DEFAULT '',
    -- edition counts the texts that were decided on.
    edition    BIGINT NOT NULL DEFAULT 1,
    revision   BIGINT NOT NULL DEFAULT 1,
    -- changed orders the changes of all items, see change.go.
    changed    BIGINT NOT NULL
);

CREATE INDEX review_items_account ON review_items (account, created_at);
CREATE INDEX review_items_group ON review_items (grp, account);
CREATE INDEX review_items_changed ON review_items (changed);
CREATE INDEX review_items_due ON review_items (due_at) WHERE due_at > 0;

CREATE TABLE review_clock (value BIGINT NOT NULL);
INSERT INTO review_clock (value) VALUES (1);

-- Groups of near-duplicates. A group is known by its first text.
CREATE TABLE review_groups (
    num       {{.AutoID}},
    exact     BIGINT NOT NULL,
    signature {{.Blob}},
    -- accounts is how many accounts posted it.
    accounts  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX review_groups_exact ON review_groups (exact);
CREATE TABLE review_bands (
    band BIGINT NOT NULL,
    grp  BIGINT NOT NULL,
    PRIMARY KEY (band, grp)
){{if .SQLite}} WITHOUT ROWID{{end}};

{{if .SQLite}}
CREATE VIRTUAL TABLE review_search USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');
{{end}}{{if .Postgres}}
CREATE TABLE review_search (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL);
CREATE INDEX review_search_words ON review_search USING gin (words);
{{end}}

-- Decisions are only ever added.
CREATE TABLE review_decisions (
    seq       {{.AutoID}},
    id        TEXT NOT NULL UNIQUE,
    item      BIGINT NOT NULL,
    edition   BIGINT NOT NULL,
    verdict   TEXT NOT NULL,
    label     TEXT NOT NULL,
    rule      TEXT NOT NULL,
    cause     TEXT NOT NULL,
    same      TEXT NOT NULL,
    note      TEXT NOT NULL,
    made_by   TEXT NOT NULL,
    made_at   BIGINT NOT NULL,
    round     BIGINT NOT NULL,
    replaces  TEXT NOT NULL,
    withdrawn BIGINT NOT NULL
);
CREATE INDEX review_decisions_item ON review_decisions (item, seq);
CREATE INDEX review_decisions_at ON review_decisions (made_at);
CREATE UNIQUE INDEX review_decisions_replaces ON review_decisions (replaces) WHERE replaces <> '';

-- Decisions that ClickHouse does not have for sure. A row of a batch stays in it.
CREATE TABLE review_outbox (
    seq       {{.AutoID}},
    row_json  TEXT NOT NULL,
    queued_at BIGINT NOT NULL,
    batch     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX review_outbox_batch ON review_outbox (batch, seq);

CREATE TABLE review_filters (
    id     {{.AutoID}},
    owner  TEXT NOT NULL,
    name   TEXT NOT NULL,
    shared BIGINT NOT NULL,
    filter TEXT NOT NULL,
    sort   TEXT NOT NULL,
    UNIQUE (owner, name)
);

-- How far flags were taken in.
CREATE TABLE review_cursors (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- +goose Down
DROP TABLE review_cursors;
DROP TABLE review_filters;
DROP TABLE review_outbox;
DROP TABLE review_decisions;
DROP TABLE review_search;
DROP TABLE review_bands;
DROP TABLE review_groups;
DROP TABLE review_clock;
DROP TABLE review_items;
