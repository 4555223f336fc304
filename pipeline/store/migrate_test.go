package store_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/store"
)

// pending says which migrations did not run.
func pending(t *testing.T, s *store.Store) []string {
	t.Helper()
	migrations, err := s.MigrationStatus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(migrations) < 4 {
		t.Fatalf("%d migrations, want 4 or more", len(migrations))
	}
	var names []string
	for _, m := range migrations {
		if m.AppliedAt.IsZero() {
			names = append(names, m.Name)
		}
	}
	return names
}

func TestMigrateTwice(t *testing.T) {
	connection := embeddedtest.Engine(t)
	s := open(t, configurationOf(connection))
	if got := pending(t, s); len(got) < 4 || got[0] != "00001_flagged_posts.sql" {
		t.Errorf("before: pending %v", got)
	}
	if got := query1(t, connection, "SELECT count() FROM system.tables WHERE database = currentDatabase()"); got != "0" {
		t.Errorf("asking for the status made %s tables", got)
	}
	for range 2 {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := pending(t, s); len(got) > 0 {
			t.Errorf("after: pending %v", got)
		}
	}
	insert(t, s, "a", flagOf("x:1", 1))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Flag(t.Context(), "x:1"); err != nil {
		t.Errorf("a migration lost a flag: %v", err)
	}
}

func TestMigratorsAtTheSameTime(t *testing.T) {
	connection := embeddedtest.Engine(t)
	configuration := configurationOf(connection)
	configuration.Database += "_many"
	t.Cleanup(func() { dropDatabase(t, connection, configuration.Database) })
	var group sync.WaitGroup
	for range 6 {
		s := open(t, configuration)
		group.Go(func() {
			if err := s.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	s := open(t, configuration)
	if got := pending(t, s); len(got) > 0 {
		t.Errorf("pending %v", got)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Errorf("after all: %v", err)
	}
}

func TestMigrateMakesTheDatabase(t *testing.T) {
	connection := embeddedtest.Engine(t)
	configuration := configurationOf(connection)
	configuration.Database += "_missing"
	t.Cleanup(func() { dropDatabase(t, connection, configuration.Database) })
	s := open(t, configuration)
	if got := pending(t, s); len(got) < 4 {
		t.Errorf("pending %v in a database that is not there", got)
	}
	err := s.Ping(t.Context())
	if err == nil || !strings.Contains(err.Error(), "run netra migrate") {
		t.Errorf("ping before: %v", err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func dropDatabase(t *testing.T, connection embeddedtest.Connection, name string) {
	t.Helper()
	connection.Database = ""
	if _, err := connection.Query(t.Context(), "DROP DATABASE IF EXISTS "+name); err != nil && t.Context().Err() == nil {
		t.Error(err)
	}
}

// The layouts that are for more than one server cannot run here, but the engine
// can say whether it would understand their statements.
func TestLayoutsAreUnderstoodByTheEngine(t *testing.T) {
	connection := embeddedtest.Engine(t)
	layouts := map[string]struct {
		change     func(*store.Configuration)
		want, none []string
	}{
		"one server": {
			func(*store.Configuration) {},
			[]string{"ENGINE = ReplacingMergeTree(version)", "non_replicated_deduplication_window = 100000", "ENGINE = SummingMergeTree(posts)"},
			[]string{"ON CLUSTER", "Replicated", "Distributed", "{{"},
		},
		"replicas": {
			func(c *store.Configuration) { c.Replicated = true },
			[]string{"ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', version)", "replicated_deduplication_window = 100000"},
			[]string{"ON CLUSTER", "Distributed", "non_replicated"},
		},
		"cluster": {
			func(c *store.Configuration) { c.Replicated, c.Cluster = true, "netra-1" },
			[]string{"CREATE TABLE IF NOT EXISTS flagged_posts ON CLUSTER 'netra-1'", "('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')"},
			[]string{"Distributed"},
		},
		"shards": {
			func(c *store.Configuration) { c.Replicated, c.Cluster, c.Distributed = true, "{cluster}", true },
			[]string{"CREATE TABLE IF NOT EXISTS flagged_posts_local ON CLUSTER '{cluster}'", "ENGINE = Distributed('{cluster}', 'd', 'flagged_posts_local', cityHash64(id))"},
			nil,
		},
	}
	for name, test := range layouts {
		t.Run(name, func(t *testing.T) {
			configuration := configurationOf(connection)
			configuration.Database = "d"
			test.change(&configuration)
			s, err := store.New(configuration, discard, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			statements, err := s.MigrationStatements()
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(statements, "\n")
			for _, want := range test.want {
				if !strings.Contains(all, want) {
					t.Errorf("no %q in\n%s", want, all)
				}
			}
			for _, none := range test.none {
				if strings.Contains(all, none) {
					t.Errorf("%q in\n%s", none, all)
				}
			}
			for _, statement := range statements {
				if _, err := connection.Query(t.Context(), "EXPLAIN AST "+statement); err != nil {
					t.Errorf("the engine does not understand\n%s\n%v", statement, err)
				}
			}
		})
	}
}
