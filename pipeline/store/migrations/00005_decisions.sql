-- Decisions of the analysts on flagged posts. A row is never changed: a
-- correction names the decision that it replaces, and one that is taken back has
-- a row that is withdrawn and names it. They are few, so that all machines have
-- all of them.
--
-- decisions_current are those that hold. decisions_final is the last word on each
-- post and edition of its text. decisions_by_label and decisions_by_rule have a
-- row for each label and each source of a reason that the last word is about:
-- avg(correct) over them is the precision, for the console as for dashboards.
--
-- Flagged posts get the time at which they were inserted: the review takes them
-- in by it. Those from before get the time of this migration.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS decisions {{.OnCluster}}
(
    id            String,
    -- item is the flagged post's id; edition counts its texts that were decided on.
    item          String,
    edition       UInt32,
    account       String,
    person_id     String,
    -- What the post was flagged for when the decision fell. rules has the sources
    -- of all its reasons.
    labels        Array(LowCardinality(String)),
    contestants   Array(LowCardinality(String)),
    rules         Array(LowCardinality(String)),
    region        LowCardinality(String),
    agency        LowCardinality(String),
    platform      LowCardinality(String),
    language      LowCardinality(String),
    -- verdict is violation, no_violation, unsure or duplicate; label is the one
    -- that it is about, '' all of them; rule is the neutrality rule of a violation
    -- and cause why it is none.
    verdict       LowCardinality(String),
    label         LowCardinality(String),
    rule          LowCardinality(String),
    cause         LowCardinality(String),
    by            LowCardinality(String),
    at            DateTime64(3, 'UTC'),
    round         UInt8,
    replaces      String,
    withdrawn     Bool,
    lists_version LowCardinality(String),
    created_at    DateTime64(3, 'UTC'),
    flagged_at    DateTime64(3, 'UTC'),
    -- 1970 stands for never.
    opened_at     DateTime64(3, 'UTC')
)
ENGINE = {{.EngineOnAll "ReplacingMergeTree"}}
ORDER BY id
SETTINGS {{.Deduplication}};

CREATE VIEW IF NOT EXISTS decisions_current {{.OnCluster}} AS
SELECT * FROM decisions FINAL
WHERE NOT withdrawn AND id NOT IN (SELECT replaces FROM decisions WHERE replaces != '');

CREATE VIEW IF NOT EXISTS decisions_final {{.OnCluster}} AS
SELECT * FROM decisions_current
WHERE verdict != 'unsure'
ORDER BY round DESC, at DESC
LIMIT 1 BY item, edition;

CREATE VIEW IF NOT EXISTS decisions_by_label {{.OnCluster}} AS
SELECT *, judged_label, CAST(verdict = 'violation', 'Bool') AS correct
FROM decisions_final ARRAY JOIN arrayDistinct(labels) AS judged_label
WHERE verdict IN ('violation', 'no_violation') AND (label = '' OR label = judged_label);

CREATE VIEW IF NOT EXISTS decisions_by_rule {{.OnCluster}} AS
SELECT *, judged_rule, CAST(verdict = 'violation', 'Bool') AS correct
FROM decisions_final ARRAY JOIN arrayDistinct(rules) AS judged_rule
WHERE verdict IN ('violation', 'no_violation') AND (label = '' OR startsWith(judged_rule, concat(label, '/')));

ALTER TABLE {{.Local "flagged_posts"}} {{.OnCluster}} ADD COLUMN IF NOT EXISTS inserted_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(DoubleDelta, ZSTD(1));

ALTER TABLE {{.Local "flagged_posts"}} {{.OnCluster}} ADD INDEX IF NOT EXISTS inserted_at_range inserted_at TYPE minmax GRANULARITY 1;

ALTER TABLE {{.Local "flagged_posts"}} {{.OnCluster}} MATERIALIZE COLUMN inserted_at SETTINGS mutations_sync = 2;
{{if ne (.Local "flagged_posts") "flagged_posts"}}
ALTER TABLE flagged_posts {{.OnCluster}} ADD COLUMN IF NOT EXISTS inserted_at DateTime64(3, 'UTC') DEFAULT now64(3);
{{end}}
