-- Pieces of evidence. Times are milliseconds since 1970, 0 where there is none.

-- +goose Up
CREATE TABLE evidence_pieces (
    num         {{.AutoID}},
    id          TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    post        TEXT NOT NULL,
    version     TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    size        BIGINT NOT NULL,
    occasion    TEXT NOT NULL,
    captured_at BIGINT NOT NULL,
    -- statement is what was sealed, byte for byte; the columns before are out of it.
    statement   TEXT NOT NULL
);
CREATE INDEX evidence_pieces_post ON evidence_pieces (post, num);
CREATE INDEX evidence_pieces_file ON evidence_pieces (sha256) WHERE sha256 <> '';

-- Files whose last piece was purged. The generation counts the times that a file
-- was or is being removed, so that who keeps it again meanwhile notices.
CREATE TABLE evidence_removals (
    sha256     TEXT PRIMARY KEY,
    generation BIGINT NOT NULL,
    -- state is due, removing or removed.
    state      TEXT NOT NULL,
    at         BIGINT NOT NULL
);
CREATE INDEX evidence_removals_state ON evidence_removals (state, at);

-- +goose Down
DROP TABLE evidence_removals;
DROP TABLE evidence_pieces;
