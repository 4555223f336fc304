-- +goose Up
CREATE TABLE tuning_shadows (
    number    {{.AutoID}},
    -- '' ends the shadow before
    version   TEXT NOT NULL,
    draft     TEXT NOT NULL,
    made_by   TEXT NOT NULL,
    made_at   BIGINT NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0
);

-- +goose Down
DROP TABLE tuning_shadows;
