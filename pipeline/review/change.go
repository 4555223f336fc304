package review

import (
	"context"
	"fmt"

	"github.com/netra-id/netra/pipeline/database"
)

// Every change of an item gets a number, so that who keeps items in memory can
// ask what has changed since. In SQLite, with one writer at a time, it comes
// from a counter. In PostgreSQL a counter would make the writers wait for each
// other; there it is the transaction's own number, and nothing that is seen
// later can have one below the oldest that is still under way.

// stamp is the number of the changes of a transaction.
func stamp(ctx context.Context, tx *database.Tx) (int64, error) {
	query := "UPDATE review_clock SET value = value + 1 RETURNING value"
	if tx.Dialect() == database.Postgres {
		query = "SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"
	}
	var number int64
	if err := tx.QueryRow(ctx, query).Scan(&number); err != nil {
		return 0, fmt.Errorf("number a change: %w", err)
	}
	return number, nil
}

// settled is the number from which on changes may still come to light.
func settled(ctx context.Context, db *database.DB) (int64, error) {
	query := "SELECT value + 1 FROM review_clock"
	if db.Dialect() == database.Postgres {
		query = "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)"
	}
	var number int64
	if err := db.QueryRow(ctx, query).Scan(&number); err != nil {
		return 0, fmt.Errorf("ask for the number of the last change: %w", err)
	}
	return number, nil
}

// repairChanged mends the numbers where a dump of PostgreSQL was read into
// another server, whose transactions count from elsewhere.
func repairChanged(ctx context.Context, db *database.DB) error {
	if db.Dialect() != database.Postgres {
		return nil
	}
	_, err := db.Exec(ctx, "UPDATE review_items SET changed = 0 WHERE changed > CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)")
	return inWords("number the items' changes", err)
}

// write runs do in a transaction with the number of its changes.
func (r *Review) write(ctx context.Context, do func(tx *database.Tx, stamp int64) error) error {
	return r.db.Write(ctx, func(tx *database.Tx) error {
		number, err := stamp(ctx, tx)
		if err != nil {
			return err
		}
		return do(tx, number)
	})
}
