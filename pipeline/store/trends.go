package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// TrendQuery asks how many posts were flagged over time, by what and of how many.
type TrendQuery struct {
	// Filter chooses the flagged posts. What it says of label and contestant does
	// not limit the posts of which they are a part.
	Filter FlagFilter
	// By is one of TrendKinds; empty counts all together.
	By string
	// Step is one of TrendSteps: how long a piece of time is.
	Step string
	// Zone is the zone in which days begin, such as Asia/Jakarta.
	Zone string
	// Values keeps only these values of By, where it is not nil.
	Values []string
}

// Trend is a count of one value in one piece of time.
type Trend struct {
	// At is when the piece of time begins.
	At    time.Time
	Value string
	// Flagged posts, and Posts of the same time, of which they are a part: of the
	// same region, platform or language; for a label or a contestant, of all.
	Flagged, Posts uint64
}

// trendKind is how one kind of value is found in the two views.
type trendKind struct{ flags, posts string }

var trendKinds = map[string]trendKind{
	"":           {"''", "''"},
	"label":      {"label", "''"},
	"contestant": {"contestant", "''"},
	"province":   {"province", "province"},
	"region":     {"toString(region)", "toString(region)"},
	"platform":   {"toString(platform)", "toString(platform)"},
	"language":   {"toString(language)", "toString(language)"},
}

// trendSteps are the beginnings of the pieces of time, in seconds since 1970.
var trendSteps = map[string]string{
	"hour":  "toInt64(toUnixTimestamp(toStartOfHour(at, {zone:String})))",
	"day":   "toInt64(toUnixTimestamp(toStartOfDay(at, {zone:String})))",
	"week":  "toInt64(toUnixTimestamp(toDateTime(toMonday(at, {zone:String}), {zone:String})))",
	"month": "toInt64(toUnixTimestamp(toDateTime(toStartOfMonth(at, {zone:String}), {zone:String})))",
	"all":   "toInt64(0)",
}

// TrendKinds lists what Trends can be counted by.
func TrendKinds() []string { return slices.Sorted(maps.Keys(trendKinds)) }

// TrendSteps lists the pieces of time; "all" is the whole time as one.
func TrendSteps() []string { return slices.Sorted(maps.Keys(trendSteps)) }

// mostTrends bounds an answer.
const mostTrends = 500_000

// trendMatching is the condition on trend_posts, and with trendMeaning the one on
// trend_flags. An hour of the counts is within the time when it begins there.
const (
	trendMatching = `
	at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
	AND ({region:String} = '' OR region = {region:String} OR startsWith(region, concat({region:String}, '.')))
	AND ({within:String} = '' OR arrayExists(own -> region = own OR startsWith(region, concat(own, '.')), splitByChar(' ', {within:String})))
	AND ({agency:String} = '' OR agency = {agency:String})
	AND ({platform:String} = '' OR platform = {platform:String})
	AND ({language:String} = '' OR language = {language:String})`
	trendMeaning = `
	AND ({label:String} = '' OR label = {label:String})
	AND ({contestant:String} = '' OR contestant = {contestant:String})`
)

type trendRow struct {
	At    int64  `ch:"bucket"`
	Value string `ch:"value"`
	Posts uint64 `ch:"posts"`
}

// Trends counts by the views trend_flags and trend_posts, in order of time and
// value. A value stands only at the times at which it has posts; of a label or
// contestant the posts of a time stand beside each value that it was flagged
// with, and with the value "" beside none.
func (s *Store) Trends(ctx context.Context, q TrendQuery) ([]Trend, error) {
	kind, known := trendKinds[q.By]
	step, stepKnown := trendSteps[q.Step]
	if !known || !stepKnown {
		return nil, fmt.Errorf("count trends by %q a %q; allowed: by %q, a %q", q.By, q.Step, TrendKinds(), TrendSteps())
	}
	only := ""
	if q.Values != nil {
		only = " AND has({values:Array(String)}, value)"
	} else {
		q.Values = []string{}
	}
	parameters := append(q.Filter.parameters(), clickhouse.Named("zone", q.Zone), clickhouse.Named("values", q.Values))
	var flags, posts []trendRow
	err := s.read(ctx, "trend_flags", &flags, "SELECT "+step+" AS bucket, "+kind.flags+" AS value, uniqExact(id) AS posts FROM trend_flags WHERE"+
		trendMatching+trendMeaning+only+fmt.Sprintf(" GROUP BY bucket, value ORDER BY bucket, value LIMIT %d", mostTrends), parameters...)
	if err != nil {
		return nil, err
	}
	if q.By == "" || q.By == "label" || q.By == "contestant" {
		only = "" // the posts have no such value
	}
	err = s.read(ctx, "trend_posts", &posts, "SELECT "+step+" AS bucket, "+kind.posts+" AS value, sum(posts) AS posts FROM trend_posts WHERE"+
		trendMatching+only+fmt.Sprintf(" GROUP BY bucket, value ORDER BY bucket, value LIMIT %d", mostTrends), parameters...)
	if err != nil {
		return nil, err
	}
	return joinTrends(flags, posts, q.By == "label" || q.By == "contestant"), nil
}

// joinTrends puts the posts beside the flags. Where the posts have no value, all
// flags of a time have the same posts.
func joinTrends(flags, posts []trendRow, ofAll bool) []Trend {
	type key struct {
		at    int64
		value string
	}
	all := map[key]Trend{}
	for _, row := range posts {
		all[key{row.At, row.Value}] = Trend{At: time.Unix(row.At, 0).UTC(), Value: row.Value, Posts: row.Posts}
	}
	for _, row := range flags {
		at := key{row.At, row.Value}
		t, ok := all[at]
		if !ok {
			t = Trend{At: time.Unix(row.At, 0).UTC(), Value: row.Value}
			if ofAll {
				t.Posts = all[key{row.At, ""}].Posts
			}
		}
		t.Flagged = row.Posts
		all[at] = t
	}
	trends := slices.Collect(maps.Values(all))
	slices.SortFunc(trends, func(a, b Trend) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Value, b.Value))
	})
	return trends
}
