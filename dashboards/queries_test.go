package dashboards_test

import (
	"fmt"
	"testing"
	"time"
)

// chosen are values for every variable, one of them with a quote.
var chosen = map[string][]string{
	"election": {"pilkada-landak"}, "region": {"61", "35.77"}, "agency": {"Dinas 'Pendidikan'"}, "platform": {"x"},
	"label": {"support", "hoax"}, "language": {"id"}, "province": {"61"}, "regency": {"61.08"},
}

// views are what each query is tried with.
func views() map[string]view {
	day := time.Date(2024, 11, 19, 17, 0, 0, 0, time.UTC)
	return map[string]view{
		"all, a week, WIB":       {from: day, until: day.AddDate(0, 0, 7), zone: "Asia/Jakarta", step: time.Hour},
		"all, half a year, UTC":  {from: day.AddDate(0, -6, 0), until: day.AddDate(0, 0, 1), zone: "utc", step: 24 * time.Hour},
		"chosen, a day, WITA":    {from: day, until: day.AddDate(0, 0, 1), zone: "Asia/Makassar", step: time.Hour, chosen: chosen},
		"chosen, ten years, WIT": {from: day.AddDate(-9, 0, 0), until: day.AddDate(1, 0, 0), zone: "Asia/Jayapura", step: 30 * 24 * time.Hour, chosen: chosen},
	}
}

// eachQuery does something with each query that asks ClickHouse.
func eachQuery(t *testing.T, do func(t *testing.T, query string, series bool)) {
	t.Helper()
	for _, d := range all(t) {
		for _, v := range d.Templating.List {
			if v.sql() != "" {
				t.Run(fmt.Sprintf("%s/variable %s", d.UID, v.Name), func(t *testing.T) { do(t, v.sql(), false) })
			}
		}
		for _, p := range d.Panels {
			for _, one := range p.Targets {
				if one.DataSource.Type == clickHouse {
					t.Run(fmt.Sprintf("%s/%d %s", d.UID, p.ID, p.Title), func(t *testing.T) { do(t, one.RawSQL, one.QueryType == "timeseries") })
				}
			}
		}
	}
}

func TestEveryQueryRunsOnAnEmptyDatabase(t *testing.T) {
	s := newSource(t)
	eachQuery(t, func(t *testing.T, query string, series bool) {
		for name, v := range views() {
			if _, err := s.run(t, v, query, series); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
