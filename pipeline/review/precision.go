package review

import (
	"context"
	"math"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/store"
)

// Precision is how often people found a label's or rule's flags right.
type Precision struct {
	// Value is the label, or the source of a reason such as "support/vote-for".
	Value string
	// Of Judged items with a last word, Violations were found to be one.
	// Duplicates are in neither.
	Judged, Violations int
	// Share is Violations of Judged; Low and High bound the true share with 95%
	// confidence (Wilson's interval).
	Share, Low, High float64
}

// Judge counts the last words on flagged posts. The store implements it.
type Judge interface {
	Judged(ctx context.Context, by string, filter store.DecisionFilter) ([]store.Judged, error)
}

// PrecisionBy returns the precision by "label" or by "rule", the most judged
// first. A supervisor sees it, an operator too, who tunes the lists by it.
func PrecisionBy(ctx context.Context, judge Judge, viewer access.Viewer, by string, filter store.DecisionFilter) ([]Precision, error) {
	if !viewer.May(access.Supervise) && !viewer.May(access.Tune) {
		return nil, ErrForbidden
	}
	filter.Regions = viewer.Regions
	rows, err := judge.Judged(ctx, by, filter)
	list := make([]Precision, len(rows))
	for i, row := range rows {
		low, high := Wilson(int(row.Violations), int(row.Judged))
		list[i] = Precision{Value: row.Value, Judged: int(row.Judged), Violations: int(row.Violations), Low: low, High: high}
		if row.Judged > 0 {
			list[i].Share = float64(row.Violations) / float64(row.Judged)
		}
	}
	return list, err
}

// Wilson bounds a share of which so many of n were seen, with 95% confidence
// (E. B. Wilson, Probable inference, the law of succession, and statistical
// inference, 1927). Of none it is anything from 0 to 1.
func Wilson(seen, n int) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	const z = 1.959963984540054
	share, count := float64(seen)/float64(n), float64(n)
	middle := (share + z*z/(2*count)) / (1 + z*z/count)
	half := z / (1 + z*z/count) * math.Sqrt(share*(1-share)/count+z*z/(4*count*count))
	return max(0, middle-half), min(1, middle+half)
}
