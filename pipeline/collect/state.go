package collect

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite" // also the database/sql driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var migrations embed.FS

// State is the collector's memory in one SQLite file: the cursors and schedule
// of all targets, and which posts have been sent. A collector and an import may
// use the same file at once.
//
// It survives kill -9 at any moment: the file is in WAL mode, and every change
// is one transaction. synchronous=NORMAL does not sync each commit to the disk,
// so a power cut can take the last transactions, never a part of one; cursors
// are then older than what was sent, which means sending again, not losing.
type State struct {
	db *sql.DB
	// The statements that run for every post.
	findSeen, addSeen, markSeen *sql.Stmt
}

// OpenState opens the state file, makes it where it does not exist, and brings
// its tables up to date.
func OpenState(ctx context.Context, path string) (*State, error) {
	for attempt := 1; ; attempt++ {
		s, err := openState(ctx, path)
		if err == nil || attempt >= openings(err) {
			return s, err
		}
		if err := sleep(ctx, time.Duration(attempt)*10*time.Millisecond); err != nil {
			return nil, fmt.Errorf("open collector state %s: %w", path, err)
		}
	}
}

// openings is how often a state file is tried to be opened after an error that
// another process may have caused, which opens it, too: SQLite does not wait for
// a change of the journal mode (up to twenty seconds), and of two processes that
// make the tables at once, one finds them made.
func openings(err error) int {
	var typed *sqlite.Error
	if !errors.As(err, &typed) {
		return 1
	}
	switch typed.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return 60
	case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT:
		return 10
	}
	return 1
}

func openState(ctx context.Context, path string) (*State, error) {
	query := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(20000)", "journal_mode(WAL)", "synchronous(NORMAL)",
	}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("open collector state %s: %w", path, err)
	}
	db.SetMaxOpenConns(1) // SQLite has one writer; waiting here is fairer than its busy loop
	s := &State{db: db}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open collector state %s: %w", path, err), db.Close())
	}
	return s, nil
}

func (s *State) prepare(ctx context.Context) error {
	if err := migrate(ctx, s.db); err != nil {
		return err
	}
	var problems [3]error
	s.findSeen, problems[0] = s.db.PrepareContext(ctx, findSeen)
	s.addSeen, problems[1] = s.db.PrepareContext(ctx, addSeen)
	s.markSeen, problems[2] = s.db.PrepareContext(ctx, markSeen)
	return errors.Join(problems[:]...)
}

func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// Close closes the file.
func (s *State) Close() error {
	return errors.Join(s.findSeen.Close(), s.addSeen.Close(), s.markSeen.Close(), s.db.Close())
}

// transact runs change in one transaction.
func (s *State) transact(ctx context.Context, change func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := change(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
