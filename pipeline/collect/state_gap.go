package collect

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// mostGaps bounds what is told of one account; what is more is the oldest.
const mostGaps = 50

// eachGap reads the gaps of a source's targets, oldest first.
func (s *State) eachGap(ctx context.Context, source string, found func(target string, gap Gap)) error {
	return s.each(ctx, func(rows *sql.Rows) error {
		var target string
		var gap Gap
		var from, until int64
		err := rows.Scan(&target, &from, &until, &gap.Reason)
		gap.From, gap.Until = fromMillis(from), fromMillis(until)
		found(target, gap)
		return err
	}, `SELECT target, from_time, until_time, reason FROM gap WHERE source = ? ORDER BY target, from_time, until_time`, source)
}

// saveGaps replaces the gaps of a target.
func (s *State) saveGaps(ctx context.Context, key targetKey, gaps []Gap) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM gap WHERE source = ? AND target = ?`, key.source, key.target); err != nil {
			return err
		}
		for _, gap := range gaps {
			_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO gap (source, target, from_time, until_time, reason) VALUES (?, ?, ?, ?, ?)`,
				key.source, key.target, millis(gap.From), millis(gap.Until), gap.Reason)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save gaps of %s: %w", key, err)
	}
	return nil
}

// addGaps adds periods to those that are known. Periods that touch become one,
// with the reason of the earlier; an open end is now.
func addGaps(known, found []Gap, now time.Time) []Gap {
	all := make([]Gap, 0, len(known)+len(found))
	for _, gap := range found {
		if gap.Until.IsZero() {
			gap.Until = now
		}
		if gap.Until.After(gap.From) {
			all = append(all, gap)
		}
	}
	all = joinGaps(append(all, known...))
	return all[max(len(all)-mostGaps, 0):]
}

// closeGaps takes a period that was collected afterwards out of the gaps.
func closeGaps(known []Gap, period Period) []Gap {
	var left []Gap
	for _, gap := range known {
		if !period.Until.IsZero() && !period.Until.After(gap.From) || !period.From.Before(gap.Until) {
			left = append(left, gap)
			continue
		}
		if gap.From.Before(period.From) {
			left = append(left, Gap{Period{gap.From, period.From}, gap.Reason})
		}
		if !period.Until.IsZero() && period.Until.Before(gap.Until) {
			left = append(left, Gap{Period{period.Until, gap.Until}, gap.Reason})
		}
	}
	return left
}

func joinGaps(gaps []Gap) []Gap {
	slices.SortStableFunc(gaps, func(a, b Gap) int { return a.From.Compare(b.From) })
	var joined []Gap
	for _, gap := range gaps {
		if n := len(joined); n > 0 && !gap.From.After(joined[n-1].Until) {
			joined[n-1].Until = later(joined[n-1].Until, gap.Until)
			continue
		}
		joined = append(joined, gap)
	}
	return joined
}
