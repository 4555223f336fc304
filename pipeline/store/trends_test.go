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
)

// flaggedAt is a flag whose post is of a time, region and labels.
func flaggedAt(id string, at time.Time, region string, labels ...post.LabelScore) post.Flag {
	return flagOf(id, 0, func(f *post.Flag) {
		f.Post.CreatedAt, f.Person.Region, f.Verdict.Labels = at, region, labels
		f.Post.Platform = strings.Split(id, ":")[0]
	})
}

func of(label post.Label, contestant string) post.LabelScore {
	return post.LabelScore{Label: label, Score: 0.9, Contestant: contestant}
}

func counted(at time.Time, platform, region, language string, posts uint64) post.HourlyCount {
	return post.HourlyCount{Hour: at.UTC().Truncate(time.Hour), Platform: platform, Region: region, Agency: "Dinas Pendidikan", Language: language, Posts: posts}
}

// trendsOf writes trends as "unix value flagged/posts".
func trendsOf(t *testing.T, s *store.Store, q store.TrendQuery) []string {
	t.Helper()
	trends, err := s.Trends(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(q.Zone)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for _, row := range trends {
		lines = append(lines, fmt.Sprintf("%s %s %d/%d", row.At.In(zone).Format("01-02T15"), row.Value, row.Flagged, row.Posts))
	}
	return lines
}

func TestTrendsCountFlagsOfAllPosts(t *testing.T) {
	s, _ := migrated(t)
	// 16:30 UTC is the same day in Jakarta, and the next one in Makassar and Jayapura.
	evening := time.Date(2024, 11, 20, 16, 30, 0, 0, time.UTC)
	morning := time.Date(2024, 11, 20, 2, 0, 0, 0, time.UTC)
	withdrawn := flaggedAt("x:6", morning, "61.08")
	err := s.Insert(t.Context(), store.Batch{
		Token: "t",
		Flags: []post.Flag{
			flaggedAt("x:1", morning, "61.08", of(post.Support, "a-1"), of(post.Support, "a-2"), of(post.Attack, "a-2")),
			flaggedAt("x:2", evening, "61.08.05", of(post.Support, "a-1")),
			flaggedAt("youtube:3", evening, "61", of(post.Hoax, "")),
			flaggedAt("x:4", morning, "35.77", of(post.Support, "b-1")),
			flaggedAt("x:5", morning.AddDate(0, 0, -30), "61.08", of(post.Support, "a-1")),
			withdrawn,
		},
		Counts: []post.HourlyCount{
			counted(morning, "x", "61.08", "id", 100), counted(evening, "x", "61.08.05", "id", 20), counted(evening, "youtube", "61", "bjn", 5),
			counted(morning, "x", "35.77", "jv", 50), counted(morning.AddDate(0, 0, -30), "x", "61.08", "id", 7),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	days := store.FlagFilter{From: time.Date(2024, 11, 19, 17, 0, 0, 0, time.UTC), Until: time.Date(2024, 11, 21, 17, 0, 0, 0, time.UTC)}
	with := func(change func(*store.FlagFilter)) store.FlagFilter {
		f := days
		change(&f)
		return f
	}
	for name, test := range map[string]struct {
		query store.TrendQuery
		want  []string
	}{
		"all a day in Jakarta":   {store.TrendQuery{Filter: days, Step: "day", Zone: "Asia/Jakarta"}, []string{"11-20T00  4/175"}},
		"all a day in Makassar":  {store.TrendQuery{Filter: days, Step: "day", Zone: "Asia/Makassar"}, []string{"11-20T00  2/150", "11-21T00  2/25"}},
		"all an hour":            {store.TrendQuery{Filter: days, Step: "hour", Zone: "Asia/Jayapura"}, []string{"11-20T11  2/150", "11-21T01  2/25"}},
		"all a week":             {store.TrendQuery{Step: "week", Zone: "Asia/Jakarta"}, []string{"10-21T00  1/7", "11-18T00  4/175"}},
		"all a month":            {store.TrendQuery{Step: "month", Zone: "Asia/Jakarta"}, []string{"10-01T00  1/7", "11-01T00  4/175"}},
		"a label once a post":    {store.TrendQuery{Filter: days, By: "label", Step: "day", Zone: "Asia/Jakarta"}, []string{"11-20T00  0/175", "11-20T00 attack 1/175", "11-20T00 hoax 1/175", "11-20T00 support 3/175"}},
		"only some values":       {store.TrendQuery{Filter: days, By: "label", Values: []string{"hoax"}, Step: "day", Zone: "Asia/Jakarta"}, []string{"11-20T00  0/175", "11-20T00 hoax 1/175"}},
		"provinces":              {store.TrendQuery{Filter: days, By: "province", Step: "day", Zone: "Asia/Jakarta"}, []string{"11-20T00 35 1/50", "11-20T00 61 3/125"}},
		"regions inside one":     {store.TrendQuery{Filter: with(func(f *store.FlagFilter) { f.Region = "61" }), By: "region", Step: "all", Zone: "UTC"}, []string{"01-01T00 61 1/5", "01-01T00 61.08 1/100", "01-01T00 61.08.05 1/20"}},
		"platforms":              {store.TrendQuery{Filter: days, By: "platform", Step: "all", Zone: "UTC"}, []string{"01-01T00 x 3/170", "01-01T00 youtube 1/5"}},
		"languages":              {store.TrendQuery{Filter: days, By: "language", Step: "all", Zone: "UTC"}, []string{"01-01T00 bjn 0/5", "01-01T00 id 4/120", "01-01T00 jv 0/50"}},
		"of a label":             {store.TrendQuery{Filter: with(func(f *store.FlagFilter) { f.Label = post.Support }), By: "contestant", Step: "all", Zone: "UTC"}, []string{"01-01T00  0/175", "01-01T00 a-1 2/175", "01-01T00 a-2 1/175", "01-01T00 b-1 1/175"}},
		"of the same label":      {store.TrendQuery{Filter: with(func(f *store.FlagFilter) { f.Label, f.Contestant = post.Attack, "a-1" }), Step: "all", Zone: "UTC"}, []string{"01-01T00  0/175"}},
		"own regions":            {store.TrendQuery{Filter: with(func(f *store.FlagFilter) { f.Within = []string{"61.08", "35"} }), Step: "all", Zone: "UTC"}, []string{"01-01T00  3/170"}},
		"one outside of the own": {store.TrendQuery{Filter: with(func(f *store.FlagFilter) { f.Within, f.Region = []string{"61.08"}, "35" }), Step: "all", Zone: "UTC"}, []string{}},
		"a quote in a value":     {store.TrendQuery{Filter: with(func(f *store.FlagFilter) { f.Agency = "' OR 1=1 --" }), By: "label", Values: []string{"' OR 1"}, Step: "all", Zone: "UTC"}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, trendsOf(t, s, test.query)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, q := range []store.TrendQuery{{By: "colour", Step: "day", Zone: "UTC"}, {Step: "decade", Zone: "UTC"}} {
		if _, err := s.Trends(t.Context(), q); err == nil {
			t.Errorf("%+v is asked for", q)
		}
	}
}

func TestCoverageInAPeriod(t *testing.T) {
	s, _ := migrated(t)
	from, until := noon.AddDate(0, 0, -7), noon
	old := entryOf("moved", "Dinas Lama", "2024-01-01", "2024-11-15")
	roster8 := []roster.Entry{old, entryOf("moved", "Dinas Baru", "2024-11-16", "")}
	for _, account := range []string{"full", "gap", "failing", "stale", "silent", "never", "unwatched", "two", "outside-gap"} {
		roster8 = append(roster8, entryOf(account, "Dinas Pendidikan", "2024-01-01", ""))
	}
	roster8 = append(roster8, entryOf("gone", "Dinas Pendidikan", "2024-01-01", "2024-10-01"))
	if _, err := s.SaveRoster(t.Context(), roster8); err != nil {
		t.Fatal(err)
	}
	platform := roster8[0].Platform
	state := func(account, source string, change func(*store.Coverage)) store.Coverage {
		c := store.Coverage{Platform: platform, AccountID: account, Source: source, LastSuccess: noon.Add(-time.Hour), LastPost: noon.Add(-2 * time.Hour), UpdatedAt: time.Now()} // old ones go
		if change != nil {
			change(&c)
		}
		return c
	}
	missing := func(begins, ends time.Duration) func(*store.Coverage) {
		return func(c *store.Coverage) {
			c.Missing = []store.MissingPeriod{{From: noon.Add(begins), Until: noon.Add(ends), Reason: "batas laju"}}
		}
	}
	err := s.SaveCoverage(t.Context(), []store.Coverage{
		state("full", "a", nil), state("moved", "a", nil),
		state("gap", "a", missing(-8*24*time.Hour, -6*24*time.Hour)), state("outside-gap", "a", missing(-10*24*time.Hour, -8*24*time.Hour)),
		state("failing", "a", func(c *store.Coverage) {
			c.FailingSince, c.Gaps, c.Problem, c.Reason = noon.Add(-time.Minute), 3, "forbidden", "token"
		}),
		state("stale", "a", func(c *store.Coverage) { c.LastSuccess = noon.AddDate(0, 0, -3) }),
		state("silent", "a", func(c *store.Coverage) { c.LastSuccess = noon.AddDate(0, 0, -8) }),
		state("never", "a", func(c *store.Coverage) { c.LastSuccess, c.LastPost = time.Time{}, time.Time{} }),
		state("two", "a", func(c *store.Coverage) { c.LastSuccess = time.Time{} }), state("two", "b", nil),
		state("stranger", "a", nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	filter := store.CoverageFilter{From: from, Until: until, Now: noon.Add(time.Hour)}
	got := map[string]string{}
	var after store.CoveredAccount
	for {
		page, err := s.CoveredAccounts(t.Context(), filter, after, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page {
			got[a.AccountID] = fmt.Sprintf("%s %s %q %.0f %v", a.State, a.Source, a.Agency, a.MissingSeconds/3600, a.Listed)
		}
		if len(page) < 4 {
			break
		}
		after = page[3]
	}
	want := map[string]string{
		"full": `full a "Dinas Pendidikan" 0 true`, "moved": `full a "Dinas Baru" 0 true`, "outside-gap": `full a "Dinas Pendidikan" 0 true`,
		"two": `full b "Dinas Pendidikan" 0 true`, "gap": `gaps a "Dinas Pendidikan" 24 true`, "failing": `gaps a "Dinas Pendidikan" 0 true`,
		"stale": `gaps a "Dinas Pendidikan" 0 true`, "silent": `none a "Dinas Pendidikan" 0 true`, "never": `none a "Dinas Pendidikan" 0 true`,
		"unwatched": `unwatched  "Dinas Pendidikan" 0 true`, "stranger": `full a "" 0 false`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, test := range map[string]struct {
		by     string
		change func(*store.CoverageFilter)
		want   []store.CoverageShare
	}{
		"all":         {"", func(*store.CoverageFilter) {}, []store.CoverageShare{{"", 5, 3, 2, 1}}},
		"provinces":   {"province", func(*store.CoverageFilter) {}, []store.CoverageShare{{"61", 4, 3, 2, 1}, {"", 1, 0, 0, 0}}},
		"own regions": {"platform", func(f *store.CoverageFilter) { f.Within = []string{"61"} }, []store.CoverageShare{{platform, 4, 3, 2, 1}}},
		"elsewhere":   {"platform", func(f *store.CoverageFilter) { f.Within = []string{"6", "35"} }, nil},
		"one state":   {"", func(f *store.CoverageFilter) { f.State = store.NotCollected }, []store.CoverageShare{{"", 0, 0, 2, 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			asked := filter
			test.change(&asked)
			got, err := s.CoverageShares(t.Context(), test.by, asked)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("(%v) %s", err, diff)
			}
		})
	}
}
