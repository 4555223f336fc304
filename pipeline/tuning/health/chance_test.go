package health

import (
	"fmt"
	"math"
	"testing"
)

// The tails were computed with Python's fractions, exactly.
func TestTailsOfTheBinomialAreExact(t *testing.T) {
	for _, test := range []struct {
		n, x         int
		p            float64
		upper, lower float64
	}{
		{10, 3, 1.0 / 5, 0.3222004736, 0.8791261184},
		{15, 12, 1.0 / 15, 2.89867255032038e-12, 0.999999999999952},
		{100, 0, 1.0 / 15, 1, 0.00100850408632408},
		{500, 60, 1.0 / 15, 9.39303229558905e-06, 0.999995246088859},
		{500, 10, 1.0 / 15, 0.999999664276157, 1.2222846769291e-06},
		{2000, 1000, 1.0 / 4, 3.07817485439889e-127, 1},
		{3000, 3000, 1.0 / 2, 0, 1},
		{1000, 400, 1.0 / 2, 0.999999999909916, 1.36423207803301e-10},
		{40, 1, 1.0 / 1000, 0.0392297892641882, 0.999239488442951},
		{5000, 300, 1.0 / 16, 0.77515129849651, 0.242978027597448},
	} {
		t.Run(fmt.Sprintf("%d of %d at %g", test.x, test.n, test.p), func(t *testing.T) {
			if got := upperTail(test.n, test.x, test.p); !near(got, test.upper) {
				t.Errorf("P(X >= %d) = %.12g, want %.12g", test.x, got, test.upper)
			}
			if got := lowerTail(test.n, test.x, test.p); !near(got, test.lower) {
				t.Errorf("P(X <= %d) = %.12g, want %.12g", test.x, got, test.lower)
			}
		})
	}
}

func near(got, want float64) bool {
	return got == want || math.Abs(got-want) <= 1e-9*math.Abs(want)
}

func TestTailsAreChances(t *testing.T) {
	for n := range 40 {
		for x := -1; x <= n+1; x++ {
			for _, p := range []float64{1e-9, 0.01, 0.5, 0.93, 1 - 1e-9} {
				upper, below := upperTail(n, x, p), lowerTail(n, x-1, p)
				if upper < 0 || upper > 1 || math.Abs(upper+below-1) > 1e-9 {
					t.Fatalf("n %d x %d p %g: %g and %g are not one", n, x, p, upper, below)
				}
			}
		}
	}
}

func TestTheChanceOfTwoRates(t *testing.T) {
	for name, test := range map[string]struct{ hits, posts, pastHits, pastPosts, least int }{
		"no hits":       {0, 100, 0, 1400, 1},
		"no posts":      {0, 0, 5, 1400, 1},
		"no past":       {5, 100, 0, 0, 1},
		"the same rate": {10, 100, 140, 1400, 1},
	} {
		if p := chance(test.hits, test.posts, test.pastHits, test.pastPosts); p != float64(test.least) {
			t.Errorf("%s: %g, want 1", name, p)
		}
	}
	// 12 hits of 15 in one of 15 equal days: twice P(X >= 12), X ~ B(15, 1/15).
	if p := chance(12, 1000, 3, 14000); !near(p, 5.79734510064077e-12) {
		t.Errorf("chance %.12g", p)
	}
}

func TestHolmCorrectsInOrder(t *testing.T) {
	got := corrected([]float64{0.04, 0.001, 0.03, 0.5})
	want := []float64{0.09, 0.004, 0.09, 0.5}
	for i := range want {
		if !near(got[i], want[i]) {
			t.Errorf("%v, want %v", got, want)
			break
		}
	}
}
