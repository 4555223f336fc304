package seal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// benchPieces are the pieces that one round of the benchmark seals, benchTogether
// those of one flag, which are added in one transaction.
const (
	benchPieces   = 100_000
	benchTogether = 8
)

// BenchmarkPiecesSealed adds the statements of 100,000 pieces and seals them, and
// says how large the log is then: all of the database is the log's.
func BenchmarkPiecesSealed(b *testing.B) {
	for name, address := range map[string]func(testing.TB) string{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				db := databasetest.Open(b, address(b))
				log := open(b, db, configured(b.TempDir()))
				added := addPieces(b, db, log)
				begun := time.Now()
				if n, err := log.Seal(b.Context()); err != nil || n != benchPieces {
					b.Fatal(n, err)
				}
				sealed := time.Since(begun)
				begun = time.Now()
				if _, err := log.Check(b.Context()); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(added.Seconds(), "s/added")
				b.ReportMetric(sealed.Seconds(), "s/sealed")
				b.ReportMetric(time.Since(begun).Seconds(), "s/checked")
				b.ReportMetric(float64(sizeOf(b, db))/benchPieces, "B/piece")
			}
		})
	}
}

func addPieces(b *testing.B, db *database.DB, log *seal.Log) time.Duration {
	b.Helper()
	begun := time.Now()
	for first := 0; first < benchPieces; first += benchTogether {
		err := db.Write(b.Context(), func(tx *database.Tx) error {
			for i := first; i < first+benchTogether; i++ {
				statement, err := json.Marshal(evidence.Piece{Format: 1, ID: fmt.Sprint(i), Kind: evidence.Raw, Post: fmt.Sprintf("mastodon:%d", i/8), SHA256: strings.Repeat("ab", 32)})
				if err != nil {
					return err
				}
				if err := log.Add(b.Context(), tx, seal.KindPiece, statement); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begun)
}

// sizeOf is what the log's tables and indexes take.
func sizeOf(b *testing.B, db *database.DB) (size int64) {
	b.Helper()
	query := `SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'seal_%' OR name LIKE 'sqlite_autoindex_seal_%'`
	if db.Dialect() == database.Postgres {
		query = `SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relname IN ('seal_waiting', 'seal_leaves', 'seal_hashes', 'seal_checkpoints', 'seal_stamps')`
		if _, err := db.Exec(context.Background(), "VACUUM FULL"); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.QueryRow(b.Context(), query).Scan(&size); err != nil {
		b.Fatal(err)
	}
	return size
}
