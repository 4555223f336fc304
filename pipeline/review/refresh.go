package review

import (
	"context"
	"fmt"

	"github.com/netra-id/netra/pipeline/database"
)

// refreshTx bounds the items of one transaction.
const refreshTx = 500

// RefreshUrgency brings the urgency of the opened items that wait up to date
// with the days that are left.
func (r *Review) RefreshUrgency(ctx context.Context) error {
	last := int64(0)
	for {
		items, err := queryItems(ctx, r.db, "WHERE i.due_at > 0 AND i.num > ? AND i.status IN ('open', 'second', 'conflict') ORDER BY i.num LIMIT ?", last, refreshTx)
		if err != nil || len(items) == 0 {
			return err
		}
		last = items[len(items)-1].num
		now := r.deps.Now()
		var stale []*row
		for _, item := range items {
			if r.urgency(item.base, item.Copies, item.Due, now) != item.Urgency {
				stale = append(stale, item)
			}
		}
		if len(stale) == 0 {
			continue
		}
		err = r.write(ctx, func(tx *database.Tx, stamp int64) error {
			for _, item := range stale {
				// What was changed in between is left for the next time.
				_, err := tx.Exec(ctx, "UPDATE review_items SET urgency = ?, changed = ? WHERE num = ? AND urgency = ? AND due_at = ?",
					r.urgency(item.base, item.Copies, item.Due, now), stamp, item.num, item.Urgency, item.Due.UnixMilli())
				if err != nil {
					return fmt.Errorf("refresh the urgency of an item: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}
