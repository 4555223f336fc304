package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// Refill makes the tables of this version, which must be empty, and fills them.
// The backup may be of an older version and of another layout (one machine,
// replicas, a cluster), not of a newer version.
func (m *Manifest) Refill(ctx context.Context, dir string, s *store.Store, tell func(string, ...any)) error {
	if m.Tables.Destination != "" {
		return fmt.Errorf("the tables are where the ClickHouse server has written them: restore them there with: RESTORE DATABASE `%s` FROM %s",
			m.Tables.Database, m.Tables.Destination)
	}
	if newest, err := newestMigration(ctx, s); err != nil {
		return err
	} else if m.Tables.Migration > newest {
		return fmt.Errorf("the backup is of Netra %s with migration %d of ClickHouse; this version knows up to %d: allowed: that version or a newer one",
			m.Netra, m.Tables.Migration, newest)
	}
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	there, err := tablesOf(ctx, s)
	if err != nil {
		return err
	}
	for _, table := range there {
		if rows, err := rowsIn(ctx, s, table.Name); err != nil {
			return err
		} else if rows > 0 {
			return fmt.Errorf("%w: table %s in ClickHouse's database %s has %d rows", ErrNotEmpty, table.Name, s.Configuration().Database, rows)
		}
	}
	for _, table := range m.Tables.Tables {
		if err := m.refill(ctx, dir, s, table, there); err != nil {
			return fmt.Errorf("restore table %s: %w", table.Name, err)
		}
		rows, err := rowsIn(ctx, s, table.Name)
		if err != nil {
			return err
		}
		tell("table %-20s %d rows", table.Name, rows)
	}
	return nil
}

func newestMigration(ctx context.Context, s *store.Store) (int64, error) {
	newest := int64(0)
	migrations, err := s.MigrationStatus(ctx)
	for _, m := range migrations {
		newest = max(newest, m.Version)
	}
	return newest, err
}

func (m *Manifest) refill(ctx context.Context, dir string, s *store.Store, table Table, there []Table) error {
	known := false
	for _, t := range there {
		known = known || t.Name == table.Name || t.Name == table.Name+"_local"
	}
	if !known { // of somebody else in the same database
		if err := do(ctx, s, table.Create); err != nil {
			return err
		}
	}
	file, err := os.Open(filepath.Join(dir, filepath.FromSlash(table.File))) //nolint:gosec // of the backup
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	rows, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer rows.Close()
	statement := "INSERT INTO " + quote(table.Name) + " (" + quoteAll(table.Columns) + ") FORMAT Native"
	answer, err := s.Raw(ctx, statement, rows, map[string]string{"insert_deduplicate": "0", "max_execution_time": "0"})
	if err != nil {
		return err
	}
	return finish(answer)
}

// do runs a statement.
func do(ctx context.Context, s *store.Store, statement string) error {
	answer, err := s.Raw(ctx, statement, nil, nil)
	if err != nil {
		return err
	}
	return finish(answer)
}

func finish(answer io.ReadCloser) error {
	_, err := io.Copy(io.Discard, answer)
	return errors.Join(err, answer.Close())
}

func rowsIn(ctx context.Context, s *store.Store, table string) (uint64, error) {
	return numberOf(ctx, s, "SELECT count() FROM "+quote(table))
}

func numberOf(ctx context.Context, s *store.Store, query string) (uint64, error) {
	answer, err := s.Raw(ctx, query+" FORMAT TabSeparated", nil, nil)
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(io.LimitReader(answer, 100))
	if err = errors.Join(err, answer.Close()); err != nil {
		return 0, err
	}
	return strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
}

// leaveOut removes the decisions that the console's database has not sent, or
// does not know, and returns how many these were.
func leaveOut(ctx context.Context, s *store.Store, db *database.DB) (uint64, error) {
	before, err := rowsIn(ctx, s, decisionsTable)
	if err != nil || before == 0 {
		return 0, err
	}
	const sent = "netra_restore_sent"
	for _, statement := range []string{
		"DROP TABLE IF EXISTS " + sent,
		"CREATE TABLE " + sent + " (id String) ENGINE = MergeTree ORDER BY id",
	} {
		if err := do(ctx, s, statement); err != nil {
			return 0, err
		}
	}
	if err := send(ctx, s, sent, db); err != nil {
		return 0, err
	}
	for _, statement := range []string{
		"ALTER TABLE " + decisionsTable + " DELETE WHERE id NOT IN (SELECT id FROM " + sent + ") SETTINGS mutations_sync = 2",
		"DROP TABLE " + sent,
	} {
		if err := do(ctx, s, statement); err != nil {
			return 0, fmt.Errorf("leave out decisions: %w", err)
		}
	}
	after, err := rowsIn(ctx, s, decisionsTable)
	return before - after, err
}

// send writes the ids of the decisions that were sent into a table.
func send(ctx context.Context, s *store.Store, table string, db *database.DB) error {
	reader, writer := io.Pipe()
	go func() {
		err := review.Sent(ctx, db, func(id string) error {
			_, err := io.WriteString(writer, id+"\n")
			return err
		})
		_ = writer.CloseWithError(err) // never fails
	}()
	answer, err := s.Raw(ctx, "INSERT INTO "+table+" (id) FORMAT TabSeparated", reader, nil)
	_ = reader.Close() // lets the writer go where the request failed
	if err != nil {
		return err
	}
	return finish(answer)
}
