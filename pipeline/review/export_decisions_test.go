package review_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/review"
)

// decisionsOf reads all pages of so many and writes each decision in a line.
func decisionsOf(t *testing.T, b *bench, viewer access.Viewer, period review.Period, limit int) []string {
	t.Helper()
	lines := []string{}
	for after := int64(0); ; {
		made, next, err := b.Decisions(t.Context(), viewer, period, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range made {
			lines = append(lines, fmt.Sprintf("%s %s %s %d %v %v %s", d.Item.ID, d.Decision.By, d.Decision.Verdict, d.Decision.Round, d.Decision.Withdrawn, d.Decision.Current, d.Item.Status))
		}
		if next == 0 {
			return lines
		}
		after = next
	}
}

func TestDecisionsAreListedAsTheyWereMade(t *testing.T) {
	each(t, func(c *review.Configuration, _ *review.Dependencies) { c.SecondConfirmed = true }, func(t *testing.T, b *bench) {
		flags := manyFlags(5)
		flags[4].Person.Region = "73.01"
		b.take(flags...)
		b.mustDecide(ani, "x:0000", benign)
		b.mustDecide(ani, "x:0001", violation) // waits for a second opinion
		b.mustDecide(citra, "x:0002", violation)
		b.mustDecide(budi, "x:0002", benign) // a conflict: no longer hidden
		taken := b.mustDecide(budi, "x:0003", benign)
		if _, err := b.Undo(t.Context(), budi, taken.ID); err != nil {
			t.Fatal(err)
		}
		b.clock.pass(2 * time.Hour)
		b.mustDecide(budi, "x:0004", benign)
		first := []string{
			"x:0000 ani no_violation 1 false true dismissed", "x:0002 citra violation 1 false true conflict", "x:0002 budi no_violation 2 false true conflict",
			"x:0003 budi no_violation 1 false false open", "x:0003 budi no_violation 1 true false open",
		}
		last := "x:0004 budi no_violation 1 false true dismissed"
		for name, test := range map[string]struct {
			viewer access.Viewer
			period review.Period
			want   []string
		}{
			"all":             {citra, review.Period{}, append(first[:5:5], last)},
			"own regions":     {kalbar, review.Period{}, first},
			"a region":        {citra, review.Period{Region: "73"}, []string{last}},
			"not one's own":   {kalbar, review.Period{Region: "73"}, []string{}},
			"from":            {citra, review.Period{From: noon.Add(time.Hour)}, []string{last}},
			"until":           {citra, review.Period{Until: noon.Add(time.Hour)}, first},
			"nothing in then": {citra, review.Period{From: noon.Add(5 * time.Hour)}, []string{}},
		} {
			for _, limit := range []int{1, 3, 500} {
				if diff := cmp.Diff(test.want, decisionsOf(t, b, test.viewer, test.period, limit)); diff != "" {
					t.Errorf("%s, %d at once: %s", name, limit, diff)
				}
			}
		}
		if _, _, err := b.Decisions(t.Context(), ani, review.Period{}, 0, 10); !errors.Is(err, review.ErrForbidden) {
			t.Errorf("an analyst: %v", err)
		}
		if _, _, err := b.Decisions(t.Context(), citra, review.Period{}, 0, 501); !errors.Is(err, review.ErrInvalid) {
			t.Errorf("too many at once: %v", err)
		}
	})
}
