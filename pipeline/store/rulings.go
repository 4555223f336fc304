package store

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Ruling is the last word of the analysts on a post.
type Ruling struct {
	Item string `ch:"item"`
	// Verdict is violation, no_violation or duplicate.
	Verdict string `ch:"verdict"`
}

// rulingsAtOnce bounds the ids in one query.
const rulingsAtOnce = 5000

// Rulings returns the last words on those of the posts on which there is one.
func (s *Store) Rulings(ctx context.Context, ids []string) ([]Ruling, error) {
	var all []Ruling
	for len(ids) > 0 {
		n := min(len(ids), rulingsAtOnce)
		var some []Ruling
		err := s.read(ctx, "rulings", &some,
			"SELECT item, argMax(verdict, edition) AS verdict FROM decisions_final WHERE item IN {ids:Array(String)} GROUP BY item ORDER BY item",
			clickhouse.Named("ids", ids[:n]))
		if err != nil {
			return nil, err
		}
		all, ids = append(all, some...), ids[n:]
	}
	return all, nil
}
