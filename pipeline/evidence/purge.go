package evidence

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

// The states of a file whose last piece was purged.
const (
	due      = "due"
	removing = "removing"
	removed  = "removed"
)

// abandonedAfter is when a removal is taken up by somebody else.
const abandonedAfter = time.Hour

// Purge takes pieces out of the database, in the caller's transaction, in which
// the caller also adds their tombstones to the log, and returns them as they
// were. Pieces that are not there are left out. Files that no other piece is
// about are removed later, by RemoveFiles.
func (k *Keeper) Purge(ctx context.Context, tx *database.Tx, ids []string) ([]Stored, error) {
	var purged []Stored
	for _, id := range ids {
		pieces, err := list(ctx, tx, "SELECT "+columns+" FROM evidence_pieces WHERE id = ?", id)
		if err != nil {
			return nil, err
		}
		if len(pieces) == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, "DELETE FROM evidence_pieces WHERE id = ?", id); err != nil {
			return nil, fmt.Errorf("purge piece %s: %w", id, err)
		}
		purged = append(purged, pieces[0])
	}
	now, _ := k.clock.Now()
	for _, p := range purged {
		if p.SHA256 == "" {
			continue
		}
		left, err := countOf(ctx, tx, p.SHA256)
		if err != nil {
			return nil, err
		}
		if left > 0 {
			continue
		}
		_, err = tx.Exec(ctx, `INSERT INTO evidence_removals (sha256, generation, state, at) VALUES (?, 0, ?, ?)
			ON CONFLICT (sha256) DO UPDATE SET state = excluded.state, at = excluded.at WHERE evidence_removals.state <> 'removing'`, p.SHA256, due, now.UnixMilli())
		if err != nil {
			return nil, fmt.Errorf("note that a file is no longer needed: %w", err)
		}
	}
	k.metrics.purged.Add(float64(len(purged))) // also of a transaction that is rolled back: it is told as what was tried
	return purged, nil
}

func countOf(ctx context.Context, q database.Querier, sum string) (n int64, err error) {
	err = q.QueryRow(ctx, "SELECT count(*) FROM evidence_pieces WHERE sha256 = ?", sum).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the pieces of a file: %w", err)
	}
	return n, nil
}

// Remover removes a file from the storage; one that is not there is no error.
type Remover func(ctx context.Context, sha256 string) error

// RemoveFiles removes the files whose last piece was purged, but those of which
// inUse says that something else needs them; it may be nil. A removal that was
// broken off is taken up again. It returns how many files were removed.
func (k *Keeper) RemoveFiles(ctx context.Context, inUse func(ctx context.Context, sha256 string) (bool, error), remove Remover) (int, error) {
	sums, err := k.due(ctx)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, sum := range sums {
		if inUse != nil {
			used, err := inUse(ctx, sum)
			if err != nil {
				return done, err
			}
			if used {
				continue
			}
		}
		begun, err := k.beginRemoval(ctx, sum)
		if err != nil {
			return done, err
		}
		if !begun {
			continue
		}
		if err := remove(ctx, sum); err != nil {
			return done, fmt.Errorf("remove the file %s: %w", sum, err)
		}
		if _, err := k.db.Exec(ctx, "UPDATE evidence_removals SET state = ? WHERE sha256 = ? AND state = ?", removed, sum, removing); err != nil {
			return done, fmt.Errorf("note that the file %s was removed: %w", sum, err)
		}
		k.metrics.removed.Inc()
		done++
	}
	return done, nil
}

func (k *Keeper) due(ctx context.Context) (sums []string, err error) {
	rows, err := k.db.Query(ctx, "SELECT sha256 FROM evidence_removals WHERE state IN ('due', 'removing') ORDER BY at LIMIT 10000")
	if err != nil {
		return nil, fmt.Errorf("list files that are no longer needed: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var sum string
		if err := rows.Scan(&sum); err != nil {
			return nil, err
		}
		sums = append(sums, sum)
	}
	return sums, rows.Err()
}

// beginRemoval says false where a piece needs the file again.
func (k *Keeper) beginRemoval(ctx context.Context, sum string) (begun bool, err error) {
	err = k.db.Write(ctx, func(tx *database.Tx) error {
		begun = false
		pieces, err := countOf(ctx, tx, sum)
		if err != nil {
			return err
		}
		if pieces > 0 {
			_, err := tx.Exec(ctx, "UPDATE evidence_removals SET state = ? WHERE sha256 = ? AND state = ?", removed, sum, due)
			return err
		}
		now, _ := k.clock.Now()
		result, err := tx.Exec(ctx, `UPDATE evidence_removals SET state = ?, generation = generation + 1, at = ?
			WHERE sha256 = ? AND (state = ? OR state = ? AND at < ?)`,
			removing, now.UnixMilli(), sum, due, removing, now.Add(-abandonedAfter).UnixMilli())
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		begun = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("begin to remove the file %s: %w", sum, err)
	}
	return begun, nil
}
