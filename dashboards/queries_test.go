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

// views are what each query is tried with: two time ranges and two zones, with all
// and with chosen values.
func views() map[string]view {
	day := time.Date(2024, 11, 19, 17, 0, 0, 0, time.UTC)
	return map[string]view{
		"all, half a year, UTC": {from: day.AddDate(0, -6, 0), until: day.AddDate(0, 0, 1), zone: "utc", step: 24 * time.Hour},
		"chosen, a day, WIT":    {from: day, until: day.AddDate(0, 0, 1), zone: "Asia/Jayapura", step: time.Hour, chosen: chosen},
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

// Everything that the known data can show is shown: a query that finds nothing in it
// is never tried by the tests of numbers.
func TestEveryQueryFindsTheKnownData(t *testing.T) {
	s := newSource(t)
	s.fill(t)
	eachQuery(t, func(t *testing.T, query string, series bool) {
		for name, v := range map[string]view{"all": long("Asia/Jayapura", 7*day), "chosen": withChosen(days("Asia/Makassar", time.Hour, nil))} {
			found, err := s.run(t, v, query, series)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if name == "all" && len(found.rows) == 0 {
				t.Errorf("%s: no row", name)
			}
		}
	})
}

func withChosen(v view) view {
	v.chosen = chosen
	return v
}
