package judge

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A tree corrects the sum of a label by questions about its features, one after
// the other: what a feature is worth may depend on others. It is kept as text,
//
//	[FEATURE > NUMBER ? TREE : TREE] or NUMBER
//
// where the first tree holds if the feature is greater.
type tree []node

// node is a question, or a leaf where feature is negative.
type node struct {
	feature   int
	above     float64
	then, not int // indexes of nodes
	value     float64
}

// treesFrom is the sum (log-odds) from which trees are asked: below it a label is
// so far from its threshold that no correction counts.
const treesFrom = -2.5

// forest are all trees of a label.
type forest struct {
	trees []tree
	most  []float64 // what each tree and those behind it add at most
}

// correction is what the trees add to a label's sum, as long as the corrected sum may
// reach least; ok is false where it cannot.
func (f *forest) correction(least, sum float64, v *vector) (total float64, ok bool) {
	if sum < treesFrom {
		return 0, sum >= least
	}
	for i, t := range f.trees {
		if sum+total+f.most[i] < least {
			return 0, false
		}
		total += t.value(v)
	}
	return total, true
}

func newForest(trees []tree) forest {
	f, sum := forest{trees: trees, most: make([]float64, len(trees))}, 0.0
	for i, t := range slices.Backward(trees) {
		sum += t.most()
		f.most[i] = sum
	}
	return f
}

// most is the greatest value of a tree.
func (t tree) most() float64 {
	most := math.Inf(-1)
	for i := range t {
		if t[i].feature < 0 {
			most = max(most, t[i].value)
		}
	}
	return most
}

func (t tree) value(v *vector) float64 {
	n := &t[0]
	for n.feature >= 0 {
		if v[n.feature] > n.above {
			n = &t[n.then]
		} else {
			n = &t[n.not]
		}
	}
	return n.value
}

// format writes a tree as text.
func (t tree) format(names []string) string {
	var out strings.Builder
	t.write(&out, 0, names)
	return out.String()
}

func (t tree) write(out *strings.Builder, at int, names []string) {
	n := &t[at]
	if n.feature < 0 {
		out.WriteString(strconv.FormatFloat(n.value, 'g', -1, 64))
		return
	}
	fmt.Fprintf(out, "[%s > %s ? ", names[n.feature], strconv.FormatFloat(n.above, 'g', -1, 64))
	t.write(out, n.then, names)
	out.WriteString(" : ")
	t.write(out, n.not, names)
	out.WriteByte(']')
}

// parseTree reads what format writes; index has the places of the features.
func parseTree(source string, index map[string]int) (tree, error) {
	p := treeParser{rest: source, index: index}
	p.tree()
	if p.err == nil && p.rest != "" {
		p.fail("the end")
	}
	if p.err != nil {
		return nil, fmt.Errorf("tree %q: %w", source, p.err)
	}
	return p.nodes, nil
}

type treeParser struct {
	rest  string
	index map[string]int
	nodes tree
	depth int
	err   error
}

// deepest is how deep a tree may be.
const deepest = 32

func (p *treeParser) fail(expected string) {
	if p.err == nil {
		p.err = fmt.Errorf("before %q: allowed: %s", p.rest, expected)
		p.rest = ""
	}
}

// tree reads one tree and returns the index of its first node.
func (p *treeParser) tree() int {
	at := len(p.nodes)
	p.nodes = append(p.nodes, node{feature: -1})
	inner, ok := strings.CutPrefix(p.rest, "[")
	if !ok {
		p.nodes[at].value = p.number(strings.IndexAny(p.rest, " ]"))
		return at
	}
	if p.depth++; p.depth > deepest {
		p.fail("fewer questions within each other")
		return at
	}
	name, rest, _ := strings.Cut(inner, " > ")
	feature, known := p.index[name]
	if !known {
		p.fail("[, the name of a feature, >")
		return at
	}
	p.rest = rest
	above := p.number(strings.IndexByte(p.rest, ' '))
	p.expect(" ? ")
	then := p.tree()
	p.expect(" : ")
	not := p.tree()
	p.expect("]")
	p.depth--
	p.nodes[at] = node{feature: feature, above: above, then: then, not: not}
	return at
}

func (p *treeParser) expect(mark string) {
	rest, ok := strings.CutPrefix(p.rest, mark)
	if !ok {
		p.fail(strconv.Quote(mark))
		return
	}
	p.rest = rest
}

// number reads the number of the next bytes, up to the end where they are negative.
func (p *treeParser) number(bytes int) float64 {
	if bytes < 0 {
		bytes = len(p.rest)
	}
	value, err := strconv.ParseFloat(p.rest[:bytes], 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		p.fail("a number")
		return 0
	}
	p.rest = p.rest[bytes:]
	return value
}
