// Package databasetest gives tests an empty database of each dialect: a SQLite
// file, and a database in a real PostgreSQL that is started for the test binary
// alone. A test package that uses it has
//
//	func TestMain(m *testing.M) { databasetest.Main(m) }
//
// or hands Stop to embeddedtest.Main. Only tests call it.
package databasetest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/netra-id/netra/pipeline/database"
)

var shared struct {
	once      sync.Once
	server    *server
	err       error
	databases atomic.Int64
}

// Main runs the tests and then stops the shared PostgreSQL. It does not return.
func Main(m *testing.M) {
	code := m.Run()
	Stop()
	os.Exit(code)
}

// Stop stops the shared PostgreSQL, where one runs.
func Stop() {
	if shared.server != nil {
		shared.server.stop()
	}
}

// Each runs a test on each dialect, with the address of an empty database.
func Each(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// EachOpen is Each with the database open.
func EachOpen(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	Each(t, func(t *testing.T, address string) { test(t, Open(t, address)) })
}

// Open opens the database at an address for the time of the test.
func Open(t testing.TB, address string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// SQLite returns the path of a database file that is not there yet.
func SQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "console.db")
}

// Postgres returns the address of an empty database of the shared PostgreSQL.
// Where PostgreSQL is not installed the test fails, and says how to install it;
// with -short it is skipped.
func Postgres(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs PostgreSQL; not with -short")
	}
	shared.once.Do(func() { shared.server, shared.err = start() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	name := fmt.Sprintf("test_%d", shared.databases.Add(1))
	admin, err := database.Open(t.Context(), shared.server.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return shared.server.address(name)
}
