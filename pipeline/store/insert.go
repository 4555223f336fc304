package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/coordinated/sketch"
	"github.com/netra-id/netra/pipeline/post"
)

// Batch is what the records from one offset to another of one partition come
// to. Token names these records ("topic/partition/first-last").
type Batch struct {
	Token  string
	Flags  []post.Flag
	Counts []post.HourlyCount
	// ShadowCounts and ShadowSamples are what a draft in shadow would flag.
	ShadowCounts  []ShadowCount
	ShadowSamples []ShadowSample
	// Sketches are what copies are found by, of all posts.
	Sketches []sketch.Sketch
	// Edits are the places of later contents of posts, flagged or not.
	Edits []Edit
}

// countRow is a row of hourly_counts.
type countRow struct {
	Hour     time.Time `ch:"hour"`
	Platform string    `ch:"platform"`
	Region   string    `ch:"region"`
	Agency   string    `ch:"agency"`
	Language string    `ch:"language"`
	Posts    uint64    `ch:"posts"`
}

// countColumns are the columns of hourly_counts, as migration 2 makes them.
var countColumns = []clickhouse.ColumnNameAndType{
	{Name: "hour", Type: "DateTime('UTC')"},
	{Name: "platform", Type: "LowCardinality(String)"},
	{Name: "region", Type: "LowCardinality(String)"},
	{Name: "agency", Type: "LowCardinality(String)"},
	{Name: "language", Type: "LowCardinality(String)"},
	{Name: "posts", Type: "UInt64"},
}

// Insert stores a batch and returns when ClickHouse has it for good. A batch
// whose token was stored before is not stored again, so that after any error
// but ErrRefused the same call can be made again. The flags go first, then the
// counts: whoever sees a count sees its flags.
func (s *Store) Insert(ctx context.Context, batch Batch) error {
	if batch.Token == "" {
		return errors.New("insert a batch: it has no token")
	}
	doing := fmt.Sprintf("insert batch %s", batch.Token)
	flags, err := flagRows(batch.Flags)
	if err != nil {
		return s.failed("insert", doing, err)
	}
	counts, err := countRows(batch.Counts)
	if err != nil {
		return s.failed("insert", doing, err)
	}
	if err := insertBlock(ctx, s, "flagged_posts", batch.Token, flagColumns, flags); err != nil {
		return s.failed("insert", doing, withID(err, flags))
	}
	var rest errgroup.Group // no order among these
	rest.Go(func() error {
		if err := s.insertEdits(ctx, batch.Token, batch.Edits); err != nil {
			return err
		}
		return s.insertSketches(ctx, batch.Token, batch.Sketches)
	})
	rest.Go(func() error {
		if err := insertBlock(ctx, s, "hourly_counts", batch.Token, countColumns, counts); err != nil {
			return err
		}
		return s.insertShadow(ctx, &batch)
	})
	return s.failed("insert", doing, rest.Wait())
}

func flagRows(flags []post.Flag) ([]*flagRow, error) {
	rows := make([]*flagRow, len(flags))
	for i := range flags {
		row, err := newFlagRow(&flags[i])
		if err != nil {
			return nil, &RefusedError{Table: "flagged_posts", Row: i, ID: flags[i].Post.ID, Cause: err}
		}
		rows[i] = row
	}
	return rows, nil
}

func countRows(counts []post.HourlyCount) ([]*countRow, error) {
	rows := make([]*countRow, len(counts))
	for i := range counts {
		c := &counts[i]
		hour := c.Hour.UTC().Truncate(time.Hour)
		if second := hour.Unix(); second < 0 || second > math.MaxUint32 {
			return nil, &RefusedError{
				Table: "hourly_counts", Row: i,
				Cause: fmt.Errorf("hour is %s; allowed: 1970 to 2106", hour.Format(time.RFC3339)),
			}
		}
		rows[i] = &countRow{Hour: hour, Platform: c.Platform, Region: c.Region, Agency: c.Agency, Language: c.Language, Posts: c.Posts}
	}
	return rows, nil
}

// insertBlock inserts rows as one block, under a token of its own for every
// table.
func insertBlock[Row any](ctx context.Context, s *Store, table, token string, columns []clickhouse.ColumnNameAndType, rows []*Row) error {
	if len(rows) == 0 {
		return nil
	}
	start := time.Now()
	ctx = clickhouse.Context(ctx,
		clickhouse.WithColumnNamesAndTypes(columns),
		clickhouse.WithSettings(s.insertSettings(token+"/"+table)))
	block, err := s.connection.PrepareBatch(ctx, "INSERT INTO "+table+" ("+columnList(columns)+")")
	if err != nil {
		return fmt.Errorf("prepare a block of %s: %w", table, err)
	}
	defer block.Close()
	for i, row := range rows {
		if err := block.AppendStruct(row); err != nil {
			return &RefusedError{Table: table, Row: i, Cause: err}
		}
	}
	if err := block.Send(); err != nil {
		if row, refused := refusedRow(err); refused {
			return &RefusedError{Table: table, Row: row, Cause: err}
		}
		return fmt.Errorf("send a block of %d rows to %s: %w", len(rows), table, err)
	}
	s.metrics.insertSeconds.WithLabelValues(table).Observe(time.Since(start).Seconds())
	s.metrics.rows.WithLabelValues(table).Add(float64(len(rows)))
	return nil
}

// blockSettings keep the server from cutting a block in two or from laying two
// blocks together: its token must stand for the same rows every time.
var blockSettings = clickhouse.Settings{
	"async_insert":       0,
	"insert_deduplicate": 1,
	"deduplicate_blocks_in_dependent_materialized_views": 1,
	"max_insert_block_size":                              maxBlockRows,
	"min_insert_block_size_rows":                         maxBlockRows,
	"min_insert_block_size_bytes":                        maxBlockBytes,
	"max_partitions_per_insert_block":                    0,
}

// No batch comes near these bounds: a worker's holds some thousand posts.
const (
	maxBlockRows  = 100_000_000
	maxBlockBytes = 16 << 30
)

func (s *Store) insertSettings(token string) clickhouse.Settings {
	settings := maps.Clone(blockSettings)
	settings["insert_deduplication_token"] = token
	if s.configuration.Replicated && s.configuration.InsertQuorum != "" {
		settings["insert_quorum"] = s.configuration.InsertQuorum
	}
	if s.configuration.Distributed {
		settings["distributed_foreground_insert"] = 1
	}
	return settings
}

// withID adds the post's id to a refusal that names a row.
func withID(err error, rows []*flagRow) error {
	var refused *RefusedError
	if errors.As(err, &refused) && refused.Row >= 0 && refused.Row < len(rows) {
		refused.ID = rows[refused.Row].ID
	}
	return err
}
