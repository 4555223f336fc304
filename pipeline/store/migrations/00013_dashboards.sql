-- What the Grafana dashboards read beside the views of 00012, which they share
-- with the console's trends, so that the numbers of both agree.
--
-- flags_over and posts_over are trend_flags and trend_posts of a time range, with
-- the piece of time (time) that a row falls in: hours, days, weeks from Monday or
-- months of a zone, by the length of a piece (step, in seconds). Both take whole
-- hours, those that begin from the hour of from on and before until: the counts of
-- all posts are hourly, and a rate divides like by like. regency and district are
-- the first two and three parts of the region's code, '' where it has fewer: with
-- region and province they say of every place what it lies in. What a function
-- makes of one column of low cardinality is made once a value and not once a row:
-- that is why they are made by extract and transform.
--
-- provinces has a point of each province for the map. region_names and
-- election_contestants are written by the console's process, from the files that
-- name them; until then regions are shown by their codes.

-- +goose NO TRANSACTION
-- +goose Up
CREATE VIEW IF NOT EXISTS provinces {{.OnCluster}} AS
SELECT code, name, latitude, longitude
FROM values('code String, name String, latitude Float64, longitude Float64',
    ('11', 'Aceh', 4.4, 96.9), ('12', 'Sumatera Utara', 2.2, 99.1), ('13', 'Sumatera Barat', -0.8, 100.5),
    ('14', 'Riau', 0.5, 101.8), ('15', 'Jambi', -1.7, 102.7), ('16', 'Sumatera Selatan', -3.2, 104.2),
    ('17', 'Bengkulu', -3.6, 102.3), ('18', 'Lampung', -4.9, 105.0), ('19', 'Kepulauan Bangka Belitung', -2.5, 106.6),
    ('21', 'Kepulauan Riau', 1.0, 104.5), ('31', 'DKI Jakarta', -6.2, 106.83), ('32', 'Jawa Barat', -6.9, 107.6),
    ('33', 'Jawa Tengah', -7.2, 110.1), ('34', 'DI Yogyakarta', -7.9, 110.4), ('35', 'Jawa Timur', -7.7, 112.7),
    ('36', 'Banten', -6.5, 106.1), ('51', 'Bali', -8.4, 115.1), ('52', 'Nusa Tenggara Barat', -8.6, 117.5),
    ('53', 'Nusa Tenggara Timur', -9.3, 122.0), ('61', 'Kalimantan Barat', -0.1, 111.1), ('62', 'Kalimantan Tengah', -1.6, 113.4),
    ('63', 'Kalimantan Selatan', -3.0, 115.4), ('64', 'Kalimantan Timur', 0.5, 116.4), ('65', 'Kalimantan Utara', 3.0, 116.2),
    ('71', 'Sulawesi Utara', 1.0, 124.5), ('72', 'Sulawesi Tengah', -1.3, 121.0), ('73', 'Sulawesi Selatan', -3.9, 120.0),
    ('74', 'Sulawesi Tenggara', -4.1, 122.2), ('75', 'Gorontalo', 0.7, 122.4), ('76', 'Sulawesi Barat', -2.5, 119.3),
    ('81', 'Maluku', -3.3, 129.3), ('82', 'Maluku Utara', 0.9, 127.8), ('91', 'Papua', -2.2, 139.3),
    ('92', 'Papua Barat', -1.6, 133.5), ('93', 'Papua Selatan', -7.2, 139.4), ('94', 'Papua Tengah', -3.6, 136.2),
    ('95', 'Papua Pegunungan', -4.1, 139.3), ('96', 'Papua Barat Daya', -1.0, 131.6));

CREATE TABLE IF NOT EXISTS place_names {{.OnCluster}}
(
    code       String,
    name       String,
    updated_at DateTime64(3, 'UTC')
)
ENGINE = {{.EngineOnAll "ReplacingMergeTree" "updated_at"}}
ORDER BY code
SETTINGS {{.Deduplication}};

-- An election without a region is of the whole country. One that has ended stays,
-- as its flags do.
CREATE TABLE IF NOT EXISTS election_contestants {{.OnCluster}}
(
    election      String,
    election_name String,
    region        String,
    contestant    String,
    number        UInt16,
    name          String,
    updated_at    DateTime64(3, 'UTC')
)
ENGINE = {{.EngineOnAll "ReplacingMergeTree" "updated_at"}}
ORDER BY (election, contestant)
SETTINGS {{.Deduplication}};

