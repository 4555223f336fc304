package dashboards_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// keys are the keys that classic dashboards of Grafana 12.3 have and that are used
// here, by the place of the object: what is not listed is a mistake, or something
// that nobody has looked at in Grafana yet. They are those of its published
// TypeScript types (@grafana/schema 12.3).
var keys = map[string][]string{
	"dashboard": {"uid", "title", "description", "tags", "schemaVersion", "version", "editable", "graphTooltip", "fiscalYearStartMonth", "weekStart", "preload",
		"timezone", "time", "timepicker", "refresh", "links", "annotations", "templating", "panels"},
	"link":                 {"title", "type", "tags", "url", "asDropdown", "icon", "includeVars", "keepTime", "targetBlank", "tooltip"},
	"variable":             {"name", "label", "description", "type", "datasource", "query", "definition", "current", "options", "includeAll", "allValue", "multi", "refresh", "regex", "sort", "hide", "allowCustomValue"},
	"panel":                {"id", "type", "title", "description", "datasource", "targets", "interval", "maxDataPoints", "fieldConfig", "options", "transformations", "gridPos"},
	"row":                  {"id", "type", "title", "collapsed", "panels", "gridPos"},
	"target " + clickHouse: {"refId", "datasource", "editorType", "format", "queryType", "pluginVersion", "rawSql"},
	"target " + prometheus: {"refId", "datasource", "editorMode", "expr", "legendFormat", "range", "instant", "format"},
	"defaults":             {"unit", "noValue", "color", "custom", "decimals", "displayName", "links", "mappings", "max", "min", "thresholds"},
	"data link":            {"title", "url", "targetBlank"},

	"custom timeseries": {"drawStyle", "lineWidth", "fillOpacity", "spanNulls", "showPoints", "barAlignment", "stacking", "axisPlacement", "hideFrom"},
	"custom table":      {"align", "cellOptions", "filterable", "inspect", "width", "minWidth", "hideFrom"},
	"custom barchart":   {"fillOpacity", "lineWidth"},
	"custom geomap":     {"hideFrom"},

	"options timeseries": {"legend", "tooltip"},
	"options stat":       {"colorMode", "graphMode", "justifyMode", "orientation", "percentChangeColorMode", "reduceOptions", "showPercentChange", "textMode", "wideLayout"},
	"options table":      {"cellHeight", "showHeader", "frameIndex", "sortBy", "enablePagination"},
	"options barchart":   {"barWidth", "groupWidth", "fullHighlight", "orientation", "showValue", "stacking", "xField", "xTickLabelRotation", "xTickLabelMaxLength", "legend", "tooltip"},
	"options geomap":     {"basemap", "controls", "layers", "tooltip", "view"},
}

// units are those of Grafana's list that are used.
var units = []string{"short", "none", "locale", "string", "percentunit", "s", "bytes", "dtdurations", "dateTimeAsLocal", "dateTimeFromNow"}

var colorModes = []string{"thresholds", "fixed", "palette-classic-by-name", "continuous-GrYlRd", "continuous-RdYlGr"}

// problems collects what is wrong with one dashboard.
type problems struct {
	t    *testing.T
	file string
}

func (p problems) say(format string, arguments ...any) {
	p.t.Helper()
	p.t.Errorf("%s: %s", p.file, fmt.Sprintf(format, arguments...))
}

// only says which keys of an object are not those of its kind.
func (p problems) only(kind, where string, object map[string]any) {
	p.t.Helper()
	allowed, known := keys[kind]
	if !known {
		p.say("%s: kind %q is not known", where, kind)
	}
	for key := range object {
		if !slices.Contains(allowed, key) {
			p.say("%s: key %q is unknown; allowed: %v", where, key, allowed)
		}
	}
}

func object(value any) map[string]any {
	o, _ := value.(map[string]any)
	return o
}

func list(value any) []any {
	l, _ := value.([]any)
	return l
}

func TestDashboardsHoldOnlyWhatGrafanaKnows(t *testing.T) {
	uids := map[string]string{}
	for _, d := range all(t) {
		p := problems{t, d.file}
		p.only("dashboard", "dashboard", d.raw)
		if !regexp.MustCompile(`^[a-z0-9-]{1,40}$`).MatchString(d.UID) || uids[d.UID] != "" {
			p.say("uid %q; allowed: up to 40 small letters, digits and -, each once (%s)", d.UID, uids[d.UID])
		}
		uids[d.UID] = d.file
		if d.Title == "" || d.raw["description"] == "" || d.raw["schemaVersion"] != 42.0 {
			p.say("title, description and schemaVersion 42 must be there")
		}
		for _, link := range list(d.raw["links"]) {
			p.only("link", "link", object(link))
		}
		for _, v := range list(object(d.raw["templating"])["list"]) {
			p.only("variable", fmt.Sprint("variable ", object(v)["name"]), object(v))
		}
		p.panels(&d)
		p.overlaps(&d)
	}
}

