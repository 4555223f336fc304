package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

var rina = access.Viewer{ID: 7, Name: "rina", Role: access.Analyst}

func each(t *testing.T, test func(t *testing.T, db *database.DB, log *audit.Log)) {
	t.Helper()
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) { test(t, db, newLog(t, db)) })
}

func newLog(t testing.TB, db *database.DB) *audit.Log {
	t.Helper()
	log, err := audit.New(t.Context(), db, audit.Options{Key: []byte("key")})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func view(n int) audit.Event {
	return audit.Event{By: rina, Action: "view", Subject: fmt.Sprintf("post x:%d", n), Detail: map[string]string{"via": "page"}}
}

// filled records and seals n events.
func filled(t *testing.T, log *audit.Log, n int) {
	t.Helper()
	for i := range n {
		if err := log.Tell(t.Context(), view(i)); err != nil {
			t.Fatal(err)
		}
	}
	if sealed, err := log.Seal(t.Context()); err != nil || sealed != n {
		t.Fatalf("sealed %d, %v; want %d", sealed, err, n)
	}
}

func verify(t *testing.T, log *audit.Log, kept audit.Head) audit.Check {
	t.Helper()
	check, err := log.Verify(t.Context(), kept)
	if err != nil {
		t.Fatal(err)
	}
	return check
}

func TestAnEventCommitsWithItsChange(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *audit.Log) {
		ctx := t.Context()
		failure := errors.New("no")
		for _, outcome := range []error{nil, failure} {
			err := db.Write(ctx, func(tx *database.Tx) error {
				return errors.Join(log.Record(ctx, tx, rina, "decide", "post x:1", map[string]string{"verdict": "violation"}), outcome)
			})
			if !errors.Is(err, outcome) {
				t.Fatal(err)
			}
		}
		if n, err := log.Seal(ctx); err != nil || n != 1 {
			t.Errorf("sealed %d, %v; want the one that was committed", n, err)
		}
		entries, err := log.List(ctx, audit.Filter{}, 10)
		if err != nil || len(entries) != 1 {
			t.Fatal(entries, err)
		}
		e := entries[0]
		if e.Number != 1 || e.Actor != "rina" || e.ActorID != 7 || e.Role != "analyst" || e.Action != "decide" || e.Subject != "post x:1" || e.Detail != `{"verdict":"violation"}` {
			t.Errorf("entry %+v", e)
		}
	})
}

