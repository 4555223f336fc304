-- +goose Up
-- Back-tests of a version against the one in force. State is what it goes on
-- from after a stop, and gone when it is done; report is what it found.
CREATE TABLE tuning_backtests (
    number    {{.AutoID}},
    version   TEXT NOT NULL REFERENCES tuning_versions (id),
    published TEXT NOT NULL,
    plan      TEXT NOT NULL,
    status    TEXT NOT NULL,
    done      BIGINT NOT NULL DEFAULT 0,
    total     BIGINT NOT NULL,
    rate      DOUBLE PRECISION NOT NULL DEFAULT 0,
    began     BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    made_by   TEXT NOT NULL,
    failure   TEXT NOT NULL DEFAULT '',
    state     {{.Blob}},
    report    TEXT NOT NULL DEFAULT ''
);

CREATE INDEX tuning_backtests_version ON tuning_backtests (version);

-- +goose Down
DROP TABLE tuning_backtests;
