package database_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

var counters = fstest.MapFS{"00001_counters.sql": {Data: []byte(`-- +goose Up
CREATE TABLE counters (id {{.AutoID}}, name TEXT {{.NoCase}} NOT NULL UNIQUE, value BIGINT NOT NULL, raw {{.Blob}});
-- +goose Down
DROP TABLE counters;
`)}}

func migrated(t *testing.T, db *database.DB) {
	t.Helper()
	for range 2 { // the second time does nothing
		if err := db.Migrate(t.Context(), "counters", counters); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWritesOfManyAtOnceAreOneAfterAnother(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		migrated(t, db)
		ctx := t.Context()
		if _, err := db.Exec(ctx, "INSERT INTO counters (name, value, raw) VALUES (?, ?, ?)", "what?", 0, []byte{0, 255}); err != nil {
			t.Fatal(err)
		}
		const writers, times = 4, 5
		var all sync.WaitGroup
		for range writers {
			all.Go(func() {
				for range times {
					if err := db.Write(ctx, addOne); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		var value int
		if err := db.QueryRow(ctx, "SELECT value FROM counters WHERE name = 'what?' AND value >= ?", 0).Scan(&value); err != nil {
			t.Fatal(err)
		}
		if value != writers*times {
			t.Errorf("%d writes were counted, want %d", value, writers*times)
		}
	})
}

// addOne reads and then writes, so that two at a time would lose a count.
func addOne(tx *database.Tx) error {
	var value int
	if err := tx.QueryRow(context.Background(), "SELECT value FROM counters WHERE name = ?", "what?").Scan(&value); err != nil {
		return err
	}
	_, err := tx.Exec(context.Background(), "UPDATE counters SET value = ? WHERE name = ?", value+1, "what?")
	return err
}

func TestAFailedWriteLeavesNothing(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		migrated(t, db)
		failure := errors.New("no")
		err := db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO counters (name, value) VALUES (?, ?)", "a", 1)
			return errors.Join(err, failure)
		})
		if !errors.Is(err, failure) {
			t.Errorf("error %v, want the failure", err)
		}
		var n int
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM counters").Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows stayed (%v)", n, err)
		}
	})
}

func TestASecondRowOfAUniqueValueIsTold(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		migrated(t, db)
		insert := func() error {
			_, err := db.Exec(t.Context(), "INSERT INTO counters (name, value) VALUES (?, ?)", "a", 1)
			return err
		}
		if err := insert(); err != nil {
			t.Fatal(err)
		}
		if err := insert(); !database.IsUnique(err) {
			t.Errorf("error %v is not known as one of a unique value", err)
		}
	})
}

func TestABackupOfAFileInUseOpens(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	migrated(t, db)
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := db.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a backup over a file gave %v, want an error that names it", err)
	}
	var n int
	if err := databasetest.Open(t, path).QueryRow(t.Context(), "SELECT count(*) FROM counters").Scan(&n); err != nil {
		t.Error(err)
	}
}

func TestAnAddressThatDoesNotAnswerIsToldWithoutItsPassword(t *testing.T) {
	for _, address := range []string{
		"postgres://netra:geheim@127.0.0.1:1/netra?sslmode=disable", "postgres://netra@127.0.0.1:1/netra?sslmode=disable&password=geheim",
		"postgres://netra@127.0.0.1:1/netra?sslmode=nonsense&password=geheim", "postgres://netra:geheim@127.0.0.1:x/netra",
	} {
		_, err := database.Open(t.Context(), address)
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("error %v", err)
		}
	}
}
