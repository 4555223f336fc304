package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

// A worker that dies after an insert comes back with the same batch, and so may
// the engine have been started anew.
func TestTokensAreKnownAfterARestart(t *testing.T) {
	configuration := embedded.DefaultEngineConfiguration()
	configuration.Listen, configuration.DataDir = "127.0.0.1:0", t.TempDir()
	configuration.User, configuration.Password = "netra", "test-only"
	for run := range 2 {
		engine, err := embedded.StartEngine(t.Context(), configuration, discard)
		if err != nil {
			t.Fatal(err)
		}
		connection := embeddedtest.Connection{Address: engine.Address(), User: "netra", Password: "test-only", Database: "netra"}
		s := open(t, configurationOf(connection))
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Insert(t.Context(), batchOf("t/0/0-9", 10)); err != nil {
			t.Fatal(err)
		}
		if got := query1(t, connection, "SELECT sum(posts) FROM hourly_counts"); got != "15" {
			t.Errorf("run %d: %s posts, want 15", run, got)
		}
		if got := query1(t, connection, "SELECT count() FROM flagged_posts"); got != "10" {
			t.Errorf("run %d: %s flags, want 10", run, got)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		if err := engine.Stop(ctx); err != nil {
			t.Error(err)
		}
		cancel()
	}
}
