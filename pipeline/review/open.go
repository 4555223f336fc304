package review

import (
	"context"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// Open records that a person looks at an item. The first time starts the legal
// clock. Whoever holds it goes on holding it.
func (r *Review) Open(ctx context.Context, viewer access.Viewer, id string) (Item, error) {
	if !viewer.May(access.Read) {
		return Item{}, ErrForbidden
	}
	err := r.write(ctx, func(tx *database.Tx, stamp int64) error {
		item, err := itemByID(ctx, tx, viewer, id)
		if err != nil {
			return err
		}
		now := r.deps.Now()
		if item.OpenedAt.IsZero() {
			due := now.Add(r.cfg.Deadline)
			urgency := r.urgency(item.base, item.Copies, due, now)
			_, err := tx.Exec(ctx, "UPDATE review_items SET opened_at = ?, due_at = ?, urgency = ?, changed = ? WHERE num = ?",
				now.UnixMilli(), due.UnixMilli(), urgency, stamp, item.num)
			if err != nil {
				return fmt.Errorf("start the clock of an item: %w", err)
			}
		}
		if err := r.renew(ctx, tx, stamp, viewer, item, now); err != nil {
			return err
		}
		return r.audit(ctx, tx, viewer, "item.open", item.ID, nil)
	})
	if err != nil {
		return Item{}, err
	}
	return r.Item(ctx, viewer, id)
}

// renew lets the viewer hold an item longer that he or she holds.
func (r *Review) renew(ctx context.Context, tx *database.Tx, stamp int64, viewer access.Viewer, item *row, now time.Time) error {
	if item.Holder != viewer.Name || !item.HeldUntil.After(now) {
		return nil
	}
	_, err := tx.Exec(ctx, "UPDATE review_items SET held_until = ?, changed = ? WHERE num = ?", now.Add(r.cfg.Lock).UnixMilli(), stamp, item.num)
	return inWords("hold an item longer", err)
}

func (r *Review) audit(ctx context.Context, tx *database.Tx, viewer access.Viewer, action, subject string, details map[string]string) error {
	if r.deps.Audit == nil {
		return nil
	}
	return inWords("write the audit log", r.deps.Audit.Record(ctx, tx, viewer, action, subject, details))
}
