package dashboards_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
)

// The known data: three days of November 2024 in two provinces. 16:30 UTC is 23:30
// in Jakarta, and the next day in Makassar and Jayapura.
var (
	morning = time.Date(2024, 11, 20, 2, 0, 0, 0, time.UTC)
	evening = time.Date(2024, 11, 20, 16, 30, 0, 0, time.UTC)
)

const (
	landak, kalbar, madiun = "61.08", "61", "35.77"
	pendidikan, kesehatan  = "Dinas 'Pendidikan'", "Dinas Kesehatan"
)

// knownFlag is a flagged post of one of the known accounts.
func knownFlag(id, platform, region, agency, language string, at time.Time, labels ...post.LabelScore) post.Flag {
	return post.Flag{
		Post: post.Post{
			ID: platform + ":" + id, Platform: platform, Kind: post.KindPost, Account: post.Account{ID: "akun-" + region, Handle: "@" + region},
			Text: "contoh", URL: "https://contoh.id/" + id, CreatedAt: at, CollectedAt: at.Add(time.Minute), Source: "contoh",
		},
		Person:    post.Person{PersonID: "orang-" + region, Name: "Orang", Agency: agency, Region: region},
		Verdict:   post.Verdict{ID: platform + ":" + id, Language: post.Language{Code: language, Confidence: 1}, Flagged: true, Labels: labels, Versions: post.Versions{Lists: "daftar-1"}},
		FlaggedAt: at.Add(2 * time.Minute), Topic: "netra.posts", Offset: int64(len(id)),
	}
}

func means(label post.Label, contestant string) post.LabelScore {
	return post.LabelScore{Label: label, Score: 0.9, Contestant: contestant, Reasons: []post.Reason{{Kind: "keyword", Source: string(label) + "/kata", Text: "x"}}}
}

func knownCount(platform, region, agency, language string, at time.Time, posts uint64) post.HourlyCount {
	return post.HourlyCount{Hour: at.Truncate(time.Hour), Platform: platform, Region: region, Agency: agency, Language: language, Posts: posts}
}

