package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/netra-id/netra/pipeline/post"
)

// StandingFlag is the row of flagged_posts that holds for a post, also where it
// withdraws the flag (no labels).
type StandingFlag struct {
	ID          string    `ch:"id"`
	Version     time.Time `ch:"version"`
	CollectedAt time.Time `ch:"collected_at"`
	Labels      []string  `ch:"labels"`
	Contestants []string  `ch:"contestants"`
	Scores      []float64 `ch:"scores"`
	Rules       []string  `ch:"rules"`
}

// standingAtOnce bounds the ids in one query.
const standingAtOnce = 5000

// StandingFlags returns what holds for those of the posts of which there is a
// row.
func (s *Store) StandingFlags(ctx context.Context, ids []string) ([]StandingFlag, error) {
	var all []StandingFlag
	for len(ids) > 0 {
		n := min(len(ids), standingAtOnce)
		var some []StandingFlag
		err := s.read(ctx, "flags_standing", &some, `
			SELECT id, version, collected_at, labels, contestants, scores, rules FROM flagged_posts FINAL
			WHERE id IN {ids:Array(String)}`, clickhouse.Named("ids", ids[:n]))
		if err != nil {
			return nil, err
		}
		all, ids = append(all, some...), ids[n:]
	}
	return all, nil
}

// RewriteFlags stores flags under versions of the caller's choosing: versions[i]
// is that of flags[i]. A flag without labels withdraws what was flagged.
func (s *Store) RewriteFlags(ctx context.Context, token string, flags []post.Flag, versions []time.Time) error {
	rows, err := flagRows(flags)
	if err != nil {
		return s.failed("rewrite", fmt.Sprintf("rewrite flags %s", token), err)
	}
	for i := range rows {
		rows[i].Version = versions[i].UTC()
	}
	err = insertBlock(ctx, s, "flagged_posts", token, flagColumns, rows)
	return s.failed("rewrite", fmt.Sprintf("rewrite flags %s", token), withID(err, rows))
}
