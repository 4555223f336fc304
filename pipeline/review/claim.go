package review

import (
	"context"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// heldByOther says whether somebody else has the item now.
func (i *row) heldByOther(viewer access.Viewer, now time.Time) bool {
	return i.Holder != "" && i.Holder != viewer.Name && i.HeldUntil.After(now)
}

// mayDecide says why the viewer cannot decide on a waiting item, or nil.
func (i *row) mayDecide(viewer access.Viewer) error {
	switch i.Status {
	case Open:
		return nil
	case Second:
		if i.firstBy == viewer.Name {
			return ErrSamePerson
		}
		return nil
	case Conflict:
		if !viewer.May(access.Supervise) {
			return ErrForbidden
		}
		return nil
	}
	return ErrChanged
}

// Claim takes items: all of them or, with a *HinderedError, none. With force it
// takes them also from who holds them or whom they were given to.
func (r *Review) Claim(ctx context.Context, viewer access.Viewer, ids []string, force bool) ([]Item, error) {
	if err := checkBatch(viewer, len(ids)); err != nil {
		return nil, err
	}
	now := r.deps.Now()
	err := r.write(ctx, func(tx *database.Tx, stamp int64) error {
		return eachItem(ctx, tx, viewer, ids, func(item *row) error {
			if err := item.mayDecide(viewer); err != nil {
				return err
			}
			taken := item.heldByOther(viewer, now)
			if !force && (taken || item.Assignee != "" && item.Assignee != viewer.Name) {
				return ErrTaken
			}
			if taken {
				err := r.audit(ctx, tx, viewer, "item.take", item.ID, map[string]string{"from": item.Holder})
				if err != nil {
					return err
				}
			}
			return r.hold(ctx, tx, stamp, item, viewer.Name, now)
		})
	})
	if err != nil {
		return nil, err
	}
	return r.items(ctx, viewer, ids)
}

func checkBatch(viewer access.Viewer, n int) error {
	switch {
	case !viewer.May(access.Review) || viewer.Name == "":
		return ErrForbidden
	case n < 1 || n > MostPage:
		return invalid("items", n, fmt.Sprintf("1 to %d at a time", MostPage))
	}
	return nil
}

// hold gives an item to a holder, who holds it from now.
func (r *Review) hold(ctx context.Context, tx *database.Tx, stamp int64, item *row, holder string, now time.Time) error {
	_, err := tx.Exec(ctx, "UPDATE review_items SET holder = ?, held_until = ?, changed = ? WHERE num = ?",
		holder, now.Add(r.cfg.Lock).UnixMilli(), stamp, item.num)
	return inWords("take an item", err)
}

// eachItem does something with each item that has one of the ids and that the
// viewer may see. Errors of this package hinder, and all that hinder are
// returned in one; any other error ends it.
func eachItem(ctx context.Context, tx *database.Tx, viewer access.Viewer, ids []string, do func(*row) error) error {
	items, err := itemsByID(ctx, tx, viewer, ids)
	if err != nil {
		return err
	}
	var hindered []Hindrance
	done := make(map[string]bool, len(ids))
	for _, id := range ids {
		if done[id] {
			continue
		}
		done[id] = true
		err := ErrNotFound
		if item := items[id]; item != nil {
			err = do(item)
		}
		switch {
		case err == nil:
		case hinders(err):
			hindered = append(hindered, Hindrance{Item: id, Err: err})
		default:
			return err
		}
	}
	if hindered != nil {
		return &HinderedError{Items: hindered}
	}
	return nil
}

// itemsByID returns those of the items that the viewer may see.
func itemsByID(ctx context.Context, db database.Querier, viewer access.Viewer, ids []string) (map[string]*row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := queryItems(ctx, db, "WHERE i.id IN ("+database.Marks(len(ids))+")", database.Arguments(ids)...)
	if err != nil {
		return nil, err
	}
	items := make(map[string]*row, len(rows))
	for _, item := range rows {
		if viewer.Sees(item.Region) {
			items[item.ID] = item
		}
	}
	return items, nil
}

// items returns the items with the ids, in their order.
func (r *Review) items(ctx context.Context, viewer access.Viewer, ids []string) ([]Item, error) {
	found, err := itemsByID(ctx, r.db, viewer, ids)
	if err != nil {
		return nil, err
	}
	var items []Item
	for _, id := range ids {
		if item := found[id]; item != nil {
			items = append(items, r.itemOf(item))
			delete(found, id)
		}
	}
	return items, nil
}

// ClaimNext takes up to n of the most urgent items of a filter on which the
// viewer can decide and which nobody holds, the viewer neither. Those that were
// given to the viewer are among them. It returns fewer where there are no more.
func (r *Review) ClaimNext(ctx context.Context, viewer access.Viewer, filter Filter, n int) ([]Item, error) {
	if err := checkBatch(viewer, n); err != nil {
		return nil, err
	}
	filter.Doable = true
	var taken []string
	after := start
	for len(taken) < n {
		candidates, err := r.free(ctx, viewer, filter, after, max(2*(n-len(taken)), 16))
		if err != nil || len(candidates) == 0 {
			return r.itemsAfter(ctx, viewer, taken, err)
		}
		after = candidates[len(candidates)-1]
		ids, err := r.takeFree(ctx, viewer, candidates, n-len(taken))
		taken = append(taken, ids...)
		if err != nil {
			return r.itemsAfter(ctx, viewer, taken, err)
		}
	}
	return r.items(ctx, viewer, taken)
}

func (r *Review) itemsAfter(ctx context.Context, viewer access.Viewer, taken []string, err error) ([]Item, error) {
	if err != nil {
		return nil, err
	}
	return r.items(ctx, viewer, taken)
}

// free are the places of the next items of a filter that nobody holds.
func (r *Review) free(ctx context.Context, viewer access.Viewer, filter Filter, after place, n int) (found []place, err error) {
	if _, err := r.board.order(ctx, ByUrgency); err != nil {
		return nil, err
	}
	err = r.asking(ctx, viewer, &filter, func(q *query) error {
		q.me = ^uint32(0) // not the viewer's own
		found = r.board.first(q, ByUrgency, after, n)
		return nil
	})
	return found, err
}

// takeFree takes up to n of the items at the places that are still free.
func (r *Review) takeFree(ctx context.Context, viewer access.Viewer, places []place, n int) (ids []string, err error) {
	now := r.deps.Now()
	err = r.write(ctx, func(tx *database.Tx, stamp int64) error {
		ids = ids[:0]
		for _, p := range places {
			if len(ids) == n {
				return nil
			}
			items, err := itemsByNum(ctx, tx, []int64{p.num})
			if err != nil {
				return err
			}
			if len(items) == 0 || !items[0].isFree(viewer, now) {
				continue
			}
			if err := r.hold(ctx, tx, stamp, items[0], viewer.Name, now); err != nil {
				return err
			}
			ids = append(ids, items[0].ID)
		}
		return nil
	})
	return ids, err
}

func (i *row) isFree(viewer access.Viewer, now time.Time) bool {
	return i.mayDecide(viewer) == nil && !i.HeldUntil.After(now) && viewer.Sees(i.Region) && (i.Assignee == "" || i.Assignee == viewer.Name)
}

// Release gives back items; those that the viewer does not hold stay as they are.
func (r *Review) Release(ctx context.Context, viewer access.Viewer, ids []string) error {
	if err := checkBatch(viewer, len(ids)); err != nil {
		return err
	}
	return r.write(ctx, func(tx *database.Tx, stamp int64) error {
		items, err := itemsByID(ctx, tx, viewer, ids)
		if err != nil {
			return err
		}
		for _, item := range items {
			if item.Holder != viewer.Name {
				continue
			}
			if _, err := tx.Exec(ctx, "UPDATE review_items SET holder = '', held_until = 0, changed = ? WHERE num = ?", stamp, item.num); err != nil {
				return fmt.Errorf("give an item back: %w", err)
			}
		}
		return nil
	})
}
