package coordinated_test

import (
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/coordinated"
	"github.com/netra-id/netra/pipeline/store"
)

// accountsIn are the hashes of the accounts of a cluster.
func (s *site) accountsIn(t *testing.T, c *coordinated.Cluster) map[uint64]bool {
	t.Helper()
	rows, err := s.db.Query(t.Context(), "SELECT exact FROM coordinated_forms WHERE cluster = ?", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var exact []uint64
	for rows.Next() {
		var e int64
		if err := rows.Scan(&e); err != nil {
			t.Fatal(err)
		}
		exact = append(exact, uint64(e)) //nolint:gosec // its bits
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	accounts := map[uint64]bool{}
	in := store.SketchRange{KeyID: s.maker.KeyID(), From: c.FirstAt, Until: c.LastAt.Add(time.Second)}
	if err := s.store.SketchedPosts(t.Context(), in, exact, func(p *store.SketchedPost) { accounts[p.Account] = true }); err != nil {
		t.Fatal(err)
	}
	return accounts
}
