package users_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	users "github.com/netra-id/netra/deploy/clickhouse"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// statements are all that `netra migrate users` would run with every option.
func statements(t *testing.T, o users.Options) []string {
	t.Helper()
	all, err := o.Statements()
	if err != nil {
		t.Fatal(err)
	}
	for name, roles := range users.Roles {
		made, err := o.User(name, roles, "rahasia-yang-panjang")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, made...)
	}
	for _, region := range []string{"61", "61.08"} {
		made, err := o.Region(region, "rahasia-yang-panjang")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, made...)
	}
	return all
}

// The embedded engine makes no users, but says whether it would understand the
// statements; what they allow is tried in TestRights….
func TestTheEngineUnderstandsEveryStatement(t *testing.T) {
	connection := embeddedtest.Engine(t)
	for name, o := range map[string]users.Options{
		"one server": {Database: "netra"}, "cluster": {Database: "netra", Cluster: "netra"}, "shards": {Database: "netra", Cluster: "{cluster}", Distributed: true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, statement := range statements(t, o) {
				if _, err := connection.Query(t.Context(), "EXPLAIN AST "+statement); err != nil {
					t.Errorf("the engine does not understand\n%s\n%v", statement, err)
				}
				if strings.Contains(statement, "rahasia") {
					t.Errorf("a password is in %s", statement)
				}
				if clustered := strings.Contains(statement, "ON CLUSTER"); clustered != (o.Cluster != "") {
					t.Errorf("on a cluster: %v: %s", clustered, statement)
				}
			}
		})
	}
	if _, err := connection.Query(t.Context(), "EXPLAIN AST CREATE USER IF NOT EXIST netra"); err == nil {
		t.Error("the engine would understand anything")
	}
}

func TestPartsOfShardsHaveTheSameRightsAndPolicies(t *testing.T) {
	all := strings.Join(statements(t, users.Options{Database: "netra", Cluster: "c", Distributed: true}), "\n")
	for _, want := range []string{
		"SELECT ON netra.flagged_posts_local TO netra_dashboards", "CREATE ROW POLICY IF NOT EXISTS netra_region_61_08 ON CLUSTER 'c' ON netra.flagged_posts_local ",
		"GRANT ON CLUSTER 'c' CLUSTER ON *.* TO netra_migration", "GRANT ON CLUSTER 'c' REMOTE ON *.* TO netra_migration",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}

func TestOnlyCodesOfRegionsAreTaken(t *testing.T) {
	for _, code := range []string{"", "6", "61.", "61.8", "Landak", "61' OR 1=1 --", "61\n", "61.08.01.20011"} {
		if _, err := (users.Options{Database: "netra"}).Region(code, "x"); err == nil {
			t.Errorf("region %q is taken", code)
		}
	}
}

// A policy must hold for each table that a dashboard may read and that has rows of
// several regions.
func TestEveryTableWithARegionHasItsPolicy(t *testing.T) {
	connection := migrated(t)
	rows, err := connection.Query(t.Context(), `SELECT table, groupArray(name) FROM system.columns
		WHERE database = currentDatabase() AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine NOT LIKE '%View')
		GROUP BY table ORDER BY table FORMAT TSV`)
	if err != nil {
		t.Fatal(err)
	}
	personal := regexp.MustCompile(`'(region|account_id|account|person_id|handle)'`)
	for line := range strings.Lines(rows) {
		table, columns, _ := strings.Cut(strings.TrimSpace(line), "\t")
		guarded := slices.Contains(users.ByRegion, table) || slices.Contains(users.ByAccount, table)
		if table == "election_contestants" {
			continue // who stands for election is known to everybody
		}
		if slices.Contains(users.DashboardTables, table) && personal.MatchString(columns) && !guarded {
			t.Errorf("dashboards may read %s with %s, but no policy by region holds for it", table, columns)
		}
		if slices.Contains(users.ByRegion, table) && !strings.Contains(columns, "'region'") {
			t.Errorf("%s has no region: %s", table, columns)
		}
	}
}

func TestDashboardTablesAreThere(t *testing.T) {
	connection := migrated(t)
	for _, table := range users.DashboardTables {
		if n, err := connection.Query(t.Context(), fmt.Sprintf("SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = '%s'", table)); err != nil || strings.TrimSpace(n) != "1" {
			t.Errorf("there is no table %s: %s %v", table, n, err)
		}
	}
	for table := range users.NotForDashboards {
		if slices.Contains(users.DashboardTables, table) {
			t.Errorf("%s is both for dashboards and not", table)
		}
	}
}

// The plugin's driver asks for the data source's time limit and five seconds more
// (clickhouse-go's queryOptions); with a limit of its own the plugin takes 60 s. A
// query that asks for more than the profile's bound is refused, and every panel
// would be empty.
func TestTheProfileBearsThePluginsTimeLimit(t *testing.T) {
	found := regexp.MustCompile(`max_execution_time = \d+ MAX (\d+)`).FindStringSubmatch(strings.Join(statements(t, users.Options{Database: "netra"}), "\n"))
	if found == nil {
		t.Fatal("the profile of dashboards has no bound")
	}
	if most, err := strconv.Atoi(found[1]); err != nil || most < 60+5 {
		t.Errorf("the bound is %s s (%v), want at least 65", found[1], err)
	}
}
