package judge

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// treeIndex names the first features a, b and c.
var (
	treeNames = []string{"a", "b × c", "cue c"}
	treeIndex = map[string]int{"a": 0, "b × c": 1, "cue c": 2}
)

func TestTreesAreReadAsTheyAreWritten(t *testing.T) {
	for source, values := range map[string]map[[3]float64]float64{
		"0.25": {{}: 0.25},
		"[a > 0.5 ? 1 : -1]": {
			{1, 0, 0}: 1, {0.5, 0, 0}: -1,
		},
		"[a > 0.5 ? [b × c > -2.25 ? 1 : 2] : [cue c > 0.5 ? 3 : -4e-05]]": {
			{1, 0, 0}: 1, {1, -3, 0}: 2, {0, 0, 1}: 3, {0, 0, 0}: -4e-05,
		},
	} {
		parsed, err := parseTree(source, treeIndex)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if written := parsed.format(treeNames); written != source {
			t.Errorf("%s is written as %s", source, written)
		}
		for features, want := range values {
			v := vector{features[0], features[1], features[2]}
			if got := parsed.value(&v); got != want {
				t.Errorf("%s of %v: %v, expected %v", source, features, got, want)
			}
		}
	}
}

func TestBrokenTreesAreRefused(t *testing.T) {
	for _, source := range []string{
		"", "x", "NaN", "Inf", "1 ", "[a > 0.5 ? 1 : -1", "[a > 0.5 ? 1 : -1]]", "[a > ? 1 : 2]", "[nobody > 1 ? 1 : 2]",
		"[a > 1 ? 1]", "[a < 1 ? 1 : 2]", strings.Repeat("[a > 1 ? ", 40) + "1" + strings.Repeat(" : 1]", 40),
	} {
		if parsed, err := parseTree(source, treeIndex); err == nil {
			t.Errorf("%q is read as %v", source, parsed)
		}
	}
}

// Two features that tell something only together are what a sum cannot learn.
func TestTreesLearnWhatASumCannot(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test repeats itself
	x, y := make([]*vector, 400), make([]bool, 400)
	for i := range x {
		a, b := random.IntN(2), random.IntN(2)
		x[i], y[i] = &vector{1, float64(a), float64(b), random.Float64()}, a != b
	}
	every := func(int) bool { return true }
	weights := fitLogistic(x, y, every)
	linear := sums(weights, x)
	trees := growTrees(x, y, linear, every)
	wrong, without := 0, 0
	for i, row := range x {
		if (linear[i]+corrected(trees, linear[i], row) > 0) != y[i] {
			wrong++
		}
		if (linear[i] > 0) != y[i] {
			without++
		}
	}
	if without < 100 || wrong > 0 {
		t.Errorf("%d of 400 are wrong with trees, %d without", wrong, without)
	}
	if diff := cmp.Diff(trees, growTrees(x, y, linear, every), cmp.AllowUnexported(node{})); diff != "" {
		t.Errorf("grown again:\n%s", diff)
	}
}

// corrected is what trees add to a sum, whatever it may reach.
func corrected(trees []tree, sum float64, v *vector) float64 {
	grown := newForest(trees)
	total, _ := grown.correction(math.Inf(-1), sum, v)
	return total
}

func TestTreesAreNotAskedFarBelow(t *testing.T) {
	trees := []tree{{{feature: -1, value: 9}}}
	if got := corrected(trees, treesFrom-0.1, &vector{}); got != 0 {
		t.Errorf("far below: %v", got)
	}
	if got := corrected(trees, treesFrom, &vector{}); got != 9 {
		t.Errorf("near: %v", got)
	}
}

func TestAnOperatorsRuleFlagsByItselfFromHalfOn(t *testing.T) {
	f := &fusion{}
	f.thresholds[0], f.thresholds[1] = 0.8, 0.35
	for _, c := range []struct {
		label        int
		weight, want float64
	}{{0, 0, 0}, {0, 0.25, 0.4}, {0, 0.5, 0.8}, {0, 0.75, 0.9}, {0, 1, 1}, {1, 0.5, 0.35}, {1, 0.4, 0.28}, {1, 1, 1}} {
		if got := round(f.foreign(c.label, c.weight)); got != c.want {
			t.Errorf("weight %v at the threshold %v: %v, expected %v", c.weight, f.thresholds[c.label], got, c.want)
		}
	}
}
