package review_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

func TestAgreementIsCohensKappa(t *testing.T) {
	duplicate := review.Decision{Verdict: review.SameAs, Same: "x:0099"}
	tests := map[string]struct {
		pairs [][2]review.Decision
		items int
		kappa float64
		known bool
	}{
		"nothing":                      {nil, 0, 0, false},
		"all alike, one verdict":       {repeat(4, benign, benign), 4, 0, false},
		"all alike, two verdicts":      {append(repeat(3, benign, benign), repeat(3, violation, violation)...), 6, 1, true},
		"always another":               {append(repeat(3, benign, violation), repeat(3, violation, benign)...), 6, -1, true},
		"the one always, the other no": {append(repeat(2, violation, benign), repeat(2, violation, violation)...), 4, 0, true},
		// The example of the textbooks: 20 and 15 alike, 5 and 10 not: 0.4.
		"half way":                {append(append(repeat(4, violation, violation), repeat(3, benign, benign)...), append(repeat(1, violation, benign), repeat(2, benign, violation)...)...), 10, 0.4, true},
		"asked for is no opinion": {repeat(3, unsure, benign), 0, 0, false},
		"three verdicts":          {append(repeat(2, duplicate, duplicate), repeat(2, benign, violation)...), 4, (0.5 - 0.25) / 0.75, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, shareOf(1), func(t *testing.T, b *bench) {
				b.take(append(manyFlags(len(test.pairs)), flagOf("x:0099"))...)
				for i, pair := range test.pairs {
					b.mustDecide(ani, fmt.Sprintf("x:%04d", i), pair[0])
					b.mustDecide(budi, fmt.Sprintf("x:%04d", i), pair[1])
				}
				a, err := b.Agreement(t.Context(), citra, review.Period{})
				if err != nil || a.Items != test.items || a.KappaKnown != test.known || math.Abs(a.Kappa-test.kappa) > 1e-9 {
					t.Errorf("%+v (%v), want %d items, kappa %.3f", a, err, test.items, test.kappa)
				}
			})
		})
	}
}

func repeat(n int, first, second review.Decision) (pairs [][2]review.Decision) {
	for range n {
		pairs = append(pairs, [2]review.Decision{first, second})
	}
	return pairs
}

func TestAgreementKeepsWhatASupervisorCorrectsAndForgetsWhatIsTakenBack(t *testing.T) {
	each(t, shareOf(1), func(t *testing.T, b *bench) {
		b.take(manyFlags(3)...)
		b.mustDecide(ani, "x:0000", violation)
		b.mustDecide(budi, "x:0000", benign)
		b.mustDecide(citra, "x:0000", violation) // settles it
		b.mustDecide(ani, "x:0001", violation)
		second := b.mustDecide(budi, "x:0001", violation)
		correction := benign
		correction.Replaces = second.ID
		b.mustDecide(citra, "x:0001", correction)
		b.mustDecide(ani, "x:0002", violation)
		taken := b.mustDecide(budi, "x:0002", benign)
		if _, err := b.Undo(t.Context(), budi, taken.ID); err != nil {
			t.Fatal(err)
		}
		a, err := b.Agreement(t.Context(), citra, review.Period{})
		if err != nil || a.Items != 2 || a.Agreed != 1 || a.Conflicts != 1 || a.Settled != 1 {
			t.Errorf("%+v (%v)", a, err)
		}
		if a, err = b.Agreement(t.Context(), kalbar, review.Period{Region: "73"}); err != nil || a.Items != 0 {
			t.Errorf("elsewhere: %+v (%v)", a, err)
		}
		if _, err = b.Agreement(t.Context(), ani, review.Period{}); !errors.Is(err, review.ErrForbidden) {
			t.Errorf("an analyst: %v", err)
		}
	})
}

func TestThroughputCountsByDayPersonAndRegion(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		flags := manyFlags(5)
		flags[4].Person.Region = "73.01"
		b.take(flags...)
		b.mustDecide(ani, "x:0000", violation)
		taken := b.mustDecide(ani, "x:0001", violation)
		if _, err := b.Undo(t.Context(), ani, taken.ID); err != nil {
			t.Fatal(err)
		}
		b.mustDecide(ani, "x:0001", benign)
		b.mustDecide(ani, "x:0004", benign)
		b.clock.pass(12 * time.Hour) // midnight in the zone is at 17:00 UTC
		b.mustDecide(budi, "x:0002", benign)
		got, err := b.Throughput(t.Context(), citra, review.Period{From: noon.Add(-time.Hour), Until: noon.Add(24 * time.Hour)})
		want := []review.Work{
			{Day: "2024-11-21", Person: "budi", Region: "61.08", Decisions: map[review.Verdict]int{review.NoViolation: 1}, Total: 1},
			{Day: "2024-11-20", Person: "ani", Region: "61.08", Decisions: map[review.Verdict]int{review.NoViolation: 1, review.Violation: 1}, Total: 2},
			{Day: "2024-11-20", Person: "ani", Region: "73.01", Decisions: map[review.Verdict]int{review.NoViolation: 1}, Total: 1},
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("(%v) %s", err, diff)
		}
		if got, err = b.Throughput(t.Context(), kalbar, review.Period{From: noon, Until: noon.Add(time.Hour)}); err != nil || len(got) != 1 || got[0].Total != 2 {
			t.Errorf("of 61 in the first hour: %v (%v)", got, err)
		}
	})
}

func TestBacklogCountsAgesAndDeadlines(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		var flags []post.Flag
		for i, age := range []time.Duration{time.Hour, 25 * time.Hour, 80 * time.Hour, 40 * 24 * time.Hour, 2 * time.Hour} {
			flags = append(flags, flagOf(fmt.Sprintf("x:%d", i), func(f *post.Flag) { f.Post.CreatedAt = noon.Add(-age) }))
		}
		b.take(flags...)
		b.mustDecide(ani, "x:4", benign)
		for i := range 3 {
			if _, err := b.Open(t.Context(), ani, fmt.Sprintf("x:%d", i)); err != nil {
				t.Fatal(err)
			}
			if i < 2 {
				b.clock.pass(72 * time.Hour)
			}
		}
		b.clock.pass(36 * time.Hour) // 180 hours after the first of 168 was opened
		got, err := b.Backlog(t.Context(), citra, review.Filter{})
		if err != nil || got.Waiting != 4 || got.Overdue != 1 || got.DueInDay != 0 || got.DueInTwoDays != 0 || got.DueInThreeDays != 1 || got.DueLater != 1 || got.NotOpened != 1 ||
			!got.Oldest.Equal(noon.Add(-40*24*time.Hour)) {
			t.Errorf("%+v (%v)", got, err)
		}
		total := 0
		for _, age := range got.Ages {
			total += age.Items
		}
		if total != 4 || got.Ages[len(got.Ages)-1].Items != 1 {
			t.Errorf("ages %v", got.Ages)
		}
		if _, err := b.Backlog(t.Context(), ani, review.Filter{}); !errors.Is(err, review.ErrForbidden) {
			t.Errorf("an analyst: %v", err)
		}
	})
}

func TestWilsonBoundsTheShare(t *testing.T) {
	for _, test := range []struct {
		seen, n   int
		low, high float64
	}{
		{0, 0, 0, 1}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {1, 2, 0.0945, 0.9055}, {81, 263, 0.2553, 0.3662},
	} {
		low, high := review.Wilson(test.seen, test.n)
		if math.Abs(low-test.low) > 5e-5 || math.Abs(high-test.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", test.seen, test.n, low, high, test.low, test.high)
		}
	}
}
