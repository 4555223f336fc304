package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlitecodes "modernc.org/sqlite/lib"
)

func openSQLite(ctx context.Context, path string) (*DB, error) {
	if err := createPrivate(path); err != nil {
		return nil, fmt.Errorf("create the console's database %s: %w", path, err)
	}
	pool, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		return nil, fmt.Errorf("open the console's database %s: %w", path, err)
	}
	pool.SetMaxOpenConns(mostConnections)
	pool.SetMaxIdleConns(mostConnections)
	db := &DB{pool: pool, dialect: SQLite, path: path, writers: make(chan struct{}, writersSQLite)}
	if err := db.Ping(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the console's database %s: %w", path, err), pool.Close())
	}
	return db, nil
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
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "cache_size(-8000)", "temp_store(MEMORY)"},
		"_txlock": {"immediate"},
	}
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: settings.Encode()}).String()
}

// ErrNotSQLite is returned where only a SQLite file can be backed up by us.
var ErrNotSQLite = errors.New("this works on a SQLite file only; PostgreSQL has pg_dump")

// Backup writes a copy of a SQLite database into a new file while it is in use.
func (d *DB) Backup(ctx context.Context, path string) error {
	if d.dialect != SQLite {
		return ErrNotSQLite
	}
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("back up to %s: %w: allowed: a file that is not there yet", path, os.ErrExist)
	}
	unfinished := path + ".part"
	if err := errors.Join(os.RemoveAll(unfinished), createPrivate(unfinished)); err != nil {
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	if _, err := d.pool.ExecContext(ctx, "VACUUM INTO ?", unfinished); err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", path, err), os.Remove(unfinished))
	}
	return os.Rename(unfinished, path)
}

func lostSQLite(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code()&0xff == sqlitecodes.SQLITE_BUSY
}

func uniqueSQLite(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) &&
		(failed.Code() == sqlitecodes.SQLITE_CONSTRAINT_UNIQUE || failed.Code() == sqlitecodes.SQLITE_CONSTRAINT_PRIMARYKEY)
}
