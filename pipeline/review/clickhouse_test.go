package review_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// clickhouse is a store on a fresh database.
func clickhouse(t *testing.T) (*store.Store, embeddedtest.Connection) {
	t.Helper()
	connection := embeddedtest.Engine(t)
	s, err := storeAt(connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, connection
}

// forgetful stores what it is given and then says that it failed, as if the
// process or the network had ended in between.
type forgetful struct {
	*store.Store
	times int
}

func (f *forgetful) InsertDecisions(ctx context.Context, token string, rows []store.DecisionRow) error {
	err := f.Store.InsertDecisions(ctx, token, rows)
	if f.times--; f.times >= 0 && err == nil {
		return errors.New("the answer was lost")
	}
	return err
}

func TestFromFlagToPrecisionThroughClickHouse(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		s, connection := clickhouse(t)
		sink := &forgetful{Store: s, times: 3}
		b := newBench(t, db, func(_ *review.Configuration, d *review.Dependencies) { d.Flags, d.Decisions = s, sink })
		insert := func(token string, flags ...post.Flag) {
			t.Helper()
			if err := s.Insert(t.Context(), store.Batch{Token: token, Flags: flags}); err != nil {
				t.Fatal(err)
			}
			if err := b.TakeIn(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		insert("a", manyFlags(4)...)
		insert("b", flagOf("x:edited"), flagOf("x:back"))
		later := func(f *post.Flag) { f.Post.CollectedAt = f.Post.CollectedAt.Add(1) }
		insert("c", flagOf("x:edited", later, func(f *post.Flag) { f.Post.Text = "diedit" }), flagOf("x:back", later, withoutLabels))
		if got := b.ids(ani, review.Filter{}, review.ByOldest); len(got) != 5 || slices.Contains(got, "x:back") || b.item("x:edited").Excerpt != "diedit" {
			t.Fatalf("taken in: %v", got)
		}
		for i, d := range []review.Decision{violation, violation, benign} {
			b.mustDecide(ani, fmt.Sprintf("x:%04d", i), d)
		}
		taken := b.mustDecide(ani, "x:0003", benign)
		if _, err := b.Undo(t.Context(), ani, taken.ID); err != nil {
			t.Fatal(err)
		}
		failed := 0
		for b.Send(t.Context()) != nil {
			b.mustDecide(ani, []string{"x:0003", "x:edited"}[failed%2], unsure)
			failed++
			if failed == 2 {
				sink.times = 0
			}
		}
		var made int
		if err := db.QueryRow(t.Context(), "SELECT count(*) FROM review_decisions").Scan(&made); err != nil {
			t.Fatal(err)
		}
		got, err := connection.Query(t.Context(), "SELECT count(), uniqExact(id) FROM decisions FORMAT TSV")
		if err != nil || got != fmt.Sprintf("%d\t%d\n", made, made) || failed != 2 {
			t.Errorf("after %d failures ClickHouse has %q rows and ids, want %d (%v)", failed, got, made, err)
		}
		precision, err := review.PrecisionBy(t.Context(), s, citra, "rule", store.DecisionFilter{})
		low, high := review.Wilson(2, 3)
		want := []review.Precision{{Value: "support/vote-for", Judged: 3, Violations: 2, Share: 2.0 / 3, Low: low, High: high}}
		if diff := cmp.Diff(want, precision); diff != "" || err != nil {
			t.Errorf("(%v) %s", err, diff)
		}
		if _, err := review.PrecisionBy(t.Context(), s, ani, "rule", store.DecisionFilter{}); !errors.Is(err, review.ErrForbidden) {
			t.Errorf("an analyst: %v", err)
		}
	})
}

func TestTheReviewRunsUntilItIsEnded(t *testing.T) {
	each(t, func(c *review.Configuration, d *review.Dependencies) {
		d.Flags, c.Poll = &river{flags: map[string]post.Flag{}}, 1
	}, func(t *testing.T, b *bench) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- b.Run(ctx) }()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
