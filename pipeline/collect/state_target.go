package collect

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// targetKey names a target over all sources.
type targetKey struct{ source, target string }

func (k targetKey) String() string { return k.source + " " + k.target }

// schedule is what is remembered of a target over restarts, beside its cursor.
type schedule struct {
	due      time.Time
	failures int
	problem  Kind
	reason   string
	// since is when the problem began.
	since       time.Time
	lastSuccess time.Time
	lastPost    time.Time
	// visited is the end of the last visit, whatever became of it.
	visited time.Time
	pace    pace
	// handle is what the platform showed last, empty where it did not.
	handle string
	gaps   []Gap
}

// Cursor returns the saved cursor of a target, nil where there is none.
func (s *State) Cursor(ctx context.Context, source, target string) (Cursor, error) {
	var cursor []byte
	err := s.db.QueryRowContext(ctx, `SELECT cursor FROM target WHERE source = ? AND target = ?`, source, target).Scan(&cursor)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read cursor of %s %s: %w", source, target, err)
	}
	return cursor, nil
}

// Forget removes the cursor and schedule of a target.
func (s *State) Forget(ctx context.Context, source, target string) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM target WHERE source = ? AND target = ?`, source, target)
	if err != nil {
		return fmt.Errorf("forget cursor of %s %s: %w", source, target, err)
	}
	return nil
}

func saveCursor(ctx context.Context, tx *sql.Tx, key targetKey, cursor Cursor, now time.Time) error {
	if cursor == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO target (source, target, cursor, touched) VALUES (?, ?, ?, ?)
		ON CONFLICT (source, target) DO UPDATE SET cursor = excluded.cursor, touched = excluded.touched`,
		key.source, key.target, []byte(cursor), now.UnixMilli())
	return err
}

func (s *State) saveSchedule(ctx context.Context, key targetKey, to *schedule, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO target
		(source, target, due, failures, problem, reason, since, last_success, last_post, visited, pace_day, pace_month, handle, touched)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (source, target) DO UPDATE SET due = excluded.due, failures = excluded.failures,
		problem = excluded.problem, reason = excluded.reason, since = excluded.since,
		last_success = excluded.last_success, last_post = excluded.last_post, visited = excluded.visited,
		pace_day = excluded.pace_day, pace_month = excluded.pace_month, handle = excluded.handle, touched = excluded.touched`,
		key.source, key.target, millis(to.due), to.failures, string(to.problem), to.reason, millis(to.since),
		millis(to.lastSuccess), millis(to.lastPost), millis(to.visited), to.pace.day, to.pace.month, to.handle, now.UnixMilli())
	if err != nil {
		return fmt.Errorf("save schedule of %s: %w", key, err)
	}
	return nil
}

// schedules reads what is remembered of all targets of a source.
func (s *State) schedules(ctx context.Context, source string) (map[string]schedule, error) {
	all := map[string]schedule{}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var (
			target                                     string
			entry                                      schedule
			due, since, lastSuccess, lastPost, visited int64
		)
		err := rows.Scan(&target, &due, &entry.failures, &entry.problem, &entry.reason, &since, &lastSuccess, &lastPost,
			&visited, &entry.pace.day, &entry.pace.month, &entry.handle)
		entry.due, entry.since, entry.visited = fromMillis(due), fromMillis(since), fromMillis(visited)
		entry.lastSuccess, entry.lastPost = fromMillis(lastSuccess), fromMillis(lastPost)
		all[target] = entry
		return err
	}, `SELECT target, due, failures, problem, reason, since, last_success, last_post, visited, pace_day, pace_month, handle
		FROM target WHERE source = ?`, source)
	if err == nil {
		err = s.eachGap(ctx, source, func(target string, gap Gap) {
			entry := all[target]
			entry.gaps = append(entry.gaps, gap)
			all[target] = entry
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read schedules of %s: %w", source, err)
	}
	return all, nil
}

// each runs a query and gives every row to read.
func (s *State) each(ctx context.Context, read func(*sql.Rows) error, query string, args ...any) (err error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// forgetTargets removes targets that nobody has touched since the date, such as
// files that are long gone.
func (s *State) forgetTargets(ctx context.Context, before time.Time) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM target WHERE touched < ?`, before.UnixMilli())
	if err != nil {
		return fmt.Errorf("forget old targets: %w", err)
	}
	return nil
}

// forgetBackfill removes the cursors of a backfill, whose keys begin with the
// prefix.
func (s *State) forgetBackfill(ctx context.Context, source, prefix string) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM target WHERE source = ? AND substr(target, 1, ?) = ?`, source, len(prefix), prefix)
	if err != nil {
		return fmt.Errorf("forget the backfill of %s: %w", source, err)
	}
	return nil
}
