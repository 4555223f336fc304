package store_test

import (
	"testing"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

// TestAMigrationThatCameLaterRunsThoughItsNumberIsSmaller has a database whose
// last migration ran before one with a smaller number was there.
func TestAMigrationThatCameLaterRunsThoughItsNumberIsSmaller(t *testing.T) {
	connection := embeddedtest.Engine(t)
	s := open(t, configurationOf(connection))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := connection.Execute(t.Context(), "ALTER TABLE netra_migrations DELETE WHERE version_id = 12 SETTINGS mutations_sync = 2")
	if err != nil {
		t.Fatal(err)
	}
	if got := pending(t, s); len(got) != 1 {
		t.Fatalf("pending %v, want one", got)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := pending(t, s); len(got) > 0 {
		t.Errorf("pending %v", got)
	}
}
