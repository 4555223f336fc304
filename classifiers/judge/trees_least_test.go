package judge

import (
	"math/rand/v2"
	"testing"
)

// Trees are left out only where what is left of them cannot reach the sum.
func TestTreesAreLeftOutWhereTheyCannotReach(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test repeats itself
	leaf := func() node { return node{feature: -1, value: random.Float64() - 0.5} }
	trees := make([]tree, 12)
	for i := range trees {
		trees[i] = tree{{feature: random.IntN(3), above: 0.5, then: 1, not: 2}, leaf(), leaf()}
	}
	grown, left := newForest(trees), 0
	for range 2000 {
		v := &vector{random.Float64(), random.Float64(), random.Float64()}
		sum, least := 6*random.Float64()-4, 6*random.Float64()-4
		whole := corrected(trees, sum, v)
		got, ok := grown.correction(least, sum, v)
		switch {
		case ok && got != whole:
			t.Fatalf("sum %v, least %v: %v, expected %v", sum, least, got, whole)
		case !ok && sum+whole >= least:
			t.Fatalf("sum %v, least %v: left out, but the corrected sum is %v", sum, least, sum+whole)
		case !ok:
			left++
		}
	}
	if left < 200 {
		t.Errorf("%d of 2000 are left out: the bound bounds nothing", left)
	}
}
