package review_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

func TestANewerFlagBringsItsItemUpToDate(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"))
		b.take(flagOf("x:1")) // the same again changes nothing
		if got := b.item("x:1"); got.Revision != 1 {
			t.Errorf("the same flag made it revision %d", got.Revision)
		}
		b.take(flagOf("x:1", func(f *post.Flag) {
			f.Verdict.Labels = append(f.Verdict.Labels, post.LabelScore{Label: post.Hoax, Score: 0.95})
			f.Verdict.Versions.Lists = "sha256:2"
		}))
		got := b.item("x:1")
		if got.Revision != 2 || got.Lists != "sha256:2" || !slices.Equal(got.Labels, []post.Label{post.Hoax, post.Support}) || got.Score != 0.95 {
			t.Errorf("%+v", got)
		}
		made := b.mustDecide(ani, "x:1", violation)
		b.take(flagOf("x:1", func(f *post.Flag) { f.Verdict.Labels[0].Score = 0.7 }))
		if got := b.item("x:1"); got.Status != review.Confirmed || !got.Edited.IsZero() {
			t.Errorf("another score reopened it: %+v", got)
		}
		b.clock.pass(time.Hour)
		b.take(flagOf("x:1", func(f *post.Flag) { f.Post.Text = "Saya netral" }))
		if got := b.item("x:1"); got.Status != review.Open || !got.Edited.Equal(b.clock.Now()) || got.Excerpt != "Saya netral" {
			t.Errorf("another text did not reopen it: %+v", got)
		}
		history, err := b.History(t.Context(), budi, "x:1")
		if err != nil || len(history) != 1 || history[0].ID != made.ID || history[0].Current {
			t.Errorf("history %+v (%v)", history, err)
		}
		b.mustDecide(budi, "x:1", benign)
		if got := b.item("x:1"); got.Status != review.Dismissed {
			t.Errorf("%+v", got)
		}
	})
}

func withoutLabels(f *post.Flag) { f.Verdict.Labels, f.Verdict.Flagged = nil, false }

func TestAFlagThatIsTakenBackLeavesTheQueue(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"), flagOf("x:2"), flagOf("x:0", withoutLabels))
		b.mustDecide(ani, "x:2", violation)
		b.take(flagOf("x:1", withoutLabels), flagOf("x:2", withoutLabels))
		if got := b.ids(ani, review.Filter{Status: review.Statuses}, review.ByUrgency); !slices.Equal(got, []string{"x:2"}) {
			t.Errorf("left are %v", got)
		}
		if got := b.item("x:2"); got.Status != review.Confirmed || len(got.Labels) != 1 {
			t.Errorf("what was decided on: %+v", got)
		}
		if got := b.ids(ani, review.Filter{Status: []review.Status{review.Withdrawn}}, review.ByUrgency); !slices.Equal(got, []string{"x:1"}) {
			t.Errorf("taken back are %v", got)
		}
		if _, err := b.decide(ani, "x:1", violation); err == nil {
			t.Error("it can be decided on")
		}
		b.take(flagOf("x:1"))
		if got := b.item("x:1"); got.Status != review.Open {
			t.Errorf("flagged again: %+v", got)
		}
	})
}

const call = "Ayo warga Landak, besok kita rapatkan barisan dan coblos nomor 2 di TPS masing-masing, jangan lupa ajak keluarga dan tetangga semua"

