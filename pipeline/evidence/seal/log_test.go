package seal_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

func configured(dir string) seal.Configuration {
	cfg := seal.DefaultConfiguration()
	cfg.KeyFile, cfg.HeadFile = filepath.Join(dir, "evidence.key"), filepath.Join(dir, "evidence.head")
	return cfg
}

func open(t testing.TB, db *database.DB, cfg seal.Configuration) *seal.Log {
	t.Helper()
	log, err := seal.New(t.Context(), cfg, seal.Dependencies{Database: db})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func each(t *testing.T, test func(t *testing.T, db *database.DB, log *seal.Log)) {
	t.Helper()
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) { test(t, db, open(t, db, configured(t.TempDir()))) })
}

func statement(n int) []byte { return fmt.Appendf(nil, `{"statement":%d}`, n) }

// add has statements wait.
func add(t testing.TB, db *database.DB, log *seal.Log, from, until int) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *database.Tx) error {
		for n := from; n < until; n++ {
			if err := log.Add(t.Context(), tx, seal.KindPiece, statement(n)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func filled(t testing.TB, db *database.DB, log *seal.Log, from, until int) {
	t.Helper()
	add(t, db, log, from, until)
	if n, err := log.Seal(t.Context()); err != nil || n != until-from {
		t.Fatalf("sealed %d, %v; want %d", n, err, until-from)
	}
}

func head(t testing.TB, log *seal.Log) seal.Head {
	t.Helper()
	h, err := log.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAStatementIsSealedOnce(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *seal.Log) {
		filled(t, db, log, 0, 3)
		add(t, db, log, 1, 5) // two of them again
		add(t, db, log, 3, 4)
		if n, err := log.Seal(t.Context()); err != nil || n != 2 {
			t.Errorf("sealed %d, %v; want 2", n, err)
		}
		if h := head(t, log); h.Size != 5 || h.Waiting != 0 {
			t.Errorf("head %+v, want 5 leaves and nothing that waits", h)
		}
	})
}

func TestAStatementOfAnotherKindIsAnotherOne(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *seal.Log) {
		err := db.Write(t.Context(), func(tx *database.Tx) error {
			return errors.Join(
				log.Add(t.Context(), tx, seal.KindPiece, statement(1)), log.Add(t.Context(), tx, seal.KindTombstone, statement(1)),
			)
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := log.Seal(t.Context()); err != nil || n != 2 {
			t.Errorf("sealed %d, %v", n, err)
		}
	})
}

func TestAStatementIsSealedWithItsTransaction(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *seal.Log) {
		failure := errors.New("no")
		for n, outcome := range []error{nil, failure} {
			err := db.Write(t.Context(), func(tx *database.Tx) error {
				return errors.Join(log.Add(t.Context(), tx, seal.KindDecision, statement(n)), outcome)
			})
			if !errors.Is(err, outcome) {
				t.Fatal(err)
			}
		}
		if n, err := log.Seal(t.Context()); err != nil || n != 1 {
			t.Errorf("sealed %d, %v; want the one that was committed", n, err)
		}
	})
}

func TestWhatIsNoStatementIsRefused(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *seal.Log) {
		for _, test := range []struct {
			kind      seal.Kind
			statement []byte
		}{{"", statement(1)}, {"a b", statement(1)}, {"x\n", statement(1)}, {seal.KindPiece, nil}} {
			err := db.Write(t.Context(), func(tx *database.Tx) error { return log.Add(t.Context(), tx, test.kind, test.statement) })
			if err == nil {
				t.Errorf("kind %q with %d bytes was taken", test.kind, len(test.statement))
			}
		}
	})
}

func TestManyAtOnceMakeOneLog(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *seal.Log) {
		const writers, times = 6, 15
		cfg := configured(t.TempDir())
		cfg.KeyFile = log.KeyFile()
		other := open(t, db, cfg) // of another process
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				l := log
				if i%2 == 0 {
					l = other
				}
				for j := range times {
					err := db.Write(context.Background(), func(tx *database.Tx) error {
						return l.Add(context.Background(), tx, seal.KindPiece, statement(i*times+j))
					})
					if err != nil {
						t.Error(err)
					}
					if j%4 == 0 {
						if _, err := l.Seal(context.Background()); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		all.Wait()
		if _, err := log.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if h := head(t, log); h.Size != writers*times {
			t.Errorf("%d leaves, want %d", h.Size, writers*times)
		}
		check(t, log, "")
		check(t, other, "")
	})
}

