package seal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

// leavesOf finds the leaves of statements by their SHA-256.
func leavesOf(ctx context.Context, q database.Querier, sums [][32]byte) ([]Leaf, error) {
	var found []Leaf
	for some := range slices.Chunk(sums, atOnce) {
		args := make([]any, len(some))
		for i := range some {
			args[i] = some[i][:]
		}
		leaves, err := readLeaves(ctx, q, `SELECT number, kind, sha256, sealed_at FROM seal_leaves WHERE sha256 IN (?`+strings.Repeat(", ?", len(some)-1)+`)`, args...)
		if err != nil {
			return nil, fmt.Errorf("find leaves of the sealed log: %w", err)
		}
		found = append(found, leaves...)
	}
	return found, nil
}

func readLeaves(ctx context.Context, q database.Querier, query string, args ...any) ([]Leaf, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []Leaf
	for rows.Next() {
		var leaf Leaf
		var sum []byte
		var at int64
		if err := rows.Scan(&leaf.Number, &leaf.Kind, &sum, &at); err != nil {
			return nil, err
		}
		if len(sum) != len(leaf.SHA256) {
			return nil, fmt.Errorf("leaf %d has no SHA-256", leaf.Number)
		}
		leaf.SHA256, leaf.SealedAt = [32]byte(sum), time.UnixMilli(at).UTC()
		all = append(all, leaf)
	}
	return all, rows.Err()
}
