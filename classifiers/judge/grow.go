package judge

import (
	"math"
	"slices"
)

// Trees are grown one after the other on what the sum and the trees before leave
// open (gradient boosting with Newton's steps, Friedman 2001, Chen and Guestrin
// 2016): each splits where that helps most until it has mostLeaves.
const (
	mostTrees  = 40
	mostLeaves = 8
	leastRows  = 20   // in a leaf
	treeRate   = 0.12 // how much of a step is taken
	treePull   = 3.0  // pull of a leaf towards nothing
	mostCuts   = 31   // places where the values of one feature are cut
)

// grower grows the trees of one label.
type grower struct {
	x                   []*vector
	y                   []bool
	sums                []float64 // of the rows, with the trees so far
	gradients, hessians []float64
	features            []binned
}

// binned are the values of one feature: code of row i is how many cuts lie below.
type binned struct {
	feature int
	cuts    []float64
	codes   []uint8
}

// growTrees grows trees on the rows for which use is true; sums are the linear
// sums of all rows.
func growTrees(x []*vector, y []bool, sums []float64, use func(row int) bool) []tree {
	g := &grower{}
	for i := range x {
		if use(i) && sums[i] >= treesFrom {
			g.x, g.y, g.sums = append(g.x, x[i]), append(g.y, y[i]), append(g.sums, sums[i])
		}
	}
	if len(g.x) < 2*leastRows {
		return nil
	}
	g.gradients, g.hessians = make([]float64, len(g.x)), make([]float64, len(g.x))
	g.bin()
	trees := make([]tree, 0, mostTrees)
	for range mostTrees {
		g.derive()
		t := g.grow()
		if len(t) == 1 {
			break
		}
		trees = append(trees, t)
		for i, row := range g.x {
			g.sums[i] += t.value(row)
		}
	}
	return trees
}

// bin cuts the values of every feature that has several.
func (g *grower) bin() {
	values := make([]float64, len(g.x))
	for feature := fBias + 1; feature < featureCount; feature++ {
		for i, row := range g.x {
			values[i] = row[feature]
		}
		if cuts := cutsOf(values); len(cuts) > 0 {
			b := binned{feature: feature, cuts: cuts, codes: make([]uint8, len(g.x))}
			for i, row := range g.x {
				code, _ := slices.BinarySearch(cuts, row[feature])
				b.codes[i] = uint8(code)
			}
			g.features = append(g.features, b)
		}
	}
}

// cutsOf returns at most mostCuts places between the values.
func cutsOf(values []float64) []float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	distinct := slices.Compact(slices.Clone(sorted))
	var cuts []float64
	if len(distinct) <= mostCuts+1 {
		for i := 1; i < len(distinct); i++ {
			cuts = append(cuts, round((distinct[i-1]+distinct[i])/2))
		}
		return slices.Compact(cuts)
	}
	for k := 1; k <= mostCuts; k++ {
		cuts = append(cuts, round(sorted[k*len(sorted)/(mostCuts+1)]))
	}
	return slices.Compact(cuts)
}

// derive computes slope and curvature of the logistic loss at every row.
func (g *grower) derive() {
	for i, sum := range g.sums {
		p := sigmoid(sum)
		g.gradients[i], g.hessians[i] = p, math.Max(float64(p*(1-p)), 1e-6)
		if g.y[i] {
			g.gradients[i]--
		}
	}
}

// leaf is a leaf that may be split.
type leaf struct {
	node int
	rows []int
	best split
}

type split struct {
	gain    float64
	feature int // index into features
	code    uint8
}

func (g *grower) grow() tree {
	rows := make([]int, len(g.x))
	for i := range rows {
		rows[i] = i
	}
	t := tree{{feature: -1}}
	leaves := []leaf{g.leaf(&t, 0, rows)}
	for len(leaves) < mostLeaves {
		best := 0
		for i := range leaves {
			if leaves[i].best.gain > leaves[best].best.gain {
				best = i
			}
		}
		if leaves[best].best.gain <= 0 {
			break
		}
		then, not := g.cut(&t, leaves[best])
		leaves[best] = then
		leaves = append(leaves, not)
	}
	return t
}

// leaf makes a node a leaf, and looks for its best split.
func (g *grower) leaf(t *tree, at int, rows []int) leaf {
	gradient, hessian := 0.0, 0.0
	for _, row := range rows {
		gradient += g.gradients[row]
		hessian += g.hessians[row]
	}
	(*t)[at].value = round(-treeRate * gradient / (hessian + treePull))
	l := leaf{node: at, rows: rows}
	for feature := range g.features {
		if s := g.split(feature, rows, gradient, hessian); s.gain > l.best.gain {
			l.best = s
		}
	}
	return l
}

// split finds where one feature parts the rows best.
func (g *grower) split(feature int, rows []int, gradient, hessian float64) split {
	var gradients, hessians [mostCuts + 1]float64
	var counts [mostCuts + 1]int
	b := &g.features[feature]
	for _, row := range rows {
		code := b.codes[row]
		gradients[code] += g.gradients[row]
		hessians[code] += g.hessians[row]
		counts[code]++
	}
	best := split{}
	whole := worth(gradient, hessian)
	below, gradientBelow, hessianBelow := 0, 0.0, 0.0
	for code := range b.cuts {
		below += counts[code]
		gradientBelow += gradients[code]
		hessianBelow += hessians[code]
		if below < leastRows || len(rows)-below < leastRows {
			continue
		}
		gain := worth(gradientBelow, hessianBelow) + worth(gradient-gradientBelow, hessian-hessianBelow) - whole
		if gain > best.gain+1e-9 {
			best = split{gain: gain, feature: feature, code: uint8(code)}
		}
	}
	return best
}

// worth is what a leaf takes off the loss.
func worth(gradient, hessian float64) float64 { return gradient * gradient / (hessian + treePull) }

// cut turns a leaf into a question with two leaves.
func (g *grower) cut(t *tree, l leaf) (then, not leaf) {
	b := &g.features[l.best.feature]
	var above, below []int
	for _, row := range l.rows {
		if b.codes[row] > l.best.code {
			above = append(above, row)
		} else {
			below = append(below, row)
		}
	}
	at := len(*t)
	*t = append(*t, node{feature: -1}, node{feature: -1})
	(*t)[l.node] = node{feature: b.feature, above: b.cuts[l.best.code], then: at, not: at + 1}
	return g.leaf(t, at, above), g.leaf(t, at+1, below)
}
