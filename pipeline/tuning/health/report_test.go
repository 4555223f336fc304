package health_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/tuning/health"
)

var now = time.Date(2024, 11, 20, 5, 0, 0, 0, time.UTC)

const rules = `
list: support
label: support
rules:
  - {id: vote-for, any: [coblos]}
  - {id: slogan, any: [gaspol]}
  - {id: burst, any: [salam]}
`

func parsed(t *testing.T, text string) *keyword.Set {
	t.Helper()
	set, err := keyword.Parse(keyword.File{Name: "support.yaml", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// inForce has the rules since a time.
func inForce(t *testing.T, since, changed time.Time) health.InForce {
	t.Helper()
	in := health.InForce{Version: "sha256:1"}
	for _, rule := range parsed(t, rules).Rules() {
		in.Rules = append(in.Rules, health.Rule{Rule: rule, Since: since, Changed: changed})
	}
	return in
}

// counts has 10,000 posts a day, and hits a day by rule, today first.
func counts(hits map[string][]uint64) health.Counts {
	var c health.Counts
	for day := range int32(30) {
		c.Posts = append(c.Posts, store.PostDay{Day: day, Posts: 10_000})
	}
	for rule, days := range hits {
		for day, n := range days {
			if n > 0 {
				c.Hits = append(c.Hits, store.RuleHit{Kind: store.HitRule, Source: rule, Day: int32(day), Hits: n, Last: now.AddDate(0, 0, -day)})
			}
		}
	}
	return c
}

func rowOf(t *testing.T, r health.Report, name string) health.Row {
	t.Helper()
	for _, row := range append(r.Rules, r.Lists...) {
		if row.Name == name {
			return row
		}
	}
	t.Fatalf("no row %q", name)
	return health.Row{}
}

func repeated(first uint64, others uint64, n int) []uint64 {
	days := []uint64{first}
	for range n {
		days = append(days, others)
	}
	return days
}

func TestSuddenChangesOfTheRateOfHits(t *testing.T) {
	long := now.AddDate(0, -3, 0)
	for name, test := range map[string]struct {
		days    []uint64
		changed time.Time
		posts   uint64 // of today, where it is another
		want    string
	}{
		"a rise":                             {days: repeated(40, 10, 14), want: health.Rise},
		"a drop to nothing":                  {days: repeated(0, 12, 14), want: health.Drop},
		"as ever":                            {days: repeated(12, 10, 14)},
		"a little more":                      {days: repeated(180, 100, 14)}, // p is small, but it is less than twice
		"too few to tell":                    {days: repeated(4, 1, 14)},
		"a first slogan":                     {days: repeated(9, 0, 14), want: health.Rise},
		"one burst in the past is no change": {days: append([]uint64{0, 0, 0, 400}, repeated(0, 0, 10)...)},
		"a rise within what was seen":        {days: []uint64{40, 5, 5, 5, 60, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}},
		"changed yesterday":                  {days: repeated(40, 10, 14), changed: now.AddDate(0, 0, -1)},
		"changed a week ago":                 {days: append([]uint64{10, 10, 10, 10, 10, 10}, 90, 90, 90, 90, 90, 90, 90, 90, 90), changed: now.AddDate(0, 0, -6)},
		"half of the posts came in":          {days: repeated(5, 10, 14), posts: 5_000},
		"no posts came in":                   {days: repeated(0, 12, 14), posts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := counts(map[string][]uint64{"support/vote-for": test.days})
			if test.posts > 0 {
				c.Posts[0].Posts = test.posts
			}
			row := rowOf(t, health.Of(health.DefaultConfiguration(), inForce(t, long, test.changed), now, c), "support/vote-for")
			got := ""
			for _, alarm := range row.Alarms {
				if alarm.Kind == health.Rise || alarm.Kind == health.Drop {
					got += alarm.Kind
				}
			}
			if got != test.want {
				t.Errorf("%+v, want %q", row.Alarms, test.want)
			}
		})
	}
}

func TestTheChanceIsCorrectedForTheNumberOfRules(t *testing.T) {
	// Alone, 5 hits after a fortnight of none have the chance 2 · 15⁻⁵ = 2.6e-6.
	report := health.Of(health.DefaultConfiguration(), inForce(t, now.AddDate(0, -3, 0), time.Time{}), now, counts(map[string][]uint64{
		"support/vote-for": repeated(5, 0, 14), "support/slogan": repeated(7, 7, 14), "support/burst": repeated(7, 7, 14),
	}))
	row := rowOf(t, report, "support/vote-for")
	want := []health.Alarm{{Kind: health.Rise, Hits: 5, Posts: 10_000, PastPosts: 140_000, P: 3 * 2.0 / 759375}}
	if diff := cmp.Diff(want, row.Alarms, cmp.Comparer(func(a, b float64) bool { return a-b < 1e-12 && b-a < 1e-12 })); diff != "" {
		t.Error(diff)
	}
}

func TestRulesThatOnlyProduceDismissedFlags(t *testing.T) {
	decisions := func(confirmed bool, label string, n uint64, flagged time.Time) store.RuleDecision {
		return store.RuleDecision{Kind: store.HitRule, Source: "support/slogan", Label: label, Confirmed: confirmed, Day: 3, FlaggedHour: flagged, Decisions: n}
	}
	before, after := now.AddDate(0, 0, -5), now.AddDate(0, 0, -1)
	changed := now.AddDate(0, 0, -2)
	for name, test := range map[string]struct {
		decisions []store.RuleDecision
		changed   time.Time
		want      bool
	}{
		"ten dismissed":                  {[]store.RuleDecision{decisions(false, "", 10, before)}, time.Time{}, true},
		"nine dismissed":                 {[]store.RuleDecision{decisions(false, "", 9, before)}, time.Time{}, false},
		"one confirmed":                  {[]store.RuleDecision{decisions(false, "", 30, before), decisions(true, "", 1, before)}, time.Time{}, false},
		"about another label":            {[]store.RuleDecision{decisions(false, "attack", 30, before)}, time.Time{}, false},
		"about its label":                {[]store.RuleDecision{decisions(false, "support", 30, before)}, time.Time{}, true},
		"before the rule was changed":    {[]store.RuleDecision{decisions(false, "", 30, before)}, changed, false},
		"also after it":                  {[]store.RuleDecision{decisions(false, "", 10, after)}, changed, true},
		"confirmed before it is no help": {[]store.RuleDecision{decisions(true, "", 3, before), decisions(false, "", 10, after)}, changed, true},
	} {
		t.Run(name, func(t *testing.T) {
			report := health.Of(health.DefaultConfiguration(), inForce(t, now.AddDate(0, -3, 0), test.changed), now, health.Counts{Decisions: test.decisions})
			row := rowOf(t, report, "support/slogan")
			if got := row.Has(health.OnlyDismissed); got != test.want {
				t.Errorf("%+v", row.Alarms)
			}
		})
	}
}

func TestPrecisionIsOverTimeWithItsInterval(t *testing.T) {
	report := health.Of(health.DefaultConfiguration(), inForce(t, now, now), now, health.Counts{Decisions: []store.RuleDecision{
		{Kind: store.HitRule, Source: "support/slogan", Confirmed: true, Day: 0, Decisions: 8},
		{Kind: store.HitRule, Source: "support/slogan", Day: 6, Decisions: 2},
		{Kind: store.HitRule, Source: "support/slogan", Day: 7, Decisions: 5},
		{Kind: store.HitRule, Source: "support/slogan", Confirmed: true, Day: store.OutsidePeriod, Decisions: 5},
	}})
	row := rowOf(t, report, "support/slogan")
	last, before := row.Weeks[7], row.Weeks[6]
	if row.Precision.Confirmed != 13 || row.Precision.Dismissed != 7 || before.Confirmed != 0 || before.Dismissed != 5 {
		t.Errorf("%+v", row)
	}
	// Wilson's interval of 8 of 10 is 0.4902 to 0.9433.
	if last.Value != 0.8 || last.Low < 0.4901 || last.Low > 0.4903 || last.High < 0.9432 || last.High > 0.9434 {
		t.Errorf("%+v", last)
	}
	if !last.From.Equal(now.AddDate(0, 0, -7)) {
		t.Errorf("the last week begins %s", last.From)
	}
}

func TestNeverMatchedIsToldOfRulesThatWereInForceAllTheTime(t *testing.T) {
	old := now.AddDate(0, 0, -31)
	for name, test := range map[string]struct {
		since, changed time.Time
		hits           []uint64
		want           bool
	}{
		"31 days without a hit":    {old, time.Time{}, nil, true},
		"29 days":                  {now.AddDate(0, 0, -29), time.Time{}, nil, false},
		"changed a week ago":       {old, now.AddDate(0, 0, -7), nil, false},
		"a hit 29 days ago":        {old, old, append(make([]uint64, 29), 1), false},
		"nothing is published":     {time.Time{}, time.Time{}, nil, false},
		"a hit long ago is no hit": {old, old, make([]uint64, 1), true},
	} {
		t.Run(name, func(t *testing.T) {
			c := counts(map[string][]uint64{"support/slogan": test.hits})
			if name == "a hit long ago is no hit" {
				c.Hits = append(c.Hits, store.RuleHit{Kind: store.HitRule, Source: "support/slogan", Day: store.OutsidePeriod, Hits: 3, Last: now.AddDate(0, 0, -60)})
			}
			row := rowOf(t, health.Of(health.DefaultConfiguration(), inForce(t, test.since, test.changed), now, c), "support/slogan")
			if row.Has(health.NeverMatched) != test.want {
				t.Errorf("%+v", row)
			}
		})
	}
	t.Run("no posts at all", func(t *testing.T) {
		if row := rowOf(t, health.Of(health.DefaultConfiguration(), inForce(t, old, old), now, health.Counts{}), "support/slogan"); len(row.Alarms) > 0 {
			t.Errorf("%+v", row.Alarms)
		}
	})
}

// shelf is published versions.
type shelf struct {
	list    []tuning.Publication
	bundles map[string]tuning.Bundle
}

func (s *shelf) Publications(context.Context, int) ([]tuning.Publication, error) { return s.list, nil }

func (s *shelf) Bundle(_ context.Context, version string) (tuning.Bundle, error) {
	return s.bundles[version], nil
}

func (s *shelf) publish(t *testing.T, at time.Time, list string) {
	t.Helper()
	bundle, err := tuning.NewBundle(map[string][]byte{"keywords/support.yaml": []byte(list)})
	if err != nil {
		t.Fatal(err)
	}
	if s.bundles == nil {
		s.bundles = map[string]tuning.Bundle{}
	}
	s.bundles[bundle.ID()] = bundle
	n := int64(len(s.list))
	s.list = append([]tuning.Publication{{Number: n + 1, Previous: n, Version: bundle.ID(), At: at}}, s.list...)
}

func TestSinceWhenRulesAreInForce(t *testing.T) {
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	var s shelf
	s.publish(t, day(-40), rules)
	s.publish(t, day(-20), strings.Replace(rules, "gaspol]", "gaspol, gaskeun]", 1))
	s.publish(t, day(-10), strings.Replace(rules, "[salam]}", `[salam], flags: ["salam nomor 2"]}`, 1))
	s.publish(t, day(-5), rules+"  - {id: new, any: [menyala]}\n")
	in, err := health.NewHistory(&s).InForce(t.Context(), day(-31), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]time.Time{}
	for _, rule := range in.Rules {
		got[rule.Source()] = [2]time.Time{rule.Since, rule.Changed}
	}
	want := map[string][2]time.Time{
		"support/vote-for": {day(-40), {}},
		"support/slogan":   {day(-40), day(-10)}, // it was taken back then
		"support/burst":    {day(-40), {}},       // examples change nothing
		"support/new":      {day(-5), day(-5)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAChangedSharedGroupChangesTheRulesThatUseIt(t *testing.T) {
	list := "list: support\nlabel: support\ngroups:\n  \"@cheers\": [hore]\nrules:\n  - {id: a, any: [\"@cheers\"]}\n  - {id: b, any: [coblos]}\n"
	var s shelf
	s.publish(t, now.AddDate(0, 0, -9), list)
	s.publish(t, now.AddDate(0, 0, -2), strings.Replace(list, "[hore]", "[hore, asyik]", 1))
	in, err := health.NewHistory(&s).InForce(t.Context(), now.AddDate(0, 0, -31), nil)
	if err != nil {
		t.Fatal(err)
	}
	if in.Rules[0].Changed.IsZero() || !in.Rules[1].Changed.IsZero() || !in.Models.IsZero() {
		t.Errorf("%v, %v, models %v", in.Rules[0].Changed, in.Rules[1].Changed, in.Models)
	}
	bundle, err := s.bundles[s.list[0].Version].With(tuning.WeightsFile, []byte("other"))
	if err != nil {
		t.Fatal(err)
	}
	s.bundles[bundle.ID()] = bundle
	s.list = append([]tuning.Publication{{Number: 3, Previous: 2, Version: bundle.ID(), At: now.AddDate(0, 0, -1)}}, s.list...)
	in, err = health.NewHistory(&s).InForce(t.Context(), now.AddDate(0, 0, -31), nil)
	if err != nil || !in.Models.Equal(now.AddDate(0, 0, -1)) || !in.Rules[0].Changed.Equal(now.AddDate(0, 0, -2)) {
		t.Errorf("%v, %v (%v)", in.Models, in.Rules[0].Changed, err)
	}
}

// fixed is data that does not change.
type fixed struct{ health.Counts }

func (f fixed) RuleHits(context.Context, time.Time, int) ([]store.RuleHit, error) { return f.Hits, nil }
func (f fixed) PostDays(context.Context, time.Time, int) ([]store.PostDay, error) {
	return f.Posts, nil
}
func (f fixed) RuleDecisions(context.Context, time.Time, int) ([]store.RuleDecision, error) {
	return f.Decisions, nil
}

func TestMetricsTellOfTheRulesInForce(t *testing.T) {
	var s shelf
	s.publish(t, now.AddDate(0, 0, -60), rules)
	registry := prometheus.NewRegistry()
	watch := health.NewWatch(health.DefaultConfiguration(), health.Dependencies{
		Data: fixed{counts(map[string][]uint64{
			"support/vote-for": repeated(40, 10, 14), "support/burst": repeated(10, 10, 14), "support/retired": {5}, "hoax": {3}, "claim-17": {2},
		})},
		Lists: &s, Now: func() time.Time { return now }, Registerer: registry,
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- watch.Run(ctx) }()
	for watch.Last() == nil {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	want := `
# HELP netra_rule_alarm 1 for each alarm of a rule in force: rise, drop, only_dismissed, never_matched. Missing where there is none.
# TYPE netra_rule_alarm gauge
netra_rule_alarm{kind="rise",rule="support/vote-for"} 1
netra_rule_alarm{kind="never_matched",rule="support/slogan"} 1
# HELP netra_rule_hits_24h Flagged posts of the last 24 hours of which a rule in force is a reason.
# TYPE netra_rule_hits_24h gauge
netra_rule_hits_24h{rule="support/burst"} 10
netra_rule_hits_24h{rule="support/slogan"} 0
netra_rule_hits_24h{rule="support/vote-for"} 40
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "netra_rule_alarm", "netra_rule_hits_24h"); err != nil {
		t.Error(err)
	}
}
