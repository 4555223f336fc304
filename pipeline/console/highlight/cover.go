package highlight

import (
	"cmp"
	"slices"

	"github.com/netra-id/netra/pipeline/post"
)

// cover says which labels cover a byte, asked for bytes in rising order, so
// that many spans in a long text take one walk.
type cover struct {
	starts, ends []Span // by Start, by End
	open         map[post.Label]int
}

func newCover(spans []Span) *cover {
	c := &cover{starts: slices.Clone(spans), ends: slices.Clone(spans), open: map[post.Label]int{}}
	slices.SortFunc(c.starts, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	slices.SortFunc(c.ends, func(a, b Span) int { return cmp.Compare(a.End, b.End) })
	return c
}

func (c *cover) at(i int) []post.Label {
	for len(c.starts) > 0 && c.starts[0].Start <= i {
		c.open[c.starts[0].Label]++
		c.starts = c.starts[1:]
	}
	for len(c.ends) > 0 && c.ends[0].End <= i {
		c.open[c.ends[0].Label]--
		c.ends = c.ends[1:]
	}
	var labels []post.Label
	for label, n := range c.open {
		if n > 0 {
			labels = append(labels, label)
		}
	}
	slices.SortFunc(labels, compareLabels)
	return labels
}

// compareLabels puts labels in the order of post.Labels, unknown ones behind
// them by name.
func compareLabels(a, b post.Label) int {
	rank := func(l post.Label) int {
		if i := slices.Index(post.Labels, l); i >= 0 {
			return i
		}
		return len(post.Labels)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}
