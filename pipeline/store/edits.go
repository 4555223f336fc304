package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/netra-id/netra/pipeline/post"
)

// Edit is the place of a record that is a later content of a post.
type Edit struct {
	ID        string
	Topic     string
	Partition int
	Offset    int64
	// InsertedAt is when ClickHouse got it; an insert leaves it out.
	InsertedAt time.Time
}

// editRow is a row of edited_posts without what ClickHouse fills in.
type editRow struct {
	ID        string `ch:"id"`
	Topic     string `ch:"topic"`
	Partition uint32 `ch:"partition"`
	Offset    int64  `ch:"offset"`
}

// editColumns are the columns of edited_posts that are inserted, as migration 17
// makes them.
var editColumns = []clickhouse.ColumnNameAndType{
	{Name: "id", Type: "String"}, {Name: "topic", Type: "LowCardinality(String)"}, {Name: "partition", Type: "UInt32"}, {Name: "offset", Type: "Int64"},
}

func (s *Store) insertEdits(ctx context.Context, token string, edits []Edit) error {
	rows := make([]*editRow, len(edits))
	for i, e := range edits {
		if e.Partition < 0 || e.Partition > math.MaxInt32 {
			return &RefusedError{Table: "edited_posts", Row: i, ID: e.ID, Cause: fmt.Errorf("partition is %d; allowed: 0 or more", e.Partition)}
		}
		rows[i] = &editRow{ID: e.ID, Topic: e.Topic, Partition: uint32(e.Partition), Offset: e.Offset}
	}
	return insertBlock(ctx, s, "edited_posts", token, editColumns, rows)
}

// EditedSince returns up to limit edits that were inserted after a time, or at it
// behind the post with the id and the offset, in their order.
func (s *Store) EditedSince(ctx context.Context, after Edit, limit int) ([]Edit, error) {
	at := int64(0)
	if !after.InsertedAt.IsZero() {
		at = after.InsertedAt.UnixMilli()
	}
	var rows []struct {
		editRow
		InsertedAt time.Time `ch:"inserted_at"`
	}
	err := s.read(ctx, "edited_since", &rows, `
		SELECT id, topic, partition, offset, inserted_at FROM edited_posts
		WHERE inserted_at >= fromUnixTimestamp64Milli({at:Int64}, 'UTC')
			AND (inserted_at > fromUnixTimestamp64Milli({at:Int64}, 'UTC') OR (id, offset) > ({id:String}, {offset:Int64}))
		ORDER BY inserted_at, id, offset
		LIMIT {limit:UInt32}`,
		clickhouse.Named("at", at), clickhouse.Named("id", after.ID), clickhouse.Named("offset", after.Offset), clickhouse.Named("limit", uint32(max(limit, 1)))) //nolint:gosec // a few thousand
	edits := make([]Edit, len(rows))
	for i, r := range rows {
		edits[i] = Edit{ID: r.ID, Topic: r.Topic, Partition: int(r.Partition), Offset: r.Offset, InsertedAt: r.InsertedAt.UTC()}
	}
	return edits, err
}

// FlagVersions returns the versions of flagged posts that were inserted at these
// places, as far as they are still there: ClickHouse drops older ones by and by.
func (s *Store) FlagVersions(ctx context.Context, places []InsertCursor) ([]post.Flag, error) {
	if len(places) == 0 {
		return nil, nil
	}
	ids, times := make([]string, len(places)), make([]int64, len(places))
	for i, place := range places {
		ids[i], times[i] = place.ID, place.InsertedAt.UnixMilli()
	}
	var rows []flagRow
	err := s.read(ctx, "flag_versions", &rows, "SELECT "+columnList(flagColumns)+`
		FROM flagged_posts WHERE id IN {ids:Array(String)} AND toUnixTimestamp64Milli(inserted_at) IN {times:Array(Int64)}
		ORDER BY id, version, kafka_offset`, clickhouse.Named("ids", ids), clickhouse.Named("times", times))
	if err != nil {
		return nil, err
	}
	return flagsOf(rows)
}
