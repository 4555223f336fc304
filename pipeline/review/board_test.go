package review

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// randomRow is an item with few different values, so that many are equal.
func randomRow(r *rand.Rand, num int64) boardRow {
	labels := []string{`[["support","a"]]`, `[["support","b"],["attack","a"]]`, `[["hoax",""]]`}
	values := []string{
		labels[r.IntN(3)], `["x"]`, []string{"61", "61.08", "73"}[r.IntN(3)], "agency", "mastodon", []string{"id", "jv"}[r.IntN(2)], "lists",
		fmt.Sprint("account", r.IntN(5)), "", "", "", string(allStatuses[r.IntN(4)]),
	}
	row := boardRow{num: num, values: strings.Join(values, boardSeparator)}
	for i := range row.numbers {
		row.numbers[i] = r.Int64N(6)
	}
	return row
}

func TestAnOrderThatIsBehindGivesWhatReadingAllGives(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	viewer := access.Viewer{Name: "ani", Role: access.Analyst, Regions: []string{"61"}}
	filters := []Filter{{}, {Label: "attack"}, {Region: "61.08", Language: "jv"}, {Label: "support", Contestant: "b"}, {Agency: "none"}, {Doable: true}}
	for round := range 40 {
		b := newBoard(nil)
		b.many = 0
		n := int64(1 + r.IntN(80))
		for num := range n {
			if r.IntN(10) > 0 { // some numbers are missing
				b.put([]boardRow{randomRow(r, num+1)})
			}
		}
		b.put([]boardRow{randomRow(r, n+1)})
		for change := range 6 {
			for _, sort := range Sorts {
				if b.orders[sort] == nil || change == 3 {
					b.orders[sort] = b.newOrder(sort)
				}
			}
			for _, sort := range Sorts {
				for _, filter := range filters {
					compareOrder(t, r, b, viewer, filter, sort)
				}
			}
			for range r.IntN(8) {
				b.put([]boardRow{randomRow(r, 1+r.Int64N(n+5))})
			}
		}
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
}

func compareOrder(t *testing.T, r *rand.Rand, b *board, viewer access.Viewer, filter Filter, sort Sort) {
	t.Helper()
	q, err := b.ask(viewer, &filter, database.Time(3))
	if err != nil {
		t.Fatal(err)
	}
	num := 1 + r.Int64N(int64(len(b.status)-1))
	for _, after := range []place{start, b.place(sort, num)} {
		limit := 1 + r.IntN(10)
		got, want := b.first(q, sort, after, limit), b.scan(q, sort, after, limit)
		if !slices.Equal(got, want) {
			t.Errorf("%s %+v after %v: %v, want %v", sort, filter, after, got, want)
		}
	}
	all := b.scan(q, sort, start, len(b.status))
	at := b.place(sort, num)
	want := place{}
	for _, p := range all {
		if p.compare(at) < 0 {
			want = p
		}
	}
	if got, _ := b.around(q, sort, num); got != want {
		t.Errorf("%s %+v before %v: %v, want %v", sort, filter, at, got, want)
	}
}
