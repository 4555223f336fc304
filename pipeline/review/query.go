package review

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/access"
)

// facet is what items are counted by.
type facet int

const (
	facetNone facet = iota - 1 // a condition that no facet leaves out
	facetStatus
	facetRegion
	facetAgency
	facetPlatform
	facetLanguage
	facetLists
	facets
)

// query is a filter and a viewer's rights, made ready for a board. It is valid
// while the board is locked.
type query struct {
	statuses   [16]bool
	conditions []condition
	// Of the pairs' values, which have the label and the contestant, which the
	// contestant only, and which the label only.
	both, contestant, label []bool
	from, until             int64
	group                   int64 // 0 is any
	heldAfter               int64 // items held later by others do not count; 0 is no such condition
	heldNow                 int64 // items not held later do not count; 0 is no such condition
	me                      uint32
	// among are the only items that may be found, where some is true.
	some  bool
	among []int64
}

// condition is fulfilled by the values for which table is true; without a table
// by one value only.
type condition struct {
	values []uint32
	table  []bool
	only   uint32
	facet  facet
}

func (c *condition) fulfilled(i int) bool {
	if c.table == nil {
		return c.values[i] == c.only
	}
	return c.table[c.values[i]]
}

// ask makes a query. The board must be locked for reading.
func (b *board) ask(viewer access.Viewer, f *Filter, now time.Time) (*query, error) {
	q := &query{from: math.MinInt64, until: math.MaxInt64}
	if !f.From.IsZero() {
		q.from = f.From.UnixMilli()
	}
	if !f.Until.IsZero() {
		q.until = f.Until.UnixMilli()
	}
	if err := q.askStatus(f.Status); err != nil {
		return nil, err
	}
	if f.Group != "" {
		q.group = -1 // there is none such
		if group, ok := parseGroup(f.Group); ok {
			q.group = group
		}
	}
	if f.Holder != "" {
		q.heldNow = max(1, now.UnixMilli())
	}
	b.askPairs(q, f)
	b.askValues(q, f)
	b.askRegions(q, viewer, f)
	if f.Doable {
		b.askDoable(q, viewer, now)
	}
	return q, nil
}

func parseGroup(group string) (int64, bool) {
	n, err := strconv.ParseInt(group, 10, 64)
	return n, err == nil && n > 0
}

func (q *query) askStatus(statuses []Status) error {
	if len(statuses) == 0 {
		statuses = Waiting
	}
	for _, s := range statuses {
		i := slices.Index(allStatuses, s)
		if i < 0 {
			return invalid("status", s, allStatuses)
		}
		q.statuses[1+i] = true
	}
	return nil
}

// askPairs finds the pairs with the label and the contestant in one.
func (b *board) askPairs(q *query, f *Filter) {
	has := func(label, contestant string) []bool {
		return table(b.pairs, func(pairs []pair) bool {
			return label == "" && contestant == "" || slices.ContainsFunc(pairs, func(p pair) bool {
				return (label == "" || p[0] == label) && (contestant == "" || p[1] == contestant)
			})
		})
	}
	q.both = has(f.Label, f.Contestant)
	q.contestant, q.label = q.both, q.both
	if f.Label != "" {
		q.contestant = has("", f.Contestant)
	}
	if f.Contestant != "" {
		q.label = has(f.Label, "")
	}
}

func (b *board) askValues(q *query, f *Filter) {
	for _, c := range []struct {
		wanted string
		column column
		facet  facet
	}{
		{f.Agency, colAgency, facetAgency},
		{f.Platform, colPlatform, facetPlatform},
		{f.Language, colLanguage, facetLanguage},
		{f.Lists, colLists, facetLists},
		{f.Account, colAccount, facetNone},
		{f.Holder, colHolder, facetNone},
		{f.Assignee, colAssignee, facetNone},
	} {
		if c.wanted != "" {
			n, known := b.dicts[c.column].numbers[c.wanted]
			if !known {
				n = math.MaxUint32
			}
			q.conditions = append(q.conditions, condition{values: b.values[c.column], only: n, facet: c.facet})
			if isNamed(c.column) {
				q.only(b.named[c.column].of(n))
			}
		}
	}
	if f.Rule != "" {
		has := table(b.rules, func(rules []string) bool { return slices.Contains(rules, f.Rule) })
		q.conditions = append(q.conditions, condition{values: b.values[colRules], table: has, facet: facetNone})
	}
}

// askRegions limits the items to the viewer's regions, which no facet leaves
// out, and to the filter's.
func (b *board) askRegions(q *query, viewer access.Viewer, f *Filter) {
	if len(viewer.Regions) > 0 {
		b.require(q, colRegion, facetNone, viewer.Sees)
	}
	if f.Region != "" {
		b.require(q, colRegion, facetRegion, func(region string) bool { return access.Within(region, f.Region) })
	}
}

// askDoable leaves what the viewer can decide on now.
func (b *board) askDoable(q *query, viewer access.Viewer, now time.Time) {
	q.heldAfter = max(1, now.UnixMilli())
	q.me = ^uint32(0)
	if n, ok := b.dicts[colHolder].numbers[viewer.Name]; ok {
		q.me = n
	}
	if !viewer.May(access.Supervise) {
		q.statuses[1+slices.Index(allStatuses, Conflict)] = false
	}
	for i, s := range allStatuses {
		q.statuses[1+i] = q.statuses[1+i] && slices.Contains(Waiting, s)
	}
	b.require(q, colAssignee, facetNone, func(name string) bool { return name == "" || name == viewer.Name })
	b.require(q, colFirst, facetNone, func(name string) bool { return name != viewer.Name || viewer.May(access.Supervise) })
}

func (b *board) require(q *query, c column, f facet, fulfils func(value string) bool) {
	q.conditions = append(q.conditions, condition{values: b.values[c], table: table(b.dicts[c].values, fulfils), facet: f})
}

// finds says whether an item fulfils the query.
func (b *board) finds(q *query, i int) bool {
	return q.statuses[b.status[i]] && q.both[b.values[colPairs][i]] && b.always(q, i) && b.misses(q, i) == 0
}

// always says whether an item fulfils the conditions that are on no facet.
func (b *board) always(q *query, i int) bool {
	if b.status[i] == 0 {
		return false
	}
	if created := b.created[i]; created < q.from || created >= q.until {
		return false
	}
	if q.group != 0 && b.group[i] != q.group {
		return false
	}
	if q.heldNow != 0 && b.held[i] <= q.heldNow {
		return false
	}
	return q.heldAfter == 0 || b.held[i] <= q.heldAfter || b.values[colHolder][i] == q.me
}

// misses counts the conditions that an item does not fulfil, up to 2. One that
// no facet leaves out counts as 2.
func (b *board) misses(q *query, i int) int {
	missed := 0
	for c := range q.conditions {
		condition := &q.conditions[c]
		if condition.fulfilled(i) {
			continue
		}
		if condition.facet == facetNone {
			return 2
		}
		if missed++; missed == 2 {
			return 2
		}
	}
	return missed
}

// each calls visit with every item that may be found.
func (b *board) each(q *query, visit func(i int)) {
	if q.some {
		for _, num := range q.among {
			if num < int64(len(b.status)) {
				visit(int(num))
			}
		}
		return
	}
	for i := range b.status {
		visit(i)
	}
}
