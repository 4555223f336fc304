package review

import (
	"slices"
	"testing"
)

func TestNamesKeepTheirItemsApart(t *testing.T) {
	n := named{}
	n.rename(7, 0, 1)
	n.rename(9, 0, 1)
	n.rename(7, 1, 2)
	n.rename(7, 2, 2)
	n.rename(9, 1, 0)
	n.rename(3, 0, 2)
	if got := n.of(2); !slices.Equal(got, []int64{3, 7}) {
		t.Errorf("the second has %v", got)
	}
	if got := append(n.of(1), n.of(5)...); len(got) != 0 {
		t.Errorf("others have %v", got)
	}
}

func TestAQueryIsNarrowedMoreThanOnce(t *testing.T) {
	var q query
	q.only([]int64{1, 3, 5, 7})
	q.only([]int64{3, 4, 7, 9})
	if !q.some || !slices.Equal(q.among, []int64{3, 7}) {
		t.Errorf("left are %v", q.among)
	}
	q.only(nil)
	if !q.some || len(q.among) != 0 {
		t.Errorf("left are %v", q.among)
	}
}
