package dashboards_test

import (
	"io/fs"
	"path"
	"strings"
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
	Format     int        `json:"format"`
	QueryType  string     `json:"queryType"`
	EditorType string     `json:"editorType"`
	Expr       string     `json:"expr"`
}

type variable struct {
	Name       string     `json:"name"`
	Type       string     `json:"type"`
	Query      any        `json:"query"`
	Definition string     `json:"definition"`
	IncludeAll bool       `json:"includeAll"`
	Multi      bool       `json:"multi"`
	DataSource dataSource `json:"datasource"`
}

// sql is the query of a variable that asks ClickHouse, else empty.
func (v *variable) sql() string {
	query, _ := v.Query.(map[string]any)
	text, _ := query["rawSql"].(string)
	return text
}

// all reads every dashboard.
func all(t testing.TB) []dashboard {
	t.Helper()
	const folder = "grafana/dashboards"
	entries, err := fs.ReadDir(dashboards.Grafana, folder)
	if err != nil {
		t.Fatal(err)
	}
	var list []dashboard
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".json") {
			t.Errorf("%s: not a dashboard; allowed: files ending in .json", entry.Name())
			continue
		}
		data, err := fs.ReadFile(dashboards.Grafana, path.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		d := dashboard{file: entry.Name()}
		if err := json.Unmarshal(data, &d, json.MatchCaseInsensitiveNames(true)); err != nil {
			t.Fatalf("%s: %v", entry.Name(), err)
		}
		if err := json.Unmarshal(data, &d.raw); err != nil {
			t.Fatalf("%s: %v", entry.Name(), err)
		}
		list = append(list, d)
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