// check walks the whole log, and wants a fault that contains why, or none.
func check(t testing.TB, log *seal.Log, why string) {
	t.Helper()
	_, err := log.Check(t.Context())
	var rewritten *seal.RewrittenError
	switch {
	case why == "" && err != nil:
		t.Error(err)
	case why != "" && (!errors.As(err, &rewritten) || !strings.Contains(rewritten.Why, why)):
		t.Errorf("got %v, want a fault that contains %q", err, why)
	}
}

func TestTheDatabaseRefusesChanges(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *seal.Log) {
		filled(t, db, log, 0, 3)
		add(t, db, log, 3, 4)
		statements := []string{"DELETE FROM seal_waiting", "UPDATE seal_waiting SET kind = 'x'"}
		for _, table := range []string{"seal_leaves", "seal_hashes", "seal_checkpoints"} {
			key := "number"
			if table == "seal_checkpoints" {
				key = "size"
			}
			statements = append(statements, "DELETE FROM "+table, "UPDATE "+table+" SET "+key+" = "+key)
			if db.Dialect() == database.SQLite {
				statements = append(statements, "REPLACE INTO "+table+" SELECT * FROM "+table)
			} else {
				statements = append(statements, "TRUNCATE "+table)
			}
		}
		for _, statement := range statements {
			if _, err := db.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		check(t, log, "")
	})
}

// unguarded takes the triggers away, as somebody can who owns the database.
func unguarded(t *testing.T, db *database.DB) {
	t.Helper()
	for _, table := range []string{"seal_leaves", "seal_hashes", "seal_checkpoints", "seal_stamps", "seal_waiting"} {
		statements := []string{"ALTER TABLE " + table + " DISABLE TRIGGER ALL"}
		if db.Dialect() == database.SQLite {
			statements = []string{"DROP TRIGGER " + table + "_no_update", "DROP TRIGGER " + table + "_no_delete", "DROP TRIGGER " + table + "_no_replace"}
		}
		for _, statement := range statements {
			if _, err := db.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestARewrittenLogIsKnown(t *testing.T) {
	other := sha256.Sum256([]byte("other"))
	tests := map[string]struct {
		tamper string
		args   []any
		why    string
	}{
		"a leaf's statement":      {"UPDATE seal_leaves SET sha256 = ? WHERE number = 3", []any{other[:]}, "leaf 3 is not what was sealed"},
		"a leaf's kind":           {"UPDATE seal_leaves SET kind = 'case' WHERE number = 0", nil, "leaf 0 is not what was sealed"},
		"a leaf's time":           {"UPDATE seal_leaves SET sealed_at = sealed_at - 86400000 WHERE number = 6", nil, "leaf 6 is not what was sealed"},
		"a leaf is off":           {"DELETE FROM seal_leaves WHERE number = 2", nil, "leaf 2 is missing"},
		"the first is off":        {"DELETE FROM seal_leaves WHERE number = 0", nil, "leaf 0 is missing"},
		"the last is off":         {"DELETE FROM seal_leaves WHERE number = 9", nil, "leaf 9 is missing"},
		"two are exchanged":       {"UPDATE seal_leaves SET number = 99 WHERE number = 4; UPDATE seal_leaves SET number = 4 WHERE number = 5; UPDATE seal_leaves SET number = 5 WHERE number = 99", nil, "leaf 4 is not what was sealed"},
		"a hash":                  {"UPDATE seal_hashes SET hash = ? WHERE number = 2", []any{other[:]}, "hash 2"},
		"a hash is off":           {"DELETE FROM seal_hashes WHERE number = 5", nil, "hash 5"},
		"a checkpoint's root":     {"UPDATE seal_checkpoints SET note = replace(note, '10\n', '10\nA')", nil, "checkpoint"},
		"the last checkpoint off": {"DELETE FROM seal_checkpoints", nil, "10 leaves"},
		"one is added":            {"INSERT INTO seal_leaves SELECT 10, 'case', sha256, sealed_at FROM seal_leaves WHERE number = 1", nil, "11 leaves"},
		"everything":              {"DELETE FROM seal_checkpoints; DELETE FROM seal_leaves; DELETE FROM seal_hashes", nil, "cut off"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, log *seal.Log) {
				filled(t, db, log, 0, 10)
				check(t, log, "")
				unguarded(t, db)
				for statement := range strings.SplitSeq(test.tamper, ";") {
					if _, err := db.Exec(t.Context(), statement, test.args...); err != nil {
						t.Fatal(err)
					}
				}
				check(t, log, test.why)
			})
		})
	}
}

