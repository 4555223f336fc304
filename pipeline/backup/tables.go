package backup

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/store"
)

// decisionsTable is copied after the console's database, all others before it;
// see the package's comment.
const decisionsTable = "decisions"

// markers are the tables whose rows say that rows of others are complete. They
// are read before those others, as they are written after them.
var markers = []string{"list_publications", "list_shadows", "list_versions", "list_files", "roster_imports", "roster_accounts"}

// tablesOf lists the tables that hold rows, in the order in which they are read.
func tablesOf(ctx context.Context, s *store.Store) ([]Table, error) {
	var tables []Table
	err := rowsOf(ctx, s, `SELECT name, engine, create_table_query AS create FROM system.tables
		WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'netra_migrations' ORDER BY name`,
		func(row []byte) error {
			var table Table
			if err := json.Unmarshal(row, &table); err != nil {
				return err
			}
			table.File = "clickhouse/" + table.Name + ".native.zst"
			tables = append(tables, table)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	columns := map[string][]string{}
	err = rowsOf(ctx, s, `SELECT table, name FROM system.columns
		WHERE database = currentDatabase() AND default_kind NOT IN ('ALIAS', 'MATERIALIZED', 'EPHEMERAL') ORDER BY table, position`,
		func(row []byte) error {
			var column struct{ Table, Name string }
			err := json.Unmarshal(row, &column)
			columns[column.Table] = append(columns[column.Table], column.Name)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("list the columns: %w", err)
	}
	for i := range tables {
		tables[i].Columns = columns[tables[i].Name]
	}
	slices.SortStableFunc(tables, func(a, b Table) int { return turn(a.Name) - turn(b.Name) })
	return tables, nil
}

func turn(table string) int {
	if i := slices.Index(markers, table); i >= 0 {
		return i
	}
	return len(markers)
}

func rowsOf(ctx context.Context, s *store.Store, query string, each func([]byte) error) error {
	answer, err := s.Raw(ctx, query+" FORMAT JSONEachRow", nil, nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	lines := bufio.NewScanner(answer)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		if err := each(lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	return strings.Join(quoted, ", ")
}

// open begins to read a table: it returns when the rows are chosen.
func open(ctx context.Context, s *store.Store, table Table) (io.ReadCloser, error) {
	rows, err := s.Raw(ctx, "SELECT "+quoteAll(table.Columns)+" FROM "+quote(table.Name)+" FORMAT Native", nil,
		map[string]string{"max_threads": "1", "max_block_size": "16384", "max_execution_time": "0"})
	if err != nil {
		return nil, fmt.Errorf("read table %s: %w", table.Name, err)
	}
	return rows, nil
}

// moment reads tables as they are in one moment between two batches of the
// workers, and returns how far those had come in it.
func (t *taking) moment(ctx context.Context, tables []Table) (map[int]queue.Position, error) {
	const tries = 5
	var moved error
	for range tries {
		positions, streams, err := t.tryMoment(ctx, tables)
		if err == nil {
			return positions, t.drain(ctx, tables, streams)
		}
		if !errors.Is(err, errMoved) {
			return nil, err
		}
		moved = err
	}
	return nil, fmt.Errorf("the workers were asked %d times to rest for a moment: %w: allowed: workers of this version, all of them alive, or none", tries, moved)
}

var errMoved = errors.New("the workers went on, or one of them died in the middle of a batch")

// restAsked is how long the workers are asked to rest for at most; in most cases
// it takes a second or two.
const restAsked = time.Minute

func (t *taking) tryMoment(ctx context.Context, tables []Table) (_ map[int]queue.Position, streams []io.ReadCloser, err error) {
	defer func() {
		if err != nil {
			for _, stream := range streams {
				_ = stream.Close() // it is not used
			}
			streams = nil
		}
	}()
	if err := t.from.Queue.AskForRest(ctx, restAsked); err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, t.from.Queue.Release(context.WithoutCancel(ctx))) }()
	before, err := t.atRest(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, table := range tables {
		stream, err := open(ctx, t.from.Store, table)
		if err != nil {
			return nil, streams, err
		}
		streams = append(streams, stream)
	}
	after, err := t.from.Queue.Standings(ctx)
	if err != nil {
		return nil, streams, err
	}
	if !same(before, after) {
		return nil, streams, errMoved
	}
	return positionsOf(before), streams, nil
}

func positionsOf(standings map[int]queue.Standing) map[int]queue.Position {
	positions := map[int]queue.Position{}
	for partition, standing := range standings {
		if standing.Committed >= 0 {
			positions[partition] = queue.Position{Offset: standing.Committed}
		}
	}
	return positions
}

// atRest waits until no batch is under way.
func (t *taking) atRest(ctx context.Context) (map[int]queue.Standing, error) {
	ctx, cancel := context.WithTimeout(ctx, restAsked/2)
	defer cancel()
	for {
		standings, err := t.from.Queue.Standings(ctx)
		if err == nil && !underWay(standings) {
			return standings, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(errMoved, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func underWay(standings map[int]queue.Standing) bool {
	for _, s := range standings {
		if s.Planned {
			return true
		}
	}
	return false
}

// same says whether nothing was handled between two looks.
func same(before, after map[int]queue.Standing) bool {
	if underWay(after) || len(before) != len(after) {
		return false
	}
	for partition, s := range before {
		if after[partition].Committed != s.Committed {
			return false
		}
	}
	return true
}

// drain copies all streams at the same time: none must wait for long.
func (t *taking) drain(ctx context.Context, tables []Table, streams []io.ReadCloser) error {
	group, _ := errgroup.WithContext(ctx)
	for i, stream := range streams {
		group.Go(func() error {
			defer func() { _ = stream.Close() }() // read to its end
			if err := t.to.putCompressed(tables[i].File, stream); err != nil {
				return fmt.Errorf("copy table %s: %w", tables[i].Name, err)
			}
			return nil
		})
	}
	return group.Wait()
}
