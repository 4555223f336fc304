package console

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// Bounds of one item in the queue.
const (
	snippetBytes       = 300
	mostRowFieldBytes  = 90
	mostRowAllegations = 3
)

// reader is a viewer of pages who works on the queue.
type reader struct {
	viewer
	who access.Viewer
	now time.Time
}

func (c *Console) reader(r *http.Request) reader {
	return reader{viewer: c.viewer(r), who: of(r).viewer, now: c.deps.Now()}
}

// queueView is what the queue shows.
type queueView struct {
	Flash     *flash
	Totals    string
	Found     string
	Tabs      []tabView
	Search    string
	Sorts     []optionView
	Filters   []selectView
	Kept      []fieldValue // of the filter, but not in its form
	From      string
	Until     string
	Chips     []chipView
	ClearURL  string
	Here      string // the query of this page
	Query     string // of the filter, to be saved
	Saved     []savedView
	Problems  []string
	Rows      []rowView
	MoreURL   string
	FirstURL  string
	NextURL   string
	TakeURL   string
	BulkURL   string
	Batch     int
	Causes    []choiceView
	Rules     []groupView
	People    []string
	Keys      []keyView
	Nothing   string // why there are no items: the key of a text
	MayReview bool
	MayAssign bool
	MaySave   bool
	// ExportCSV and ExportXLSX fetch the list as a table; empty for who may not.
	ExportCSV, ExportXLSX string
}

type tabView struct {
	Text, URL, Count string
	Current          bool
}

type fieldValue struct{ Name, Value string }

type savedView struct {
	ID        int64
	Name, URL string
	Own       bool
	Current   bool
}

type choiceView struct{ Key, Value, Text string }

type keyView struct {
	Keys []string
	Text string
}

// rowView is one item of the list.
type rowView struct {
	ID, Pick   string
	URL        string
	Class      string
	Label      string
	Others     []allegation
	Contestant string
	Text       string
	Lang       string
	Handle     string
	About      []string
	Score      string
	Copies     string
	Due        string
	Running    bool
	Soon, Late bool
	Created    timeView
	Status     string
	Holder     string
	Mine       bool
}

func (v reader) queueView(f queueFilter, found foundItems) queueView {
	view := queueView{
		Totals: v.waiting(found.counts), Tabs: v.tabs(f, found), Search: f.values[bySearch], Sorts: v.sorts(f),
		Filters: v.selects(f, found.counts), From: f.values[byFrom], Until: f.values[byUntil], Chips: v.chips(f),
		ClearURL: f.cleared(), Here: f.here(), Query: f.query().Encode(), Problems: f.problems,
		NextURL: f.to("/queue/next"), TakeURL: f.to("/queue/take"), BulkURL: f.to("/queue/bulk"), Batch: batch,
		Causes: v.causes(), Rules: v.allRules(), People: found.people, Keys: v.queueKeys(),
		MayReview: v.who.May(access.Review), MayAssign: v.who.May(access.Supervise) && len(found.people) > 0,
	}
	for _, name := range []string{byRule, byAccount, byHolder, byAssignee} {
		if value := f.values[name]; value != "" {
			view.Kept = append(view.Kept, fieldValue{Name: name, Value: value})
		}
	}
	for _, saved := range found.saved {
		view.Saved = append(view.Saved, v.savedView(f, saved))
	}
	view.MaySave = view.Query != ""
	if v.who.May(access.Export) {
		view.ExportCSV, view.ExportXLSX = f.to("/queue/export", "format", "csv", "bom", "1"), f.to("/queue/export", "format", "xlsx")
	}
	key := "queue.found"
	if f.active() {
		key += ".filtered"
	}
	view.Found = v.words.T(key, "n", v.number(found.page.Total))
	for i := range found.page.Items {
		view.Rows = append(view.Rows, v.row(f, &found.page.Items[i]))
	}
	if found.page.Next != "" {
		view.MoreURL = f.with(byCursor, found.page.Next)
	}
	if f.cursor != "" {
		view.FirstURL = f.with()
	}
	if len(view.Rows) == 0 {
		view.Nothing = f.nothing()
	}
	return view
}

