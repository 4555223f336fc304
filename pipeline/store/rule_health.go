package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// The kinds of a RuleHit and of a RuleDecision: what its Source names.
const (
	// HitFlag is any flagged post, HitRule a rule, model or claim, HitList a list.
	HitFlag = "flag"
	HitRule = "rule"
	HitList = "list"
)

// OutsidePeriod is the place of what happened outside of the period that was
// asked for.
const OutsidePeriod = -1

// RuleHit is how many flagged posts a rule or list found in one day.
type RuleHit struct {
	Kind   string `ch:"kind"`
	Source string `ch:"source"`
	// Day counts back from the end of the period: 0 is its last 24 hours.
	Day  int32     `ch:"day"`
	Hits uint64    `ch:"hits"`
	Last time.Time `ch:"last"`
}

// PostDay is how many posts, flagged or not, were made in one day.
type PostDay struct {
	Day   int32  `ch:"day"`
	Posts uint64 `ch:"posts"`
}

// RuleDecision is how many last words of analysts there are on posts that a rule
// or list found.
type RuleDecision struct {
	Kind   string `ch:"kind"`
	Source string `ch:"source"`
	// Label is the label that they are about; empty for all of the post's.
	Label     string `ch:"label"`
	Confirmed bool   `ch:"correct"`
	// Day counts back from the end of the period, by when the decision was made.
	Day int32 `ch:"day"`
	// FlaggedHour is the hour in which the posts were flagged.
	FlaggedHour time.Time `ch:"flagged_hour"`
	Decisions   uint64    `ch:"decisions"`
}

// RuleHits counts flagged posts that are not withdrawn by what found them, and by
// days of 24 hours before until; those outside of the days have OutsidePeriod.
// Posts go by their own time.
func (s *Store) RuleHits(ctx context.Context, until time.Time, days int) ([]RuleHit, error) {
	var rows []RuleHit
	err := s.read(ctx, "rule_hits", &rows, `
		SELECT kind, source,
			if(toUnixTimestamp64Second(created_at) < {until:Int64} AND toUnixTimestamp64Second(created_at) >= {until:Int64} - 86400 * {days:Int64},
				toInt32(intDiv({until:Int64} - 1 - toUnixTimestamp64Second(created_at), 86400)), toInt32(-1)) AS day,
			count() AS hits, max(created_at) AS last
		FROM rule_hits GROUP BY kind, source, day ORDER BY kind, source, day`,
		clickhouse.Named("until", until.Unix()), clickhouse.Named("days", int64(days)))
	return rows, err
}

// PostDays counts all posts by days of 24 hours before until, a full hour.
func (s *Store) PostDays(ctx context.Context, until time.Time, days int) ([]PostDay, error) {
	var rows []PostDay
	err := s.read(ctx, "post_days", &rows, `
		SELECT toInt32(intDiv({until:Int64} - 1 - toInt64(toUnixTimestamp(hour)), 86400)) AS day, sum(posts) AS posts
		FROM hourly_counts
		WHERE toInt64(toUnixTimestamp(hour)) < {until:Int64} AND toInt64(toUnixTimestamp(hour)) >= {until:Int64} - 86400 * {days:Int64}
		GROUP BY day ORDER BY day`,
		clickhouse.Named("until", until.Unix()), clickhouse.Named("days", int64(days)))
	return rows, err
}

// RuleDecisions counts the last words on posts by what found them, by days of 24
// hours before until.
func (s *Store) RuleDecisions(ctx context.Context, until time.Time, days int) ([]RuleDecision, error) {
	var rows []RuleDecision
	err := s.read(ctx, "rule_decisions", &rows, `
		SELECT kind, source, label, correct,
			if(toUnixTimestamp64Second(at) < {until:Int64} AND toUnixTimestamp64Second(at) >= {until:Int64} - 86400 * {days:Int64},
				toInt32(intDiv({until:Int64} - 1 - toUnixTimestamp64Second(at), 86400)), toInt32(-1)) AS day,
			toStartOfHour(flagged_at) AS flagged_hour, count() AS decisions
		FROM rule_decisions GROUP BY kind, source, label, correct, day, flagged_hour
		ORDER BY kind, source, label, correct, day, flagged_hour`,
		clickhouse.Named("until", until.Unix()), clickhouse.Named("days", int64(days)))
	return rows, err
}
