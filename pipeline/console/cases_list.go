package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/netra-id/netra/pipeline/cases"
)

// casesOnPage is how many cases are on one page of the list.
const casesOnPage = 25

// The names of what is only in the address of the cases.
const (
	byPerson = "person"
	byDue    = "due"
	byPage   = "page"
	dueLate  = "late"
	dueSoon  = "soon"
)

// casesView is the list of cases.
type casesView struct {
	Flash                *flash
	Tabs                 []tabView
	Cases                []caseRow
	Selects              []selectView
	Search, Found        string
	Kept                 []fieldValue // of the tab, in the form
	Mine, Late, Soon     tabView
	Active               bool
	ClearURL             string
	PreviousURL, NextURL string
	MayMake              bool
	Problem              string
	Sort                 []optionView
	Keys                 []keyView
}

// caseFilter is what the reader asked the list of cases for.
type caseFilter struct {
	values map[string]string
	page   int
}

var caseFilterNames = []string{bySearch, byStatus, byRegion, byPerson, byDue, bySort}

// statusWaiting are the cases on which somebody works, and statusHeld those with
// a legal hold.
const statusHeld = "held"

func readCaseFilter(query url.Values) caseFilter {
	f := caseFilter{values: map[string]string{}}
	for _, name := range caseFilterNames {
		value := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(query.Get(name), ""), "\x00", ""))
		if value == "" || len(value) > mostFilterBytes {
			continue
		}
		allowed := true
		switch name {
		case byStatus:
			allowed = value == statusAll || value == statusHeld || slices.Contains(cases.Statuses, cases.Status(value))
		case byDue:
			allowed = value == dueLate || value == dueSoon
		case bySort:
			allowed = slices.Contains(cases.Sorts, cases.Sort(value))
		}
		if allowed {
			f.values[name] = value
		}
	}
	f.page, _ = strconv.Atoi(query.Get(byPage))
	f.page = min(max(f.page, 1), 10_000)
	return f
}

func (f caseFilter) with(namesAndValues ...string) string {
	query := url.Values{}
	for name, value := range f.values {
		query.Set(name, value)
	}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		if query.Del(namesAndValues[i]); namesAndValues[i+1] != "" {
			query.Set(namesAndValues[i], namesAndValues[i+1])
		}
	}
	return (&url.URL{Path: "/cases", RawQuery: query.Encode()}).String()
}

// filter is the filter as the cases know it, for a reader.
func (f caseFilter) filter(all *cases.Cases, v reader) cases.Filter {
	chosen := cases.Filter{Region: f.values[byRegion], Person: f.values[byPerson], Query: f.values[bySearch]}
	if chosen.Person == myself {
		chosen.Person = v.who.Name
	}
	switch status := f.values[byStatus]; status {
	case "":
		chosen.Status = cases.Waiting
	case statusAll:
	case statusHeld:
		chosen.Held = true
	default:
		chosen.Status = []cases.Status{cases.Status(status)}
	}
	switch f.values[byDue] {
	case dueLate:
		chosen.DueBefore = v.now
	case dueSoon:
		chosen.DueBefore = all.PressingFrom(v.now)
	}
	return chosen
}

func (f caseFilter) sort() cases.Sort {
	if sort := cases.Sort(f.values[bySort]); sort != "" {
		return sort
	}
	return cases.ByDue
}

func (c *Console) casesPage(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	v, f := c.reader(r), readCaseFilter(r.URL.Query())
	filter := f.filter(c.cases(), v)
	counts, err := c.cases().Counts(ctx, v.who, filter)
	if err != nil {
		return caseRefused("count the cases", err)
	}
	f.page = min(f.page, (max(counts.Total, 1)-1)/casesOnPage+1)
	list, err := c.cases().List(ctx, v.who, filter, f.sort(), (f.page-1)*casesOnPage, casesOnPage)
	if err != nil {
		return caseRefused("list the cases", err)
	}
	view := v.casesView(f, list, counts)
	view.Flash = c.flashed(r)
	return c.render(w, r, http.StatusOK, "cases", view)
}

func (v reader) casesView(f caseFilter, list []cases.Case, counts cases.Counts) casesView {
	view := casesView{
		Search: f.values[bySearch], Found: v.words.T("cases.found", "n", v.number(counts.Total)), ClearURL: "/cases", MayMake: v.who.May("review"),
		Keys: v.keys("/", "search", "j ↓", "next_row", "k ↑", "previous_row", "Enter", "open_row", "?", "help"),
	}
	for i := range list {
		view.Cases = append(view.Cases, v.caseRow(&list[i]))
	}
	view.caseTabs(v, f, counts)
	view.caseSelects(v, f, counts)
	for _, name := range []string{byStatus, byDue} {
		if value := f.values[name]; value != "" {
			view.Kept = append(view.Kept, fieldValue{name, value})
		}
	}
	for name := range f.values {
		view.Active = view.Active || name != byStatus && name != bySort
	}
	if f.page > 1 {
		view.PreviousURL = f.with(byPage, strconv.Itoa(f.page-1))
	}
	if f.page*casesOnPage < counts.Total {
		view.NextURL = f.with(byPage, strconv.Itoa(f.page+1))
	}
	return view
}

func (view *casesView) caseTabs(v reader, f caseFilter, counts cases.Counts) {
	all := 0
	for _, n := range counts.Status {
		all += n
	}
	tab := func(value, text string, n int) {
		view.Tabs = append(view.Tabs, tabView{Text: text, URL: f.with(byStatus, value, byPage, ""), Count: v.number(n), Current: f.values[byStatus] == value})
	}
	tab("", v.words.T("cases.tab.waiting"), counts.Status[cases.Open]+counts.Status[cases.Ready])
	for _, status := range cases.Statuses {
		tab(string(status), v.caseStatus(status), counts.Status[status])
	}
	tab(statusAll, v.words.T("queue.tab.all"), all)
	toggle := func(name, value, key string, n int) tabView {
		current := f.values[name] == value
		target := f.with(name, value, byPage, "")
		if current {
			target = f.with(name, "", byPage, "")
		}
		return tabView{Text: v.words.T(key), URL: target, Count: v.number(n), Current: current}
	}
	view.Mine = toggle(byPerson, myself, "cases.mine", counts.Mine)
	view.Late = toggle(byDue, dueLate, "cases.late", counts.Overdue)
	view.Soon = toggle(byDue, dueSoon, "cases.soon", counts.Pressing)
}

func (view *casesView) caseSelects(v reader, f caseFilter, counts cases.Counts) {
	regions := selectView{Name: byRegion, Title: v.words.T("posts.region")}
	for _, code := range counts.Regions {
		regions.Options = append(regions.Options, optionView{Value: code, Text: v.regionOwnName(code), Selected: f.values[byRegion] == code, Depth: strings.Count(code, ".")})
	}
	people := selectView{Name: byPerson, Title: v.words.T("cases.person")}
	for _, name := range counts.People {
		people.Options = append(people.Options, optionView{Value: name, Text: v.person(name), Selected: f.values[byPerson] == name || f.values[byPerson] == myself && name == v.who.Name})
	}
	sorts := selectView{Name: bySort, Title: v.words.T("cases.sort")}
	for _, sort := range cases.Sorts {
		sorts.Options = append(sorts.Options, optionView{Value: string(sort), Text: v.words.T("cases.sort." + string(sort)), Selected: f.sort() == sort})
	}
	view.Selects = []selectView{regions, people}
	view.Sort = sorts.Options
}
