package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// decisionOf is a small decision to change.
func decisionOf(id, item string, change ...func(*store.DecisionRow)) store.DecisionRow {
	row := store.DecisionRow{
		ID: id, Item: item, Edition: 1, Account: "mastodon:42", Labels: []string{"support"}, Contestants: []string{"landak-2"},
		Rules: []string{"support/vote-for"}, Region: "61.08", Agency: "Dinas Pendidikan", Platform: "mastodon", Language: "id",
		Verdict: "violation", Rule: "KE-4", By: "ani", At: noon, Round: 1, ListsVersion: "sha256:1", CreatedAt: noon, FlaggedAt: noon,
	}
	for _, c := range change {
		c(&row)
	}
	return row
}

func TestDecisionsOfOneTokenAreStoredOnce(t *testing.T) {
	s, connection := migrated(t)
	rows := []store.DecisionRow{decisionOf("d1", "x:1"), decisionOf("d2", "x:2")}
	for range 3 {
		if err := s.InsertDecisions(t.Context(), "decisions/a", rows); err != nil {
			t.Fatal(err)
		}
	}
	if got := query1(t, connection, "SELECT count() FROM decisions"); got != "2" {
		t.Errorf("%s rows, want 2", got)
	}
	read, err := s.DecisionsOn(t.Context(), "x:1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows[:1], read); diff != "" {
		t.Errorf("read differs from what was stored:\n%s", diff)
	}
}

func TestTheViewsKeepWhatHolds(t *testing.T) {
	s, connection := migrated(t)
	err := s.InsertDecisions(t.Context(), "decisions/a", []store.DecisionRow{
		decisionOf("a1", "x:1"),
		decisionOf("a2", "x:1", func(d *store.DecisionRow) { d.Replaces, d.Verdict, d.At = "a1", "no_violation", noon.Add(time.Second) }),
		decisionOf("b1", "x:2"),
		decisionOf("b2", "x:2", func(d *store.DecisionRow) { d.Replaces, d.Withdrawn = "b1", true }),
		decisionOf("c1", "x:3"),
		decisionOf("c2", "x:3", func(d *store.DecisionRow) { d.Round, d.Verdict = 2, "no_violation" }),
		decisionOf("c3", "x:3", func(d *store.DecisionRow) { d.Round, d.At = 3, noon.Add(time.Hour) }),
		decisionOf("e1", "x:4", func(d *store.DecisionRow) { d.Verdict = "unsure" }),
	})
	if err != nil {
		t.Fatal(err)
	}
	for view, want := range map[string]string{
		"decisions_current": "a2,c1,c2,c3,e1",
		"decisions_final":   "a2,c3",
	} {
		if got := query1(t, connection, "SELECT arrayStringConcat(arraySort(groupArray(id)), ',') FROM "+view); got != want {
			t.Errorf("%s holds %s, want %s", view, got, want)
		}
	}
}

