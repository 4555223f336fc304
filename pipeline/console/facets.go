package console

import (
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// mostOptions bounds how many values one filter offers: the most frequent.
const mostOptions = 100

// selectView is one filter with the values that it can take.
type selectView struct {
	Name    string
	Title   string
	Options []optionView
	Chosen  bool
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

func (v viewer) selects(f filter, facets store.Facets) []selectView {
	of := func(name string, facets []store.Facet, text func(string) string) selectView {
		view := selectView{Name: name, Title: v.words.T("posts." + name)}
		for _, facet := range facets[:min(len(facets), mostOptions)] {
			if facet.Value != "" && len(facet.Value) <= mostFilterBytes {
				view.Options = append(view.Options, optionView{Value: facet.Value, Text: short(text(facet.Value), mostRowFieldBytes), Count: v.words.Number(facet.Posts)})
			}
		}
		return view
	}
	selects := []selectView{
		of(byLabel, inLabelOrder(facets.Labels), v.label),
		of(byContestant, facets.Contestants, v.contestant),
		of(byRegion, nil, v.regionName),
		of(byAgency, facets.Agencies, func(s string) string { return s }),
		of(byPlatform, facets.Platforms, v.platform),
		of(byLanguage, facets.Languages, v.language),
	}
	selects[2].Options = v.regionOptions(facets.Regions)
	for i := range selects {
		selects[i].choose(f.values[selects[i].Name], v.filterText)
	}
	return selects
}

// choose selects the value in force; one that no post has is offered, too, or
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
func (v viewer) regionOptions(facets []store.Facet) []optionView {
	posts := map[string]uint64{}
	for _, facet := range facets {
		if facet.Value == "" || len(facet.Value) > mostFilterBytes {
			continue
		}
		parts := strings.Split(facet.Value, ".")
		for i := range parts {
			posts[strings.Join(parts[:i+1], ".")] += facet.Posts
		}
	}
	codes := make([]string, 0, len(posts))
	for code := range posts {
		codes = append(codes, code)
	}
	slices.Sort(codes) // a code sorts behind the one that it begins with
	options := make([]optionView, 0, len(codes))
	for _, code := range codes[:min(len(codes), 3*mostOptions)] {
		options = append(options, optionView{
			Value: code, Text: v.regionOwnName(code), Count: v.words.Number(posts[code]), Depth: min(strings.Count(code, "."), 2),
		})
	}
	return options
}

func inLabelOrder(facets []store.Facet) []store.Facet {
	rank := func(f store.Facet) int { return slices.Index(post.Labels, post.Label(f.Value)) }
	ordered := slices.Clone(facets)
	slices.SortStableFunc(ordered, func(a, b store.Facet) int { return rank(a) - rank(b) })
	return ordered
}

// chips lists the filters in force.
func (v viewer) chips(f filter) []chipView {
	var chips []chipView
	for _, name := range filterNames {
		if value, ok := f.values[name]; ok {
			chips = append(chips, chipView{Title: v.words.T("posts." + name), Text: v.filterText(name, value), RemoveURL: f.url(name, "")})
		}
	}
	return chips
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
	case byFrom, byUntil:
		if day, ok := (filter{zone: v.zone}).day(value); ok {
			return v.words.Date(day)
		}
	}
	return value
}
