package review

import (
	"container/heap"
	"context"
	"math"
	"slices"
	"sort"
)

// order is all items in an order as it was some time ago. Items that have
// changed since then are passed over in it, and looked at apart.
type order struct {
	places []place
	since  map[int64]bool
}

const (
	mostMoved = 2000   // changed items, or one of twenty, make a new order
	mostWalk  = 20_000 // places that are walked before all items are read instead
)

// key is an item's place in an order: the least first.
func (b *board) key(sort Sort, i int64) int64 {
	switch sort {
	case ByNewest:
		return -b.created[i]
	case ByOldest:
		return b.created[i]
	case ByDue:
		if b.due[i] == 0 {
			return math.MaxInt64
		}
		return b.due[i]
	}
	return -b.urgency[i]
}

func (b *board) place(sort Sort, i int64) place { return place{key: b.key(sort, i), num: i} }

// moved says that an item has changed. The board is locked.
func (b *board) moved(num int64) {
	for _, o := range b.orders {
		o.since[num] = true
	}
}

// order brings an order up to date that is used, where there are so many items
// that it is worth it, and returns its name; the empty one is ByUrgency.
func (b *board) order(ctx context.Context, sort Sort) (Sort, error) {
	if sort == "" {
		sort = ByUrgency
	}
	if !slices.Contains(Sorts, sort) {
		return sort, invalid("sort", sort, Sorts)
	}
	if err := b.follow(ctx); err != nil {
		return sort, err
	}
	if !b.stale(sort) {
		return sort, nil
	}
	b.following.Lock() // nothing changes now
	defer b.following.Unlock()
	if !b.stale(sort) {
		return sort, nil
	}
	made := b.newOrder(sort)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.orders[sort] = made
	return sort, nil
}

func (b *board) stale(sort Sort) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	o := b.orders[sort]
	if len(b.status) <= b.many {
		return false
	}
	return o == nil || len(o.since) > max(mostMoved, len(o.places)/20)
}

// newOrder merges what stayed of the old one with what has changed.
func (b *board) newOrder(sort Sort) *order {
	b.mu.RLock()
	defer b.mu.RUnlock()
	old := b.orders[sort]
	var changed []place
	if old == nil {
		old = &order{}
		for i := range b.status {
			if b.status[i] != 0 {
				changed = append(changed, b.place(sort, int64(i)))
			}
		}
	}
	for num := range old.since {
		changed = append(changed, b.place(sort, num))
	}
	slices.SortFunc(changed, place.compare)
	made := &order{places: make([]place, 0, len(old.places)+len(changed)), since: map[int64]bool{}}
	for _, p := range old.places {
		if old.since[p.num] {
			continue
		}
		for len(changed) > 0 && changed[0].compare(p) < 0 {
			made.places, changed = append(made.places, changed[0]), changed[1:]
		}
		made.places = append(made.places, p)
	}
	made.places = append(made.places, changed...)
	return made
}

// behind is the index of the first place behind one.
func (o *order) behind(after place) int {
	return sort.Search(len(o.places), func(i int) bool { return o.places[i].compare(after) > 0 })
}

// first finds the first n places of a query behind one, in order.
func (b *board) first(q *query, sort Sort, after place, n int) []place {
	o := b.orders[sort]
	if o == nil || q.some {
		return b.scan(q, sort, after, n)
	}
	var found []place
	for walked, p := range o.places[o.behind(after):] {
		if walked == mostWalk {
			return b.scan(q, sort, after, n)
		}
		if !o.since[p.num] && b.finds(q, int(p.num)) {
			if found = append(found, p); len(found) == n {
				break
			}
		}
	}
	for num := range o.since {
		if p := b.place(sort, num); p.compare(after) > 0 && b.finds(q, int(num)) {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, place.compare)
	return found[:min(n, len(found))]
}

// lastFirst is a heap with the last place at the top.
type lastFirst []place

func (h lastFirst) Len() int           { return len(h) }
func (h lastFirst) Less(i, j int) bool { return h[i].compare(h[j]) > 0 }
func (h lastFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *lastFirst) Push(p any)        { *h = append(*h, p.(place)) }
func (h *lastFirst) Pop() any          { panic("never taken out") }

// scan is first by reading all items.
func (b *board) scan(q *query, sort Sort, after place, n int) []place {
	kept := lastFirst(make([]place, 0, n))
	b.each(q, func(i int) {
		if !b.finds(q, i) {
			return
		}
		p := b.place(sort, int64(i))
		switch {
		case p.compare(after) <= 0:
		case len(kept) < n:
			heap.Push(&kept, p)
		case p.compare(kept[0]) < 0:
			kept[0] = p
			heap.Fix(&kept, 0)
		}
	})
	slices.SortFunc(kept, place.compare)
	return kept
}

// around finds the places next to an item's on both sides; num is 0 where there
// is none.
func (b *board) around(q *query, sort Sort, num int64) (before, behind place) {
	at := b.place(sort, num)
	if next := b.first(q, sort, at, 1); len(next) > 0 {
		behind = next[0]
	}
	return b.last(q, sort, at), behind
}

// last finds the last place of a query before one.
func (b *board) last(q *query, sort Sort, at place) (before place) {
	better := func(p place) {
		if p.compare(at) < 0 && (before.num == 0 || p.compare(before) > 0) && b.finds(q, int(p.num)) {
			before = p
		}
	}
	o := b.orders[sort]
	if o == nil || q.some {
		b.each(q, func(i int) { better(b.place(sort, int64(i))) })
		return before
	}
	for num := range o.since {
		better(b.place(sort, num))
	}
	for i := o.behind(at) - 1; i >= 0; i-- {
		if p := o.places[i]; !o.since[p.num] {
			if better(p); before == p {
				break
			}
			if before.num != 0 && p.compare(before) < 0 {
				break
			}
		}
	}
	return before
}
