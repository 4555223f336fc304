package review

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/post"
)

// List returns the items of a filter behind the cursor, at most limit of them.
func (r *Review) List(ctx context.Context, viewer access.Viewer, filter Filter, sort Sort, cursor string, limit int) (Page, error) {
	if limit < 1 || limit > MostPage {
		return Page{}, invalid("limit", limit, fmt.Sprintf("1 to %d", MostPage))
	}
	after, err := parsePlace(cursor)
	if err != nil {
		return Page{}, err
	}
	if sort, err = r.board.order(ctx, sort); err != nil {
		return Page{}, err
	}
	var page Page
	var found []place
	err = r.asking(ctx, viewer, &filter, func(q *query) error {
		found = r.board.first(q, sort, after, limit+1)
		page.Total = r.total(q, viewer, &filter)
		return nil
	})
	if err != nil {
		return Page{}, err
	}
	if len(found) > limit {
		found = found[:limit]
		page.Next = found[limit-1].String()
	}
	rows, err := r.rowsAt(ctx, viewer, found)
	page.Items = r.itemsOf(rows)
	return page, err
}

// asking makes the query of a filter on the board as it is now, and lets do use
// it.
func (r *Review) asking(ctx context.Context, viewer access.Viewer, filter *Filter, do func(q *query) error) error {
	if !viewer.May(access.Read) {
		return ErrForbidden
	}
	if err := r.board.follow(ctx); err != nil {
		return err
	}
	searched, among, err := r.search(ctx, filter.Search)
	if err != nil {
		return err
	}
	narrowed, few, err := r.narrow(ctx, filter)
	if err != nil {
		return err
	}
	r.board.mu.RLock()
	defer r.board.mu.RUnlock()
	q, err := r.board.ask(viewer, filter, r.deps.Now())
	if err != nil {
		return err
	}
	if searched {
		slices.Sort(among)
		q.only(among)
	}
	if narrowed {
		q.only(few)
	}
	return do(q)
}

// rowsAt reads the items at the places. One that has moved out of the viewer's
// regions just now is left out.
func (r *Review) rowsAt(ctx context.Context, viewer access.Viewer, places []place) ([]*row, error) {
	nums := make([]int64, len(places))
	for i := range places {
		nums[i] = places[i].num
	}
	rows, err := itemsByNum(ctx, r.db, nums)
	return slices.DeleteFunc(rows, func(i *row) bool { return !viewer.Sees(i.Region) }), err
}

// place is where an item stands in an order. Of equal keys the item that came
// first is first.
type place struct {
	key int64
	num int64
}

// start is before all places.
var start = place{key: math.MinInt64}

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.key, other.key), cmp.Compare(p.num, other.num))
}

// String is for links.
func (p place) String() string {
	encoded := binary.BigEndian.AppendUint64(nil, uint64(p.key))
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(encoded, uint64(p.num)))
}

func parsePlace(cursor string) (place, error) {
	if cursor == "" {
		return start, nil
	}
	encoded, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(encoded) != 16 {
		return place{}, invalid("cursor", cursor, "what the page before said is next")
	}
	return place{key: int64(binary.BigEndian.Uint64(encoded)), num: int64(binary.BigEndian.Uint64(encoded[8:]))}, nil
}

// total counts what a query finds; where there are very many items, it may be
// some seconds old.
func (r *Review) total(q *query, viewer access.Viewer, filter *Filter) (total int) {
	key := "total " + cacheKey(viewer, filter)
	many := len(r.board.status) > r.board.many && !q.some
	if many {
		if counts, ok := r.tallies.get(key); ok {
			return counts.Total
		}
	}
	r.board.each(q, func(i int) {
		if r.board.finds(q, i) {
			total++
		}
	})
	if many {
		r.tallies.put(key, Counts{Total: total})
	}
	return total
}

// Neighbours returns what stands before and after an item in a list, whether or
// not the filter still chooses the item itself (it may have been decided).
func (r *Review) Neighbours(ctx context.Context, viewer access.Viewer, filter Filter, sort Sort, id string) (Neighbours, error) {
	item, err := itemByID(ctx, r.db, viewer, id)
	if err != nil {
		return Neighbours{}, err
	}
	if sort, err = r.board.order(ctx, sort); err != nil {
		return Neighbours{}, err
	}
	var before, behind place
	err = r.asking(ctx, viewer, &filter, func(q *query) error {
		before, behind = r.board.around(q, sort, item.num)
		return nil
	})
	if err != nil {
		return Neighbours{}, err
	}
	rows, err := r.rowsAt(ctx, viewer, []place{before, behind})
	var n Neighbours
	for _, i := range rows {
		if i.num == before.num {
			n.Previous = i.ID
		} else {
			n.Next = i.ID
		}
	}
	return n, err
}

// Item returns one item.
func (r *Review) Item(ctx context.Context, viewer access.Viewer, id string) (Item, error) {
	if !viewer.May(access.Read) {
		return Item{}, ErrForbidden
	}
	item, err := itemByID(ctx, r.db, viewer, id)
	if err != nil {
		return Item{}, err
	}
	return r.itemOf(item), nil
}

// Flag returns the flagged post behind an item.
func (r *Review) Flag(ctx context.Context, viewer access.Viewer, id string) (post.Flag, error) {
	if _, err := r.Item(ctx, viewer, id); err != nil {
		return post.Flag{}, err
	}
	if r.deps.Flags == nil {
		return post.Flag{}, ErrNotFound
	}
	return r.gather.flag(ctx, id)
}

// Similar returns the other items with nearly the same text that the viewer may
// see, most urgent first, decided ones among them: up to MostPage.
func (r *Review) Similar(ctx context.Context, viewer access.Viewer, id string) ([]Item, error) {
	item, err := r.Item(ctx, viewer, id)
	if err != nil {
		return nil, err
	}
	page, err := r.List(ctx, viewer, Filter{Group: item.Group, Status: Statuses}, ByUrgency, "", MostPage)
	return slices.DeleteFunc(page.Items, func(i Item) bool { return i.ID == id }), err
}

// OfAccount returns the items of an account, newest first, with the decisions
// that the viewer may see: up to MostPage.
func (r *Review) OfAccount(ctx context.Context, viewer access.Viewer, account string) ([]AccountItem, error) {
	if !viewer.May(access.Read) {
		return nil, ErrForbidden
	}
	rows, err := queryItems(ctx, r.db, "WHERE i.account = ? ORDER BY i.created_at DESC, i.num LIMIT ?", account, MostPage)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(i *row) bool { return !viewer.Sees(i.Region) })
	decisions, err := decisionsOn(ctx, r.db, rows)
	if err != nil {
		return nil, err
	}
	items := make([]AccountItem, len(rows))
	for i, row := range rows {
		items[i] = AccountItem{Item: r.itemOf(row), Decisions: shown(row, viewer, decisions[row.num])}
	}
	return items, nil
}
