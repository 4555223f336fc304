package review_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/review"
)

// TestWhoIsToldOfAConfirmationIsPartOfIt tells of confirmations only, and takes a
// decision back of which nobody could be told.
func TestWhoIsToldOfAConfirmationIsPartOfIt(t *testing.T) {
	var told []string
	var fails error
	each(t, func(_ *review.Configuration, d *review.Dependencies) {
		told, fails = nil, nil
		d.Confirmed = func(_ context.Context, tx *database.Tx, post, decision string) error {
			if tx == nil || decision == "" {
				t.Error("without a transaction or a decision")
			}
			told = append(told, post)
			return fails
		}
	}, func(t *testing.T, b *bench) {
		told = nil
		b.take(flagOf("a"), flagOf("b"), flagOf("c"))
		b.mustDecide(citra, "a", review.Decision{Verdict: review.NoViolation, Cause: review.Satire})
		fails = errors.New("the disk is full")
		if _, err := b.decide(citra, "b", review.Decision{Verdict: review.Violation, Rule: "KE-2"}); !errors.Is(err, fails) {
			t.Errorf("decided: %v", err)
		}
		if got := b.item("b").Status; got != review.Open {
			t.Errorf("b is %s, want open: nobody could be told", got)
		}
		told, fails = nil, nil
		b.mustDecide(citra, "b", review.Decision{Verdict: review.Violation, Rule: "KE-2"})
		if told = slices.Compact(told); !slices.Equal(told, []string{"b"}) {
			t.Errorf("told of %v, want b", told)
		}
	})
}
