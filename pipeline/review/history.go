package review

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// History returns the decisions on an item, oldest first. While the item waits
// for a second opinion, each person sees only the own ones.
func (r *Review) History(ctx context.Context, viewer access.Viewer, id string) ([]Decision, error) {
	if !viewer.May(access.Read) {
		return nil, ErrForbidden
	}
	item, err := itemByID(ctx, r.db, viewer, id)
	if err != nil {
		return nil, err
	}
	decisions, err := decisionsOn(ctx, r.db, []*row{item})
	return shown(item, viewer, decisions[item.num]), err
}

// shown leaves the decisions that the viewer may see now.
func shown(item *row, viewer access.Viewer, decisions []Decision) []Decision {
	if item.Status != Second {
		return decisions
	}
	return slices.DeleteFunc(slices.Clone(decisions), func(d Decision) bool { return d.By != viewer.Name })
}

const decisionColumns = "item, id, edition, verdict, label, rule, cause, same, note, made_by, made_at, round, replaces, withdrawn"

// decisionsOn returns the decisions on items, by their numbers, oldest first.
func decisionsOn(ctx context.Context, db database.Querier, items []*row) (map[int64][]Decision, error) {
	if len(items) == 0 {
		return nil, nil
	}
	byNum := make(map[int64]*row, len(items))
	nums := make([]any, len(items))
	for i, item := range items {
		byNum[item.num], nums[i] = item, item.num
	}
	rows, err := db.Query(ctx, "SELECT "+decisionColumns+" FROM review_decisions WHERE item IN ("+database.Marks(len(nums))+") ORDER BY item, seq", nums...)
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	all := make(map[int64][]Decision, len(items))
	replaced := map[string]bool{}
	for rows.Next() {
		d, num, edition, err := scanDecision(rows)
		if err != nil {
			return nil, fmt.Errorf("read decisions: %w", err)
		}
		d.Item = byNum[num].ID
		d.Current = !d.Withdrawn && edition == byNum[num].edition
		all[num] = append(all[num], d)
		replaced[d.Replaces] = true
	}
	for _, decisions := range all {
		for i := range decisions {
			decisions[i].Current = decisions[i].Current && !replaced[decisions[i].ID]
		}
	}
	return all, inWords("read decisions", rows.Err())
}

func scanDecision(rows *sql.Rows) (d Decision, num, edition int64, err error) {
	var at int64
	var withdrawn int
	err = rows.Scan(&num, &d.ID, &edition, &d.Verdict, &d.Label, &d.Rule, &d.Cause, &d.Same, &d.Note, &d.By, &at, &d.Round, &d.Replaces, &withdrawn)
	d.At, d.Withdrawn = database.Time(at), withdrawn != 0
	return d, num, edition, err
}

func insertDecision(ctx context.Context, tx *database.Tx, item *row, d Decision) error {
	_, err := tx.Exec(ctx, "INSERT INTO review_decisions ("+decisionColumns+") VALUES ("+database.Marks(14)+")",
		item.num, d.ID, item.edition, string(d.Verdict), string(d.Label), d.Rule, string(d.Cause), d.Same, d.Note, d.By,
		d.At.UnixMilli(), d.Round, d.Replaces, boolean(d.Withdrawn))
	if database.IsUnique(err) {
		return ErrChanged
	}
	return inWords("write down a decision", err)
}

// decisionByID returns a decision with its item and all decisions on that.
func decisionByID(ctx context.Context, tx *database.Tx, viewer access.Viewer, id string) (*row, []Decision, Decision, error) {
	var num int64
	err := tx.QueryRow(ctx, "SELECT item FROM review_decisions WHERE id = ?", id).Scan(&num)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, Decision{}, ErrNotFound
	}
	if err != nil {
		return nil, nil, Decision{}, fmt.Errorf("read a decision: %w", err)
	}
	items, err := itemsByNum(ctx, tx, []int64{num})
	if err != nil {
		return nil, nil, Decision{}, err
	}
	if len(items) == 0 || !viewer.Sees(items[0].Region) {
		return nil, nil, Decision{}, ErrNotFound
	}
	all, err := decisionsOn(ctx, tx, items)
	if err != nil {
		return nil, nil, Decision{}, err
	}
	i := slices.IndexFunc(all[num], func(d Decision) bool { return d.ID == id })
	return items[0], all[num], all[num][i], nil
}
