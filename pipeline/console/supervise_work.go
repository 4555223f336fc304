package console

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/review"
)

// workTable is how much was decided, by person or by region.
type workTable struct {
	ID, Title, Column string
	Rows              []workView
	// More are those that the table does not show.
	More int
}

// mostWorkers are shown of the people and of the regions that decisions are by.
const mostWorkers = 60

type workView struct {
	Name                                     string
	Total, Violation, None, Unsure, SameAs   string
	ADay                                     string // of the days with decisions
	Part                                     string
	total                                    int
	violations, dismissed, unsure, duplicate int
	days                                     map[string]bool
}

// showWork puts the decisions of a period together by person, by region and by
// day.
func (v reader) showWork(f *superviseFilter, view *overviewView, work []review.Work) {
	byPerson, byRegion := func(w *review.Work) string { return w.Person }, func(w *review.Work) string { return v.groupOf(f, w.Region) }
	total := 0
	for i := range work {
		total += work[i].Total
	}
	view.Decided = v.number(total)
	view.People = v.workTable(work, byPerson, v.person)
	view.People.ID, view.People.Title, view.People.Column = "people", v.words.T("work.people"), v.words.T("work.person")
	view.Regions = v.workTable(work, byRegion, v.place)
	view.Regions.ID, view.Regions.Title, view.Regions.Column = "regions", v.words.T("work.regions"), v.words.T("posts.region")
	if total > 0 {
		view.Daily = []chartView{
			v.daily(f, "by-person", work, byPerson, v.person),
			v.daily(f, "by-region", work, byRegion, v.place),
		}
	}
}

func (v reader) workTable(work []review.Work, of func(*review.Work) string, name func(string) string) workTable {
	sums := map[string]*workView{}
	for i := range work {
		w := &work[i]
		sum := sums[of(w)]
		if sum == nil {
			sum = &workView{Name: name(of(w)), days: map[string]bool{}}
			sums[of(w)] = sum
		}
		sum.total += w.Total
		sum.violations += w.Decisions[review.Violation]
		sum.dismissed += w.Decisions[review.NoViolation]
		sum.unsure += w.Decisions[review.Unsure]
		sum.duplicate += w.Decisions[review.SameAs]
		sum.days[w.Day] = true
	}
	rows := slices.SortedFunc(maps.Values(sums), func(a, b *workView) int {
		return cmp.Or(b.total-a.total, cmp.Compare(a.Name, b.Name))
	})
	table := workTable{More: max(0, len(rows)-mostWorkers)}
	for _, row := range rows[:min(len(rows), mostWorkers)] {
		row.Total, row.Violation, row.None = v.number(row.total), v.number(row.violations), v.number(row.dismissed)
		row.Unsure, row.SameAs = v.number(row.unsure), v.number(row.duplicate)
		row.ADay = v.number((row.total + len(row.days)/2) / len(row.days))
		row.Part = barPart(row.total, rows[0].total)
		table.Rows = append(table.Rows, *row)
	}
	return table
}

// daily is the chart of decisions over time, of those with the most.
func (v reader) daily(f *superviseFilter, id string, work []review.Work, of func(*review.Work) string, name func(string) string) chartView {
	step := fitting(f.from, f.until, "day")
	totals, counts := map[string]int{}, map[int64]map[string]int{}
	for i := range work {
		w := &work[i]
		day, err := time.ParseInLocation(time.DateOnly, w.Day, review.Zone)
		if err != nil {
			continue // the review writes days
		}
		at := pieceOf(day, step).Unix()
		if counts[at] == nil {
			counts[at] = map[string]int{}
		}
		totals[of(w)] += w.Total
		counts[at][of(w)] += w.Total
	}
	values := greatest(totals, mostSeries)
	chart := chartView{ID: id, Title: v.words.T("work.chart." + id), Note: v.words.T("work.chart.note"), Zone: "Asia/Jakarta", Step: step}
	for _, value := range values {
		chart.Series = append(chart.Series, name(value))
	}
	for _, at := range pieces(f.from.In(review.Zone), f.until, step) {
		row := chartRow{Text: piece(v.words, at, step), Unix: at.Unix()}
		for _, value := range values {
			row.Cells = append(row.Cells, v.cell(float64(counts[at.Unix()][value]), true, 0))
		}
		chart.Rows = append(chart.Rows, row)
	}
	return chart
}

// greatest are the values with the greatest numbers, at most so many.
func greatest[N cmp.Ordered](numbers map[string]N, most int) []string {
	values := slices.SortedFunc(maps.Keys(numbers), func(a, b string) int {
		return cmp.Or(cmp.Compare(numbers[b], numbers[a]), cmp.Compare(a, b))
	})
	return values[:min(len(values), most)]
}
