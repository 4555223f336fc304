-- trend_flags and trend_posts as in 00012, the same rows; province is made once a
-- region and not once a row, which is most of the time of a query over all posts.

-- +goose NO TRANSACTION
-- +goose Up
CREATE OR REPLACE VIEW trend_flags {{.OnCluster}} AS
SELECT id, created_at AS at, platform, region, extract(region, '^[^.]+') AS province, agency, language,
    tupleElement(pair, 1) AS label, tupleElement(pair, 2) AS contestant
FROM
(
    SELECT id, created_at, platform, region, agency, language,
        arrayDistinct(arrayMap((label, contestant) -> (toString(label), toString(contestant)), labels, contestants)) AS pairs
    FROM flagged_posts FINAL
    WHERE notEmpty(labels)
)
ARRAY JOIN pairs AS pair;

CREATE OR REPLACE VIEW trend_posts {{.OnCluster}} AS
SELECT hour AS at, platform, region, extract(region, '^[^.]+') AS province, agency, language, posts
FROM hourly_counts;
