package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/review"
)

// candidate is an item that may be due.
type candidate struct {
	post, region string
	status       review.Status
	decided      time.Time
	flagged      time.Time
	same         string
	held         bool
	// cases it is in, those of them that are open, and when the last was closed.
	cases, open int
	closed      time.Time
	pieces      int
}

// Plan says what a run would purge now. It changes nothing.
func (r *Retention) Plan(ctx context.Context) (Plan, error) {
	plan := Plan{At: r.deps.Now().UTC(), Due: []Due{}, Files: []string{}, Stays: map[Why]int{}}
	if err := r.lookAround(ctx); err != nil {
		return plan, err
	}
	waiting := "('" + string(review.Open) + "', '" + string(review.Second) + "', '" + string(review.Conflict) + "')"
	if err := r.db.QueryRow(ctx, "SELECT count(*) FROM review_items WHERE status IN "+waiting).Scan(&plan.Waiting); err != nil {
		return plan, fmt.Errorf("plan what goes: %w", err)
	}
	if err := r.db.QueryRow(ctx, "SELECT count(*) FROM retention_work").Scan(&plan.Unfinished); err != nil {
		return plan, fmt.Errorf("plan what goes: %w", err)
	}
	all, err := r.candidates(ctx, r.db, "")
	if err != nil {
		return plan, err
	}
	for i := range all {
		c := &all[i]
		why, since, goes := r.judge(c, plan.At)
		if !goes {
			plan.Stays[why]++
			continue
		}
		plan.Due = append(plan.Due, Due{Post: c.post, Region: c.region, Status: string(c.status), Why: why, Since: since, Pieces: c.pieces})
	}
	plan.Files, err = r.looseFiles(ctx)
	return plan, err
}

// judge says whether a decided item goes, why, and since when it is due.
func (r *Retention) judge(c *candidate, now time.Time) (why Why, since time.Time, goes bool) {
	after := func(why Why, from time.Time, keep time.Duration) (Why, time.Time, bool) {
		if since := from.Add(keep); !from.IsZero() && !since.After(now) {
			return why, since, true
		}
		return NotYet, time.Time{}, false
	}
	switch {
	case c.held:
		return Held, time.Time{}, false
	case c.open > 0:
		return OpenCase, time.Time{}, false
	case c.cases > 0:
		return after(Closed, c.closed, r.cfg.Closed)
	case c.status == review.Dismissed:
		return after(Dismissed, c.decided, r.cfg.Dismissed)
	case c.status == review.Withdrawn:
		return after(Withdrawn, c.flagged, r.cfg.Withdrawn)
	case c.status == review.Duplicate:
		if len(c.same) > 0 && isPurged(c.same) {
			return DuplicateOf, c.decided, true
		}
		return Original, time.Time{}, false
	}
	return NoCase, time.Time{}, false
}

func isPurged(name string) bool { return len(name) > 7 && name[:7] == "purged:" }

// candidates reads the decided items, or the one with a post's id.
func (r *Retention) candidates(ctx context.Context, db database.Querier, post string) ([]candidate, error) {
	inCases := "0, 0, 0, 0"
	if r.has("cases") {
		of := " FROM case_posts p JOIN cases c ON c.num = p.case_num WHERE p.post = i.id AND p.removed_at = 0"
		inCases = "(SELECT count(*)" + of + "), (SELECT count(*)" + of + " AND c.closed_at = 0), (SELECT coalesce(max(c.closed_at), 0)" + of +
			"), (SELECT count(*)" + of + " AND c.hold <> '')"
	}
	where, args := "", []any{}
	if post != "" {
		where, args = " AND i.id = ?", append(args, post)
	}
	rows, err := db.Query(ctx, `SELECT i.id, i.region, i.status, i.decided_at, i.flagged_at,
			coalesce((SELECT max(d.same) FROM review_decisions d WHERE d.item = i.num AND d.verdict = 'duplicate'), ''),
			(SELECT count(*) FROM retention_holds h WHERE h.post = i.id AND h.lifted_at = 0),
			(SELECT count(*) FROM evidence_pieces e WHERE e.post = i.id), `+inCases+`
		FROM review_items i WHERE i.status IN ('confirmed', 'dismissed', 'duplicate', 'withdrawn')`+where+` ORDER BY i.num`, args...)
	if err != nil {
		return nil, fmt.Errorf("read what may go: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var all []candidate
	for rows.Next() {
		var c candidate
		var decided, flagged, closed int64
		var holds, caseHolds int
		if err := rows.Scan(&c.post, &c.region, &c.status, &decided, &flagged, &c.same, &holds, &c.pieces, &c.cases, &c.open, &closed, &caseHolds); err != nil {
			return nil, fmt.Errorf("read what may go: %w", err)
		}
		c.decided, c.flagged, c.closed, c.held = database.Time(decided), database.Time(flagged), database.Time(closed), holds+caseHolds > 0
		all = append(all, c)
	}
	return all, rows.Err()
}
