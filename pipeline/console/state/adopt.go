package state

import (
	"context"
	"fmt"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// Files of before Netra 0.3 have users, sessions and secrets of another shape
// under goose's own table of versions, and times in seconds. They are taken over
// in two steps, of which each may be repeated after a crash: setAside moves the
// old tables out of the way, adopt copies from them and drops them.

// setAside renames the old tables. Sessions are dropped: people log in again.
func setAside(ctx context.Context, db *database.DB) error {
	old, err := hasTables(ctx, db, "users", "secrets", "goose_db_version")
	if err != nil || !old {
		return err
	}
	return db.Write(ctx, func(tx *database.Tx) error {
		for _, statement := range []string{
			"ALTER TABLE users RENAME TO users_before", "ALTER TABLE secrets RENAME TO secrets_before",
			"DROP TABLE IF EXISTS sessions", "DROP TABLE goose_db_version",
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
}

// adopt copies users and secrets. There were no roles: the first user, who was
// made at the first start, becomes administrator, all others analysts.
func adopt(ctx context.Context, db *database.DB) error {
	old, err := hasTables(ctx, db, "users_before", "secrets_before")
	if err != nil || !old {
		return err
	}
	return db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO users (id, name, name_key, role, password_hash, stamp, created_at)
			SELECT id, name, lower(name), CASE WHEN lower(name) = ? OR id = (SELECT min(id) FROM users_before) THEN ? ELSE ? END,
				password_hash, stamp, created_at * 1000 FROM users_before ORDER BY id`,
			BootstrapUser, string(access.Administrator), string(access.Analyst)); err != nil {
			return fmt.Errorf("copy the users: %w", err)
		}
		for _, statement := range []string{
			"INSERT INTO secrets (name, value) SELECT name, value FROM secrets_before",
			"DROP TABLE users_before", "DROP TABLE secrets_before",
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
}

// hasTables says whether a SQLite file has all of the tables. PostgreSQL came
// with the present shape.
func hasTables(ctx context.Context, db *database.DB, names ...string) (bool, error) {
	if db.Dialect() != database.SQLite {
		return false, nil
	}
	for _, name := range names {
		var n int
		if err := db.QueryRow(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", name).Scan(&n); err != nil {
			return false, err
		}
		if n == 0 {
			return false, nil
		}
	}
	return true, nil
}