func TestNearDuplicatesShareAGroupAndCountAccounts(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		of := func(id, account, text string, change ...func(*post.Flag)) post.Flag {
			return flagOf(id, append(change, func(f *post.Flag) { f.Post.Account.ID, f.Post.Text = account, text })...)
		}
		b.take(
			of("x:1", "a", call), of("x:2", "b", strings.ToUpper(call)+" https://t.id/1"), of("x:3", "b", call+" Gaspol"), of("x:4", "c", call+"!"),
			of("x:5", "d", strings.Replace(call, "nomor 2", "nomor 1", 1)),
			of("x:6", "e", call, func(f *post.Flag) { f.Verdict.Labels[0].Contestant = "landak-1" }),
			of("x:7", "f", ""), of("x:8", "g", ""),
		)
		group := b.item("x:1").Group
		if got := b.ids(ani, review.Filter{Group: group}, review.ByUrgency); !slices.Equal(got, []string{"x:1", "x:2", "x:3", "x:4"}) {
			t.Errorf("the group holds %v", got)
		}
		for _, id := range []string{"x:1", "x:4"} {
			if got := b.item(id); got.Copies != 2 || got.Urgency != b.item("x:1").Urgency || got.Urgency <= b.item("x:5").Urgency {
				t.Errorf("%s has %d copies and urgency %d; want 2 and more than %d", id, got.Copies, got.Urgency, b.item("x:5").Urgency)
			}
		}
		alike, err := b.Similar(t.Context(), ani, "x:2")
		if err != nil || len(alike) != 3 {
			t.Errorf("similar: %v (%v)", alike, err)
		}
		for _, id := range []string{"x:5", "x:6", "x:7", "x:8"} {
			if got := b.item(id); got.Copies != 0 {
				t.Errorf("%s has copies: %+v", id, got)
			}
		}
		b.take(of("x:4", "c", "Rapat koordinasi dinas hari ini membahas bantuan sekolah di seluruh kabupaten"))
		if got := b.item("x:1"); got.Copies != 1 {
			t.Errorf("one was edited into another text: %d copies, want 1", got.Copies)
		}
	})
}

func TestSearchFindsWordsAlikeInBothDatabases(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		texts := map[string]string{
			"x:1": "Coblos nomor 2 besok di TPS!", "x:2": "nomor besok, coblos 2 kali", "x:3": "COBLOSAN café di warung", "x:4": "日本語 tidak ada",
			"x:5": "O'Neil bilang \"jangan\" -- lalu; DROP TABLE x", "x:6": strings.Repeat("panjang ", 60_000),
		}
		for id, text := range texts {
			b.take(flagOf(id, func(f *post.Flag) { f.Post.Text = text; f.Post.Account.Handle = "@h" + id[2:]; f.Person.Name = "" }))
		}
		for search, want := range map[string][]string{
			"coblos":          {"x:1", "x:2"},
			"coblos besok":    {"x:1", "x:2"},
			`"nomor 2"`:       {"x:1"},
			"no-mor":          {},
			"nomor-2":         {"x:1"},
			"coblos*":         {"x:1", "x:2", "x:3"},
			"coblos* -besok":  {"x:3"},
			"-coblos":         {"x:1", "x:2"},
			"CAFE":            {"x:3"},
			"日本語":             {"x:4"},
			"o'neil":          {"x:5"},
			"DROP TABLE":      {"x:5"},
			"@h4":             {"x:4"},
			"x:3":             {"x:3"},
			"panjang":         {"x:6"},
			`"`:               {},
			`" OR ""`:         {},
			"*":               {},
			"' OR 1=1 --":     {},
			"NEAR(a b, 5)":    {},
			"{words} : besok": {},
			"besok AND":       {},
			"(besok":          {"x:1", "x:2"},
			"besok:*":         {"x:1", "x:2"},
			"besok & !coblos": {"x:1", "x:2"},
			"a\x00\xff":       {},
			"^besok":          {"x:1", "x:2"},
		} {
			got := b.ids(ani, review.Filter{Search: search}, review.ByUrgency)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q: %s", search, diff)
			}
		}
	})
}