func (p problems) panels(d *dashboard) {
	ids := map[int]bool{}
	for i, raw := range list(d.raw["panels"]) {
		one, panel := object(raw), d.Panels[i]
		where := fmt.Sprintf("panel %d %q", panel.ID, panel.Title)
		if panel.ID == 0 || ids[panel.ID] || panel.Title == "" {
			p.say("%s: the id must be there once, and a title", where)
		}
		ids[panel.ID] = true
		if panel.Type == "row" {
			p.only("row", where, one)
			continue
		}
		p.only("panel", where, one)
		p.only("options "+panel.Type, where+", options", object(one["options"]))
		if len(panel.Description) < 60 || !strings.HasSuffix(panel.Description, ".") {
			p.say("%s: the description must say what is counted and its pitfalls, in sentences", where)
		}
		p.fields(where, &panel, object(one["fieldConfig"]))
		p.targets(where, &panel, list(one["targets"]))
	}
}

// fields checks units, texts for empty panels, colours and custom keys.
func (p problems) fields(where string, panel *panel, config map[string]any) {
	defaults := object(config["defaults"])
	p.only("defaults", where+", defaults", defaults)
	p.field(where, panel.Type, defaults)
	if defaults["unit"] == nil || fmt.Sprint(defaults["noValue"]) == "" || defaults["noValue"] == nil {
		p.say("%s: unit and noValue must be there", where)
	}
	for _, override := range list(config["overrides"]) {
		matcher := object(object(override)["matcher"])
		if matcher["id"] != "byName" || matcher["options"] == "" {
			p.say("%s: override by %v; allowed: byName", where, matcher)
		}
		field := map[string]any{"custom": map[string]any{}}
		for _, property := range list(object(override)["properties"]) {
			id := fmt.Sprint(object(property)["id"])
			if name, ok := strings.CutPrefix(id, "custom."); ok {
				object(field["custom"])[name] = object(property)["value"]
			} else {
				field[id] = object(property)["value"]
			}
		}
		p.only("defaults", fmt.Sprintf("%s, override of %v", where, matcher["options"]), field)
		p.field(where, panel.Type, field)
		if panel.Type == "table" && !p.returns(panel, fmt.Sprint(matcher["options"])) {
			p.say("%s: no query has the column %v", where, matcher["options"])
		}
	}
}

// returns says whether a query of the panel names a column.
func (problems) returns(panel *panel, column string) bool {
	for _, one := range panel.Targets {
		if one.DataSource.Type == prometheus || regexp.MustCompile(`\b`+regexp.QuoteMeta(column)+`\b`).MatchString(one.RawSQL) {
			return true
		}
	}
	return false
}

func (p problems) field(where, kind string, field map[string]any) {
	if unit, ok := field["unit"]; ok && !slices.Contains(units, fmt.Sprint(unit)) {
		p.say("%s: unit %v; allowed: %v", where, unit, units)
	}
	if mode, ok := object(field["color"])["mode"]; ok && !slices.Contains(colorModes, fmt.Sprint(mode)) {
		p.say("%s: color mode %v; allowed: %v", where, mode, colorModes)
	}
	if custom := object(field["custom"]); len(custom) > 0 {
		p.only("custom "+kind, where+", custom", custom)
	}
	for _, link := range list(field["links"]) {
		p.only("data link", where+", link", object(link))
	}
}

// targets checks the queries and that each panel takes its data source from a
// variable.
func (p problems) targets(where string, panel *panel, targets []any) {
	wanted := map[string]string{clickHouse: "${datasource}", prometheus: "${prometheus}"}
	if len(targets) == 0 || wanted[panel.DataSource.Type] != panel.DataSource.UID {
		p.say("%s: data source %v; allowed: by variable, %v", where, panel.DataSource, wanted)
	}
	refs := map[string]bool{}
	for i, raw := range targets {
		one := panel.Targets[i]
		p.only("target "+one.DataSource.Type, where+", target", object(raw))
		if one.DataSource != panel.DataSource || one.RefID == "" || refs[one.RefID] {
			p.say("%s: target %q has data source %v; allowed: the panel's, and a refId of its own", where, one.RefID, one.DataSource)
		}
		refs[one.RefID] = true
		if one.DataSource.Type != clickHouse {
			continue
		}
		series := panel.Type == "timeseries"
		formats := map[bool]string{true: "timeseries 0", false: "table 1"}
		if got := fmt.Sprintf("%s %v", one.QueryType, one.Format); got != formats[series] || one.EditorType != "sql" {
			p.say("%s: a %s panel has a query of %s; allowed: sql, %s", where, panel.Type, got, formats[series])
		}
		if panel.Interval != "1h" {
			p.say("%s: interval %q; allowed: 1h, since posts are counted by the hour", where, panel.Interval)
		}
		if zone := regexp.MustCompile(`Asia/|WIB|WITA|\bWIT\b`).FindString(one.RawSQL); zone != "" {
			p.say("%s: the query has the zone %s; allowed: ${__timezone}", where, zone)
		}
	}
}

