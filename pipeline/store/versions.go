package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pressly/goose/v3/database"
)

// versionsTable records which migrations ran.
const versionsTable = "netra_migrations"

// versions is where goose keeps which migrations ran. Goose's own for ClickHouse
// makes a table on one server only, and takes two rows of one version, which
// two migrators at a time leave behind, for an error.
type versions struct {
	layout layout
}

var _ database.StoreExtender = versions{}

func (v versions) Tablename() string { return versionsTable }

func (v versions) CreateVersionTable(ctx context.Context, db database.DBTxConn) error {
	_, err := db.ExecContext(ctx, fmt.Sprintf(`
		CREATE TABLE IF NOT EXISTS %s %s (version_id Int64, is_applied UInt8, applied_at DateTime64(3, 'UTC'))
		ENGINE = %s ORDER BY version_id`, versionsTable, v.layout.OnCluster(), v.layout.EngineOnAll("ReplacingMergeTree", "applied_at")))
	return err
}

func (v versions) TableExists(ctx context.Context, db database.DBTxConn) (bool, error) {
	var tables uint64
	err := db.QueryRowContext(ctx,
		"SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = '"+versionsTable+"'").Scan(&tables)
	return tables > 0, err
}

func (v versions) Insert(ctx context.Context, db database.DBTxConn, request database.InsertRequest) error {
	_, err := db.ExecContext(ctx, fmt.Sprintf(
		"INSERT INTO %s (version_id, is_applied, applied_at) SELECT toInt64(%d), 1, now64(3)", versionsTable, request.Version))
	return err
}

// Delete is for going back, which Netra's migrations do not.
func (v versions) Delete(context.Context, database.DBTxConn, int64) error {
	return database.ErrNotImplemented
}

func (v versions) GetMigration(ctx context.Context, db database.DBTxConn, version int64) (*database.GetMigrationResult, error) {
	var applied time.Time
	err := db.QueryRowContext(ctx, fmt.Sprintf(
		"SELECT applied_at FROM %s WHERE version_id = %d ORDER BY applied_at DESC LIMIT 1", versionsTable, version)).Scan(&applied)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: %d", database.ErrVersionNotFound, version)
	}
	if err != nil {
		return nil, err
	}
	return &database.GetMigrationResult{Timestamp: applied, IsApplied: true}, nil
}

func (v versions) GetLatestVersion(ctx context.Context, db database.DBTxConn) (int64, error) {
	all, err := v.ListMigrations(ctx, db)
	if err != nil {
		return -1, err
	}
	return all[0].Version, nil
}

// ListMigrations holds version 0, as goose wants, also in the moment in which
// another migrator has made the table and not yet written it.
func (v versions) ListMigrations(ctx context.Context, db database.DBTxConn) ([]*database.ListMigrationsResult, error) {
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT version_id FROM "+versionsTable+" WHERE version_id > 0 ORDER BY version_id DESC")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*database.ListMigrationsResult
	for rows.Next() {
		result := &database.ListMigrationsResult{IsApplied: true}
		if err := rows.Scan(&result.Version); err != nil {
			return nil, err
		}
		all = append(all, result)
	}
	return append(all, &database.ListMigrationsResult{Version: 0, IsApplied: true}), rows.Err()
}
