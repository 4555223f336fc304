package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/netra-id/netra/pipeline/coordinated/sketch"
)

// sketchColumns are the columns of text_sketches that the worker gives, as
// migration 16 makes them.
var sketchColumns = []clickhouse.ColumnNameAndType{
	{Name: "created_at", Type: "DateTime('UTC')"},
	{Name: "expires", Type: "DateTime('UTC')"},
	{Name: "key_id", Type: "UInt16"},
	{Name: "post", Type: "UInt64"},
	{Name: "account", Type: "UInt64"},
	{Name: "platform", Type: "LowCardinality(String)"},
	{Name: "region", Type: "LowCardinality(String)"},
	{Name: "agency", Type: "LowCardinality(String)"},
	{Name: "shared", Type: "UInt8"},
	{Name: "harmless", Type: "UInt8"},
	{Name: "exact", Type: "UInt64"},
	{Name: "turns", Type: "UInt32"},
	{Name: "signature", Type: "FixedString(64)"},
	{Name: "band0", Type: "UInt32"},
	{Name: "band1", Type: "UInt32"},
	{Name: "band2", Type: "UInt32"},
	{Name: "band3", Type: "UInt32"},
	{Name: "band4", Type: "UInt32"},
	{Name: "band5", Type: "UInt32"},
	{Name: "band6", Type: "UInt32"},
	{Name: "band7", Type: "UInt32"},
	{Name: "band8", Type: "UInt32"},
	{Name: "band9", Type: "UInt32"},
}

// allBands are the bands of a row as an array.
const allBands = "[band0, band1, band2, band3, band4, band5, band6, band7, band8, band9]"

// insertSketches stores the sketches of a batch as one block. There is one of
// nearly every post, so they go column by column, not row by row.
func (s *Store) insertSketches(ctx context.Context, token string, sketches []sketch.Sketch) error {
	if len(sketches) == 0 {
		return nil
	}
	const table = "text_sketches"
	start := time.Now()
	ctx = clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(sketchColumns), clickhouse.WithSettings(s.insertSettings(token+"/"+table)))
	block, err := s.connection.PrepareBatch(ctx, "INSERT INTO "+table+" ("+columnList(sketchColumns)+")")
	if err != nil {
		return fmt.Errorf("prepare a block of %s: %w", table, err)
	}
	defer block.Close()
	for i, column := range columnsOf(sketches) {
		if err := block.Column(i).Append(column); err != nil {
			return &RefusedError{Table: table, Row: -1, Cause: err}
		}
	}
	if err := block.Send(); err != nil {
		if row, refused := refusedRow(err); refused {
			return &RefusedError{Table: table, Row: row, Cause: err}
		}
		return fmt.Errorf("send a block of %d rows to %s: %w", len(sketches), table, err)
	}
	s.metrics.insertSeconds.WithLabelValues(table).Observe(time.Since(start).Seconds())
	s.metrics.rows.WithLabelValues(table).Add(float64(len(sketches)))
	return nil
}

// columnsOf turns rows into columns, in the order of sketchColumns.
func columnsOf(sketches []sketch.Sketch) []any {
	n := len(sketches)
	created, expires := make([]time.Time, n), make([]time.Time, n)
	keys, turns := make([]uint16, n), make([]uint32, n)
	posts, accounts, exact := make([]uint64, n), make([]uint64, n), make([]uint64, n)
	platforms, regions, agencies, signatures := make([]string, n), make([]string, n), make([]string, n), make([][]byte, n)
	shared, harmless := make([]uint8, n), make([]uint8, n)
	var bands [sketch.Bands][]uint32
	for b := range bands {
		bands[b] = make([]uint32, n)
	}
	for i := range sketches {
		r := &sketches[i]
		created[i], expires[i] = within32(r.CreatedAt), within32(r.Expires)
		keys[i], turns[i], posts[i], accounts[i], exact[i] = r.KeyID, r.Turns, r.Post, r.Account, r.Exact
		platforms[i], regions[i], agencies[i], signatures[i] = r.Platform, r.Region, r.Agency, r.Signature[:]
		harmless[i], shared[i] = uint8(r.Harmless), boolean(r.Shared)
		for b, band := range r.Bands {
			bands[b][i] = band
		}
	}
	columns := []any{created, expires, keys, posts, accounts, platforms, regions, agencies, shared, harmless, exact, turns, signatures}
	for _, band := range bands {
		columns = append(columns, band)
	}
	return columns
}

// within32 is the time, or the nearest that DateTime holds.
func within32(t time.Time) time.Time {
	return time.Unix(min(max(t.Unix(), 0), math.MaxUint32), 0).UTC()
}
