package console

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/review"
)

// superviseFrame is what the supervisors' pages have in common.
type superviseFrame struct {
	Tabs        []tabView
	Action      string
	Presets     []tabView
	From, Until string
	Selects     []selectView
	Active      bool
	ClearURL    string
	Problems    []string
	Exports     []exportView
	// Where says for which regions the numbers are.
	Where string
}

// exportView is a form that fetches a table.
type exportView struct {
	ID, Title, Note, Action string
	Fields                  []fieldValue
}

func (v reader) frame(f *superviseFilter, selects ...selectView) superviseFrame {
	frame := superviseFrame{
		Action: f.path, Presets: v.presets(f), From: f.firstDay(), Until: f.lastDay(), Selects: selects,
		Active: len(f.values) > 0, ClearURL: f.path, Problems: f.problems, Where: v.ownRegions(),
	}
	for _, page := range []struct{ path, key string }{{"/supervise", "supervise.title"}, {"/coverage", "coverage.title"}, {"/trends", "trends.title"}} {
		frame.Tabs = append(frame.Tabs, tabView{Text: v.words.T(page.key), URL: page.path + f.alike(), Current: page.path == f.path})
	}
	return frame
}

// alike is what the pages can take over from one another.
func (f *superviseFilter) alike() string {
	query := url.Values{}
	for _, name := range []string{byFrom, byUntil, byRegion, byZone} {
		if value := f.values[name]; value != "" {
			query.Set(name, value)
		}
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

// ownRegions says to which regions the reader's rights are limited.
func (v reader) ownRegions() string {
	if len(v.who.Regions) == 0 {
		return ""
	}
	names := make([]string, len(v.who.Regions))
	for i, code := range v.who.Regions {
		names[i] = v.regionName(code)
	}
	return v.words.T("supervise.regions", "regions", strings.Join(names, "; "))
}

// exportForm is a form for the table of what the page shows; nil where the reader
// may take none along.
func (v reader) exportForm(f *superviseFilter, name string) []exportView {
	if !v.who.May(access.Export) {
		return nil
	}
	view := exportView{ID: name, Title: v.words.T("export." + name), Note: v.words.T("export." + name + ".note"), Action: "/" + name + "/export"}
	for key, value := range f.query() {
		view.Fields = append(view.Fields, fieldValue{Name: key, Value: value[0]})
	}
	slices.SortFunc(view.Fields, func(a, b fieldValue) int { return cmp.Compare(a.Name, b.Name) })
	return []exportView{view}
}

// choice is a filter with fixed values.
func (v reader) choice(f *superviseFilter, name string, values []string, text func(string) string) selectView {
	view := selectView{Name: name, Title: v.words.T("posts." + name)}
	for _, value := range values {
		view.Options = append(view.Options, optionView{Value: value, Text: text(value)})
	}
	view.choose(f.values[name], func(_, value string) string { return text(value) })
	return view
}

// regionChoice offers the regions that the reader has items of.
func (v reader) regionChoice(f *superviseFilter, facets []review.Facet) selectView {
	view := selectView{Name: byRegion, Title: v.words.T("posts." + byRegion), Options: v.regionOptions(facets)}
	for i := range view.Options {
		view.Options[i].Count = ""
	}
	view.choose(f.values[byRegion], v.filterText)
	for i := range view.Options {
		view.Options[i].Count = ""
	}
	return view
}

// groupOf is the region by which numbers are put together: the province, unless
// one is chosen or the reader sees only some of it.
func (v reader) groupOf(f *superviseFilter, region string) string {
	if v.byProvince(f) {
		province, _, _ := strings.Cut(region, ".")
		return province
	}
	return region
}

func (v reader) byProvince(f *superviseFilter) bool {
	return f.values[byRegion] == "" && len(v.who.Regions) == 0
}

// place names a region, also one that is not known.
func (v reader) place(region string) string {
	if region == "" {
		return v.words.T("supervise.region.none")
	}
	return v.regionName(region)
}