func TestManyAtOnceMakeOneChain(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *audit.Log) {
		const people, times = 8, 25
		other := newLog(t, db) // of another process
		var all sync.WaitGroup
		for i := range people {
			all.Go(func() {
				l := log
				if i%2 == 0 {
					l = other
				}
				for j := range times {
					if err := l.Tell(t.Context(), view(i*times+j)); err != nil {
						t.Error(err)
					}
					if j%5 == 0 {
						if _, err := l.Seal(t.Context()); err != nil {
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
		check := verify(t, log, audit.Head{})
		if !check.Holds() || check.Entries != people*times || check.Waiting != 0 {
			t.Errorf("%+v", check)
		}
		seen := map[string]bool{}
		entries, err := log.List(t.Context(), audit.Filter{}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			seen[e.Subject] = true
		}
		if len(seen) != people*times {
			t.Errorf("%d different events are in the log", len(seen))
		}
	})
}

func TestTheDatabaseRefusesChanges(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *audit.Log) {
		filled(t, log, 2)
		if err := log.Tell(t.Context(), view(3)); err != nil { // waits
			t.Fatal(err)
		}
		statements := []string{
			"UPDATE audit_entries SET actor = 'joko'", "UPDATE audit_entries SET hash = hash WHERE number = 1",
			"DELETE FROM audit_entries", "DELETE FROM audit_entries WHERE number = 2",
			"UPDATE audit_pending SET actor = 'joko'", "DELETE FROM audit_pending",
		}
		if db.Dialect() == database.SQLite {
			statements = append(statements,
				"INSERT OR REPLACE INTO audit_entries SELECT 1, 1, at, actor_id, 'joko', role, action, subject, detail, address, previous, hash FROM audit_entries WHERE number = 1",
				"REPLACE INTO audit_entries SELECT 9, 1, at, actor_id, 'joko', role, action, subject, detail, address, previous, hash FROM audit_entries WHERE number = 1",
				"REPLACE INTO audit_pending SELECT id, at, actor_id, 'joko', role, action, subject, detail, address FROM audit_pending")
		} else {
			statements = append(statements, "TRUNCATE audit_entries", "TRUNCATE audit_pending")
		}
		for _, statement := range statements {
			if _, err := db.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		if check := verify(t, log, audit.Head{}); !check.Holds() || check.Entries != 2 || check.Waiting != 1 {
			t.Errorf("%+v", check)
		}
	})
}

// unguarded takes the triggers away, as somebody can who owns the database.
func unguarded(t *testing.T, db *database.DB) {
	t.Helper()
	statements := []string{"ALTER TABLE audit_entries DISABLE TRIGGER ALL"}
	if db.Dialect() == database.SQLite {
		statements = []string{"DROP TRIGGER audit_entries_no_update", "DROP TRIGGER audit_entries_no_delete", "DROP TRIGGER audit_entries_no_replace"}
	}
	for _, statement := range statements {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVerifyNamesTheFirstEntryThatDoesNotHold(t *testing.T) {
	tests := map[string]struct {
		tamper string
		broken int64
		why    audit.Fault
	}{
		"nothing":                  {"UPDATE audit_entries SET number = number", 0, ""},
		"the actor":                {"UPDATE audit_entries SET actor = 'joko' WHERE number = 3", 3, audit.Changed},
		"the actor's number":       {"UPDATE audit_entries SET actor_id = 8 WHERE number = 3", 3, audit.Changed},
		"the role":                 {"UPDATE audit_entries SET role = 'operator' WHERE number = 3", 3, audit.Changed},
		"the time":                 {"UPDATE audit_entries SET at = at + 1 WHERE number = 5", 5, audit.Changed},
		"the action":               {"UPDATE audit_entries SET action = 'login' WHERE number = 1", 1, audit.Changed},
		"the subject":              {"UPDATE audit_entries SET subject = 'post x:9' WHERE number = 2", 2, audit.Changed},
		"the detail":               {"UPDATE audit_entries SET detail = '{}' WHERE number = 2", 2, audit.Changed},
		"the address":              {"UPDATE audit_entries SET address = '00' WHERE number = 2", 2, audit.Changed},
		"the hash":                 {"UPDATE audit_entries SET hash = '00' WHERE number = 4", 4, audit.Changed},
		"two fields run together":  {"UPDATE audit_entries SET action = 'vie', subject = 'wpost x:1' WHERE number = 2", 2, audit.Changed},
		"one in the middle is off": {"DELETE FROM audit_entries WHERE number = 3", 3, audit.Missing},
		"the first is off":         {"DELETE FROM audit_entries WHERE number = 1", 1, audit.Missing},
		"the last is off":          {"DELETE FROM audit_entries WHERE number = 6", 6, audit.Truncated},
		"all are off":              {"DELETE FROM audit_entries", 1, audit.Truncated},
		"a gap is closed":          {"DELETE FROM audit_entries WHERE number = 3; UPDATE audit_entries SET number = number - 1 WHERE number > 3", 3, audit.Changed},
		"two are exchanged":        {"UPDATE audit_entries SET number = 99 WHERE number = 2; UPDATE audit_entries SET number = 2 WHERE number = 3; UPDATE audit_entries SET number = 3 WHERE number = 99", 2, audit.Changed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, log *audit.Log) {
				filled(t, log, 6)
				kept, err := log.Head(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				unguarded(t, db)
				for statement := range strings.SplitSeq(test.tamper, ";") {
					if _, err := db.Exec(t.Context(), statement); err != nil {
						t.Fatal(err)
					}
				}
				if check := verify(t, log, kept); check.Broken != test.broken || check.Why != test.why {
					t.Errorf("entry %d: %q, want %d: %q", check.Broken, check.Why, test.broken, test.why)
				}
			})
		})
	}
}

// TestAChainThatWasMadeAnewIsKnownByItsHead writes a whole other log, as
// somebody can who knows how it is made.
func TestAChainThatWasMadeAnewIsKnownByItsHead(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *audit.Log) {
		filled(t, log, 5)
		kept, err := log.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		unguarded(t, db)
		if _, err := db.Exec(t.Context(), "DELETE FROM audit_entries"); err != nil {
			t.Fatal(err)
		}
		filled(t, log, 7)
		if check := verify(t, log, audit.Head{}); !check.Holds() {
			t.Errorf("by itself it holds: %+v", check)
		}
		if check := verify(t, log, kept); check.Broken != 5 || check.Why != audit.Exchanged {
			t.Errorf("%+v", check)
		}
	})
}

func TestEntriesAreChosenAndPaged(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		now := time.Date(2024, 11, 20, 8, 0, 0, 0, time.UTC)
		log, err := audit.New(t.Context(), db, audit.Options{Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 6 {
			e := view(i)
			if i%2 == 1 {
				e.By.Name, e.Action, e.Subject = "joko", "login", "user joko"
			}
			if err := log.Tell(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Hour)
		}
		if _, err := log.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct {
			filter audit.Filter
			want   []int64
		}{
			"all":               {audit.Filter{}, []int64{6, 5, 4, 3}},
			"the next page":     {audit.Filter{Before: 3}, []int64{2, 1}},
			"a person":          {audit.Filter{Actor: "joko"}, []int64{6, 4, 2}},
			"an action":         {audit.Filter{Action: "view"}, []int64{5, 3, 1}},
			"a subject":         {audit.Filter{Subject: "post x:2"}, []int64{3}},
			"subjects":          {audit.Filter{Subject: "post "}, []int64{5, 3, 1}},
			"no pattern":        {audit.Filter{Subject: "%"}, nil},
			"a time":            {audit.Filter{From: now.Add(-3 * time.Hour), Until: now.Add(-time.Hour)}, []int64{5, 4}},
			"nobody":            {audit.Filter{Actor: "' OR 1=1 --"}, nil},
			"a person's action": {audit.Filter{Actor: "joko", Action: "view"}, nil},
		} {
			entries, err := log.List(t.Context(), test.filter, 4)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, e := range entries {
				got = append(got, e.Number)
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("%s: %v, want %v", name, got, test.want)
			}
		}
		if actions, err := log.Actions(t.Context()); err != nil || fmt.Sprint(actions) != "[login view]" {
			t.Errorf("actions %v, %v", actions, err)
		}
	})
}

func TestAddressesAreKeptAsKeyedHashes(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, log *audit.Log) {
		for _, address := range []string{"203.0.113.7", "203.0.113.7", "203.0.113.8", ""} {
			if err := log.Tell(audit.WithAddress(t.Context(), address), view(1)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := log.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		e, err := log.List(t.Context(), audit.Filter{}, 10)
		if err != nil || len(e) != 4 {
			t.Fatal(e, err)
		}
		if e[0].Address != "" || len(e[3].Address) != 16 || e[3].Address != e[2].Address || e[2].Address == e[1].Address {
			t.Errorf("addresses %q %q %q %q", e[3].Address, e[2].Address, e[1].Address, e[0].Address)
		}
	})
}

func TestHostileTextIsKept(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, log *audit.Log) {
		evil := "<script>\x00\xff'; DROP TABLE audit_entries; --"
		if err := log.Tell(t.Context(), audit.Event{By: access.Viewer{Name: evil}, Action: "login", Subject: evil, Detail: map[string]string{evil: evil}}); err != nil {
			t.Fatal(err)
		}
		if _, err := log.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if check := verify(t, log, audit.Head{}); !check.Holds() || check.Entries != 1 {
			t.Errorf("%+v", check)
		}
	})
}