// nothing is why a list is empty.
func (f queueFilter) nothing() string {
	switch {
	case f.active():
		return "nothing"
	case f.values[byHolder] == myself:
		return "nothing_held"
	case f.values[byAssignee] == myself:
		return "nothing_assigned"
	case f.values[byStatus] == "":
		return "done"
	default:
		return "none"
	}
}

// cleared is the present tab without filters.
func (f queueFilter) cleared() string {
	tab := queueFilter{values: map[string]string{}, sort: f.sort}
	for _, name := range []string{byStatus, byHolder, byAssignee} {
		if value := f.values[name]; value != "" {
			tab.values[name] = value
		}
	}
	return tab.with()
}

func (f queueFilter) here() string {
	query := f.query()
	if f.cursor != "" {
		query.Set(byCursor, f.cursor)
	}
	return query.Encode()
}

func (v reader) waiting(counts review.Counts) string {
	return v.words.T("queue.waiting", "n", v.number(counted(counts, review.Open, review.Second, review.Conflict)))
}

func counted(counts review.Counts, statuses ...review.Status) int {
	n := 0
	for _, facet := range counts.Statuses {
		if slices.Contains(statuses, review.Status(facet.Value)) {
			n += facet.Items
		}
	}
	return n
}

// tabs are the parts of the queue, counted under the filter.
func (v reader) tabs(f queueFilter, found foundItems) []tabView {
	here := f.values[byStatus]
	held, assigned := f.values[byHolder] == myself, f.values[byAssignee] == myself
	tab := func(key, status string, statuses ...review.Status) tabView {
		return tabView{
			Text: v.words.T("queue.tab." + key), URL: f.with(byStatus, status, byHolder, "", byAssignee, ""),
			Count: v.number(counted(found.counts, statuses...)), Current: here == status && !held && !assigned,
		}
	}
	tabs := []tabView{tab("waiting", "", review.Open, review.Second, review.Conflict)}
	if v.who.May(access.Review) {
		tabs = append(tabs,
			tabView{Text: v.words.T("queue.tab.mine"), URL: f.with(byStatus, "", byHolder, myself, byAssignee, ""), Count: v.number(found.mine), Current: held},
			tabView{Text: v.words.T("queue.tab.assigned"), URL: f.with(byStatus, "", byHolder, "", byAssignee, myself), Current: assigned})
	}
	tabs = append(tabs, tab("second", string(review.Second), review.Second), tab("conflict", string(review.Conflict), review.Conflict),
		tab("done", statusDone, review.Confirmed, review.Dismissed, review.Duplicate), tab("all", statusAll, review.Statuses...))
	if held || assigned { // the statuses are then counted of these alone
		for i := range tabs {
			if !tabs[i].Current && i != 1 {
				tabs[i].Count = ""
			}
		}
	}
	return tabs
}

func (v reader) sorts(f queueFilter) []optionView {
	options := make([]optionView, 0, len(review.Sorts))
	for _, sort := range review.Sorts {
		options = append(options, optionView{Value: string(sort), Text: v.words.T("queue.sort." + string(sort)), Selected: sort == f.sort})
	}
	return options
}

func (v reader) savedView(f queueFilter, saved review.SavedFilter) savedView {
	query := f.of(saved).query()
	return savedView{
		ID: saved.ID, Name: short(saved.Name, mostWordBytes), URL: f.of(saved).with(), Own: saved.Owner == v.who.Name,
		Current: query.Encode() == f.query().Encode(),
	}
}

