package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/cenkalti/backoff/v5"
	"github.com/pressly/goose/v3"
)

// Migration is one step of the tables' history.
type Migration struct {
	Version int64
	Name    string
	// AppliedAt is when it ran, zero where it did not yet.
	AppliedAt time.Time
}

// migrationTries is how often a migration is tried when another migrator
// changes the same tables at the same time.
const migrationTries = 5

// Migrate makes the database where it is missing, and brings the tables to what
// this version needs. It does nothing where that is done, and several may run it
// at once: every statement holds "IF NOT EXISTS".
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.createDatabase(ctx); err != nil {
		return s.failed("migrate", "make database "+s.configuration.Database, err)
	}
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := s.migrate(ctx)
		if err != nil {
			s.log.WarnContext(ctx, "migration failed and is tried again", "error", err)
		}
		return struct{}{}, err
	}, backoff.WithMaxTries(migrationTries))
	return s.failed("migrate", "migrate", err)
}

// createDatabase makes the database unless it is there: a user that may not
// make one can still migrate one that an administrator has made.
func (s *Store) createDatabase(ctx context.Context) error {
	err := s.connection.Exec(ctx, "SELECT 1")
	var exception *clickhouse.Exception
	if !errors.As(err, &exception) || exception.Code != codeUnknownDatabase {
		return err
	}
	options := *s.options
	options.Auth.Database = ""
	outside, err := clickhouse.Open(&options)
	if err != nil {
		return err
	}
	defer outside.Close()
	s.log.InfoContext(ctx, "make the database", "database", s.configuration.Database)
	return outside.Exec(ctx, fmt.Sprintf("CREATE DATABASE IF NOT EXISTS `%s` %s",
		s.configuration.Database, layout{&s.configuration}.OnCluster()))
}

func (s *Store) migrate(ctx context.Context) (err error) {
	provider, db, err := s.provider()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	results, err := provider.Up(ctx)
	for _, result := range results {
		s.log.InfoContext(ctx, "migration applied", "name", path.Base(result.Source.Path), "duration", result.Duration)
	}
	return err
}

func (s *Store) provider() (*goose.Provider, *sql.DB, error) {
	tables := layout{&s.configuration}
	files, err := fs.Sub(tables, "migrations")
	if err != nil {
		return nil, nil, err
	}
	db := clickhouse.OpenDB(s.options)
	provider, err := goose.NewProvider(goose.DialectCustom, db, files,
		goose.WithStore(versions{tables}), goose.WithDisableGlobalRegistry(true), goose.WithIsolateDDL(true),
		goose.WithAllowOutofOrder(true)) // branches number theirs without each other
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return provider, db, nil
}

// MigrationStatus lists all migrations, oldest first, with when they ran. It
// changes nothing.
func (s *Store) MigrationStatus(ctx context.Context) ([]Migration, error) {
	provider, db, err := s.provider()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	applied, err := appliedAt(ctx, db)
	if err != nil {
		return nil, s.failed("migrate", "read which migrations ran", err)
	}
	var migrations []Migration
	for _, source := range provider.ListSources() {
		migrations = append(migrations, Migration{
			Version: source.Version, Name: path.Base(source.Path), AppliedAt: applied[source.Version],
		})
	}
	return migrations, nil
}

// appliedAt is when each migration ran; empty where no database or no record of
// them is there.
func appliedAt(ctx context.Context, db *sql.DB) (map[int64]time.Time, error) {
	rows, err := db.QueryContext(ctx, "SELECT version_id, min(applied_at) FROM "+versionsTable+" GROUP BY version_id")
	var exception *clickhouse.Exception
	if errors.As(err, &exception) && (exception.Code == codeUnknownTable || exception.Code == codeUnknownDatabase) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	applied := make(map[int64]time.Time)
	for rows.Next() {
		var version int64
		var at time.Time
		if err := rows.Scan(&version, &at); err != nil {
			return nil, err
		}
		applied[version] = at
	}
	return applied, rows.Err()
}

// MigrationStatements returns the statements of all migrations as they are for
// this configuration's layout, for whoever wants to read them or to run them by
// hand.
func (s *Store) MigrationStatements() ([]string, error) {
	tables := layout{&s.configuration}
	names, err := fs.Glob(migrationTemplates, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var statements []string
	for _, name := range names {
		text, err := fs.ReadFile(tables, name)
		if err != nil {
			return nil, err
		}
		_, up, _ := strings.Cut(string(text), "-- +goose Up\n")
		for statement := range strings.SplitSeq(up, ";\n") {
			if statement = strings.TrimSpace(statement); statement != "" {
				statements = append(statements, statement)
			}
		}
	}
	return statements, nil
}