CREATE VIEW IF NOT EXISTS region_names {{.OnCluster}} AS
SELECT code, name
FROM
(
    SELECT code, name, 1 AS rank FROM place_names FINAL
    UNION ALL
    SELECT code, name, 0 AS rank FROM provinces
)
ORDER BY rank DESC
LIMIT 1 BY code;

CREATE VIEW IF NOT EXISTS contestant_names {{.OnCluster}} AS
SELECT contestant, concat(toString(number), '. ', name) AS name
FROM election_contestants FINAL
ORDER BY updated_at DESC
LIMIT 1 BY contestant;

-- The beginnings of the codes of the regions that an election is of, with a dot
-- at their end; '' is the whole country.
CREATE VIEW IF NOT EXISTS election_regions {{.OnCluster}} AS
SELECT DISTINCT election, if(region = '', '', concat(region, '.')) AS prefix
FROM election_contestants FINAL;

CREATE VIEW IF NOT EXISTS flags_over {{.OnCluster}} AS
WITH
    (SELECT (arrayConcat(groupArray(code), ['']), arrayConcat(groupArray(name), ['tanpa wilayah'])) FROM region_names) AS places,
    (SELECT (arrayConcat(groupArray(code), ['']), arrayConcat(groupArray(name), ['tingkat provinsi'])) FROM region_names) AS regencies,
    (SELECT (groupArray(contestant), groupArray(name)) FROM contestant_names) AS contestants_known
SELECT
    if(lower({zone:String}) = 'utc', 'UTC', {zone:String}) AS zone,
    toTimeZone(multiIf(
        {step:UInt32} < 86400, toStartOfInterval(toDateTime(at, 'UTC'), toIntervalHour(greatest(1, intDiv({step:UInt32}, 3600))), zone),
        {step:UInt32} < 604800, toStartOfDay(toDateTime(at, 'UTC'), zone),
        {step:UInt32} < 2592000, toDateTime(toMonday(at, zone), zone),
        toDateTime(toStartOfMonth(at, zone), zone)), 'UTC') AS time,
    id, at, toString(platform) AS platform, toString(region) AS region, province,
    extract(region, '^[^.]+[.][^.]+') AS regency, extract(region, '^[^.]+[.][^.]+[.][^.]+') AS district,
    toString(agency) AS agency, toString(language) AS language, label, contestant,
    transform(province, places.1, places.2) AS province_name,
    transform(regency, regencies.1, regencies.2) AS regency_name,
    if(contestant = '', 'tanpa peserta', transform(contestant, contestants_known.1, contestants_known.2, contestant)) AS contestant_name,
    transform(label,
        ['support', 'attack', 'hoax', 'hate_speech', 'money_politics', 'intimidation', 'office_promise'],
        ['dukungan', 'serangan', 'hoaks', 'ujaran kebencian', 'politik uang', 'intimidasi', 'janji jabatan'], label) AS label_word
FROM trend_flags
WHERE at >= toStartOfHour({from:DateTime}, 'UTC') AND at < toStartOfHour({until:DateTime} - 1, 'UTC') + INTERVAL 1 HOUR;

CREATE VIEW IF NOT EXISTS posts_over {{.OnCluster}} AS
WITH
    (SELECT (arrayConcat(groupArray(code), ['']), arrayConcat(groupArray(name), ['tanpa wilayah'])) FROM region_names) AS places,
    (SELECT (arrayConcat(groupArray(code), ['']), arrayConcat(groupArray(name), ['tingkat provinsi'])) FROM region_names) AS regencies
SELECT
    if(lower({zone:String}) = 'utc', 'UTC', {zone:String}) AS zone,
    toTimeZone(multiIf(
        {step:UInt32} < 86400, toStartOfInterval(toDateTime(at, 'UTC'), toIntervalHour(greatest(1, intDiv({step:UInt32}, 3600))), zone),
        {step:UInt32} < 604800, toStartOfDay(toDateTime(at, 'UTC'), zone),
        {step:UInt32} < 2592000, toDateTime(toMonday(at, zone), zone),
        toDateTime(toStartOfMonth(at, zone), zone)), 'UTC') AS time,
    at, platform, region, province,
    extract(region, '^[^.]+[.][^.]+') AS regency, extract(region, '^[^.]+[.][^.]+[.][^.]+') AS district,
    transform(province, places.1, places.2) AS province_name,
    transform(regency, regencies.1, regencies.2) AS regency_name,
    agency, language, posts
FROM trend_posts
WHERE at >= toStartOfHour({from:DateTime}, 'UTC') AND at < toStartOfHour({until:DateTime} - 1, 'UTC') + INTERVAL 1 HOUR;

