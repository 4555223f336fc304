package retention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// lease takes or keeps the right to purge, or returns ErrBusy.
func (r *Retention) lease(ctx context.Context) error {
	return r.db.Write(ctx, func(tx *database.Tx) error {
		now := r.deps.Now()
		result, err := tx.Exec(ctx, `INSERT INTO retention_state (name, value, until) VALUES ('lease', ?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, until = excluded.until
			WHERE retention_state.value = excluded.value OR retention_state.until <= ?`, r.name, now.Add(leaseFor).UnixMilli(), now.UnixMilli())
		if err != nil {
			return fmt.Errorf("take the lease on purging: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrBusy)
		}
		return nil
	})
}

func (r *Retention) release(ctx context.Context) error {
	_, err := r.db.Exec(ctx, "UPDATE retention_state SET until = 0 WHERE name = 'lease' AND value = ?", r.name)
	return err
}

func (r *Retention) begin(ctx context.Context, by access.Viewer) (number int64, err error) {
	err = r.db.Write(ctx, func(tx *database.Tx) error {
		return tx.QueryRow(ctx, "INSERT INTO retention_runs (began_at, made_by, counts) VALUES (?, ?, '{}') RETURNING num", r.deps.Now().UnixMilli(), by.Name).Scan(&number)
	})
	if err != nil {
		return 0, fmt.Errorf("note that a purge begins: %w", err)
	}
	return number, nil
}

func (r *Retention) end(ctx context.Context, number int64, by access.Viewer, counts *Counts, failed error) error {
	text, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	problem := ""
	if failed != nil {
		problem = failed.Error()
	}
	return r.db.Write(ctx, func(tx *database.Tx) error {
		now := r.deps.Now()
		_, err := tx.Exec(ctx, "UPDATE retention_runs SET ended_at = ?, counts = ?, problem = ? WHERE num = ?", now.UnixMilli(), string(text), problem, number)
		if err == nil {
			_, err = tx.Exec(ctx, "DELETE FROM retention_purged WHERE until < ?", now.UnixMilli())
		}
		if err == nil {
			err = r.deps.Audit.Record(ctx, tx, by, "retention.run", fmt.Sprintf("retention run %d", number), map[string]string{"counts": string(text), "problem": problem})
		}
		if err != nil {
			return fmt.Errorf("note that a purge has ended: %w", err)
		}
		return nil
	})
}

// lastRun is when the last run without a problem began.
func (r *Retention) lastRun(ctx context.Context) (time.Time, error) {
	var at int64
	err := r.db.QueryRow(ctx, "SELECT coalesce(max(began_at), 0) FROM retention_runs WHERE problem = '' AND ended_at > 0").Scan(&at)
	return database.Time(at), err
}

// Runs lists the last runs, the newest first.
func (r *Retention) Runs(ctx context.Context, limit int) (runs []Run, err error) {
	rows, err := r.db.Query(ctx, "SELECT num, began_at, ended_at, made_by, counts, problem FROM retention_runs ORDER BY num DESC LIMIT ?", limit)
	if err != nil {
		return nil, fmt.Errorf("read the history of purges: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var run Run
		var began, ended int64
		var counts string
		if err := rows.Scan(&run.Number, &began, &ended, &run.By, &counts, &run.Problem); err != nil {
			return nil, fmt.Errorf("read the history of purges: %w", err)
		}
		run.Began, run.Ended = database.Time(began), database.Time(ended)
		if err := json.Unmarshal([]byte(counts), &run.Counts); err != nil {
			return nil, fmt.Errorf("read purge %d: %w", run.Number, err)
		}
		runs = append(runs, run)
	}
	return runs, rows.Err()
}

// Tombstones lists the statements of all tombstones as they were sealed, the oldest
// first.
func (r *Retention) Tombstones(ctx context.Context) (all [][]byte, err error) {
	rows, err := r.db.Query(ctx, "SELECT statement FROM retention_tombstones ORDER BY num")
	if err != nil {
		return nil, fmt.Errorf("read tombstones: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read tombstones: %w", err)
		}
		all = append(all, []byte(text))
	}
	return all, rows.Err()
}
