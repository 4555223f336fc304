package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/netra-id/netra/pipeline/post"
)

// decisionColumns are the columns of decisions, as migration 5 makes them.
var decisionColumns = []clickhouse.ColumnNameAndType{
	{Name: "id", Type: "String"},
	{Name: "item", Type: "String"},
	{Name: "edition", Type: "UInt32"},
	{Name: "account", Type: "String"},
	{Name: "person_id", Type: "String"},
	{Name: "labels", Type: "Array(LowCardinality(String))"},
	{Name: "contestants", Type: "Array(LowCardinality(String))"},
	{Name: "rules", Type: "Array(LowCardinality(String))"},
	{Name: "region", Type: "LowCardinality(String)"},
	{Name: "agency", Type: "LowCardinality(String)"},
	{Name: "platform", Type: "LowCardinality(String)"},
	{Name: "language", Type: "LowCardinality(String)"},
	{Name: "verdict", Type: "LowCardinality(String)"},
	{Name: "label", Type: "LowCardinality(String)"},
	{Name: "rule", Type: "LowCardinality(String)"},
	{Name: "cause", Type: "LowCardinality(String)"},
	{Name: "by", Type: "LowCardinality(String)"},
	{Name: "at", Type: "DateTime64(3, 'UTC')"},
	{Name: "round", Type: "UInt8"},
	{Name: "replaces", Type: "String"},
	{Name: "withdrawn", Type: "Bool"},
	{Name: "lists_version", Type: "LowCardinality(String)"},
	{Name: "created_at", Type: "DateTime64(3, 'UTC')"},
	{Name: "flagged_at", Type: "DateTime64(3, 'UTC')"},
	{Name: "opened_at", Type: "DateTime64(3, 'UTC')"},
}

// InsertDecisions stores decisions and returns when ClickHouse has them for
// good. Rows whose token was stored before are not stored again.
func (s *Store) InsertDecisions(ctx context.Context, token string, rows []DecisionRow) error {
	if token == "" {
		return errors.New("insert decisions: the batch has no token")
	}
	stored := make([]*DecisionRow, len(rows))
	for i := range rows {
		row := rows[i]
		for _, at := range []*time.Time{&row.At, &row.CreatedAt, &row.FlaggedAt, &row.OpenedAt} {
			*at = storedTime(*at)
		}
		stored[i] = &row
	}
	return s.failed("insert_decisions", "insert decisions "+token, insertBlock(ctx, s, "decisions", token, decisionColumns, stored))
}

// DecisionsOn returns the stored decisions on an item, oldest first.
func (s *Store) DecisionsOn(ctx context.Context, item string) ([]DecisionRow, error) {
	var rows []DecisionRow
	err := s.read(ctx, "decisions_on", &rows, "SELECT "+columnList(decisionColumns)+`
		FROM decisions FINAL WHERE item = {item:String} ORDER BY at, round, id`, clickhouse.Named("item", item))
	for i := range rows {
		for _, at := range []*time.Time{&rows[i].At, &rows[i].CreatedAt, &rows[i].FlaggedAt, &rows[i].OpenedAt} {
			*at = loadedTime(*at)
		}
	}
	return rows, err
}

// InsertedSince returns up to limit flagged posts behind a cursor, in the order
// in which they were inserted. A post that was inserted twice may be there
// twice.
func (s *Store) InsertedSince(ctx context.Context, after InsertCursor, limit int) ([]InsertCursor, error) {
	if limit < 1 {
		return nil, fmt.Errorf("query inserted flags: limit %d; allowed: 1 or more", limit)
	}
	at := int64(0)
	if !after.InsertedAt.IsZero() {
		at = after.InsertedAt.UnixMilli()
	}
	var rows []InsertCursor
	err := s.read(ctx, "inserted_since", &rows, `
		SELECT inserted_at, id FROM flagged_posts
		WHERE inserted_at >= fromUnixTimestamp64Milli({at:Int64}, 'UTC')
			AND (inserted_at > fromUnixTimestamp64Milli({at:Int64}, 'UTC') OR id > {id:String})
		ORDER BY inserted_at, id
		LIMIT {limit:UInt32}`,
		clickhouse.Named("at", at), clickhouse.Named("id", after.ID), clickhouse.Named("limit", uint32(limit)))
	for i := range rows {
		rows[i].InsertedAt = rows[i].InsertedAt.UTC()
	}
	return rows, err
}

// FlagsByID returns the present versions of flagged posts. What is not there is
// left out.
func (s *Store) FlagsByID(ctx context.Context, ids []string) ([]post.Flag, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []flagRow
	err := s.read(ctx, "flags_by_id", &rows, "SELECT "+columnList(flagColumns)+`
		FROM flagged_posts WHERE id IN {ids:Array(String)} ORDER BY `+newest+` LIMIT 1 BY id SETTINGS max_threads = 1`, clickhouse.Named("ids", ids))
	if err != nil {
		return nil, err
	}
	return flagsOf(rows)
}
