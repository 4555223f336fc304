package dashboards_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/netra-id/netra/dashboards"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// The types of the data sources, as their plugins are called.
const (
	clickHouse = "grafana-clickhouse-datasource"
	prometheus = "prometheus"
)

// dashboard is what the tests read of a file; the rest of it is in raw.
type dashboard struct {
	UID        string  `json:"uid"`
	Title      string  `json:"title"`
	Panels     []panel `json:"panels"`
	Templating struct {
		List []variable `json:"list"`
	} `json:"templating"`

	file string
	raw  map[string]any
}

type dataSource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type panel struct {
	ID          int        `json:"id"`
	Type        string     `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	DataSource  dataSource `json:"datasource"`
	Interval    string     `json:"interval"`
	GridPos     struct{ H, W, X, Y int }
	Targets     []target `json:"targets"`
	FieldConfig struct {
		Defaults  map[string]any `json:"defaults"`
		Overrides []struct {
			Properties []struct {
				ID    string `json:"id"`
				Value any    `json:"value"`
			} `json:"properties"`
		} `json:"overrides"`
	} `json:"fieldConfig"`
}

type target struct {
	RefID      string     `json:"refId"`
	DataSource dataSource `json:"datasource"`
	RawSQL     string     `json:"rawSql"`
	Format     any        `json:"format"`
	QueryType  string     `json:"queryType"`
	EditorType string     `json:"editorType"`
	Expr       string     `json:"expr"`
}

type variable struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Query      any    `json:"query"`
	Definition string `json:"definition"`
	IncludeAll bool   `json:"includeAll"`
	Current    struct {
		Value any `json:"value"`
	} `json:"current"`
	Multi      bool       `json:"multi"`
	DataSource dataSource `json:"datasource"`
}

// sql is the query of a variable that asks ClickHouse, else empty.
func (v *variable) sql() string {
	query, _ := v.Query.(map[string]any)
	text, _ := query["rawSql"].(string)
	return text
}

// read is every dashboard, read once.
var read = sync.OnceValues(func() ([]dashboard, error) {
	const folder = "grafana/dashboards"
	entries, err := fs.ReadDir(dashboards.Grafana, folder)
	if err != nil {
		return nil, err
	}
	var list []dashboard
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".json") {
			return nil, fmt.Errorf("%s: not a dashboard; allowed: files ending in .json", entry.Name())
		}
		data, err := fs.ReadFile(dashboards.Grafana, path.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		d := dashboard{file: entry.Name()}
		if err := errors.Join(json.Unmarshal(data, &d, json.MatchCaseInsensitiveNames(true)), json.Unmarshal(data, &d.raw)); err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		list = append(list, d)
	}
	return list, nil
})

// all is every dashboard.
func all(t testing.TB) []dashboard {
	t.Helper()
	list, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("there is no dashboard")
	}
	return list
}

// panelOf is the panel with a title in a dashboard with a uid. Where several have
// it, it is the first.
func panelOf(t testing.TB, uid, title string) panel {
	t.Helper()
	for _, d := range all(t) {
		for _, p := range d.Panels {
			if d.UID == uid && p.Title == title && len(p.Targets) > 0 {
				return p
			}
		}
	}
	t.Fatalf("dashboard %q has no panel %q", uid, title)
	return panel{}
}

// preset are the variables that are one value from the beginning and never All.
func preset(t testing.TB) map[string][]string {
	t.Helper()
	values := map[string][]string{}
	for _, d := range all(t) {
		for _, v := range d.Templating.List {
			if value, ok := v.Current.Value.(string); ok && v.Type == "custom" && !v.IncludeAll {
				values[v.Name] = []string{value}
			}
		}
	}
	return values
}
