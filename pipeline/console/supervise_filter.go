package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/console/i18n"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// The names that the supervisors' pages have in their addresses beside those of
// the queue.
const (
	byZone  = "zone"
	byKind  = "by"
	byStep  = "step"
	byState = "state"
)

const (
	// usualDays is the period where none is chosen, with today.
	usualDays = 30
	// mostYears bounds a period.
	mostYears = 10
)

// presetDays are the periods that are one press away.
var presetDays = []int{7, usualDays, 90, 365}

// trendKinds and trendSteps are what trends can be counted by, as it is offered.
var (
	trendKinds = []string{byLabel, byContestant, byRegion, byPlatform, byLanguage}
	trendSteps = []string{"hour", "day", "week", "month"}
	zoneNames  = []string{"WIB", "WITA", "WIT"}
)

// superviseFilter is a period and what else a supervisor chose.
type superviseFilter struct {
	path   string
	values map[string]string // by name, without the ones not set
	zone   *time.Location
	// from and until bound the period, until exclusive.
	from, until time.Time
	problems    []string
}

// readSuperviseFilter reads the period in a zone and the names that a page has
// beside it; others are left out.
func (c *Console) readSuperviseFilter(r *http.Request, path string, zone *time.Location, names ...string) superviseFilter {
	f := superviseFilter{path: path, values: map[string]string{}, zone: zone}
	words, query := c.pages.words(r), r.URL.Query()
	for _, name := range append(names, byFrom, byUntil) {
		value := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(query.Get(name), ""), "\x00", ""))
		if value == "" || len(value) > mostFilterBytes {
			continue
		}
		if problem := f.wrong(name, value); problem != "" {
			f.problems = append(f.problems, words.T(problem, "value", value))
			continue
		}
		f.values[name] = value
		if name == byZone {
			f.zone = zoneOf(value, f.zone)
		}
	}
	f.setPeriod(c.deps.Now(), words)
	return f
}

// wrong returns the key of what to say of a value that is not allowed.
func (f *superviseFilter) wrong(name, value string) string {
	choices := map[string][]string{byZone: zoneNames, byKind: trendKinds, byStep: trendSteps, byState: coverageStates()}
	if values, fixed := choices[name]; fixed && !slices.Contains(values, value) {
		return "supervise.bad.choice"
	}
	switch name {
	case byLabel:
		if !slices.Contains(post.Labels, post.Label(value)) {
			return "posts.bad.label"
		}
	case byFrom, byUntil:
		if _, ok := (queueFilter{zone: f.zone}).day(value); !ok {
			return "posts.bad.date"
		}
	}
	return ""
}

func coverageStates() []string {
	states := make([]string, len(store.CoverageStates))
	for i, state := range store.CoverageStates {
		states[i] = string(state)
	}
	return states
}

func zoneOf(name string, otherwise *time.Location) *time.Location {
	zone, err := time.LoadLocation(zones[name])
	if err != nil || zones[name] == "" {
		return otherwise
	}
	return zone
}

// zoneName is the zone's name among those offered; WIB where it is none of them.
func (f *superviseFilter) zoneName() string {
	for _, name := range zoneNames {
		if zones[name] == f.zone.String() {
			return name
		}
	}
	return zoneNames[0]
}

// setPeriod makes the period of the chosen days: the last ones where none are.
func (f *superviseFilter) setPeriod(now time.Time, words *i18n.Catalogue) {
	year, month, day := now.In(f.zone).Date()
	tomorrow := time.Date(year, month, day+1, 0, 0, 0, 0, f.zone)
	f.until = tomorrow
	if day, ok := (queueFilter{zone: f.zone}).day(f.values[byUntil]); ok {
		f.until = day.AddDate(0, 0, 1)
	}
	f.from = f.until.AddDate(0, 0, -usualDays)
	if day, ok := (queueFilter{zone: f.zone}).day(f.values[byFrom]); ok {
		f.from = day
	}
	if !f.from.Before(f.until) {
		f.problems = append(f.problems, words.T("supervise.bad.order"))
		f.from = f.until.AddDate(0, 0, -usualDays)
	}
	if earliest := f.until.AddDate(-mostYears, 0, 0); f.from.Before(earliest) {
		f.problems = append(f.problems, words.T("supervise.bad.long", "n", mostYears))
		f.from = earliest
	}
}

func (f *superviseFilter) firstDay() string { return f.from.Format(time.DateOnly) }
func (f *superviseFilter) lastDay() string  { return f.until.AddDate(0, 0, -1).Format(time.DateOnly) }

func (f *superviseFilter) period() review.Period {
	return review.Period{From: f.from, Until: f.until, Region: f.values[byRegion]}
}

// query is the filter as it stands in addresses.
func (f *superviseFilter) query() url.Values {
	query := url.Values{}
	for name, value := range f.values {
		query.Set(name, value)
	}
	return query
}

// with returns the page's address with some values other than now, given as names
// and values by turns; an empty value takes one away.
func (f *superviseFilter) with(namesAndValues ...string) string {
	query := f.query()
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		if namesAndValues[i+1] == "" {
			query.Del(namesAndValues[i])
		} else {
			query.Set(namesAndValues[i], namesAndValues[i+1])
		}
	}
	return (&url.URL{Path: f.path, RawQuery: query.Encode()}).String()
}

// presets are periods up to today.
func (v reader) presets(f *superviseFilter) []tabView {
	year, month, day := v.now.In(f.zone).Date()
	var tabs []tabView
	for _, days := range presetDays {
		from := time.Date(year, month, day-days+1, 0, 0, 0, 0, f.zone)
		today := time.Date(year, month, day, 0, 0, 0, 0, f.zone).Format(time.DateOnly)
		tabs = append(tabs, tabView{
			Text: v.words.T("supervise.days", "n", strconv.Itoa(days)), URL: f.with(byFrom, from.Format(time.DateOnly), byUntil, today),
			Current: f.firstDay() == from.Format(time.DateOnly) && f.lastDay() == today,
		})
	}
	return tabs
}