func TestInsertedSinceFindsEveryFlagOnceInPages(t *testing.T) {
	s, _ := migrated(t)
	want := map[string]int{}
	for b := range 5 {
		var flags []post.Flag
		for i := range 7 {
			id := fmt.Sprintf("x:%d-%d", b, i)
			want[id] = 1
			flags = append(flags, flagOf(id, i))
		}
		insert(t, s, fmt.Sprint(b), flags...)
	}
	got := map[string]int{}
	var cursor store.InsertCursor
	for {
		keys, err := s.InsertedSince(t.Context(), cursor, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) == 0 {
			break
		}
		for _, key := range keys {
			got[key.ID]++
		}
		cursor = keys[len(keys)-1]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	flags, err := s.FlagsByID(t.Context(), []string{"x:1-1", "none", "x:4-6"})
	if err != nil || len(flags) != 2 {
		t.Errorf("%d flags by id (%v), want 2", len(flags), err)
	}
}

func TestFlagsFromBeforeTheTimeOfInsertingAreFoundOnce(t *testing.T) {
	s, connection := migrated(t)
	execute := func(sql string) {
		t.Helper()
		if err := connection.Execute(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	execute("ALTER TABLE flagged_posts DROP INDEX inserted_at_range")
	execute("ALTER TABLE flagged_posts DROP COLUMN inserted_at")
	insert(t, s, "a", flagOf("x:1", 1), flagOf("x:2", 2))
	execute("ALTER TABLE netra_migrations DELETE WHERE version_id >= 5 SETTINGS mutations_sync = 2")
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys, err := s.InsertedSince(t.Context(), store.InsertCursor{}, 10)
	if err != nil || len(keys) != 2 {
		t.Fatalf("%d keys (%v), want 2", len(keys), err)
	}
	time.Sleep(20 * time.Millisecond)
	again, err := s.InsertedSince(t.Context(), keys[1], 10)
	if err != nil || len(again) != 0 {
		t.Errorf("old flags came again: %v (%v)", again, err)
	}
}

func TestJudgedCountsTheLastWord(t *testing.T) {
	s, _ := migrated(t)
	dismissed := func(d *store.DecisionRow) { d.Verdict, d.Rule, d.Cause = "no_violation", "", "denial" }
	two := func(d *store.DecisionRow) {
		d.Labels, d.Rules = []string{"support", "attack"}, []string{"support/vote-for", "attack/liar", "model/x"}
	}
	err := s.InsertDecisions(t.Context(), "decisions/a", []store.DecisionRow{
		decisionOf("a", "x:1"),
		decisionOf("b", "x:2", dismissed),
		decisionOf("c", "x:3", two),
		decisionOf("d", "x:4", two, dismissed, func(d *store.DecisionRow) { d.Label = "attack" }),
		decisionOf("e", "x:5", func(d *store.DecisionRow) { d.Verdict = "duplicate" }),
		decisionOf("f", "x:6", func(d *store.DecisionRow) { d.Region = "73.01" }),
		decisionOf("g", "x:7", func(d *store.DecisionRow) { d.At = noon.AddDate(0, 0, 1) }),
		decisionOf("h", "x:8", func(d *store.DecisionRow) { d.Round = 1 }),
		decisionOf("i", "x:8", dismissed, func(d *store.DecisionRow) { d.Round = 3 }),
		decisionOf("j", "x:8", func(d *store.DecisionRow) { d.Edition = 2 }),
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		by     string
		filter store.DecisionFilter
		want   []store.Judged
	}{
		"label":  {"label", store.DecisionFilter{}, []store.Judged{{Value: "support", Violations: 5, Judged: 7}, {Value: "attack", Violations: 1, Judged: 2}}},
		"region": {"label", store.DecisionFilter{Region: "73"}, []store.Judged{{Value: "support", Violations: 1, Judged: 1}}},
		"rights": {"label", store.DecisionFilter{Regions: []string{"11", "73.01"}}, []store.Judged{{Value: "support", Violations: 1, Judged: 1}}},
		"time":   {"label", store.DecisionFilter{From: noon.Add(time.Hour)}, []store.Judged{{Value: "support", Violations: 1, Judged: 1}}},
		"rule": {"rule", store.DecisionFilter{}, []store.Judged{
			{Value: "support/vote-for", Violations: 5, Judged: 7}, {Value: "attack/liar", Violations: 1, Judged: 2}, {Value: "model/x", Violations: 1, Judged: 1},
		}},
		"cause": {"cause", store.DecisionFilter{}, []store.Judged{{Value: "denial", Judged: 3}}},
	} {
		got, err := s.Judged(t.Context(), test.by, test.filter)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s (%v):\n%s", name, err, diff)
		}
	}
	if _, err := s.Judged(t.Context(), "colour", store.DecisionFilter{}); err == nil {
		t.Error("counted by colour")
	}
}
