package prometheus_test

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/store"
)

func TestMain(m *testing.M) {
	embedded.RunChild()
	embeddedtest.Main(m)
}

// tables is a migrated database.
func tables(t *testing.T) embeddedtest.Connection {
	t.Helper()
	c := embeddedtest.Engine(t)
	cfg := store.DefaultConfiguration()
	cfg.Address, cfg.User, cfg.Password, cfg.Database = "http://"+c.Address, c.User, c.Password, c.Database
	s, err := store.New(cfg, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// firing runs the query of one of Grafana's rules and returns the labels of the
// rows that are beyond its threshold.
func firing(t *testing.T, c embeddedtest.Connection, title string) []string {
	t.Helper()
	all := grafanaRules(t)
	i := slices.IndexFunc(all, func(r grafanaRule) bool { return r.Title == title })
	if i < 0 {
		t.Fatalf("there is no rule %s", title)
	}
	out, err := c.Query(t.Context(), all[i].Data[0].Model.RawSQL+"\nFORMAT TSVWithNamesAndTypes")
	if err != nil {
		t.Fatalf("%s: %v", title, err)
	}
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	number := numberColumn(t, title, strings.Split(lines[1], "\t"))
	evaluator := all[i].Data[1].Model.Conditions[0].Evaluator
	found := []string{}
	for _, line := range lines[2:] {
		cells := strings.Split(line, "\t")
		value, err := strconv.ParseFloat(cells[number], 64)
		if err != nil {
			t.Fatalf("%s: %v", title, err)
		}
		if evaluator.Type == "gt" && value > evaluator.Params[0] || evaluator.Type == "lt" && value < evaluator.Params[0] {
			found = append(found, strings.Join(slices.Delete(cells, number, number+1), " "))
		}
	}
	slices.Sort(found)
	return found
}

// numberColumn: Grafana makes alarms of a table that has one column of numbers
// and otherwise text.
func numberColumn(t *testing.T, title string, types []string) int {
	t.Helper()
	number := -1
	for i, name := range types {
		switch {
		case name == "String":
		case number < 0 && (strings.HasPrefix(name, "Float") || strings.HasPrefix(name, "Int") || strings.HasPrefix(name, "UInt")):
			number = i
		default:
			t.Fatalf("%s: columns of %v; allowed: one of numbers, and text", title, types)
		}
	}
	if number < 0 {
		t.Fatalf("%s: no column of numbers in %v", title, types)
	}
	return number
}

func TestGrafanaRulesFireForWhatTheyAreAbout(t *testing.T) {
	c := tables(t)
	do := func(statement string) {
		t.Helper()
		if err := c.Execute(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	want := func(title string, labels ...string) {
		t.Helper()
		if got := firing(t, c, title); !slices.Equal(got, append([]string{}, labels...)) {
			t.Errorf("%s fires for %q, want %q", title, got, labels)
		}
	}
	want("NetraCountsSilent", "") // nothing was ever counted
	want("NetraProvinceUncovered")
	want("NetraProvinceFlood")
	want("NetraPrecisionFalls")

	do(`INSERT INTO hourly_counts (hour, platform, region, agency, language, posts) SELECT toStartOfHour(now()) - INTERVAL 2 HOUR, 'x', '61', 'a', 'id', 10`)
	want("NetraCountsSilent")

	// Two a day in 61 and then a hundred; 40 at once in 33; five a day in 11.
	do(`INSERT INTO flagged_posts (id, version, created_at, platform, region, labels, scores, contestants)
		SELECT concat(region, '-', toString(day), '-', toString(n)), now64(9), now64(9) - toIntervalDay(day) - INTERVAL 1 HOUR, 'x', concat(region, '.08'), ['support', 'attack'], [0.9, 0.9], ['', '']
		FROM
		(
			SELECT arrayJoin(range(0, 15)) AS day, arrayJoin(['61', '33', '11']) AS region,
				arrayJoin(range(multiIf(region = '61', if(day = 0, 100, 2), region = '33', if(day = 0, 40, 0), 5))) AS n
		)`)
	want("NetraProvinceFlood", "Kalimantan Barat")

	// 5 of 20 accounts of 61 answered, all 12 of 33, none of 5 of 11.
	do(`INSERT INTO roster_imports (import, version, entries, imported_at) VALUES (1, 'v', 37, now64(3))`)
	do(`INSERT INTO roster_accounts (import, platform, account_id, agency, region, valid_from)
		SELECT 1, 'x', concat(region, '-', toString(n)), 'a', concat(region, '.08'), toDate32('2020-01-01')
		FROM (SELECT arrayJoin(['61', '33', '11']) AS region, arrayJoin(range(multiIf(region = '61', 20, region = '33', 12, 5))) AS n)`)
	do(`INSERT INTO account_coverage (platform, account_id, source, last_success, updated_at)
		SELECT platform, account_id, 's', if(startsWith(account_id, '33') OR startsWith(account_id, '61') AND toUInt32(splitByChar('-', account_id)[2]) < 5, now64(3), toDateTime64('2024-01-01 00:00:00', 3)), now64(3)
		FROM roster_accounts`)
	want("NetraProvinceUncovered", "Kalimantan Barat")

	// support: 5 of 20 confirmed; attack: 15 of 20; hoax: none, but of 19 only.
	do(`INSERT INTO decisions (id, item, edition, labels, verdict, at, round)
		SELECT concat(label, toString(n)), concat(label, toString(n)), 1, [label], if(n < confirmed, 'violation', 'no_violation'), now64(3) - INTERVAL 1 DAY, 1
		FROM
		(
			SELECT arrayJoin(['support', 'attack', 'hoax']) AS label, multiIf(label = 'support', 5, label = 'attack', 15, 0) AS confirmed,
				arrayJoin(range(if(label = 'hoax', 19, 20))) AS n
		)`)
	want("NetraPrecisionFalls", "support")
}
