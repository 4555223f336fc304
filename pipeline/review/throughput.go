package review

import (
	"context"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/access"
)

// Work is how much one person decided on one day in one region.
type Work struct {
	// Day is written 2024-11-20, in Zone.
	Day    string
	Person string
	Region string
	// Decisions holds the decisions that were not corrected or taken back, by
	// verdict; Total is all of them.
	Decisions map[Verdict]int
	Total     int
}

// Throughput counts decisions by day, person and region, the latest day first. A
// supervisor sees it, each of the own regions.
func (r *Review) Throughput(ctx context.Context, viewer access.Viewer, period Period) ([]Work, error) {
	if !viewer.May(access.Supervise) {
		return nil, ErrForbidden
	}
	from, until := period.bounds()
	rows, err := r.db.Query(ctx, `
		SELECT (d.made_at + ?) / 86400000 AS day, d.made_by, i.region, d.verdict, count(*)
		FROM review_decisions d JOIN review_items i ON i.num = d.item
		WHERE d.made_at >= ? AND d.made_at < ? AND d.withdrawn = 0
			AND NOT EXISTS (SELECT 1 FROM review_decisions later WHERE later.replaces = d.id AND later.replaces <> '')
		GROUP BY 1, 2, 3, 4 ORDER BY 1 DESC, 2, 3, 4`, zoneMilliseconds, from, until)
	if err != nil {
		return nil, fmt.Errorf("count what was decided: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Work
	for rows.Next() {
		var dayNumber int64
		var w Work
		var verdict Verdict
		var n int
		if err := rows.Scan(&dayNumber, &w.Person, &w.Region, &verdict, &n); err != nil {
			return nil, fmt.Errorf("count what was decided: %w", err)
		}
		if !viewer.Sees(w.Region) || period.Region != "" && !access.Within(w.Region, period.Region) {
			continue
		}
		w.Day = time.UnixMilli(dayNumber * day.Milliseconds()).UTC().Format(time.DateOnly)
		if last := len(all) - 1; last < 0 || all[last].Day != w.Day || all[last].Person != w.Person || all[last].Region != w.Region {
			w.Decisions = map[Verdict]int{}
			all = append(all, w)
		}
		all[len(all)-1].Decisions[verdict] += n
		all[len(all)-1].Total += n
	}
	return all, inWords("count what was decided", rows.Err())
}
