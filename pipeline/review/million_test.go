package review_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/review/reviewtest"
)

// BenchmarkQueue measures what an analyst waits for, on a queue of
// NETRA_BENCH_ITEMS items (20,000 where it is not set), on both databases.
func BenchmarkQueue(b *testing.B) {
	items := 20_000
	if n, err := strconv.Atoi(os.Getenv("NETRA_BENCH_ITEMS")); err == nil {
		items = n
	}
	for name, address := range map[string]func(testing.TB) string{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		b.Run(name, func(b *testing.B) { benchmarkQueue(b, address(b), items) })
	}
}

func benchmarkQueue(b *testing.B, address string, items int) {
	cfg := review.DefaultConfiguration()
	r, err := review.New(cfg, review.Dependencies{Database: databasetest.Open(b, address)})
	if err != nil {
		b.Fatal(err)
	}
	if err := r.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if err := r.Fill(b.Context(), reviewtest.Flags(items, start)); err != nil {
		b.Fatal(err)
	}
	b.Logf("filled with %d in %s", items, time.Since(start))
	start = time.Now()
	page, err := r.List(b.Context(), ani, review.Filter{}, review.ByUrgency, "", 50)
	if err != nil || page.Total != items {
		b.Fatalf("%d items (%v)", page.Total, err)
	}
	b.Logf("first list, with reading all into memory: %s", time.Since(start))
	region := access.Viewer{ID: 8, Name: "hana", Role: access.Analyst, Regions: []string{"61", "73.05"}}
	list := func(viewer access.Viewer, filter review.Filter, sort review.Sort) func() error {
		return func() error {
			_, err := r.List(b.Context(), viewer, filter, sort, "", 50)
			return err
		}
	}
	measures := []struct {
		name string
		do   func() error
	}{
		{"list", list(ani, review.Filter{}, review.ByUrgency)},
		{"list of a region's analyst", list(region, review.Filter{}, review.ByUrgency)},
		{"list of a regency, label and language", list(ani, review.Filter{Region: "61.08", Label: "hoax", Language: "bjn"}, review.ByNewest)},
		{"search of a rare word", list(ani, review.Filter{Search: "akun777"}, review.ByUrgency)},
		{"search of two frequent words", list(ani, review.Filter{Search: "pupuk amplop"}, review.ByUrgency)},
		{"a later page", func() error {
			_, err := r.List(b.Context(), ani, review.Filter{}, review.ByUrgency, page.Next, 50)
			return err
		}},
		{"counts", func() error {
			_, err := r.Counts(b.Context(), region, review.Filter{Platform: "x", Search: fmt.Sprint("-", time.Now().UnixNano())})
			return err
		}},
		{"counts of all, kept for seconds", func() error { _, err := r.Counts(b.Context(), ani, review.Filter{}); return err }},
		{"next item: claim, open, decide", func() error {
			taken, err := r.ClaimNext(b.Context(), ani, review.Filter{}, 1)
			if err != nil {
				return err
			}
			item, err := r.Open(b.Context(), ani, taken[0].ID)
			if err != nil {
				return err
			}
			_, err = r.Decide(b.Context(), ani, []review.Choice{{Item: item.ID, Revision: item.Revision}}, benign)
			return err
		}},
		{"neighbours", func() error {
			_, err := r.Neighbours(b.Context(), ani, review.Filter{}, review.ByUrgency, page.Items[20].ID)
			return err
		}},
	}
	for _, m := range measures {
		b.Run(m.name, func(b *testing.B) {
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				if err := m.do(); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms/p50")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "ms/p99")
		})
	}
}

// BenchmarkTakeIn measures how many flags a second come into a queue that has
// some already.
func BenchmarkTakeIn(b *testing.B) {
	const batch = 200
	for name, address := range map[string]func(testing.TB) string{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			r, err := review.New(review.DefaultConfiguration(), review.Dependencies{Database: databasetest.Open(b, address(b))})
			if err == nil {
				err = r.Migrate(b.Context())
			}
			if err != nil {
				b.Fatal(err)
			}
			taken := 0
			for b.Loop() {
				var flags []post.Flag
				for range batch {
					flags = append(flags, reviewtest.Flag(taken, time.Now()))
					taken++
				}
				if err := r.TakeInFlags(b.Context(), flags); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(taken)/b.Elapsed().Seconds(), "flags/s")
		})
	}
}
