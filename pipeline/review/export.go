package review

import (
	"context"
	"fmt"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// MadeDecision is a decision with the item that it is about, as it is now.
type MadeDecision struct {
	Decision Decision
	Item     Item
	// Seq is the decision's place in the order in which they were made.
	Seq int64
}

// Decisions returns the decisions of a period that were made behind the place
// after, oldest first, and the place of the next ones: 0 where there are no more.
// There may be fewer than limit, or none, with others behind them. Those on items
// that wait for a second opinion are left out but for the viewer's own: nobody who
// may give it sees the first one. A supervisor sees them.
func (r *Review) Decisions(ctx context.Context, viewer access.Viewer, period Period, after int64, limit int) ([]MadeDecision, int64, error) {
	if !viewer.May(access.Supervise) {
		return nil, 0, ErrForbidden
	}
	if limit < 1 || limit > MostPage {
		return nil, 0, invalid("limit", limit, fmt.Sprintf("1 to %d", MostPage))
	}
	read, next, err := r.decisionsAfter(ctx, period, after, limit)
	if err != nil || len(read) == 0 {
		return nil, 0, err
	}
	nums := make([]int64, len(read))
	for i := range read {
		nums[i] = read[i].num
	}
	items, err := itemsByNum(ctx, r.db, nums)
	if err != nil {
		return nil, 0, err
	}
	byNum := make(map[int64]*row, len(items))
	for _, item := range items {
		byNum[item.num] = item
	}
	var made []MadeDecision
	for _, d := range read {
		item := byNum[d.num]
		if item == nil || !viewer.Sees(item.Region) || period.Region != "" && !access.Within(item.Region, period.Region) ||
			item.Status == Second && d.Decision.By != viewer.Name {
			continue
		}
		d.Decision.Item, d.Item = item.ID, r.itemOf(item)
		d.Decision.Current = d.Decision.Current && d.edition == item.edition
		made = append(made, d.MadeDecision)
	}
	return made, next, nil
}

type readDecision struct {
	MadeDecision
	num, edition int64
}

// decisionsAfter reads decisions in their order; Current says only that none
// replaces them.
func (r *Review) decisionsAfter(ctx context.Context, period Period, after int64, limit int) (read []readDecision, next int64, err error) {
	from, until := period.bounds()
	rows, err := r.db.Query(ctx, `
		SELECT seq, item, id, edition, verdict, label, rule, cause, same, note, made_by, made_at, round, replaces, withdrawn,
			CASE WHEN EXISTS (SELECT 1 FROM review_decisions later WHERE later.replaces = d.id AND later.replaces <> '') THEN 1 ELSE 0 END
		FROM review_decisions d WHERE made_at >= ? AND made_at < ? AND seq > ? ORDER BY seq LIMIT ?`, from, until, after, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("read decisions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var d readDecision
		var at int64
		var withdrawn, replaced int
		err := rows.Scan(&d.Seq, &d.num, &d.Decision.ID, &d.edition, &d.Decision.Verdict, &d.Decision.Label, &d.Decision.Rule, &d.Decision.Cause,
			&d.Decision.Same, &d.Decision.Note, &d.Decision.By, &at, &d.Decision.Round, &d.Decision.Replaces, &withdrawn, &replaced)
		if err != nil {
			return nil, 0, fmt.Errorf("read decisions: %w", err)
		}
		d.Decision.At, d.Decision.Withdrawn = database.Time(at), withdrawn != 0
		d.Decision.Current = withdrawn == 0 && replaced == 0
		read = append(read, d)
	}
	if len(read) == limit {
		next = read[limit-1].Seq
	}
	return read, next, inWords("read decisions", rows.Err())
}
