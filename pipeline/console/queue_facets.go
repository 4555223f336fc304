package console

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/review"
)

// mostOptions bounds how many values one filter offers: the most frequent.
const mostOptions = 100

// selectView is one filter with the values that it can take.
type selectView struct {
	Name    string
	Title   string
	Options []optionView
	Chosen  bool
	// Fixed has a value always: there is no option for all.
	Fixed bool
	// Free is a field to write Value into.
	Free  bool
	Value string
}

type optionView struct {
	Value    string
	Text     string
	Count    string
	Selected bool
	// Depth is how far an option lies inside the one before: a regency in its
	// province 1, a district 2.
	Depth int
}

// chipView is a filter in force, with the address of the list without it.
type chipView struct {
	Title, Text, RemoveURL string
}

// choose selects the value in force; one that no item has is offered, too, or
// the form would silently drop it.
func (s *selectView) choose(value string, text func(name, value string) string) {
	if value == "" {
		return
	}
	s.Chosen = true
	for i := range s.Options {
		if s.Options[i].Value == value {
			s.Options[i].Selected = true
			return
		}
	}
	s.Options = append(s.Options, optionView{Value: value, Text: text(s.Name, value), Count: "0", Selected: true})
}

// regionOptions puts regencies below their province and counts each region with
// all that lies inside it, as the filter does.
func (v viewer) regionOptions(facets []review.Facet) []optionView {
	items := map[string]int{}
	for _, facet := range facets {
		if facet.Value == "" || len(facet.Value) > mostFilterBytes {
			continue
		}
		parts := strings.Split(facet.Value, ".")
		for i := range parts {
			items[strings.Join(parts[:i+1], ".")] += facet.Items
		}
	}
	codes := make([]string, 0, len(items))
	for code := range items {
		codes = append(codes, code)
	}
	slices.Sort(codes) // a code sorts behind the one that it begins with
	options := make([]optionView, 0, len(codes))
	for _, code := range codes[:min(len(codes), 3*mostOptions)] {
		options = append(options, optionView{
			Value: code, Text: v.regionOwnName(code), Count: v.number(items[code]), Depth: min(strings.Count(code, "."), 2),
		})
	}
	return options
}

// chips lists the filters in force.
func (v viewer) chips(f queueFilter) []chipView {
	var chips []chipView
	for _, name := range filterNames {
		value, ok := f.values[name]
		if !ok || name == byHolder && value == myself || name == byAssignee && value == myself || name == byStatus && isTab(value) {
			continue
		}
		chips = append(chips, chipView{Title: v.words.T("posts." + name), Text: v.filterText(name, value), RemoveURL: f.with(name, "")})
	}
	return chips
}

// isTab says whether a status is one that has a tab, and needs no chip.
func isTab(status string) bool {
	return slices.Contains([]string{statusDone, statusAll, string(review.Second), string(review.Conflict)}, status)
}

// filterText says a filter's value in words.
func (v viewer) filterText(name, value string) string {
	switch name {
	case byLabel:
		return v.label(value)
	case byContestant:
		return v.contestant(value)
	case byRegion:
		return v.regionName(value)
	case byPlatform:
		return v.platform(value)
	case byLanguage:
		return v.language(value)
	case byLists:
		return listsVersion(value)
	case byStatus:
		return v.words.Or("status.item."+value, value)
	case byFrom, byUntil:
		if day, ok := (queueFilter{zone: v.zone}).day(value); ok {
			return v.words.Date(day)
		}
	}
	return short(value, mostRowFieldBytes)
}

// listsVersion is how people tell versions apart: the begin of the hash.
func listsVersion(version string) string {
	hash := strings.TrimPrefix(version, "sha256:")
	return hash[:min(len(hash), 8)]
}

// of returns a saved filter as it stands in addresses.
func (f queueFilter) of(saved review.SavedFilter) queueFilter {
	kept := saved.Filter
	values := map[string]string{
		bySearch: kept.Search, byLabel: kept.Label, byContestant: kept.Contestant, byRegion: kept.Region, byAgency: kept.Agency,
		byPlatform: kept.Platform, byLanguage: kept.Language, byLists: kept.Lists, byRule: kept.Rule, byAccount: kept.Account,
		byHolder: f.oneself(kept.Holder), byAssignee: f.oneself(kept.Assignee), byStatus: statusValue(kept.Status),
		byFrom: dayValue(kept.From, f.zone, 0), byUntil: dayValue(kept.Until, f.zone, -1),
	}
	for name, value := range values {
		if value == "" {
			delete(values, name)
		}
	}
	sort := saved.Sort
	if sort == "" {
		sort = review.ByUrgency
	}
	return queueFilter{values: values, sort: sort, zone: f.zone, reader: f.reader}
}

func (f queueFilter) oneself(name string) string {
	if name != "" && name == f.reader {
		return myself
	}
	return name
}

func statusValue(kept []review.Status) string {
	for _, value := range []string{"", statusDone, statusAll} {
		if slices.Equal(kept, statuses(value)) {
			return value
		}
	}
	return string(kept[0])
}

func dayValue(t time.Time, zone *time.Location, days int) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).AddDate(0, 0, days).Format(time.DateOnly)
}

// parsed reads the filter that a form sends as the query of an address.
func parsedQuery(query string) url.Values {
	values, err := url.ParseQuery(query)
	if err != nil {
		return url.Values{}
	}
	return values
}
