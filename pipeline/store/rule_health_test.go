package store_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// because gives a flag reasons by these sources.
func because(sources ...string) func(*post.Flag) {
	return func(f *post.Flag) {
		f.Verdict.Labels[0].Reasons = nil
		for _, source := range sources {
			f.Verdict.Labels[0].Reasons = append(f.Verdict.Labels[0].Reasons, post.Reason{Kind: post.ReasonKeyword, Source: source})
		}
	}
}

func TestRuleHitsAgreeWithTheFlaggedPosts(t *testing.T) {
	s, connection := migrated(t)
	const day = 24 * 60
	withdrawn := func(f *post.Flag) { f.Verdict.Labels, f.Post.CollectedAt = nil, noon.Add(time.Hour) }
	changed := func(f *post.Flag) { f.Post.CollectedAt = noon.Add(time.Hour) }
	insert(t, s, "a",
		flagOf("x:1", 1, because("support/vote-for", "support/slogan", "support")),
		flagOf("x:2", 2, because("support/vote-for", "attack/liar")),
		flagOf("x:3", day+1, because("support/vote-for")),
		flagOf("x:back", 3, because("support/vote-for")),
		flagOf("x:other", 4, because("support/vote-for")),
		flagOf("x:old", 40*day, because("support/vote-for")),
		flagOf("x:ahead", -30, because("support/vote-for")),
	)
	insert(t, s, "b", flagOf("x:back", 3, withdrawn), flagOf("x:other", 4, changed, because("support/slogan")))
	got, err := s.RuleHits(t.Context(), noon, 30)
	if err != nil {
		t.Fatal(err)
	}
	type key struct {
		kind, source string
		day          int32
	}
	hits, sums := map[key]uint64{}, map[string]int{}
	for _, hit := range got {
		hits[key{hit.Kind, hit.Source, hit.Day}] = hit.Hits
		if hit.Kind == store.HitRule {
			sums[hit.Source] += int(hit.Hits)
		}
	}
	want := map[key]uint64{
		{"flag", "", 0}: 3, {"flag", "", 1}: 1, {"flag", "", -1}: 2,
		{"rule", "support/vote-for", 0}: 2, {"rule", "support/vote-for", 1}: 1, {"rule", "support/vote-for", -1}: 2,
		{"rule", "support/slogan", 0}: 2, {"rule", "support", 0}: 1, {"rule", "attack/liar", 0}: 1,
		{"list", "support", 0}: 3, {"list", "support", 1}: 1, {"list", "support", -1}: 2, {"list", "attack", 0}: 1,
	}
	if diff := cmp.Diff(want, hits); diff != "" {
		t.Error(diff)
	}
	for rule, sum := range sums {
		query := fmt.Sprintf("SELECT count() FROM flagged_posts FINAL WHERE notEmpty(labels) AND has(rules, '%s')", rule)
		if n := query1(t, connection, query); n != strconv.Itoa(sum) {
			t.Errorf("%s: %d hits, flagged_posts have %s", rule, sum, n)
		}
	}
}

func TestPostDaysAreTheDenominators(t *testing.T) {
	s, _ := migrated(t)
	hour := func(back int, posts uint64) post.HourlyCount {
		return post.HourlyCount{Hour: noon.Add(-time.Duration(back) * time.Hour), Platform: "x", Posts: posts}
	}
	err := s.Insert(t.Context(), store.Batch{Token: "a", Counts: []post.HourlyCount{
		hour(0, 1), hour(1, 10), hour(24, 20), hour(25, 300), hour(30*24, 4000), hour(30*24+1, 50_000),
	}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.PostDays(t.Context(), noon, 30)
	want := []store.PostDay{{Day: 0, Posts: 30}, {Day: 1, Posts: 300}, {Day: 29, Posts: 4000}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(%v) %s", err, diff)
	}
}

func TestRuleDecisionsAgreeWithThePrecisionOfTheStatistics(t *testing.T) {
	s, _ := migrated(t)
	dismissed := func(d *store.DecisionRow) { d.Verdict, d.Rule, d.Cause = "no_violation", "", "denial" }
	two := func(d *store.DecisionRow) {
		d.Labels, d.Rules = []string{"support", "attack"}, []string{"support/vote-for", "support/slogan", "attack/liar", "support"}
	}
	err := s.InsertDecisions(t.Context(), "decisions/a", []store.DecisionRow{
		decisionOf("a", "x:1"), decisionOf("b", "x:2", dismissed), decisionOf("c", "x:3", two),
		decisionOf("d", "x:4", two, dismissed), decisionOf("e", "x:5", func(d *store.DecisionRow) { d.Verdict = "duplicate" }),
		decisionOf("f", "x:6", func(d *store.DecisionRow) { d.Verdict = "unsure" }),
		decisionOf("g1", "x:7"), decisionOf("g2", "x:7", dismissed, func(d *store.DecisionRow) { d.Replaces = "g1" }),
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.RuleDecisions(t.Context(), noon.AddDate(0, 0, 9), 30)
	if err != nil {
		t.Fatal(err)
	}
	type tally struct{ judged, violations uint64 }
	rules, lists := map[string]tally{}, map[string]tally{}
	for _, d := range got {
		if d.Day != 8 || !d.FlaggedHour.Equal(noon) {
			t.Errorf("%+v: want day 8, flagged at %s", d, noon)
		}
		of := rules
		if d.Kind != store.HitRule {
			of = lists
		}
		sum := of[d.Source]
		sum.judged += d.Decisions
		if d.Confirmed {
			sum.violations += d.Decisions
		}
		of[d.Source] = sum
	}
	judged, err := s.Judged(t.Context(), "rule", store.DecisionFilter{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]tally{}
	for _, j := range judged {
		want[j.Value] = tally{j.Judged, j.Violations}
	}
	opts := cmp.AllowUnexported(tally{})
	if diff := cmp.Diff(want, rules, opts); diff != "" || len(want) != 4 {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]tally{"": {5, 2}, "support": {5, 2}, "attack": {2, 1}}, lists, opts); diff != "" {
		t.Error(diff)
	}
}
