package cases_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/cases"
)

func TestEachPersonSeesTheCasesOfOwnRegions(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		mixed := b.create(citra, "mastodon:1", "mastodon:4", "mastodon:5")
		for viewer, want := range map[*access.Viewer][]string{
			&citra: {"mastodon:1", "mastodon:4", "mastodon:5"}, &landak: {"mastodon:1"}, &kalbar: {"mastodon:1"}, &jatim: {"mastodon:4"},
		} {
			seen, err := b.Case(ctx, *viewer, mixed.ID)
			if err != nil || !slices.Equal(seen.Posts, want) || seen.Hidden != 3-len(want) {
				t.Errorf("%s: %v, %d hidden, %v", viewer.Name, seen.Posts, seen.Hidden, err)
			}
			links, err := b.Links(ctx, *viewer, mixed.ID)
			if err != nil || len(links) != len(want) {
				t.Errorf("%s: links %v, %v", viewer.Name, links, err)
			}
		}
		papua := access.Viewer{Name: "papua", Role: access.Supervisor, Regions: []string{"94", "6"}}
		if _, err := b.Case(ctx, papua, mixed.ID); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("another region: %v", err)
		}
		if list, err := b.List(ctx, papua, cases.Filter{}, cases.ByNumber, 0, 10); err != nil || len(list) != 0 {
			t.Errorf("another region lists %v, %v", list, err)
		}
		if _, err := b.AddPosts(ctx, jatim, mixed.ID, []string{"mastodon:2"}); !errors.Is(err, cases.ErrNoPost) {
			t.Errorf("a post of another region: %v", err)
		}
		if _, err := b.RemovePost(ctx, jatim, mixed.ID, mixed.Revision, "mastodon:1", "x"); !errors.Is(err, cases.ErrNoPost) {
			t.Errorf("a post of another region is removed: %v", err)
		}
		if _, err := b.Assign(ctx, citra, mixed.ID, "fajar"); !errors.Is(err, cases.ErrInvalid) {
			t.Errorf("given to an operator: %v", err)
		}
		of, err := b.OfPosts(ctx, jatim, []string{"mastodon:1", "mastodon:4"})
		if err != nil || len(of["mastodon:4"]) != 1 || len(of["mastodon:1"]) != 1 || of["mastodon:4"][0].Hidden != 2 {
			t.Errorf("cases of posts %+v, %v", of, err)
		}
	})
}

func TestFiltersFindWhatTheySay(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		one := b.create(ani, "mastodon:1")
		two, err := b.Create(ctx, citra, cases.Draft{Title: "Seruan guru “Madiun” 100%_", Kind: cases.OfCopies, Posts: []string{"mastodon:4"}, People: []string{"jaka"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Note(ctx, ani, one.ID, "Sudah ditanyakan ke Dinas Pendidikán"); err != nil {
			t.Fatal(err)
		}
		if one, err = b.SetReady(ctx, ani, one.ID, one.Revision); err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct {
			filter cases.Filter
			want   []string
		}{
			"all": {cases.Filter{}, []string{one.ID, two.ID}}, "status": {cases.Filter{Status: []cases.Status{cases.Ready}}, []string{one.ID}},
			"province": {cases.Filter{Region: "35"}, []string{two.ID}}, "regency": {cases.Filter{Region: "61.08"}, []string{one.ID}},
			"beginning of a code": {cases.Filter{Region: "3"}, nil}, "pattern": {cases.Filter{Region: "6_"}, nil},
			"person": {cases.Filter{Person: "jaka"}, []string{two.ID}}, "kind": {cases.Filter{Kind: cases.OfCopies}, []string{two.ID}},
			"account": {cases.Filter{Account: "mastodon:a61.08"}, []string{one.ID}},
			"number":  {cases.Filter{Query: "2026/35"}, []string{two.ID}}, "title": {cases.Filter{Query: "GURU madiun"}, []string{two.ID}},
			"handle": {cases.Filter{Query: "@wijaya61"}, []string{one.ID}}, "note without accent": {cases.Filter{Query: "pendidikan"}, []string{one.ID}},
			"signs of patterns": {cases.Filter{Query: "100%_"}, []string{two.ID}}, "a pattern is no pattern": {cases.Filter{Query: "%ni%"}, nil},
			"not every word": {cases.Filter{Query: "guru landak"}, nil},
		} {
			list, err := b.List(ctx, citra, test.filter, cases.ByDue, 0, 10)
			var got []string
			for _, c := range list {
				got = append(got, c.ID)
			}
			slices.Sort(got)
			slices.Sort(test.want)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%s: %v, %v, want %v", name, got, err, test.want)
			}
			if counts, err := b.Counts(ctx, citra, test.filter); err != nil || counts.Total != len(test.want) {
				t.Errorf("%s: counted %+v, %v", name, counts, err)
			}
		}
		if list, err := b.List(ctx, citra, cases.Filter{}, cases.ByNumber, 1, 1); err != nil || len(list) != 1 || list[0].ID != one.ID {
			t.Errorf("second page %+v, %v", list, err)
		}
		counts, err := b.Counts(ctx, kalbar, cases.Filter{})
		if err != nil || strings.Join(counts.Regions, " ") != "61 61.08" || strings.Join(counts.People, " ") != "ani" {
			t.Errorf("choices %+v, %v", counts, err)
		}
	})
}

func TestWhatIsNotAllowedSaysWhatIs(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		many := make([]string, 501)
		for i := range many {
			many[i] = "mastodon:1" + strings.Repeat("0", i)
		}
		for name, draft := range map[string]cases.Draft{
			"title": {Kind: cases.OfAccount, Posts: []string{"mastodon:1"}}, "kind": {Title: "x", Kind: "person", Posts: []string{"mastodon:1"}},
			"posts": {Title: "x", Kind: cases.OfAccount}, "note": {Title: "x", Kind: cases.OfAccount, Posts: []string{"mastodon:1"}, Note: strings.Repeat("x", 8001)},
			"person": {Title: "x", Kind: cases.OfAccount, Posts: []string{"mastodon:1"}, People: []string{"hantu"}},
		} {
			_, err := b.Create(ctx, citra, draft)
			var wrong *cases.InvalidError
			if !errors.As(err, &wrong) || wrong.Field != name || wrong.Allowed == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := b.Create(ctx, citra, cases.Draft{Title: "x", Kind: cases.OfAccount, Posts: many}); err == nil {
			t.Error("too many posts")
		}
		if _, err := b.Create(ctx, operator, cases.Draft{Title: "x", Kind: cases.OfAccount, Posts: []string{"mastodon:1"}}); !errors.Is(err, cases.ErrForbidden) {
			t.Errorf("by an operator: %v", err)
		}
		if _, err := b.Case(ctx, citra, "2026/61/0001"); !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("what was refused took a number: %v", err)
		}
		for key, change := range map[string]func(*cases.Configuration){
			"days": func(c *cases.Configuration) { c.Days = 0 }, "pressing": func(c *cases.Configuration) { c.Pressing = -1 },
			"posts": func(c *cases.Configuration) { c.Posts = 0 }, "receivers": func(c *cases.Configuration) { c.Receivers = []string{"BKN", "BKN"} },
		} {
			cfg := cases.DefaultConfiguration()
			change(&cfg)
			if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), "allowed") {
				t.Errorf("%s: %v", key, err)
			}
		}
	})
}
