package backup

import (
	"path/filepath"
	"testing"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/review"
)

// TestTheConsolesDatabaseComesBack copies the database with a row in a table that
// this package does not know, and restores it elsewhere.
func TestTheConsolesDatabaseComesBack(t *testing.T) {
	elsewhere := map[database.Dialect]func(testing.TB) string{database.SQLite: databasetest.SQLite, database.Postgres: databasetest.Postgres}
	databasetest.Each(t, func(t *testing.T, address string) {
		db := databasetest.Open(t, address)
		if err := review.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{"CREATE TABLE not_known (word TEXT NOT NULL)", "INSERT INTO not_known (word) VALUES ('bukti')"} {
			if _, err := db.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		dir := filepath.Join(t.TempDir(), "backup")
		to, err := newFolder(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		m := &Manifest{Format: Format, Database: string(db.Dialect())}
		copying := &taking{from: Sources{Database: db, Address: address}, to: to, manifest: m}
		if err := copying.console(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := to.finish(m); err != nil {
			t.Fatal(err)
		}
		if m, err = Check(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		target := elsewhere[db.Dialect()](t)
		err = m.Lay(t.Context(), dir, Targets{DataDir: t.TempDir(), Address: target, Tell: t.Logf})
		if err != nil {
			t.Fatal(err)
		}
		restored := databasetest.Open(t, target)
		var word string
		if err := restored.QueryRow(t.Context(), "SELECT word FROM not_known").Scan(&word); err != nil || word != "bukti" {
			t.Errorf("%q: %v", word, err)
		}
		if err := review.Migrate(t.Context(), restored); err != nil {
			t.Errorf("the restored database cannot be migrated: %v", err)
		}
	})
}