// overlaps says which panels lie upon each other or reach over the edge.
func (p problems) overlaps(d *dashboard) {
	taken := map[[2]int]int{}
	for _, panel := range d.Panels {
		g := panel.GridPos
		if g.W < 1 || g.H < 1 || g.X < 0 || g.X+g.W > 24 {
			p.say("panel %d: place %+v; allowed: within 24 columns", panel.ID, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[[2]int{x, y}]; other != 0 {
					p.say("panels %d and %d lie upon each other", other, panel.ID)
					return
				}
				taken[[2]int{x, y}] = panel.ID
			}
		}
	}
}

// builtIn are the variables that Grafana and the plugin bring.
var builtIn = []string{
	"__timezone", "__from", "__to", "__fromTime", "__toTime", "__interval_s", "__conditionalAll", "__rate_interval", "__range",
	"__data", "__field", "__url_time_range", "__all",
}

func TestVariablesThatAreUsedAreDefined(t *testing.T) {
	name := regexp.MustCompile(`\$(?:\{(\w+)|(\w+))`)
	for _, d := range all(t) {
		defined := map[string]bool{}
		for _, v := range d.Templating.List {
			if defined[v.Name] {
				t.Errorf("%s: variable %q is there twice", d.file, v.Name)
			}
			defined[v.Name] = true
		}
		used := map[string]bool{}
		text, err := json.Marshal(d.raw["panels"])
		if err != nil {
			t.Fatal(err)
		}
		links, err := json.Marshal([]any{d.raw["links"], d.raw["templating"]})
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range name.FindAllStringSubmatch(string(text)+string(links), -1) {
			used[match[1]+match[2]] = true
			if found := match[1] + match[2]; !defined[found] && !slices.Contains(builtIn, found) {
				t.Errorf("%s: variable %q is used and not defined", d.file, found)
			}
		}
		for one := range defined {
			if !used[one] {
				t.Errorf("%s: variable %q is not used", d.file, one)
			}
		}
	}
}

// routes are the console's pages that dashboards link to, with what they take from
// the address. The console's own tests hold these names.
var routes = map[string][]string{
	"/queue":     {"status", "q", "label", "contestant", "region", "agency", "platform", "language", "lists", "rule", "account", "from", "until", "sort"},
	"/coverage":  {"region", "platform", "agency", "state", "from", "until"},
	"/supervise": {"region", "from", "until"},
}

func TestLinksLeadSomewhere(t *testing.T) {
	variables := map[string]map[string]bool{}
	for _, d := range all(t) {
		variables[d.UID] = map[string]bool{}
		for _, v := range d.Templating.List {
			variables[d.UID]["var-"+v.Name] = true
		}
	}
	for _, d := range all(t) {
		for _, address := range links(d.raw) {
			if err := leads(address, variables); err != nil {
				t.Errorf("%s: link %s: %v", d.file, address, err)
			}
		}
	}
}

// links are all values of the key url in links.
func links(value any) []string {
	var found []string
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if text, ok := inner.(string); ok && key == "url" && !strings.HasPrefix(text, "data:") {
				found = append(found, text)
			}
			found = append(found, links(inner)...)
		}
	case []any:
		for _, inner := range value {
			found = append(found, links(inner)...)
		}
	}
	return found
}

// leads says where a link does not lead.
func leads(address string, variables map[string]map[string]bool) error {
	address = regexp.MustCompile(`\$\{(\w+):queryparam\}`).ReplaceAllString(address, "var-$1=x")
	address = strings.ReplaceAll(address, "${__url_time_range}", "from=x&to=x")
	address = regexp.MustCompile(`\$\{__(?:data|from|to|field)[^}]*\}`).ReplaceAllString(address, "x")
	path, console := strings.CutPrefix(address, "${console}")
	u, err := url.Parse(path)
	if err != nil {
		return err
	}
	if !console {
		uid, _ := strings.CutPrefix(u.Path, "/d/")
		known := variables[uid]
		for name := range u.Query() {
			if known == nil || !known[name] && name != "from" && name != "to" {
				return fmt.Errorf("dashboard %q has no %q; it has %v", uid, name, known)
			}
		}
		return nil
	}
	allowed, known := routes[u.Path]
	if !known {
		return fmt.Errorf("the console has no page %q; it has %v", u.Path, routes)
	}
	for name := range u.Query() {
		if !slices.Contains(allowed, name) {
			return fmt.Errorf("the page takes no %q; allowed: %v", name, allowed)
		}
	}
	return nil
}
