package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

func TestMain(m *testing.M) { embeddedtest.Main(m, databasetest.Stop) }

func newStore(t *testing.T) *store.Store {
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
	return s
}

func newDatabase(t *testing.T) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestARestoreLeavesOutWhatTheDatabaseWillSend has decisions in ClickHouse that
// were sent, that wait in the outbox, and that were made after the database was
// copied: only the first stay.
func TestARestoreLeavesOutWhatTheDatabaseWillSend(t *testing.T) {
	s, db := newStore(t), newDatabase(t)
	if err := review.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	row := func(id string) store.DecisionRow {
		now := time.Now().UTC()
		return store.DecisionRow{ID: id, Item: "x:" + id, Verdict: "no_violation", Cause: "denial", By: "rina", At: now, Round: 1, CreatedAt: now, FlaggedAt: now}
	}
	if err := s.InsertDecisions(t.Context(), "d", []store.DecisionRow{row("sent"), row("waits"), row("later")}); err != nil {
		t.Fatal(err)
	}
	waiting, err := json.Marshal(row("waits"))
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range []string{"sent", "waits"} {
		_, err := db.Exec(t.Context(), `INSERT INTO review_decisions (id, item, edition, verdict, label, rule, cause, same, note, made_by, made_at, round, replaces, withdrawn)
			VALUES (?, ?, 1, 'no_violation', '', '', 'denial', '', '', 'rina', 1, 1, '', 0)`, id, i)
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(t.Context(), "INSERT INTO review_outbox (row_json, queued_at) VALUES (?, 1)", string(waiting)); err != nil {
		t.Fatal(err)
	}
	var said []string
	err = new(Manifest).Join(t.Context(), s, db, func(format string, arguments ...any) { said = append(said, fmt.Sprintf(format, arguments...)) })
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	err = rowsOf(t.Context(), s, "SELECT id FROM decisions", func(data []byte) error {
		var row struct{ ID string }
		err := json.Unmarshal(data, &row)
		left = append(left, row.ID)
		return err
	})
	if err != nil || !slices.Equal(left, []string{"sent"}) {
		t.Errorf("%v are left, want sent: %v", left, err)
	}
	if !strings.Contains(strings.Join(said, "\n"), "2 left out") {
		t.Errorf("it said %q", said)
	}
}

func TestWhatIsOfAnotherIsNotWrittenOver(t *testing.T) {
	dir := t.TempDir()
	to := Targets{DataDir: filepath.Join(dir, "data"), Address: filepath.Join(dir, "data", "console.db")}
	if err := to.Empty(); err != nil {
		t.Error(err)
	}
	if err := os.MkdirAll(to.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"roster.key", "note.txt"} {
		if err := os.WriteFile(filepath.Join(to.DataDir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := to.Empty(); (err != nil) != (name == "note.txt") || err != nil && !errors.Is(err, ErrNotEmpty) {
			t.Errorf("with %s: %v", name, err)
		}
	}
}

// TestFilesThatCannotChangeAreLinked takes files by their hash over from an older
// backup, and copies all others.
func TestFilesThatCannotChangeAreLinked(t *testing.T) {
	dir := t.TempDir()
	source := filepath.Join(dir, "source")
	sum := "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // of hello
	for name, content := range map[string]string{sum: "hello", "note.txt": "hello"} {
		if err := os.MkdirAll(source, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(source, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	take := func(name, base string) string {
		to := filepath.Join(dir, name)
		f, err := newFolder(to, base)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{sum, "note.txt"} {
			err := (&taking{to: f, manifest: &Manifest{}}).keep("data/"+file, filepath.Join(source, file), 5)
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := f.finish(&Manifest{Format: Format}); err != nil {
			t.Fatal(err)
		}
		if _, err := Check(t.Context(), to); err != nil {
			t.Error(err)
		}
		return to
	}
	first := take("first", "")
	second := take("second", first)
	for file, linked := range map[string]bool{sum: true, "note.txt": false} {
		a, errA := os.Stat(filepath.Join(first, "data", file))
		b, errB := os.Stat(filepath.Join(second, "data", file))
		if err := errors.Join(errA, errB); err != nil || os.SameFile(a, b) != linked {
			t.Errorf("%s: the same file %v, want %v: %v", file, os.SameFile(a, b), linked, err)
		}
	}
	if err := os.WriteFile(filepath.Join(second, "data", "note.txt"), []byte("hallo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(t.Context(), second); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "note.txt") {
		t.Errorf("a changed file: %v", err)
	}
	if _, err := Check(t.Context(), source); !errors.Is(err, ErrDamaged) {
		t.Errorf("a folder without a manifest: %v", err)
	}
}

func TestPasswordsStandOnNoCommandLine(t *testing.T) {
	shown, password := database.WithoutPassword("postgres://netra:rahasia@db/netra?sslmode=disable")
	if strings.Contains(shown, "rahasia") || password != "rahasia" || !strings.Contains(shown, "netra@db/netra?sslmode=disable") {
		t.Errorf("%s, %s", shown, password)
	}
}
