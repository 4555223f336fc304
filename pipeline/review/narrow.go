package review

import (
	"context"
	"fmt"
	"slices"
)

// narrow finds the only items that a filter on a group or an account can choose:
// a database has an index for these, and there are few of them, so that reading
// all items would be a waste. narrowed is false where the filter has neither.
func (r *Review) narrow(ctx context.Context, filter *Filter) (narrowed bool, nums []int64, err error) {
	column, value := "", any(nil)
	switch {
	case filter.Group != "":
		group, ok := parseGroup(filter.Group)
		if !ok {
			return true, nil, nil
		}
		column, value = "grp", group
	case filter.Account != "":
		column, value = "account", filter.Account
	default:
		return false, nil, nil
	}
	rows, err := r.db.Query(ctx, "SELECT num FROM review_items WHERE "+column+" = ?", value)
	if err != nil {
		return true, nil, fmt.Errorf("find the items of a %s: %w", column, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var num int64
		if err := rows.Scan(&num); err != nil {
			return true, nil, fmt.Errorf("find the items of a %s: %w", column, err)
		}
		nums = append(nums, num)
	}
	slices.Sort(nums)
	return true, nums, inWords("find the items of a "+column, rows.Err())
}

// only leaves a query no other items than these.
func (q *query) only(nums []int64) {
	if !q.some {
		q.some, q.among = true, nums
		return
	}
	q.among = slices.DeleteFunc(slices.Clone(q.among), func(num int64) bool {
		_, there := slices.BinarySearch(nums, num)
		return !there
	})
}

// named are the items that somebody holds or was given, by the name's number.
// They are few, so that they are kept apart.
type named map[uint32]map[int64]bool

// isNamed says whether a column is kept apart.
func isNamed(c column) bool { return c == colHolder || c == colAssignee }

// nobody is the number of the empty name.
const nobody = 0

// rename notes that an item has another value than before. The board is locked.
func (n named) rename(num int64, before, after uint32) {
	if before != nobody {
		delete(n[before], num)
	}
	if after == nobody {
		return
	}
	if n[after] == nil {
		n[after] = map[int64]bool{}
	}
	n[after][num] = true
}

// of are the items of a name, in order.
func (n named) of(name uint32) []int64 {
	nums := make([]int64, 0, len(n[name]))
	for num := range n[name] {
		nums = append(nums, num)
	}
	slices.Sort(nums)
	return nums
}
