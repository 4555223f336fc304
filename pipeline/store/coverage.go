package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Coverage says how well one source covers one account.
type Coverage struct {
	Platform  string
	AccountID string
	// Source is the name of the collector's source.
	Source string
	// LastSuccess is when the source last answered for the account, and LastPost
	// the created_at of the newest post that it gave; zero where there is none.
	LastSuccess, LastPost time.Time
	// Gaps is how many times since LastSuccess the source failed, so that posts
	// may have been missed.
	Gaps uint32
	// Problem is the kind of the last failure, Reason what was said of it, and
	// FailingSince when it began; empty and zero where the account is covered.
	Problem, Reason string
	FailingSince    time.Time
	// Handle is the account's handle where the platform shows another one than
	// the roster has.
	Handle string
	// Missing are periods in which posts may be missing, oldest first.
	Missing []MissingPeriod
	// UpdatedAt is when this was found; the newest of an account and source holds.
	UpdatedAt time.Time
}

// MissingPeriod is a period in which posts of an account may be missing, with the
// reason for people.
type MissingPeriod struct {
	From, Until time.Time
	Reason      string
}

type coverageRow struct {
	Platform     string    `ch:"platform"`
	AccountID    string    `ch:"account_id"`
	Source       string    `ch:"source"`
	LastSuccess  time.Time `ch:"last_success"`
	LastPost     time.Time `ch:"last_post"`
	Gaps         uint32    `ch:"gaps"`
	Problem      string    `ch:"problem"`
	Reason       string    `ch:"reason"`
	FailingSince time.Time `ch:"failing_since"`
	UpdatedAt    time.Time `ch:"updated_at"`

	Handle        string      `ch:"handle"`
	MissingFrom   []time.Time `ch:"missing_from"`
	MissingUntil  []time.Time `ch:"missing_until"`
	MissingReason []string    `ch:"missing_reason"`
}

// coverageColumns are the columns of account_coverage, as migrations 3 and 9
// make them.
var coverageColumns = []clickhouse.ColumnNameAndType{
	{Name: "platform", Type: "LowCardinality(String)"},
	{Name: "account_id", Type: "String"},
	{Name: "source", Type: "LowCardinality(String)"},
	{Name: "last_success", Type: "DateTime64(3, 'UTC')"},
	{Name: "last_post", Type: "DateTime64(3, 'UTC')"},
	{Name: "gaps", Type: "UInt32"},
	{Name: "problem", Type: "LowCardinality(String)"},
	{Name: "reason", Type: "String"},
	{Name: "failing_since", Type: "DateTime64(3, 'UTC')"},
	{Name: "updated_at", Type: "DateTime64(3, 'UTC')"},
	{Name: "handle", Type: "String"},
	{Name: "missing_from", Type: "Array(DateTime64(3, 'UTC'))"},
	{Name: "missing_until", Type: "Array(DateTime64(3, 'UTC'))"},
	{Name: "missing_reason", Type: "Array(String)"},
}

// SaveCoverage stores the state of accounts. Saving the same twice does no harm:
// the newest state of an account and source holds.
func (s *Store) SaveCoverage(ctx context.Context, states []Coverage) error {
	if len(states) == 0 {
		return nil
	}
	rows := make([]*coverageRow, len(states))
	for i, c := range states {
		if c.UpdatedAt.IsZero() {
			return fmt.Errorf("save coverage: account %s:%s of source %q has no UpdatedAt", c.Platform, c.AccountID, c.Source)
		}
		rows[i] = &coverageRow{
			Platform: c.Platform, AccountID: c.AccountID, Source: c.Source,
			LastSuccess: storedTime(c.LastSuccess), LastPost: storedTime(c.LastPost),
			Gaps: c.Gaps, Problem: c.Problem, Reason: c.Reason, FailingSince: storedTime(c.FailingSince), UpdatedAt: c.UpdatedAt.UTC(),
			Handle: c.Handle,
		}
		rows[i].setMissing(c.Missing)
	}
	token := fmt.Sprintf("%d/%d", time.Now().UnixNano(), len(rows))
	err := insertBlock(ctx, s, "account_coverage", token, coverageColumns, rows)
	return s.failed("coverage", "save coverage", err)
}

// Coverage lists the state of all accounts and sources.
func (s *Store) Coverage(ctx context.Context) ([]Coverage, error) {
	var rows []coverageRow
	err := s.read(ctx, "coverage", &rows,
		"SELECT "+columnList(coverageColumns)+" FROM account_coverage FINAL ORDER BY platform, account_id, source")
	if err != nil {
		return nil, err
	}
	states := make([]Coverage, len(rows))
	for i, r := range rows {
		states[i] = Coverage{
			Platform: r.Platform, AccountID: r.AccountID, Source: r.Source,
			LastSuccess: loadedTime(r.LastSuccess), LastPost: loadedTime(r.LastPost),
			Gaps: r.Gaps, Problem: r.Problem, Reason: r.Reason, FailingSince: loadedTime(r.FailingSince), UpdatedAt: r.UpdatedAt.UTC(),
			Handle: r.Handle, Missing: r.missing(),
		}
	}
	return states, nil
}

func (r *coverageRow) setMissing(periods []MissingPeriod) {
	for _, p := range periods {
		r.MissingFrom = append(r.MissingFrom, storedTime(p.From))
		r.MissingUntil = append(r.MissingUntil, storedTime(p.Until))
		r.MissingReason = append(r.MissingReason, p.Reason)
	}
}

func (r *coverageRow) missing() []MissingPeriod {
	var periods []MissingPeriod
	for i := range min(len(r.MissingFrom), len(r.MissingUntil), len(r.MissingReason)) {
		periods = append(periods, MissingPeriod{
			From: loadedTime(r.MissingFrom[i]), Until: loadedTime(r.MissingUntil[i]), Reason: r.MissingReason[i],
		})
	}
	return periods
}
