// Package database opens the console's transactional database: a SQLite file by
// default, PostgreSQL where the address says so. It hides what differs between
// the two (placeholders, types in migrations, waiting for a lock), so that the
// packages above write each query once. Each of them is a component with its
// own migrations and its own table of versions. It knows no table itself. It is
// called by the console's state, the review, the audit log and the tuning.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Dialect is the kind of database.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// DB is an open database. It is safe for concurrent use. Queries have ? for
// their arguments, whatever the dialect.
type DB struct {
	pool    *sql.DB
	dialect Dialect
	path    string
	// writers has a place for each of this process's transactions that write at the
	// same time. Those that wait for one are served in turn, which neither kind of
	// database does by itself: in SQLite a writer could be passed over for seconds,
	// and in PostgreSQL many at once lose against each other again and again.
	writers chan struct{}
}

// How many transactions of a process write at the same time, and how many
// connections it has for them and for readers. All connections are kept: to open
// one takes longer than most queries.
const (
	writersSQLite   = 1
	writersPostgres = 4
	mostConnections = 32
)

// turn waits for a place among the writers; leave gives it back.
func (d *DB) turn(ctx context.Context) (leave func(), err error) {
	select {
	case d.writers <- struct{}{}:
		return func() { <-d.writers }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Querier is a DB or a Tx.
type Querier interface {
	Exec(ctx context.Context, query string, args ...any) (sql.Result, error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
	Dialect() Dialect
}

// Open opens the database at an address: a URL of PostgreSQL (postgres://…), or
// else the path of a SQLite file, which is created where it is missing,
// readable by its owner only.
func Open(ctx context.Context, address string) (*DB, error) {
	if IsPostgres(address) {
		return openPostgres(ctx, address)
	}
	return openSQLite(ctx, address)
}

// IsPostgres says whether an address is one of PostgreSQL.
func IsPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// Close ends all connections.
func (d *DB) Close() error { return d.pool.Close() }

// Dialect says which kind of database it is.
func (d *DB) Dialect() Dialect { return d.dialect }

// Ping says whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	if err := d.QueryRow(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ask the console's database: %w", err)
	}
	return nil
}

// Exec runs a statement by itself. It must not be called in a Write: the two
// would wait for each other.
func (d *DB) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	leave, err := d.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return d.pool.ExecContext(ctx, rebind(d.dialect, query), args...)
}

// Query runs a query by itself.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.pool.QueryContext(ctx, rebind(d.dialect, query), args...)
}

// QueryRow runs a query of one row by itself.
func (d *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return d.pool.QueryRowContext(ctx, rebind(d.dialect, query), args...)
}

// Tx is a transaction.
type Tx struct {
	tx      *sql.Tx
	dialect Dialect
}

// Dialect says which kind of database it is.
func (t *Tx) Dialect() Dialect { return t.dialect }

// Exec runs a statement in the transaction.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.tx.ExecContext(ctx, rebind(t.dialect, query), args...)
}

// Query runs a query in the transaction.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(ctx, rebind(t.dialect, query), args...)
}

// QueryRow runs a query of one row in the transaction.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(ctx, rebind(t.dialect, query), args...)
}

// mostTries bounds how often a transaction is repeated that lost against
// another one, and longestPause how long it waits before that.
const (
	mostTries    = 20
	longestPause = 100 * time.Millisecond
)

// Write runs do in a serializable transaction and commits it, or rolls it back
// where do fails. Where another transaction got in between, do runs again, so
// it must change nothing but the database.
func (d *DB) Write(ctx context.Context, do func(tx *Tx) error) error {
	leave, err := d.turn(ctx)
	if err != nil {
		return err
	}
	defer leave()
	for try := range mostTries {
		if err = d.write(ctx, do); !lost(err) || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(rand.N(min(time.Millisecond<<try, longestPause))): // not both at once again
		case <-ctx.Done():
			return err
		}
	}
	return fmt.Errorf("the console's database is too busy, tried %d times: %w", mostTries, err)
}

func (d *DB) write(ctx context.Context, do func(tx *Tx) error) (err error) {
	level := sql.LevelSerializable
	if d.dialect == SQLite {
		level = sql.LevelDefault // BEGIN IMMEDIATE: one writer at a time
	}
	tx, err := d.pool.BeginTx(ctx, &sql.TxOptions{Isolation: level})
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			return
		}
		if undone := tx.Rollback(); undone != nil && !errors.Is(undone, sql.ErrTxDone) {
			err = errors.Join(err, undone)
		}
	}()
	if err := do(&Tx{tx: tx, dialect: d.dialect}); err != nil {
		return err
	}
	return tx.Commit()
}

func gooseDialect(d Dialect) goose.Dialect {
	if d == Postgres {
		return goose.DialectPostgres
	}
	return goose.DialectSQLite3
}