// FuzzSearch asks SQLite and PostgreSQL what anybody may type.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{`"a" -b c*`, "' & | ! <-> :*", `NEAR("a" "b")`, "a\x00", "\\'", "--", "\u0130*", "²³ ½", "\u1e9e"} {
		f.Add(seed)
	}
	addresses := []string{databasetest.SQLite(f)}
	if !testing.Short() {
		addresses = append(addresses, databasetest.Postgres(f))
	}
	var reviews []*review.Review
	for _, address := range addresses {
		r, err := review.New(review.DefaultConfiguration(), review.Dependencies{Database: databasetest.Open(f, address)})
		if err == nil {
			err = r.Migrate(f.Context())
		}
		if err != nil {
			f.Fatal(err)
		}
		reviews = append(reviews, r)
	}
	f.Fuzz(func(t *testing.T, s string) {
		flag := flagOf("x:1", func(f *post.Flag) { f.Post.Text = s })
		for _, r := range reviews {
			if err := r.TakeInFlags(t.Context(), []post.Flag{flag}); err != nil {
				t.Fatal(err)
			}
			if _, err := r.List(t.Context(), ani, review.Filter{Search: s, Status: review.Statuses}, "", "", 5); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestFiltersAndCountsAgree(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		var flags []post.Flag
		for i := range 60 {
			flags = append(flags, flagOf(fmt.Sprintf("x:%02d", i), func(f *post.Flag) {
				f.Person.Region = []string{"61", "61.08", "73.01", "61.08.05", ""}[i%5]
				f.Person.Agency = []string{"Dinas A", "Dinas B", "Dinas C"}[i%3]
				f.Post.Platform = []string{"mastodon", "x"}[i%2]
				f.Verdict.Language.Code = []string{"id", "jv", "bjn", "ms"}[i%4]
				f.Verdict.Versions.Lists = []string{"sha256:1", "sha256:2"}[i/30]
				f.Post.Account.ID = fmt.Sprint(i % 7)
				f.Post.CreatedAt = noon.Add(-time.Duration(i) * time.Hour)
				switch i % 4 {
				case 1:
					f.Verdict.Labels[0].Contestant = "landak-1"
				case 2:
					f.Verdict.Labels = append(f.Verdict.Labels, post.LabelScore{Label: post.Attack, Score: 0.8, Contestant: "landak-1",
						Reasons: []post.Reason{{Kind: post.ReasonKeyword, Source: "attack/liar"}}})
				}
			}))
		}
		b.take(flags...)
		b.mustDecide(ani, "x:07", violation)
		b.mustDecide(ani, "x:08", benign)
		b.ManyFrom(10)
		filters := map[string]review.Filter{
			"all": {}, "label": {Label: "attack"}, "contestant": {Contestant: "landak-1"},
			"label of another contestant": {Label: "attack", Contestant: "landak-2"}, "both": {Label: "attack", Contestant: "landak-1"},
			"region": {Region: "61.08"}, "agency": {Agency: "Dinas B"}, "platform and language": {Platform: "x", Language: "jv"},
			"lists": {Lists: "sha256:2"}, "account": {Account: "x:1"}, "rule": {Rule: "attack/liar"}, "none": {Agency: "Dinas Z"},
			"time":     {From: noon.Add(-10 * time.Hour), Until: noon.Add(-4 * time.Hour)},
			"status":   {Status: []review.Status{review.Confirmed, review.Dismissed}},
			"searched": {Search: "coblos nomor", Region: "61"},
		}
		for name, filter := range filters {
			want := 0
			for i := range flags {
				if chosen(&filter, &flags[i], b.item(flags[i].Post.ID).Status) {
					want++
				}
			}
			got := b.ids(ani, filter, review.ByUrgency)
			counts, err := b.Counts(t.Context(), ani, filter)
			if err != nil || len(got) != want || counts.Total != want {
				t.Errorf("%s: %d items, counted %d (%v), want %d", name, len(got), counts.Total, err, want)
			}
			checkFacets(t, b, name, filter, counts)
		}
	})
}

// chosen is what a filter means, said in another way.
func chosen(f *review.Filter, flag *post.Flag, status review.Status) bool {
	label := f.Label == "" && f.Contestant == ""
	rule := f.Rule == ""
	for _, l := range flag.Verdict.Labels {
		label = label || (f.Label == "" || f.Label == string(l.Label)) && (f.Contestant == "" || f.Contestant == l.Contestant)
		for _, reason := range l.Reasons {
			rule = rule || reason.Source == f.Rule
		}
	}
	region := flag.Person.Region
	created := flag.Post.CreatedAt
	statuses := f.Status
	if statuses == nil {
		statuses = review.Waiting
	}
	return label && rule && (f.Region == "" || region == f.Region || strings.HasPrefix(region, f.Region+".")) &&
		(f.Agency == "" || f.Agency == flag.Person.Agency) && (f.Platform == "" || f.Platform == flag.Post.Platform) &&
		(f.Language == "" || f.Language == flag.Verdict.Language.Code) && (f.Lists == "" || f.Lists == flag.Verdict.Versions.Lists) &&
		(f.Account == "" || f.Account == flag.Post.Key()) && !created.Before(f.From) && (f.Until.IsZero() || created.Before(f.Until)) &&
		slices.Contains(statuses, status)
}

// checkFacets looks for each value whether choosing it gives what was counted.
func checkFacets(t *testing.T, b *bench, name string, filter review.Filter, counts review.Counts) {
	t.Helper()
	for kind, facet := range map[string]struct {
		values []review.Facet
		choose func(f *review.Filter, value string)
	}{
		"label":      {counts.Labels, func(f *review.Filter, v string) { f.Label = v }},
		"contestant": {counts.Contestants, func(f *review.Filter, v string) { f.Contestant = v }},
		"agency":     {counts.Agencies, func(f *review.Filter, v string) { f.Agency = v }},
		"platform":   {counts.Platforms, func(f *review.Filter, v string) { f.Platform = v }},
		"language":   {counts.Languages, func(f *review.Filter, v string) { f.Language = v }},
		"lists":      {counts.Lists, func(f *review.Filter, v string) { f.Lists = v }},
		"status":     {counts.Statuses, func(f *review.Filter, v string) { f.Status = []review.Status{review.Status(v)} }},
	} {
		for _, value := range facet.values {
			chosen := filter
			facet.choose(&chosen, value.Value)
			if got := len(b.ids(ani, chosen, review.ByUrgency)); got != value.Items {
				t.Errorf("%s: %s %s was counted %d times, choosing it gives %d", name, kind, value.Value, value.Items, got)
			}
		}
	}
}

// river gives flags as ClickHouse would: those that are late come to light out of
// order.
type river struct {
	keys  []store.InsertCursor
	flags map[string]post.Flag
	asked int
}

func (r *river) insert(at time.Time, flags ...post.Flag) {
	for _, f := range flags {
		r.keys = append(r.keys, store.InsertCursor{InsertedAt: at, ID: f.Post.ID})
		r.flags[f.Post.ID] = f
	}
	slices.SortStableFunc(r.keys, func(a, b store.InsertCursor) int {
		if a.Before(b) {
			return -1
		}
		return 1
	})
}

func (r *river) InsertedSince(_ context.Context, after store.InsertCursor, limit int) ([]store.InsertCursor, error) {
	var keys []store.InsertCursor
	for _, key := range r.keys {
		if after.Before(key) && len(keys) < limit {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func (r *river) FlagsByID(_ context.Context, ids []string) ([]post.Flag, error) {
	r.asked += len(ids)
	var flags []post.Flag
	for _, id := range ids {
		flags = append(flags, r.flags[id])
	}
	return flags, nil
}

func (r *river) Flag(_ context.Context, id string) (post.Flag, error) { return r.flags[id], nil }

func TestFlagsThatComeToLightLateAreTakenIn(t *testing.T) {
	var source *river
	configure := func(_ *review.Configuration, d *review.Dependencies) {
		source = &river{flags: map[string]post.Flag{}}
		d.Flags = source
	}
	each(t, configure, func(t *testing.T, b *bench) {
		take := func() {
			t.Helper()
			if err := b.TakeIn(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		source.insert(noon, manyFlags(12)...)
		take()
		source.insert(noon.Add(-3*time.Second), flagOf("x:late"))
		take()
		if got := b.ids(ani, review.Filter{}, review.ByOldest); len(got) != 13 {
			t.Errorf("%d items, want 13", len(got))
		}
		if source.asked != 13 {
			t.Errorf("%d flags were read, want each once", source.asked)
		}
		source.insert(noon.Add(time.Second), flagOf("x:late", func(f *post.Flag) { f.Post.Text = "diedit" }))
		take()
		if got := b.item("x:late"); got.Excerpt != "diedit" {
			t.Errorf("%+v", got)
		}
		again, err := review.New(review.DefaultConfiguration(), review.Dependencies{Database: b.db, Flags: source})
		if err != nil {
			t.Fatal(err)
		}
		source.insert(noon.Add(-9*time.Minute), flagOf("x:later"))
		if err := again.TakeIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := b.ids(ani, review.Filter{}, review.ByOldest); len(got) != 14 {
			t.Errorf("%d items after a restart, want 14", len(got))
		}
	})
}

func TestTwoConsolesOnOneDatabaseSeeEachOthersWork(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(manyFlags(5)...)
		other := &bench{t: t, db: b.db, clock: b.clock}
		var err error
		if other.Review, err = review.New(review.DefaultConfiguration(), review.Dependencies{Database: b.db, Now: b.clock.Now}); err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			if got := len(other.ids(ani, review.Filter{}, review.ByUrgency)); got != 5-i {
				t.Errorf("the other console lists %d items, want %d", got, 5-i)
			}
			b.mustDecide(ani, fmt.Sprintf("x:%04d", i), violation)
		}
	})
}

func TestSavedFiltersAreOnesOwnOrShared(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		ctx := t.Context()
		filter := review.Filter{Label: "hoax", Region: "61", From: noon, Status: []review.Status{review.Open}, Search: `a "b" -c`}
		own, err := b.SaveFilter(ctx, ani, review.SavedFilter{Name: " Hoaks  Kalbar ", Filter: filter, Sort: review.ByDue, Owner: "budi"})
		if err != nil || own.Owner != "ani" || own.Name != "Hoaks Kalbar" {
			t.Fatalf("%+v (%v)", own, err)
		}
		if _, err := b.SaveFilter(ctx, ani, review.SavedFilter{Name: "Hoaks Kalbar", Filter: filter, Sort: review.ByDue}); err != nil {
			t.Fatal(err)
		}
		names := func(v string) (list []review.SavedFilter) {
			viewer := ani
			viewer.Name = v
			list, err := b.SavedFilters(ctx, viewer)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		if diff := cmp.Diff([]review.SavedFilter{own}, names("ani")); diff != "" {
			t.Error(diff)
		}
		if got := names("budi"); len(got) != 0 {
			t.Errorf("budi sees %v", got)
		}
		if _, err := b.SaveFilter(ctx, ani, review.SavedFilter{Name: "Hoaks Kalbar", Shared: true, Filter: filter}); err != nil {
			t.Fatal(err)
		}
		if got := names("budi"); len(got) != 1 {
			t.Errorf("budi sees %v", got)
		}
		if err := b.DeleteFilter(ctx, budi, own.ID); err == nil {
			t.Error("budi deleted ani's")
		}
		if err := b.DeleteFilter(ctx, ani, own.ID); err != nil || len(names("ani")) != 0 {
			t.Errorf("%v", err)
		}
		for _, bad := range []review.SavedFilter{{Name: ""}, {Name: strings.Repeat("x", 81)}, {Name: "a", Sort: "length"}, {Name: "a", Filter: review.Filter{Status: []review.Status{"gone"}}}} {
			if _, err := b.SaveFilter(ctx, ani, bad); err == nil {
				t.Errorf("saved %+v", bad)
			}
		}
	})
}
