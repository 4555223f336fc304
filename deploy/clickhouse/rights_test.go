package users_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	users "github.com/netra-id/netra/deploy/clickhouse"
	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
)

// The embedded engine has one user and makes no others. So each role is tried by
// starting the engine anew on the same data, with that one user having just the
// rights and policies that the statements give to the role.

const database = "netra"

var (
	quiet = slog.New(slog.DiscardHandler)
	noon  = time.Date(2024, 11, 20, 5, 0, 0, 0, time.UTC)
	// firstDay is the start of a day in WIB, as the roster has them.
	firstDay = time.Date(2024, 1, 1, 0, 0, 0, 0, time.FixedZone("WIB", 7*60*60))
)

// migrated is a database with tables on the shared engine.
func migrated(t *testing.T) embeddedtest.Connection {
	t.Helper()
	connection := embeddedtest.Engine(t)
	if err := open(t, connection).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return connection
}

func open(t *testing.T, c embeddedtest.Connection) *store.Store {
	t.Helper()
	configuration := store.DefaultConfiguration()
	configuration.Address, configuration.User, configuration.Password, configuration.Database = "http://"+c.Address, c.User, c.Password, c.Database
	s, err := store.New(configuration, quiet, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// as runs do with an engine on the data in dir whose user has the rights of a role,
// "" for all, and sees what is of a region, "" for all.
func as(t *testing.T, dir, role, region string, do func(*testing.T, *store.Store, embeddedtest.Connection)) {
	t.Helper()
	cfg := embedded.DefaultEngineConfiguration()
	cfg.Listen, cfg.DataDir, cfg.Password, cfg.Restart = "127.0.0.1:0", dir, "test-only", false
	if role != "" {
		cfg.ConfigFile = configured(t, role, region)
	}
	engine, err := embedded.StartEngine(t.Context(), cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := engine.Stop(ctx); err != nil {
			t.Error(err)
		}
	}()
	c := embeddedtest.Connection{Address: engine.Address(), User: cfg.User, Password: cfg.Password, Database: database}
	do(t, open(t, c), c)
}

var (
	grant  = regexp.MustCompile(`^(GRANT .*) TO (\w+)$`)
	policy = regexp.MustCompile(`^CREATE ROW POLICY IF NOT EXISTS \w+ ON netra\.(\w+) USING (.*) AS PERMISSIVE TO (.*)$`)
)

// configured writes the configuration of a server whose only user has what the
// statements give to a role and, with a region, to the region's role.
func configured(t *testing.T, role, region string) string {
	t.Helper()
	of, filters := role, ""
	if region != "" {
		of = "netra_region_" + region
	}
	var grants strings.Builder
	for _, statement := range statements(t, users.Options{Database: database}) {
		if found := grant.FindStringSubmatch(statement); found != nil && slices.Contains(strings.Split(role, ", "), found[2]) {
			fmt.Fprintf(&grants, "<query>%s</query>", found[1])
		}
		if found := policy.FindStringSubmatch(statement); found != nil && slices.Contains(strings.Split(found[3], ", "), of) {
			var condition strings.Builder
			_ = xml.EscapeText(&condition, []byte(found[2])) // to memory
			filters += fmt.Sprintf("<%[1]s><filter>%[2]s</filter></%[1]s>", found[1], condition.String())
		}
	}
	if grants.Len() == 0 || region != "" && filters == "" {
		t.Fatalf("nothing is granted to %s, or nothing filtered for %s", role, of)
	}
	dir := t.TempDir()
	text := fmt.Sprintf(`<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users><default><password></password>
<networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
<grants>%s</grants><databases><netra>%s</netra></databases></default></users></clickhouse>`, grants.String(), filters)
	for name, content := range map[string]string{
		"users.xml": text, "config.xml": fmt.Sprintf("<clickhouse><users_config>%s</users_config></clickhouse>", filepath.Join(dir, "users.xml")),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "config.xml")
}

func TestRightsOfEachRole(t *testing.T) {
	dir := t.TempDir()
	as(t, dir, "", "", func(t *testing.T, s *store.Store, c embeddedtest.Connection) {
		if err := c.Execute(context.WithoutCancel(t.Context()), "SELECT 1"); err == nil {
			t.Error("the database is there before it is made")
		}
		made, err := users.Options{Database: database}.Statements()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Administer(t.Context(), made[:1]); err != nil {
			t.Fatal(err)
		}
		err = s.Administer(t.Context(), made[1:2])
		if err == nil || !strings.Contains(err.Error(), `run "CREATE ROLE IF NOT EXISTS netra_migration"`) {
			t.Errorf("the embedded engine makes a role, or the error does not name the statement: %v", err)
		}
	})
	t.Run("migration", func(t *testing.T) {
		as(t, dir, "netra_migration", "", func(t *testing.T, s *store.Store, c embeddedtest.Connection) {
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			denied(t, c, "CREATE DATABASE other")
			denied(t, c, "CREATE USER other")
			denied(t, c, "SELECT * FROM url('http://127.0.0.1:1/', 'TSV', 'a String')")
		})
	})
	t.Run("road", func(t *testing.T) { as(t, dir, "netra_road", "", works) })
	t.Run("console", func(t *testing.T) {
		as(t, dir, users.Roles[users.Console], "", func(t *testing.T, s *store.Store, c embeddedtest.Connection) {
			if err := s.PurgePosts(t.Context(), []store.PurgedPost{{ID: "a:none", Name: "purged", Sketch: 1}}); err != nil {
				t.Error(err)
			}
			for _, statement := range []string{"DROP TABLE flagged_posts", "TRUNCATE TABLE decisions", "ALTER TABLE decisions DELETE WHERE 1", "ALTER TABLE hourly_counts DELETE WHERE 1"} {
				denied(t, c, statement)
			}
		})
	})
	t.Run("dashboards", func(t *testing.T) { as(t, dir, "netra_dashboards", "", readsAll) })
	t.Run("dashboards of a province", func(t *testing.T) {
		as(t, dir, "netra_dashboards", "61", func(t *testing.T, _ *store.Store, c embeddedtest.Connection) {
			seen(t, c, "a:1 a:2", "1 2", "5")
		})
	})
	t.Run("dashboards of a regency", func(t *testing.T) {
		as(t, dir, "netra_dashboards", "61_08", func(t *testing.T, _ *store.Store, c embeddedtest.Connection) {
			seen(t, c, "a:2", "2", "3")
		})
	})
}

// works does what collector, workers and console do, and tries what they must not.
func works(t *testing.T, s *store.Store, c embeddedtest.Connection) {
	ctx := t.Context()
	flags, counts, covered, entries := household()
	for name, do := range map[string]func() error{
		"flags and counts": func() error { return s.Insert(ctx, store.Batch{Token: "a", Flags: flags, Counts: counts}) },
		"coverage":         func() error { return s.SaveCoverage(ctx, covered) },
		"decisions": func() error {
			return s.InsertDecisions(ctx, "d", []store.DecisionRow{{ID: "1", Item: "a:1", Region: "61", At: noon, CreatedAt: noon, FlaggedAt: noon}})
		},
		"migrations are looked at": func() error { _, err := s.MigrationStatus(ctx); return err },
		"lists":                    func() error { _, err := s.ListPublications(ctx, 1); return err },
		"shadow":                   func() error { _, err := s.ListShadow(ctx); return err },
		"health":                   func() error { _, err := s.RuleHits(ctx, noon, 7); return err },
		"totals":                   func() error { _, err := s.Totals(ctx); return err },
		"backup": func() error {
			body, err := s.Raw(ctx, "SELECT * FROM flagged_posts FORMAT Native", nil, nil)
			if err == nil {
				err = body.Close()
			}
			return err
		},
	} {
		if err := do(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range 4 { // an import removes those before the last ones
		entries[0].Person.Agency = fmt.Sprintf("Dinas %d", i)
		if _, err := s.SaveRoster(ctx, entries); err != nil {
			t.Errorf("roster: %v", err)
		}
	}
	for _, statement := range []string{
		"ALTER TABLE flagged_posts DELETE WHERE 1", "ALTER TABLE decisions UPDATE verdict = 'no_violation' WHERE 1", "ALTER TABLE decisions DELETE WHERE 1",
		"TRUNCATE TABLE decisions", "DROP TABLE flagged_posts", "DROP DATABASE netra", "CREATE TABLE other (a String) ENGINE = Memory",
		"ALTER TABLE flagged_posts DROP PARTITION 202411", "OPTIMIZE TABLE decisions FINAL", "DETACH TABLE decisions",
		"SELECT * FROM url('http://127.0.0.1:1/', 'TSV', 'a String')", "SELECT * FROM file('/etc/passwd', 'LineAsString')",
	} {
		denied(t, c, statement)
	}
}

func readsAll(t *testing.T, _ *store.Store, c embeddedtest.Connection) {
	seen(t, c, "a:1 a:2 a:3", "1 2 3", "12")
	for table := range users.NotForDashboards {
		denied(t, c, "SELECT count() FROM "+table)
	}
	denied(t, c, "INSERT INTO decisions (id) VALUES ('x')")
	denied(t, c, "SELECT count() FROM netra_migrations")
	for _, table := range users.DashboardTables {
		if strings.HasPrefix(table, "accounts_") || strings.HasSuffix(table, "_over") {
			continue // they take parameters, and are made of tables that are tried
		}
		if _, err := c.Query(t.Context(), "SELECT count() FROM "+table); err != nil {
			t.Errorf("%s: %v", table, err)
		}
	}
}

// seen compares what a reader sees, through tables and through views.
func seen(t *testing.T, c embeddedtest.Connection, flags, accounts, posts string) {
	t.Helper()
	const period = "from = '2024-11-01 00:00:00', until = '2024-12-01 00:00:00', now = '2024-12-01 00:00:00'"
	for query, want := range map[string]string{
		"SELECT arrayStringConcat(arraySort(groupArray(id)), ' ') FROM flagged_posts FINAL":                      flags,
		"SELECT arrayStringConcat(arraySort(groupUniqArray(id)), ' ') FROM trend_flags":                          flags,
		"SELECT arrayStringConcat(arraySort(groupArray(account_id)), ' ') FROM account_coverage":                 accounts,
		"SELECT arrayStringConcat(arraySort(groupArray(account_id)), ' ') FROM roster_current":                   accounts,
		"SELECT arrayStringConcat(arraySort(groupArray(account_id)), ' ') FROM accounts_best_in(" + period + ")": accounts,
		"SELECT sum(posts) FROM hourly_counts":                                                                   posts,
		"SELECT sum(posts) FROM trend_posts":                                                                     posts,
	} {
		got, err := c.Query(t.Context(), query)
		if err != nil || strings.TrimSpace(got) != want {
			t.Errorf("%s\ngives %q %v, want %q", query, strings.TrimSpace(got), err, want)
		}
	}
}

func denied(t *testing.T, c embeddedtest.Connection, statement string) {
	t.Helper()
	if _, err := c.Query(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "ACCESS_DENIED") {
		t.Errorf("%s: %v, want it to be denied", statement, err)
	}
}

// household is a flag, its counts, and its account in each of three regions.
func household() (flags []post.Flag, counts []post.HourlyCount, covered []store.Coverage, entries []roster.Entry) {
	for i, region := range []string{"61", "61.08", "62"} {
		account := fmt.Sprint(i + 1)
		id := "a:" + account
		flags = append(flags, post.Flag{
			Post:    post.Post{ID: id, Platform: "mastodon", Kind: post.KindPost, Account: post.Account{ID: account}, Text: "coblos nomor 2", CreatedAt: noon, CollectedAt: noon},
			Person:  post.Person{PersonID: "hmac:" + account, Region: region},
			Verdict: post.Verdict{ID: id, Flagged: true, Labels: []post.LabelScore{{Label: post.Support, Score: 0.9}}, Attributes: map[string]float64{}},
		})
		counts = append(counts, post.HourlyCount{Hour: noon.Truncate(time.Hour), Platform: "mastodon", Region: region, Posts: []uint64{2, 3, 7}[i]})
		covered = append(covered, store.Coverage{Platform: "mastodon", AccountID: account, Source: "m", LastSuccess: noon, UpdatedAt: time.Now()})
		entries = append(entries, roster.Entry{Person: post.Person{PersonID: "hmac:" + account, Region: region}, Platform: "mastodon", AccountID: account, ValidFrom: firstDay})
	}
	return flags, counts, covered, entries
}
