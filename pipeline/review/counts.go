package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/access"
)

// Counts counts the items of a filter. Where there are very many, the numbers
// may be some seconds old.
func (r *Review) Counts(ctx context.Context, viewer access.Viewer, filter Filter) (Counts, error) {
	if !viewer.May(access.Read) { // others may have asked the same
		return Counts{}, ErrForbidden
	}
	key := cacheKey(viewer, &filter)
	if counts, ok := r.tallies.get(key); ok {
		return counts, nil
	}
	var counts Counts
	var items int
	err := r.asking(ctx, viewer, &filter, func(q *query) error {
		items = len(r.board.status)
		counts = r.board.tally(q).counts(r.board, &filter)
		return nil
	})
	if err == nil && items > r.board.many {
		r.tallies.put(key, counts)
	}
	return counts, err
}

// cacheKey tells apart what different people see of different filters. Who they
// are matters only where it is asked what they can do.
func cacheKey(viewer access.Viewer, filter *Filter) string {
	if !filter.Doable {
		return fmt.Sprintf("%q %+v", viewer.Regions, *filter)
	}
	return fmt.Sprintf("%q %q %q %+v", viewer.Name, viewer.Role, viewer.Regions, *filter)
}

// facetColumns are the columns that facets count; the status is none.
var facetColumns = map[facet]column{
	facetRegion: colRegion, facetAgency: colAgency, facetPlatform: colPlatform, facetLanguage: colLanguage, facetLists: colLists,
}

// tally holds how many items have each value.
type tally struct {
	total      int
	statuses   [16]int
	values     [facets][]int
	label      []int // by pairs, under the condition on the contestant
	contestant []int
}

func (b *board) tally(q *query) *tally {
	t := &tally{label: make([]int, len(b.pairs)), contestant: make([]int, len(b.pairs))}
	for f, c := range facetColumns {
		t.values[f] = make([]int, len(b.dicts[c].values))
	}
	b.each(q, func(i int) { t.count(b, q, i) })
	return t
}

// count counts one item by each facet whose own condition is the only one that
// it may miss.
func (t *tally) count(b *board, q *query, i int) {
	if !b.always(q, i) {
		return
	}
	pairs := b.values[colPairs][i]
	if !q.both[pairs] && !q.label[pairs] && !q.contestant[pairs] {
		return
	}
	missed, which := b.missed(q, i)
	inStatus := q.statuses[b.status[i]]
	if !inStatus {
		missed, which = missed+1, facetStatus
	}
	switch {
	case missed > 1:
		return
	case missed == 1 && q.both[pairs]:
		t.add(b, which, i)
	case missed == 0:
		if q.contestant[pairs] {
			t.label[pairs]++
		}
		if q.label[pairs] {
			t.contestant[pairs]++
		}
		if !q.both[pairs] {
			return
		}
		t.total++
		for f := facetStatus; f < facets; f++ {
			t.add(b, f, i)
		}
	}
}

func (t *tally) add(b *board, f facet, i int) {
	switch f {
	case facetStatus:
		t.statuses[b.status[i]]++
	default:
		t.values[f][b.values[facetColumns[f]][i]]++
	}
}

// missed is misses with the facet of the one that was missed.
func (b *board) missed(q *query, i int) (missed int, which facet) {
	for c := range q.conditions {
		condition := &q.conditions[c]
		if condition.fulfilled(i) {
			continue
		}
		if condition.facet == facetNone {
			return 2, facetNone
		}
		missed, which = missed+1, condition.facet
		if missed == 2 {
			break
		}
	}
	return missed, which
}

func (t *tally) counts(b *board, filter *Filter) Counts {
	counts := Counts{Total: t.total}
	for i, status := range Statuses {
		if n := t.statuses[1+i]; n > 0 {
			counts.Statuses = append(counts.Statuses, Facet{Value: string(status), Items: n})
		}
	}
	for f, list := range map[facet]*[]Facet{
		facetRegion: &counts.Regions, facetAgency: &counts.Agencies, facetPlatform: &counts.Platforms,
		facetLanguage: &counts.Languages, facetLists: &counts.Lists,
	} {
		found := map[string]int{}
		for n, items := range t.values[f] {
			found[b.dicts[facetColumns[f]].values[n]] += items
		}
		*list = sorted(found)
	}
	labels, contestants := map[string]int{}, map[string]int{}
	for n, pairs := range b.pairs {
		if t.label[n] > 0 {
			addOnce(labels, pairs, 0, func(p pair) bool { return filter.Contestant == "" || p[1] == filter.Contestant }, t.label[n])
		}
		if t.contestant[n] > 0 {
			addOnce(contestants, pairs, 1, func(p pair) bool { return filter.Label == "" || p[0] == filter.Label }, t.contestant[n])
		}
	}
	counts.Labels, counts.Contestants = sorted(labels), sorted(contestants)
	return counts
}

// addOnce adds items to each value that a pair has at a place, once for all
// pairs with the value.
func addOnce(found map[string]int, pairs []pair, at int, counts func(pair) bool, items int) {
	for i, p := range pairs {
		again := slices.ContainsFunc(pairs[:i], func(before pair) bool { return before[at] == p[at] && counts(before) })
		if counts(p) && !again {
			found[p[at]] += items
		}
	}
}

// sorted lists values with items, most frequent first; the empty one is none.
func sorted(found map[string]int) []Facet {
	var list []Facet
	for value, items := range found {
		if value != "" && items > 0 {
			list = append(list, Facet{Value: value, Items: items})
		}
	}
	slices.SortFunc(list, func(a, b Facet) int { return cmp.Or(cmp.Compare(b.Items, a.Items), cmp.Compare(a.Value, b.Value)) })
	return list
}

// tallyCache keeps counts for some seconds.
type tallyCache struct {
	mu   sync.Mutex
	kept map[string]keptCounts
}

type keptCounts struct {
	counts Counts
	until  time.Time
}

const (
	manyItems  = 100_000 // fewer are counted and put in order each time
	keepCounts = 3 * time.Second
	mostKept   = 500
)

func (c *tallyCache) get(key string) (Counts, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok := c.kept[key]
	return kept.counts, ok && time.Now().Before(kept.until)
}

func (c *tallyCache) put(key string, counts Counts) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= mostKept {
		c.kept = map[string]keptCounts{}
	}
	c.kept[key] = keptCounts{counts: counts, until: time.Now().Add(keepCounts)}
}