func TestHeads(t *testing.T) {
	hash := strings.Repeat("ab", 32)
	for text, want := range map[string]string{
		"12:" + hash: "12:" + hash, " 12:" + strings.ToUpper(hash) + "\n": "12:" + hash,
		"0:" + hash: "0:" + strings.Repeat("0", 64), "": "", "12": "", "12:ab": "", "-1:" + hash: "", "x:" + hash: "", "12:" + hash + "00": "",
	} {
		head, err := audit.ParseHead(text)
		if (err == nil) != (want != "") || err == nil && head.String() != want {
			t.Errorf("%q: %s, %v", text, head, err)
		}
	}
}

func TestRunSealsWhatWaits(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, log *audit.Log) {
		if err := newLog(t, db).Tell(t.Context(), view(1)); err != nil { // of a process that ended
			t.Fatal(err)
		}
		done := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { done <- log.Run(ctx) }()
		if err := log.Tell(t.Context(), view(2)); err != nil {
			t.Fatal(err)
		}
		for until := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			head, err := log.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if head.Number == 2 {
				break
			}
			if time.Now().After(until) {
				t.Fatal("what waits is not sealed")
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestMetricsTellWhetherTheChainHolds(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	registry := prometheus.NewRegistry()
	log, err := audit.New(t.Context(), db, audit.Options{Registerer: registry})
	if err != nil {
		t.Fatal(err)
	}
	filled(t, log, 2)
	holds := func() string {
		const name = "netra_audit_chain_holds"
		var out bytes.Buffer
		for _, v := range []string{"-1", "0", "1"} {
			text := "# HELP " + name + " 1 where the last verification found nothing wrong, 0 where it did, or before the first one -1.\n# TYPE " + name + " gauge\n" + name + " " + v + "\n"
			if testutil.GatherAndCompare(registry, strings.NewReader(text), name) == nil {
				out.WriteString(v)
			}
		}
		return out.String()
	}
	if got := holds(); got != "-1" {
		t.Errorf("before a verification: %s", got)
	}
	verify(t, log, audit.Head{})
	if got := holds(); got != "1" {
		t.Errorf("after it: %s", got)
	}
	unguarded(t, db)
	if _, err := db.Exec(t.Context(), "DELETE FROM audit_entries WHERE number = 1"); err != nil {
		t.Fatal(err)
	}
	verify(t, log, audit.Head{})
	if got := holds(); got != "0" || log.Last().Holds() {
		t.Errorf("after tampering: %s", got)
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
		t.Errorf("metrics: %v %v", problems, err)
	}
}

func BenchmarkTell(b *testing.B) {
	log := newLog(b, databasetest.Open(b, databasetest.SQLite(b)))
	b.SetParallelism(50)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := log.Tell(b.Context(), view(1)); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	log := newLog(b, databasetest.Open(b, databasetest.SQLite(b)))
	for i := range 2000 {
		if err := log.Tell(b.Context(), view(i)); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := log.Seal(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if check, err := log.Verify(b.Context(), audit.Head{}); err != nil || check.Entries != 2000 {
			b.Fatal(check, err)
		}
	}
}
