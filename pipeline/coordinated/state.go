package coordinated

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

const (
	leaseName  = "lease"
	cursorName = "cursor"
)

// lease takes or keeps the lease, and says whether this process has it.
func (f *Finder) lease(ctx context.Context) (mine bool, err error) {
	now := f.deps.Now()
	until := now.Add(max(3*f.cfg.Every, 5*time.Minute)).UnixMilli()
	err = f.db.Write(ctx, func(tx *database.Tx) error {
		holder, ends, err := readState(ctx, tx, leaseName)
		if err != nil {
			return err
		}
		if mine = holder == "" || holder == f.name || ends <= now.UnixMilli(); !mine {
			return nil
		}
		return writeState(ctx, tx, leaseName, f.name, until)
	})
	if err != nil {
		return false, fmt.Errorf("take the lease on the look for copies: %w", err)
	}
	return mine, nil
}

// cursor is up to when stored sketches were looked at.
func (f *Finder) cursor(ctx context.Context) (time.Time, error) {
	value, _, err := readState(ctx, f.db, cursorName)
	if err != nil || value == "" {
		return time.Time{}, err
	}
	ms, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("read how far sketches were looked at: %w", err)
	}
	return time.UnixMilli(ms).UTC(), nil
}

func (f *Finder) saveCursor(ctx context.Context, at time.Time) error {
	return f.db.Write(ctx, func(tx *database.Tx) error {
		return writeState(ctx, tx, cursorName, strconv.FormatInt(at.UnixMilli(), 10), 0)
	})
}

func readState(ctx context.Context, db database.Querier, name string) (value string, until int64, err error) {
	err = db.QueryRow(ctx, "SELECT value, until FROM coordinated_state WHERE name = ?", name).Scan(&value, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, nil
	}
	return value, until, err
}

func writeState(ctx context.Context, tx *database.Tx, name, value string, until int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO coordinated_state (name, value, until) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, until = excluded.until`, name, value, until)
	return err
}
