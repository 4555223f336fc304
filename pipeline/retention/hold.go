package retention

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// Hold keeps a post from being purged until it is lifted, with a reason. A case has
// a hold of its own, see cases.Hold.
func (r *Retention) Hold(ctx context.Context, by access.Viewer, post, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return ErrReason
	}
	return r.db.Write(ctx, func(tx *database.Tx) error {
		var known int
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM review_items WHERE id = ?", post).Scan(&known); err != nil {
			return fmt.Errorf("hold a post: %w", err)
		}
		if known == 0 {
			return fmt.Errorf("%q: %w", post, ErrNotFound)
		}
		_, err := tx.Exec(ctx, "INSERT INTO retention_holds (post, reason, made_by, made_at) VALUES (?, ?, ?, ?)", post, reason, by.Name, r.deps.Now().UnixMilli())
		if err != nil {
			return fmt.Errorf("hold a post: %w", err)
		}
		return r.deps.Audit.Record(ctx, tx, by, "retention.hold", post, map[string]string{"reason": reason})
	})
}

// Lift ends the holds on a post, with a reason.
func (r *Retention) Lift(ctx context.Context, by access.Viewer, post, reason string) error {
	if reason = strings.TrimSpace(reason); reason == "" {
		return ErrReason
	}
	return r.db.Write(ctx, func(tx *database.Tx) error {
		result, err := tx.Exec(ctx, "UPDATE retention_holds SET lifted_by = ?, lifted_at = ? WHERE post = ? AND lifted_at = 0", by.Name, r.deps.Now().UnixMilli(), post)
		if err != nil {
			return fmt.Errorf("lift a hold: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("%q: %w", post, ErrNotHeld))
		}
		return r.deps.Audit.Record(ctx, tx, by, "retention.lift", post, map[string]string{"reason": reason})
	})
}

// Holds lists the holds on posts that are not lifted, the newest first.
func (r *Retention) Holds(ctx context.Context) (holds []Hold, err error) {
	rows, err := r.db.Query(ctx, "SELECT post, reason, made_by, made_at FROM retention_holds WHERE lifted_at = 0 ORDER BY num DESC")
	if err != nil {
		return nil, fmt.Errorf("list holds: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var h Hold
		var at int64
		if err := rows.Scan(&h.Post, &h.Reason, &h.By, &at); err != nil {
			return nil, fmt.Errorf("list holds: %w", err)
		}
		h.At = database.Time(at)
		holds = append(holds, h)
	}
	return holds, rows.Err()
}
