package capture

import (
	"context"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

// spend notes that a challenge or signature is used; false says that it was
// used before.
func spend(ctx context.Context, q database.Querier, proof string, until time.Time) (bool, error) {
	result, err := q.Exec(ctx, `INSERT INTO capture_spent (proof, until) VALUES (?, ?) ON CONFLICT DO NOTHING`, proof, until.UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// Purge removes contacts, words and proofs whose time is over.
func (d *Desk) Purge(ctx context.Context) error {
	now := d.now()
	err := d.db.Write(ctx, func(tx *database.Tx) error {
		steps := []struct {
			query string
			args  []any
		}{
			{`DELETE FROM capture_spent WHERE until < ?`, []any{now.UnixMilli()}},
			{`UPDATE capture_tips SET contact = ? WHERE length(contact) > 0 AND (state IN ('rejected', 'spam') OR received_at < ? OR decided_at > 0 AND decided_at < ?)`,
				[]any{[]byte{}, now.Add(-d.cfg.Tips.Keep).UnixMilli(), now.Add(-d.cfg.Tips.ContactKeep).UnixMilli()}},
			{`UPDATE capture_tips SET seen = '', link = '', link_key = '', account = '' WHERE state IN ('rejected', 'spam') AND decided_at < ? AND (seen <> '' OR link <> '')`,
				[]any{now.Add(-d.cfg.Tips.Keep).UnixMilli()}},
		}
		for _, step := range steps {
			if _, err := tx.Exec(ctx, step.query, step.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var waiting int64
	if err := d.db.QueryRow(ctx, `SELECT count(*) FROM capture_tips WHERE state = ?`, string(TipWaiting)).Scan(&waiting); err != nil {
		return err
	}
	d.metrics.waiting.Set(float64(waiting))
	return nil
}
