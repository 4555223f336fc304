package tuning

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// BacktestStatus is where a back-test stands.
type BacktestStatus string

// The statuses.
const (
	// BacktestRunning has a process that works on it, or had one that was
	// killed: Changed tells.
	BacktestRunning BacktestStatus = "running"
	// BacktestStopped was stopped and can go on.
	BacktestStopped BacktestStatus = "stopped"
	BacktestFailed  BacktestStatus = "failed"
	BacktestDone    BacktestStatus = "done"
)

// Backtest is one back-test as the book keeps it. Plan, state and report are
// those of package backtest, as JSON.
type Backtest struct {
	Number    int64
	Version   string
	Published string
	Plan      string
	Status    BacktestStatus
	// Done of Total records were judged, Rate a second at last.
	Done, Total int64
	Rate        float64
	Began       time.Time
	Changed     time.Time
	By          string
	Failure     string
	// Report is empty until it is done.
	Report string
}

// NewBacktest notes the beginning of a back-test and returns its number.
func (b *Book) NewBacktest(ctx context.Context, version, published, plan string, total int64, by string) (Backtest, error) {
	t := Backtest{Version: version, Published: published, Plan: plan, Status: BacktestRunning, Total: total, By: by, Began: b.now().UTC().Truncate(time.Millisecond)}
	t.Changed = t.Began
	err := b.db.QueryRow(ctx, `INSERT INTO tuning_backtests (version, published, plan, status, total, began, changed, made_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING number`,
		version, published, plan, string(t.Status), total, t.Began.UnixMilli(), t.Changed.UnixMilli(), by).Scan(&t.Number)
	if err != nil {
		return t, fmt.Errorf("note a back-test of version %s: %w", Short(version), err)
	}
	return t, nil
}

const backtestColumns = "number, version, published, plan, status, done, total, rate, began, changed, made_by, failure, report"

func scanBacktest(row interface{ Scan(...any) error }) (Backtest, error) {
	var t Backtest
	var began, changed int64
	err := row.Scan(&t.Number, &t.Version, &t.Published, &t.Plan, &t.Status, &t.Done, &t.Total, &t.Rate, &began, &changed, &t.By, &t.Failure, &t.Report)
	t.Began, t.Changed = time.UnixMilli(began).UTC(), time.UnixMilli(changed).UTC()
	return t, err
}

// Backtest returns a back-test by its number.
func (b *Book) Backtest(ctx context.Context, number int64) (Backtest, error) {
	t, err := scanBacktest(b.db.QueryRow(ctx, "SELECT "+backtestColumns+" FROM tuning_backtests WHERE number = ?", number))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return t, fmt.Errorf("back-test %d: %w", number, err)
	}
	return t, nil
}

// Backtests lists the back-tests of a version, the newest first.
func (b *Book) Backtests(ctx context.Context, version string) (list []Backtest, err error) {
	rows, err := b.db.Query(ctx, "SELECT "+backtestColumns+" FROM tuning_backtests WHERE version = ? ORDER BY number DESC", version)
	if err != nil {
		return nil, fmt.Errorf("list the back-tests of version %s: %w", Short(version), err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		t, err := scanBacktest(rows)
		if err != nil {
			return nil, fmt.Errorf("list the back-tests of version %s: %w", Short(version), err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// SaveBacktest keeps how far a back-test is, with the state that it goes on from
// (nil leaves the one before). It returns false where somebody has stopped it.
func (b *Book) SaveBacktest(ctx context.Context, number, done int64, rate float64, state []byte) (goOn bool, err error) {
	query := "UPDATE tuning_backtests SET done = ?, rate = ?, changed = ?, state = COALESCE(?, state) WHERE number = ? AND status = ?"
	result, err := b.db.Exec(ctx, query, done, rate, b.now().UnixMilli(), state, number, string(BacktestRunning))
	if err != nil {
		return false, fmt.Errorf("save back-test %d: %w", number, err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// BacktestState returns what a back-test goes on from, nil where it has not got
// anywhere, and marks it as running.
func (b *Book) BacktestState(ctx context.Context, number int64) ([]byte, error) {
	_, err := b.db.Exec(ctx, "UPDATE tuning_backtests SET status = ?, failure = '', changed = ? WHERE number = ? AND status <> ?",
		string(BacktestRunning), b.now().UnixMilli(), number, string(BacktestDone))
	if err != nil {
		return nil, fmt.Errorf("go on with back-test %d: %w", number, err)
	}
	var state []byte
	if err := b.db.QueryRow(ctx, "SELECT state FROM tuning_backtests WHERE number = ?", number).Scan(&state); err != nil {
		return nil, fmt.Errorf("go on with back-test %d: %w", number, err)
	}
	return state, nil
}

// EndBacktest notes how a back-test ended: done with a report, stopped, or
// failed. What is done stays done.
func (b *Book) EndBacktest(ctx context.Context, number int64, status BacktestStatus, report, failure string) error {
	query := "UPDATE tuning_backtests SET status = ?, report = ?, failure = ?, changed = ?"
	if status == BacktestDone {
		query += ", done = total, state = NULL"
	}
	_, err := b.db.Exec(ctx, query+" WHERE number = ? AND status <> ?", string(status), report, failure, b.now().UnixMilli(), number, string(BacktestDone))
	if err != nil {
		return fmt.Errorf("note the end of back-test %d: %w", number, err)
	}
	return nil
}