func (v reader) row(f queueFilter, item *review.Item) rowView {
	row := rowView{
		ID: item.ID, Pick: pick(item), URL: f.to(itemPath(item.ID)), Text: short(strings.Join(strings.Fields(item.Excerpt), " "), snippetBytes),
		Lang: languageTag(item.Language), Handle: short(v.handle(item), mostRowFieldBytes), Score: v.words.Decimal(item.Score),
		About:   compact(short(item.Agency, mostRowFieldBytes), v.regionName(item.Region), v.platform(item.Platform), v.language(item.Language)),
		Created: v.time(item.CreatedAt),
	}
	labels := item.Labels
	if len(labels) > 0 {
		row.Class, row.Label = labelClass(labels[0]), v.words.T("label.alleged", "label", v.label(string(labels[0])))
		for _, label := range labels[1:min(len(labels), mostRowAllegations)] {
			row.Others = append(row.Others, allegation{Class: labelClass(label), Label: v.label(string(label))})
		}
	}
	if len(item.Contestants) > 0 {
		row.Contestant = short(v.contestant(item.Contestants[0]), mostRowFieldBytes)
	}
	if item.Copies > 0 {
		row.Copies = v.words.T("queue.copies", "n", v.number(item.Copies))
	}
	due := v.due(item)
	row.Due, row.Soon, row.Late = due.Text, due.Soon, due.Late
	row.Running = waits(item.Status) && !item.Due.IsZero()
	if item.Status != review.Open {
		row.Status = v.status(item.Status)
	}
	row.Holder, row.Mine = v.holder(item)
	if row.Holder == "" && item.Assignee != "" && waits(item.Status) {
		row.Holder = v.words.T("queue.assigned", "user", v.person(item.Assignee))
	}
	return row
}

// handle names the account: its handle, or what it is known by.
func (v reader) handle(item *review.Item) string {
	if strings.TrimSpace(item.Handle) != "" {
		return item.Handle
	}
	return item.Account
}

// selects are the filters of the side panel.
func (v reader) selects(f queueFilter, counts review.Counts) []selectView {
	of := func(name string, facets []review.Facet, text func(string) string) selectView {
		view := selectView{Name: name, Title: v.words.T("posts." + name)}
		for _, facet := range facets[:min(len(facets), mostOptions)] {
			if facet.Value != "" && len(facet.Value) <= mostFilterBytes {
				view.Options = append(view.Options, optionView{Value: facet.Value, Text: short(text(facet.Value), mostRowFieldBytes), Count: v.number(facet.Items)})
			}
		}
		return view
	}
	regions := selectView{Name: byRegion, Title: v.words.T("posts." + byRegion), Options: v.regionOptions(counts.Regions)}
	selects := []selectView{
		of(byLabel, inLabelOrder(counts.Labels), v.label), of(byContestant, counts.Contestants, v.contestant), regions,
		of(byAgency, counts.Agencies, func(s string) string { return s }), of(byPlatform, counts.Platforms, v.platform),
		of(byLanguage, counts.Languages, v.language), v.statusSelect(counts), of(byLists, counts.Lists, listsVersion),
	}
	for i := range selects {
		selects[i].choose(f.values[selects[i].Name], v.filterText)
	}
	return selects
}

func (v reader) statusSelect(counts review.Counts) selectView {
	view := selectView{Name: byStatus, Title: v.words.T("posts." + byStatus)}
	for _, status := range review.Statuses {
		view.Options = append(view.Options, optionView{Value: string(status), Text: v.status(status), Count: v.number(counted(counts, status))})
	}
	view.Options = append(view.Options,
		optionView{Value: statusDone, Text: v.words.T("queue.tab.done")}, optionView{Value: statusAll, Text: v.words.T("queue.tab.all")})
	return view
}

func inLabelOrder(facets []review.Facet) []review.Facet {
	rank := func(f review.Facet) int { return slices.Index(post.Labels, post.Label(f.Value)) }
	ordered := slices.Clone(facets)
	slices.SortStableFunc(ordered, func(a, b review.Facet) int { return rank(a) - rank(b) })
	return ordered
}
