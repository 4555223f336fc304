-- What trends and coverage are counted from, for the console as for dashboards,
-- so that their numbers agree.
--
-- trend_flags has a row for each flagged post that is not withdrawn and each
-- label with its contestant; count its posts by uniqExact(id), since one post can
-- have several rows. trend_posts has the counts of all posts, flagged or not:
-- sum(posts) is the denominator. Both go by the post's own time (at), so that a
-- rate divides like by like; what is collected late still changes the past.
-- province is the first part of the region's code.
--
-- accounts_in(from, until, now) says of each account of the roster in the period,
-- and of each that a source watches, how well it was collected: one row an
-- account and source. state is
--   full       the source answered, and knows of no gap in the period
--   gaps       it answered, but posts of the period may be missing
--   none       it has not answered since the period began
--   unwatched  no source reports on the account
-- Only the last state of a source is known. So of a period that is over, full
-- means that no gap in it is known. It is the best of an account's sources that
-- counts: order by quality DESC and take the first (accounts_best_in does).

-- +goose NO TRANSACTION
-- +goose Up
CREATE VIEW IF NOT EXISTS trend_flags {{.OnCluster}} AS
SELECT id, created_at AS at, platform, region, splitByChar('.', toString(region))[1] AS province, agency, language,
    tupleElement(pair, 1) AS label, tupleElement(pair, 2) AS contestant
FROM
(
    SELECT id, created_at, platform, region, agency, language,
        arrayDistinct(arrayMap((label, contestant) -> (toString(label), toString(contestant)), labels, contestants)) AS pairs
    FROM flagged_posts FINAL
    WHERE notEmpty(labels)
)
ARRAY JOIN pairs AS pair;

CREATE VIEW IF NOT EXISTS trend_posts {{.OnCluster}} AS
SELECT hour AS at, platform, region, splitByChar('.', toString(region))[1] AS province, agency, language, posts
FROM hourly_counts;

CREATE VIEW IF NOT EXISTS roster_current {{.OnCluster}} AS
SELECT platform, account_id, handle, agency, region, valid_from, coalesce(valid_until, toDate32('2199-12-31')) AS valid_until
FROM roster_accounts
WHERE import = (SELECT max(import) FROM roster_imports);

CREATE VIEW IF NOT EXISTS accounts_in {{.OnCluster}} AS
SELECT
    if(listed = 1, roster.platform, covered.platform) AS platform,
    if(listed = 1, roster.account_id, covered.account_id) AS account_id,
    if(covered.handle != '', covered.handle, roster.handle) AS handle,
    roster.agency AS agency,
    roster.region AS region,
    splitByChar('.', toString(roster.region))[1] AS province,
    roster.listed AS listed,
    covered.source AS source,
    covered.last_success AS last_success,
    covered.last_post AS last_post,
    covered.gaps AS failures,
    covered.problem AS problem,
    covered.reason AS reason,
    covered.failing_since AS failing_since,
    least({until:DateTime64(3, 'UTC')}, {now:DateTime64(3, 'UTC')}) AS period_end,
    arrayFilter((ends, begins) -> ends > {from:DateTime64(3, 'UTC')} AND begins < period_end, covered.missing_until, covered.missing_from) AS missing_until,
    arrayFilter((begins, ends) -> ends > {from:DateTime64(3, 'UTC')} AND begins < period_end, covered.missing_from, covered.missing_until) AS missing_from,
    arrayFilter((reason, begins, ends) -> ends > {from:DateTime64(3, 'UTC')} AND begins < period_end, covered.missing_reason, covered.missing_from, covered.missing_until) AS missing_reason,
    arraySum((begins, ends) -> toFloat64(least(ends, period_end)) - toFloat64(greatest(begins, {from:DateTime64(3, 'UTC')})), missing_from, missing_until) AS missing_seconds,
    multiIf(
        covered.source = '', 'unwatched',
        covered.last_success < {from:DateTime64(3, 'UTC')} OR toUnixTimestamp(covered.last_success) = 0, 'none',
        notEmpty(missing_from) OR toUnixTimestamp(covered.failing_since) > 0 AND covered.failing_since < period_end
            OR covered.last_success < period_end - INTERVAL 1 DAY, 'gaps',
        'full') AS state,
    multiIf(state = 'full', 3, state = 'gaps', 2, state = 'none', 1, 0) AS quality
FROM
(
    SELECT platform, account_id, handle, agency, region, 1 AS listed
    FROM roster_current
    WHERE valid_from <= toDate32({until:DateTime64(3, 'UTC')}) AND valid_until >= toDate32({from:DateTime64(3, 'UTC')})
    ORDER BY valid_from DESC
    LIMIT 1 BY platform, account_id
) AS roster
FULL JOIN (SELECT * FROM account_coverage FINAL) AS covered ON roster.platform = covered.platform AND roster.account_id = covered.account_id;

CREATE VIEW IF NOT EXISTS accounts_best_in {{.OnCluster}} AS
SELECT * FROM accounts_in(from = {from:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}, now = {now:DateTime64(3, 'UTC')})
ORDER BY quality DESC, last_success DESC, source
LIMIT 1 BY platform, account_id;
