package retention

import (
	"context"
	"fmt"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// A flag that was purged can come back as long as the queue keeps its post: by a
// re-delivery, by reclassification, or since the intake looks back. Gate stands
// between ClickHouse and those who take flags in, leaves out what was purged, and
// has it purged from ClickHouse again.

// Flags are the flagged posts as the review and the evidence ask for them. The
// store implements it.
type Flags interface {
	InsertedSince(ctx context.Context, after store.InsertCursor, limit int) ([]store.InsertCursor, error)
	FlagsByID(ctx context.Context, ids []string) ([]post.Flag, error)
	FlagVersions(ctx context.Context, places []store.InsertCursor) ([]post.Flag, error)
	Flag(ctx context.Context, id string) (post.Flag, error)
}

// Gate returns the flags without those that were purged.
func (r *Retention) Gate(flags Flags) Flags { return gate{Flags: flags, retention: r} }

type gate struct {
	Flags
	retention *Retention
}

func (g gate) FlagsByID(ctx context.Context, ids []string) ([]post.Flag, error) {
	flags, err := g.Flags.FlagsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	return g.retention.sift(ctx, flags)
}

func (g gate) FlagVersions(ctx context.Context, places []store.InsertCursor) ([]post.Flag, error) {
	flags, err := g.Flags.FlagVersions(ctx, places)
	if err != nil {
		return nil, err
	}
	return g.retention.sift(ctx, flags)
}

// sift leaves out the flags of purged posts and notes them as work.
func (r *Retention) sift(ctx context.Context, flags []post.Flag) ([]post.Flag, error) {
	var any int
	if err := r.db.QueryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM retention_purged LIMIT 1) AS purged").Scan(&any); err != nil || any == 0 {
		return flags, err
	}
	kept := flags[:0:0]
	var back []string
	for start := 0; start < len(flags); start += 500 {
		some := flags[start:min(start+500, len(flags))]
		purged, err := r.purgedOf(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, flag := range some {
			if purged[r.nameOf(flag.Post.ID)] {
				back = append(back, flag.Post.ID)
			} else {
				kept = append(kept, flag)
			}
		}
	}
	if len(back) == 0 {
		return kept, nil
	}
	r.metrics.returned.Add(float64(len(back)))
	return kept, r.db.Write(ctx, func(tx *database.Tx) error {
		for _, id := range back {
			_, err := tx.Exec(ctx, "INSERT INTO retention_work (post, name, at) VALUES (?, ?, ?) ON CONFLICT (post) DO NOTHING", id, r.nameOf(id), r.deps.Now().UnixMilli())
			if err != nil {
				return fmt.Errorf("note that a purged post came back: %w", err)
			}
		}
		return nil
	})
}

func (r *Retention) purgedOf(ctx context.Context, flags []post.Flag) (map[string]bool, error) {
	args := make([]any, len(flags))
	for i := range flags {
		args[i] = r.nameOf(flags[i].Post.ID)
	}
	rows, err := r.db.Query(ctx, "SELECT name FROM retention_purged WHERE name IN ("+database.Marks(len(args))+")", args...)
	if err != nil {
		return nil, fmt.Errorf("look for purged posts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	purged := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("look for purged posts: %w", err)
		}
		purged[name] = true
	}
	return purged, rows.Err()
}
