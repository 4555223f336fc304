package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/strict"
)

var _ roster.Loader = (*store.Store)(nil)

func entryOf(account, agency, from, until string) roster.Entry {
	day := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		date, err := time.ParseInLocation(time.DateOnly, s, strict.WIB)
		if err != nil {
			panic(err)
		}
		return date
	}
	return roster.Entry{
		Platform: "x", AccountID: account, Handle: "@" + account,
		Person: post.Person{
			PersonID: "hmac:" + account, Name: "Nama '" + account, Agency: agency, Unit: "u", Position: "p",
			Region: "61.08", Status: "pns", Basis: "profil",
		},
		ValidFrom: day(from), ValidUntil: day(until),
	}
}

func TestTheRosterComesBackAsItWas(t *testing.T) {
	s, connection := migrated(t)
	if entries, version, err := s.LoadRoster(t.Context()); err != nil || version != "" || len(entries) != 0 {
		t.Errorf("before the first import: %v, %q, %v", entries, version, err)
	}
	steps := []struct {
		imported, want []roster.Entry
		changes        roster.Changes
	}{
		{
			[]roster.Entry{entryOf("1", "a", "1950-01-01", ""), entryOf("2", "b", "2020-02-29", "2024-12-31")},
			[]roster.Entry{entryOf("1", "a", "1950-01-01", ""), entryOf("2", "b", "2020-02-29", "2024-12-31")},
			roster.Changes{New: 2},
		},
		{
			[]roster.Entry{entryOf("1", "c", "2024-03-01", ""), entryOf("3", "d", "2024-01-01", "")},
			[]roster.Entry{
				entryOf("1", "a", "1950-01-01", "2024-02-29"), entryOf("1", "c", "2024-03-01", ""),
				entryOf("2", "b", "2020-02-29", "2024-12-31"), entryOf("3", "d", "2024-01-01", ""),
			},
			roster.Changes{New: 2, Ended: 1},
		},
	}
	for i, step := range steps {
		for again := range 2 {
			changes, err := s.SaveRoster(t.Context(), step.imported)
			if err != nil {
				t.Fatal(err)
			}
			if again == 0 && changes != step.changes {
				t.Errorf("import %d: %+v, want %+v", i, changes, step.changes)
			}
			if again == 1 && changes.Any() {
				t.Errorf("import %d again: %+v", i, changes)
			}
		}
		entries, version, err := s.LoadRoster(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, entries); diff != "" {
			t.Errorf("import %d:\n%s", i, diff)
		}
		if quick, err := s.RosterVersion(t.Context()); err != nil || quick != version || version != roster.Version(step.want) {
			t.Errorf("import %d: version %q, %q, %v", i, version, quick, err)
		}
	}
	if got := query1(t, connection, "SELECT count() FROM roster_imports"); got != "2" {
		t.Errorf("%s imports, want 2: the repeated ones change nothing", got)
	}
}

func TestSaveRosterRefusesOverlaps(t *testing.T) {
	s, connection := migrated(t)
	_, err := s.SaveRoster(t.Context(), []roster.Entry{entryOf("1", "a", "2020-01-01", ""), entryOf("1", "b", "2024-01-01", "")})
	if err == nil || !strings.Contains(err.Error(), `account_id "1" on x`) {
		t.Errorf("got %v", err)
	}
	if got := query1(t, connection, "SELECT count() FROM roster_accounts"); got != "0" {
		t.Errorf("%s entries were stored", got)
	}
}

func TestOldImportsGo(t *testing.T) {
	s, connection := migrated(t)
	for i := range 8 {
		if _, err := s.SaveRoster(t.Context(), []roster.Entry{entryOf("1", fmt.Sprint("a", i), "2020-01-01", "")}); err != nil {
			t.Fatal(err)
		}
	}
	if got := query1(t, connection, "SELECT uniqExact(import) FROM roster_accounts"); got != "5" {
		t.Errorf("%s imports are kept, want 5", got)
	}
	entries, _, err := s.LoadRoster(t.Context())
	if err != nil || len(entries) != 1 || entries[0].Person.Agency != "a7" {
		t.Errorf("%+v, %v", entries, err)
	}
}

func TestCoverageKeepsTheNewestState(t *testing.T) {
	s, _ := migrated(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	state := store.Coverage{
		Platform: "x", AccountID: "1", Source: "feeds", LastSuccess: now, Gaps: 2,
		Problem: "rate_limit", Reason: "batas laju", FailingSince: now.Add(-time.Minute), UpdatedAt: now,
	}
	newer := state
	newer.Reason, newer.LastPost, newer.UpdatedAt = "", now.Add(-time.Hour), now.Add(time.Minute)
	newer.Handle = "@baru"
	newer.Missing = []store.MissingPeriod{
		{From: now.Add(-5 * time.Hour), Until: now.Add(-4 * time.Hour), Reason: "hanya 20 terakhir"},
		{From: now.Add(-3 * time.Hour), Until: now.Add(-2 * time.Hour)},
	}
	other := state
	other.Source = "files"
	for _, states := range [][]store.Coverage{{newer, other}, {state}, nil} {
		if err := s.SaveCoverage(t.Context(), states); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Coverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]store.Coverage{newer, other}, got); diff != "" {
		t.Error(diff)
	}
}
