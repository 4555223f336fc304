// Package state keeps what the console itself must remember in one SQLite file:
// users, their password hashes, sessions and the key that signs forms. It knows
// nothing of posts, which stay in ClickHouse, nor of HTTP. It is called by the
// console and by the commands that manage its users.
package state

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// State is the open database. It is safe for concurrent use.
type State struct {
	db     *sql.DB
	hasher Hasher
}

// Open opens the SQLite file at path, creates it where it is missing, readable
// by its owner only, and brings its tables to the present version.
func Open(ctx context.Context, path string, hasher Hasher) (*State, error) {
	if err := createPrivate(path); err != nil {
		return nil, fmt.Errorf("create the console's database %s: %w", path, err)
	}
	db, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		return nil, fmt.Errorf("open the console's database %s: %w", path, err)
	}
	s := &State{db: db, hasher: hasher}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate the console's database %s: %w", path, err), db.Close())
	}
	return s, nil
}

// Close closes the file.
func (s *State) Close() error { return s.db.Close() }

// Ping says whether the database answers.
func (s *State) Ping(ctx context.Context) error {
	var one int
	if err := s.db.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ask the console's database: %w", err)
	}
	return nil
}

func (s *State) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.db, files)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// createPrivate makes the file before SQLite does, which would make it readable
// by everybody: it holds password hashes and sessions.
func createPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// dataSource names the file with the settings that every connection needs:
// readers beside one writer, waiting for a lock instead of failing.
func dataSource(path string) string {
	settings := url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)"},
		"_txlock": {"immediate"},
	}
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: settings.Encode()}).String()
}
