-- What of each decision was sealed, byte for byte.

-- +goose Up
CREATE TABLE review_statements (
    decision  TEXT PRIMARY KEY,
    statement TEXT NOT NULL
);

-- +goose Down
DROP TABLE review_statements;
