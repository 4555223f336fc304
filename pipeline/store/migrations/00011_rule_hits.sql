-- What each rule flags, for the rules' health and for dashboards: a row for each
-- flagged post that is not withdrawn (kind 'flag', source ''), for each source of
-- its reasons (kind 'rule'; a model's or a claim's name where it is no rule) and
-- for each list that one of its rules is of (kind 'list'). A post counts once for
-- each, whatever the number of its reasons. Divided by the posts in hourly_counts
-- they are rates: both go by the post's own time.
--
-- rule_decisions has the same rows for the last words of the analysts; label is
-- the one that a decision is about, '' all of them.

-- +goose NO TRANSACTION
-- +goose Up
CREATE VIEW IF NOT EXISTS rule_hits {{.OnCluster}} AS
SELECT id, created_at, platform, region, agency, language, tupleElement(hit, 1) AS kind, tupleElement(hit, 2) AS source
FROM
(
    SELECT id, created_at, platform, region, agency, language,
        arrayConcat(
            [('flag', '')],
            arrayMap(rule -> ('rule', toString(rule)), arrayDistinct(rules)),
            arrayMap(list -> ('list', list), arrayDistinct(arrayMap(rule -> splitByChar('/', toString(rule))[1], arrayFilter(rule -> position(rule, '/') > 1, rules))))
        ) AS hits
    FROM flagged_posts FINAL
    WHERE notEmpty(labels)
)
ARRAY JOIN hits AS hit;

CREATE VIEW IF NOT EXISTS rule_decisions {{.OnCluster}} AS
SELECT item, at, flagged_at, label, correct, tupleElement(hit, 1) AS kind, tupleElement(hit, 2) AS source
FROM
(
    SELECT item, at, flagged_at, label, CAST(verdict = 'violation', 'Bool') AS correct,
        arrayConcat(
            [('flag', '')],
            arrayMap(rule -> ('rule', toString(rule)), arrayDistinct(rules)),
            arrayMap(list -> ('list', list), arrayDistinct(arrayMap(rule -> splitByChar('/', toString(rule))[1], arrayFilter(rule -> position(rule, '/') > 1, rules))))
        ) AS hits
    FROM decisions_final
    WHERE verdict IN ('violation', 'no_violation')
)
ARRAY JOIN hits AS hit;