// TestALogThatWasMadeAnewIsKnownByItsHead writes a whole other log with the
// right key, as somebody can who has all of this machine but the head file.
func TestALogThatWasMadeAnewIsKnownByItsHead(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *seal.Log) {
		filled(t, db, log, 0, 5)
		unguarded(t, db)
		for _, table := range []string{"seal_leaves", "seal_hashes", "seal_checkpoints"} {
			if _, err := db.Exec(t.Context(), "DELETE FROM "+table); err != nil {
				t.Fatal(err)
			}
		}
		apart := configured(t.TempDir())
		apart.KeyFile = log.KeyFile()
		filled(t, db, open(t, db, apart), 1, 8)
		check(t, open(t, db, apart), "")
		check(t, log, "root of 5 leaves")
		var rewritten *seal.RewrittenError
		if err := log.CheckHead(t.Context()); !errors.As(err, &rewritten) {
			t.Errorf("the check at the start: %v", err)
		}
		add(t, db, log, 20, 21)
		if n, err := log.Seal(t.Context()); n != 0 || !errors.As(err, &rewritten) {
			t.Errorf("sealed %d, %v", n, err)
		}
	})
}

// TestADatabaseThatWasRolledBackIsKnown copies a database away and back.
func TestADatabaseThatWasRolledBackIsKnown(t *testing.T) {
	cfg, address := configured(t.TempDir()), databasetest.SQLite(t)
	db := databasetest.Open(t, address)
	filled(t, db, open(t, db, cfg), 0, 5)
	backup := databasetest.SQLite(t)
	if err := db.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	filled(t, db, open(t, db, cfg), 5, 8)
	old := databasetest.Open(t, backup)
	log := open(t, old, cfg)
	check(t, log, "it has 5 leaves, but a checkpoint says 8")
	add(t, old, log, 20, 25) // more than were lost
	var rewritten *seal.RewrittenError
	if n, err := log.Seal(t.Context()); n != 0 || !errors.As(err, &rewritten) {
		t.Errorf("sealed %d, %v", n, err)
	}
	if err := os.Remove(cfg.HeadFile); err != nil { // somebody accepts it
		t.Fatal(err)
	}
	if n, err := log.Seal(t.Context()); n != 5 || err != nil {
		t.Errorf("sealed %d, %v", n, err)
	}
}

func TestNothingIsAppendedToARewrittenLog(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *seal.Log) {
		filled(t, db, log, 0, 4)
		unguarded(t, db)
		if _, err := db.Exec(t.Context(), "DELETE FROM seal_leaves WHERE number = 3"); err != nil {
			t.Fatal(err)
		}
		add(t, db, log, 4, 6)
		var rewritten *seal.RewrittenError
		if n, err := log.Seal(t.Context()); n != 0 || !errors.As(err, &rewritten) {
			t.Errorf("sealed %d, %v", n, err)
		}
		if h := head(t, log); h.Waiting != 2 {
			t.Errorf("%d statements wait, want 2", h.Waiting)
		}
	})
}

func TestAnotherConsolesKeyIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *seal.Log) {
		filled(t, db, log, 0, 4)
		cfg := configured(t.TempDir())
		without := open(t, db, cfg)
		add(t, db, without, 4, 5)
		if _, err := without.Seal(t.Context()); !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("without a key: %v", err)
		}
		if err := seal.MakeKey(cfg.KeyFile, cfg.Origin); err != nil {
			t.Fatal(err)
		}
		other := open(t, db, cfg)
		if _, err := other.Seal(t.Context()); err == nil || !strings.Contains(err.Error(), "previous_keys") {
			t.Errorf("with another key: %v", err)
		}
		cfg.PreviousKeys = []string{log.PublicKey()}
		after := open(t, db, cfg)
		if n, err := after.Seal(t.Context()); n != 1 || err != nil {
			t.Errorf("after the key was replaced: %d, %v", n, err)
		}
		check(t, after, "")
	})
}

func TestRunSealsWhatIsAdded(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *seal.Log) {
		cfg := configured(t.TempDir())
		cfg.Every = 20 * time.Millisecond
		log := open(t, db, cfg)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- log.Run(ctx) }()
		add(t, db, log, 0, 3)
		deadline := time.Now().Add(time.Minute)
		for head(t, log).Size < 3 {
			if time.Now().After(deadline) {
				t.Fatal("what waits is not sealed")
			}
			time.Sleep(time.Millisecond)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