// fill stores the known data by the road's own code.
func (s source) fill(t testing.TB) {
	t.Helper()
	withdrawn := knownFlag("9", "x", landak, pendidikan, "id", morning)
	err := s.store.Insert(t.Context(), store.Batch{
		Token: "known/0/0-1",
		Flags: []post.Flag{
			knownFlag("1", "x", landak, pendidikan, "id", morning, means(post.Support, "landak-1"), means(post.Support, "landak-2"), means(post.Attack, "landak-2")),
			knownFlag("2", "x", landak+".05", pendidikan, "id", evening, means(post.Support, "landak-1")),
			knownFlag("3", "youtube", kalbar, kesehatan, "bjn", evening, means(post.Hoax, "")),
			knownFlag("4", "x", madiun, kesehatan, "jv", morning, means(post.Support, "madiun-1")),
			knownFlag("5", "x", landak, pendidikan, "id", morning.AddDate(0, 0, -30), means(post.Support, "landak-1")),
			withdrawn,
		},
		Counts: []post.HourlyCount{
			knownCount("x", landak, pendidikan, "id", morning, 100), knownCount("x", landak+".05", pendidikan, "id", evening, 20),
			knownCount("youtube", kalbar, kesehatan, "bjn", evening, 5), knownCount("x", madiun, kesehatan, "jv", morning, 50),
			knownCount("x", landak, pendidikan, "id", morning.AddDate(0, 0, -30), 7), knownCount("x", "", "", "", morning.AddDate(0, 0, 1), 25),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.decide(t)
	s.register(t)
}

// decide stores decisions: of three last words on flags two are violations; one
// decision was corrected, and one taken back.
func (s source) decide(t testing.TB) {
	t.Helper()
	at := evening.AddDate(0, 0, 2)
	row := func(id, item, region, agency, platform, language, verdict string, after time.Duration, change func(*store.DecisionRow)) store.DecisionRow {
		r := store.DecisionRow{
			ID: id, Item: item, Edition: 1, Account: platform + ":akun-" + region, Labels: []string{"support"}, Contestants: []string{"landak-1"},
			Rules: []string{"support/kata"}, Region: region, Agency: agency, Platform: platform, Language: language, Verdict: verdict, By: "andi",
			At: at.Add(after), Round: 1, ListsVersion: "daftar-1", CreatedAt: evening, FlaggedAt: evening.Add(2 * time.Minute), OpenedAt: at.Add(after - 10*time.Minute),
		}
		if change != nil {
			change(&r)
		}
		return r
	}
	err := s.store.InsertDecisions(t.Context(), "known", []store.DecisionRow{
		row("d1", "x:1", landak, pendidikan, "x", "id", "no_violation", 0, func(r *store.DecisionRow) { r.Cause = "report" }),
		row("d2", "x:1", landak, pendidikan, "x", "id", "violation", time.Hour, func(r *store.DecisionRow) {
			r.Replaces, r.Labels, r.Contestants, r.Rules = "d1", []string{"support", "attack"}, []string{"landak-1", "landak-2"}, []string{"support/kata", "attack/kata"}
		}),
		row("d3", "x:2", landak+".05", pendidikan, "x", "id", "violation", 0, nil),
		row("d4", "youtube:3", kalbar, kesehatan, "youtube", "bjn", "no_violation", 0, func(r *store.DecisionRow) {
			r.Cause, r.Labels, r.Contestants, r.Rules, r.ListsVersion = "report", []string{"hoax"}, nil, []string{"hoax/kata"}, "daftar-2"
		}),
		row("d5", "x:4", madiun, kesehatan, "x", "jv", "violation", 0, nil),
		row("d6", "x:4", madiun, kesehatan, "x", "jv", "violation", time.Hour, func(r *store.DecisionRow) { r.Replaces, r.Withdrawn = "d5", true }),
		row("e1", "x:2", landak+".05", pendidikan, "x", "id", "violation", 2*time.Hour, func(r *store.DecisionRow) { r.Round, r.By = 2, "budi" }),
		row("e2", "youtube:3", kalbar, kesehatan, "youtube", "bjn", "violation", -time.Hour, func(r *store.DecisionRow) { r.Round, r.By, r.Labels = 2, "budi", []string{"hoax"} }),
		row("e3", "youtube:3", kalbar, kesehatan, "youtube", "bjn", "no_violation", time.Hour, func(r *store.DecisionRow) {
			r.Round, r.By, r.Cause, r.Labels, r.Contestants, r.Rules, r.ListsVersion = 3, "citra", "denial", []string{"hoax"}, nil, []string{"hoax/kata"}, "daftar-2"
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// register stores a roster of four accounts, how they are covered, and the names of
// regions and contestants.
func (s source) register(t testing.TB) {
	t.Helper()
	var entries []roster.Entry
	for _, one := range []struct{ region, agency, platform string }{
		{landak, pendidikan, "x"}, {landak + ".05", pendidikan, "x"}, {kalbar, kesehatan, "youtube"}, {madiun, kesehatan, "x"},
	} {
		entries = append(entries, roster.Entry{
			Platform: one.platform, AccountID: "akun-" + one.region, Handle: "@" + one.region,
			Person:    post.Person{PersonID: "orang-" + one.region, Name: "Orang", Agency: one.agency, Region: one.region, Status: "pns", Basis: "contoh"},
			ValidFrom: time.Date(2024, 1, 1, 0, 0, 0, 0, time.FixedZone("WIB", 7*3600)),
		})
	}
	if _, err := s.store.SaveRoster(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	covered := func(platform, account string, last time.Time, change func(*store.Coverage)) store.Coverage {
		c := store.Coverage{Platform: platform, AccountID: account, Source: "contoh", LastSuccess: last, LastPost: last, UpdatedAt: time.Now()}
		if change != nil {
			change(&c)
		}
		return c
	}
	now := time.Now()
	err := s.store.SaveCoverage(t.Context(), []store.Coverage{
		covered("x", "akun-"+landak, now, nil), covered("youtube", "akun-"+kalbar, now, nil),
		covered("x", "akun-"+madiun, now, func(c *store.Coverage) {
			c.Missing = []store.MissingPeriod{{From: morning, Until: evening, Reason: "batas laju"}}
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.store.SaveNames(t.Context(), store.Names{
		Regions: []roster.Region{{Code: landak, Name: "Kabupaten Landak"}},
		Elections: []roster.Election{
			{ID: "pilkada-landak", Name: "Pilkada Landak", Region: landak, Contestants: []roster.Contestant{
				{ID: "landak-1", Number: 1, Names: []string{"Ani", "Budi"}}, {ID: "landak-2", Number: 2, Names: []string{"Citra"}},
			}},
			{ID: "pilkada-madiun", Name: "Pilkada Madiun", Region: madiun, Contestants: []roster.Contestant{{ID: "madiun-1", Number: 1, Names: []string{"Dedi"}}}},
		},
	})
	if err != nil {
		t.Fatal(fmt.Errorf("names: %w", err))
	}
}
