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
		(source, target, due, failures, problem, reason, since, last_success, last_post, touched)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (source, target) DO UPDATE SET due = excluded.due, failures = excluded.failures,
		problem = excluded.problem, reason = excluded.reason, since = excluded.since,
		last_success = excluded.last_success, last_post = excluded.last_post, touched = excluded.touched`,
		key.source, key.target, millis(to.due), to.failures, string(to.problem), to.reason, millis(to.since),
		millis(to.lastSuccess), millis(to.lastPost), now.UnixMilli())
	if err != nil {
		return fmt.Errorf("save schedule of %s: %w", key, err)
	}
	return nil
}

// schedules reads what is remembered of all targets of a source.
func (s *State) schedules(ctx context.Context, source string) (_ map[string]schedule, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT target, due, failures, problem, reason, since, last_success, last_post
		FROM target WHERE source = ?`, source)
	if err != nil {
		return nil, fmt.Errorf("read schedules of %s: %w", source, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	all := map[string]schedule{}
	for rows.Next() {
		var (
			target                            string
			entry                             schedule
			due, since, lastSuccess, lastPost int64
		)
		if err := rows.Scan(&target, &due, &entry.failures, &entry.problem, &entry.reason, &since, &lastSuccess, &lastPost); err != nil {
			return nil, fmt.Errorf("read schedules of %s: %w", source, err)
		}
		entry.due, entry.since = fromMillis(due), fromMillis(since)
		entry.lastSuccess, entry.lastPost = fromMillis(lastSuccess), fromMillis(lastPost)
		all[target] = entry
	}
	return all, rows.Err()
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
