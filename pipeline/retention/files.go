package retention

import (
	"context"
	"errors"
	"fmt"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/database"
)

// looseFiles are the files that somebody handed in long enough ago and that belong
// to nothing: no piece of evidence, no capture on its way, no flagged post.
func (r *Retention) looseFiles(ctx context.Context) ([]string, error) {
	if !r.has("capture_files") {
		return []string{}, nil
	}
	sums, err := r.sums(ctx, `SELECT f.sha256 FROM capture_files f WHERE NOT EXISTS (SELECT 1 FROM evidence_pieces e WHERE e.sha256 = f.sha256)
		AND NOT EXISTS (SELECT 1 FROM capture_posts p WHERE p.state = 'waiting' AND p.post LIKE '%' || f.sha256 || '%')
		GROUP BY f.sha256 HAVING max(f.at) < ? ORDER BY f.sha256 LIMIT 5000`, r.deps.Now().Add(-r.cfg.Files).UnixMilli())
	if err != nil || len(sums) == 0 {
		return []string{}, err
	}
	needed, err := r.deps.Store.FilesOfFlags(ctx, sums)
	if err != nil {
		return nil, err
	}
	loose := []string{}
	for _, sum := range sums {
		if !needed[sum] {
			loose = append(loose, sum)
		}
	}
	return loose, nil
}

func (r *Retention) sums(ctx context.Context, query string, args ...any) (sums []string, err error) {
	rows, err := r.db.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("look for files that belong to nothing: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var sum string
		if err := rows.Scan(&sum); err != nil {
			return nil, fmt.Errorf("look for files that belong to nothing: %w", err)
		}
		sums = append(sums, sum)
	}
	return sums, rows.Err()
}

// removeFiles removes the files of purged evidence that nothing else needs, and
// the loose ones.
func (r *Retention) removeFiles(ctx context.Context, loose []string) (int, error) {
	fresh := map[string]bool{}
	remove := func(ctx context.Context, sum string) error {
		err := r.deps.Files.Remove(ctx, sum)
		if errors.Is(err, blobs.ErrFresh) {
			fresh[sum] = true
		}
		return err
	}
	removed, err := r.deps.Keeper.RemoveFiles(ctx, r.inUse, remove)
	if err != nil && !errors.Is(err, blobs.ErrFresh) {
		return removed, err
	}
	for _, sum := range loose {
		gone, err := r.removeLoose(ctx, sum)
		if err != nil {
			return removed, err
		}
		removed += gone
	}
	r.metrics.files.Add(float64(removed))
	return removed, nil
}

// removeLoose forgets who handed in a file, and removes it. A file that somebody
// hands in again meanwhile stays.
func (r *Retention) removeLoose(ctx context.Context, sum string) (int, error) {
	err := r.deps.Files.Remove(ctx, sum)
	if errors.Is(err, blobs.ErrFresh) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	err = r.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM capture_files WHERE sha256 = ?", sum)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget who handed in a file: %w", err)
	}
	return 1, nil
}

// inUse says whether something but evidence needs a file: somebody handed it in
// lately, or a flagged post names it.
func (r *Retention) inUse(ctx context.Context, sum string) (bool, error) {
	if r.has("capture_files") {
		lately, err := r.sums(ctx, "SELECT sha256 FROM capture_files WHERE sha256 = ? AND at >= ?", sum, r.deps.Now().Add(-r.cfg.Files).UnixMilli())
		if err != nil || len(lately) > 0 {
			return true, err
		}
	}
	named, err := r.deps.Store.FilesOfFlags(ctx, []string{sum})
	return named[sum], err
}