-- What people said of flags: judged_posts has a row for each post with a last word
-- that is a violation or none, judged_labels one for each of its labels that the
-- word is about, judged_contestants one for each contestant whom the flag meant.
-- avg(correct) is the precision. They go by when the decision was made (at).
CREATE VIEW IF NOT EXISTS judged_posts {{.OnCluster}} AS
WITH
    (SELECT (arrayConcat(groupArray(code), ['']), arrayConcat(groupArray(name), ['tanpa wilayah'])) FROM region_names) AS places,
    (SELECT (arrayConcat(groupArray(code), ['']), arrayConcat(groupArray(name), ['tingkat provinsi'])) FROM region_names) AS regencies
SELECT *, extract(region, '^[^.]+') AS province,
    transform(province, places.1, places.2) AS province_name,
    extract(region, '^[^.]+[.][^.]+') AS regency, extract(region, '^[^.]+[.][^.]+[.][^.]+') AS district,
    transform(regency, regencies.1, regencies.2) AS regency_name,
    CAST(verdict = 'violation', 'Bool') AS correct
FROM decisions_final
WHERE verdict IN ('violation', 'no_violation');

CREATE VIEW IF NOT EXISTS judged_labels {{.OnCluster}} AS
SELECT * EXCEPT (judged_label), toString(judged_label) AS judged_label, extract(region, '^[^.]+') AS province,
    extract(region, '^[^.]+[.][^.]+') AS regency, extract(region, '^[^.]+[.][^.]+[.][^.]+') AS district,
    transform(toString(judged_label),
        ['support', 'attack', 'hoax', 'hate_speech', 'money_politics', 'intimidation', 'office_promise'],
        ['dukungan', 'serangan', 'hoaks', 'ujaran kebencian', 'politik uang', 'intimidasi', 'janji jabatan'], toString(judged_label)) AS label_word
FROM decisions_by_label;

CREATE VIEW IF NOT EXISTS judged_contestants {{.OnCluster}} AS
WITH (SELECT (groupArray(contestant), groupArray(name)) FROM contestant_names) AS contestants_known
SELECT *, toString(contestant_of) AS contestant, transform(contestant, contestants_known.1, contestants_known.2, contestant) AS contestant_name
FROM judged_posts ARRAY JOIN arrayDistinct(contestants) AS contestant_of;

-- decision_pairs has the first and the second decision on a post, by two people of
-- whom the second did not see the first: not those taken back or corrected by the
-- same person, also those that a supervisor corrected later. It is what the
-- console's agreement counts, by when the second fell (at).
CREATE VIEW IF NOT EXISTS decision_pairs {{.OnCluster}} AS
SELECT second.item AS item, second.edition AS edition, second.at AS at, second.region AS region, second.agency AS agency,
    second.platform AS platform, second.language AS language,
    toString(first.verdict) AS first_verdict, toString(second.verdict) AS second_verdict,
    (second.item, second.edition) IN (SELECT item, edition FROM decisions FINAL WHERE round = 3 AND NOT withdrawn) AS settled
FROM
(
    SELECT item, edition, verdict FROM decisions FINAL
    WHERE round = 1 AND NOT withdrawn AND verdict != 'unsure'
        AND id NOT IN (SELECT replaces FROM decisions WHERE replaces != '' AND (withdrawn OR round = 1))
) AS first
INNER JOIN
(
    SELECT item, edition, verdict, at, region, agency, platform, language FROM decisions FINAL
    WHERE round = 2 AND NOT withdrawn
        AND id NOT IN (SELECT replaces FROM decisions WHERE replaces != '' AND (withdrawn OR round = 2))
) AS second
ON first.item = second.item AND first.edition = second.edition;

-- undecided_flags are the flagged posts without a last word on any edition of
-- their text: the queue as ClickHouse knows it, by region, agency and label. A post
-- that was edited after its decision is in the console's queue and not here.
CREATE VIEW IF NOT EXISTS undecided_flags {{.OnCluster}} AS
SELECT id, created_at AS at, flagged_at, toString(platform) AS platform, toString(region) AS region, extract(region, '^[^.]+') AS province,
    extract(region, '^[^.]+[.][^.]+') AS regency, extract(region, '^[^.]+[.][^.]+[.][^.]+') AS district,
    toString(agency) AS agency, toString(language) AS language, labels, contestants
FROM flagged_posts FINAL
WHERE notEmpty(labels) AND id NOT IN (SELECT item FROM decisions_final);
