-- What the dashboard about the work of review reads, and the accounts behind flags.
--
-- decisions_over are the decisions of a time range that hold, as decisions_current
-- has them, with the piece of time that they fell in; arrivals_over are the flagged
-- posts by when they were flagged. Pieces of time are those of flags_over (00013).
-- flagged_accounts has a row for each flagged post with its account, and no person:
-- join it with flags_over by id.

-- +goose NO TRANSACTION
-- +goose Up
CREATE VIEW IF NOT EXISTS decisions_over {{.OnCluster}} AS
SELECT
    if(lower({zone:String}) = 'utc', 'UTC', {zone:String}) AS zone,
    toTimeZone(multiIf(
        {step:UInt32} < 86400, toStartOfInterval(toDateTime(at, 'UTC'), toIntervalHour(greatest(1, intDiv({step:UInt32}, 3600))), zone),
        {step:UInt32} < 604800, toStartOfDay(toDateTime(at, 'UTC'), zone),
        {step:UInt32} < 2592000, toDateTime(toMonday(at, zone), zone),
        toDateTime(toStartOfMonth(at, zone), zone)), 'UTC') AS time,
    id, item, edition, account, labels, contestants, rules, toString(verdict) AS verdict, toString(cause) AS cause, toString(by) AS by,
    at, round, toString(lists_version) AS lists_version, flagged_at, opened_at,
    toString(region) AS region, extract(region, '^[^.]+') AS province,
    toString(agency) AS agency, toString(platform) AS platform, toString(language) AS language,
    transform(verdict, ['violation', 'no_violation', 'unsure', 'duplicate'], ['dugaan pelanggaran', 'bukan pelanggaran', 'ragu', 'duplikat'], verdict) AS verdict_word
FROM decisions_current
WHERE at >= {from:DateTime} AND at < {until:DateTime};

CREATE VIEW IF NOT EXISTS arrivals_over {{.OnCluster}} AS
SELECT
    if(lower({zone:String}) = 'utc', 'UTC', {zone:String}) AS zone,
    toTimeZone(multiIf(
        {step:UInt32} < 86400, toStartOfInterval(toDateTime(flagged_at, 'UTC'), toIntervalHour(greatest(1, intDiv({step:UInt32}, 3600))), zone),
        {step:UInt32} < 604800, toStartOfDay(toDateTime(flagged_at, 'UTC'), zone),
        {step:UInt32} < 2592000, toDateTime(toMonday(flagged_at, zone), zone),
        toDateTime(toStartOfMonth(flagged_at, zone), zone)), 'UTC') AS time,
    id, flagged_at, labels, contestants, toString(region) AS region, extract(region, '^[^.]+') AS province,
    toString(agency) AS agency, toString(platform) AS platform, toString(language) AS language
FROM flagged_posts FINAL
WHERE notEmpty(labels) AND flagged_at >= {from:DateTime} AND flagged_at < {until:DateTime};

CREATE VIEW IF NOT EXISTS flagged_accounts {{.OnCluster}} AS
SELECT id, concat(platform, ':', account_id) AS account, account_handle AS handle, created_at AS at
FROM flagged_posts FINAL
WHERE notEmpty(labels);
