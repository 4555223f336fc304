package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// idsOf reads all pages and returns the ids in their order.
func idsOf(t testing.TB, s *store.Store, filter store.FlagFilter, limit int) []string {
	t.Helper()
	ids := []string{}
	for after := ""; ; {
		page, err := s.Flags(t.Context(), filter, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.Flags {
			ids = append(ids, page.Flags[i].Post.ID)
		}
		if page.Next == "" {
			if int(page.Total) != len(ids) {
				t.Errorf("total %d, but %d on the pages", page.Total, len(ids))
			}
			return ids
		}
		if len(page.Flags) != limit {
			t.Errorf("%d flags on a page that is not the last, want %d", len(page.Flags), limit)
		}
		after = page.Next
	}
}

func TestFlagsFilters(t *testing.T) {
	s, _ := migrated(t)
	label := func(label post.Label, contestant string) func(*post.Flag) {
		return func(f *post.Flag) {
			f.Verdict.Labels = append(f.Verdict.Labels, post.LabelScore{Label: label, Score: 0.8, Contestant: contestant})
		}
	}
	insert(t, s, "a",
		flagOf("x:1", 1),
		flagOf("x:2", 2, label(post.Attack, "landak-1"), func(f *post.Flag) { f.Person.Region = "61.08.05" }),
		flagOf("x:3", 3, func(f *post.Flag) { f.Person.Region = "61.081" }),
		flagOf("x:4", 4, func(f *post.Flag) { f.Person.Region, f.Person.Agency = "6", "' OR 1=1 --" }),
		flagOf("x:5", 5, func(f *post.Flag) { f.Post.Platform, f.Verdict.Language.Code = "youtube", "bjn" }),
		flagOf("x:6", 6, func(f *post.Flag) { f.Verdict.Labels = nil; label(post.HateSpeech, "")(f) }),
	)
	tests := map[string]struct {
		filter store.FlagFilter
		want   []string
	}{
		"all":                       {store.FlagFilter{}, []string{"x:1", "x:2", "x:3", "x:4", "x:5", "x:6"}},
		"label":                     {store.FlagFilter{Label: post.Attack}, []string{"x:2"}},
		"contestant":                {store.FlagFilter{Contestant: "landak-1"}, []string{"x:2"}},
		"label of the contestant":   {store.FlagFilter{Label: post.Attack, Contestant: "landak-1"}, []string{"x:2"}},
		"label of another":          {store.FlagFilter{Label: post.Attack, Contestant: "landak-2"}, nil},
		"region and those within":   {store.FlagFilter{Region: "61.08"}, []string{"x:1", "x:2", "x:5", "x:6"}},
		"own regions":               {store.FlagFilter{Within: []string{"61", "35.77"}}, []string{"x:1", "x:2", "x:3", "x:5", "x:6"}},
		"one outside the own":       {store.FlagFilter{Region: "61", Within: []string{"62"}}, nil},
		"province":                  {store.FlagFilter{Region: "61"}, []string{"x:1", "x:2", "x:3", "x:5", "x:6"}},
		"half a code is no region":  {store.FlagFilter{Region: "6"}, []string{"x:4"}},
		"agency":                    {store.FlagFilter{Agency: "' OR 1=1 --"}, []string{"x:4"}},
		"platform":                  {store.FlagFilter{Platform: "youtube"}, []string{"x:5"}},
		"language":                  {store.FlagFilter{Language: "bjn"}, []string{"x:5"}},
		"from is inclusive":         {store.FlagFilter{From: noon.Add(-2 * time.Minute)}, []string{"x:1", "x:2"}},
		"until is exclusive":        {store.FlagFilter{Until: noon.Add(-4 * time.Minute)}, []string{"x:5", "x:6"}},
		"dates beyond all":          {store.FlagFilter{From: time.Date(1, 1, 1, 1, 0, 0, 0, time.UTC), Until: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, []string{"x:1", "x:2", "x:3", "x:4", "x:5", "x:6"}},
		"several":                   {store.FlagFilter{Region: "61", Label: post.Support, Platform: "mastodon", Language: "id"}, []string{"x:1", "x:2", "x:3"}},
		"injection by a quote":      {store.FlagFilter{Agency: "x' OR '1'='1"}, nil},
		"injection by a backslash":  {store.FlagFilter{Platform: `\`, Language: " OR 1=1 --"}, nil},
		"injection by a parameter":  {store.FlagFilter{Contestant: "{agency:String}"}, nil},
		"injection by a statement":  {store.FlagFilter{Label: "a'; DROP TABLE flagged_posts; --"}, nil},
		"control characters":        {store.FlagFilter{Agency: "\x00\t\n\\N"}, nil},
		"injection by line comment": {store.FlagFilter{Region: "61' --\n"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(append([]string{}, test.want...), idsOf(t, s, test.filter, 10)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPagesHoldEveryPostOnce(t *testing.T) {
	s, _ := migrated(t)
	var flags []post.Flag
	var want []string
	for i := range 57 {
		// Seven posts a minute, so that pages end among equal times.
		flags = append(flags, flagOf(fmt.Sprintf("x:%02d", 99-i), i/7))
		want = append(want, flags[i].Post.ID)
	}
	slices.Reverse(flags)
	insert(t, s, "a", flags...)
	for _, limit := range []int{1, 2, 7, 10, 56, 57, 58, 1000} {
		if diff := cmp.Diff(want, idsOf(t, s, store.FlagFilter{}, limit)); diff != "" {
			t.Errorf("pages of %d:\n%s", limit, diff)
		}
	}
}

func TestOldVersionsAreNotListed(t *testing.T) {
	s, connection := migrated(t)
	if err := connection.Execute(t.Context(), "SYSTEM STOP MERGES flagged_posts"); err != nil {
		t.Fatal(err)
	}
	version := func(id string, minute, edit int, text string, labels ...post.Label) post.Flag {
		return flagOf(id, minute, func(f *post.Flag) {
			f.Post.CollectedAt, f.Post.Text = noon.Add(time.Duration(edit)*time.Hour), text
			f.Verdict.Labels = nil
			for _, label := range labels {
				f.Verdict.Labels = append(f.Verdict.Labels, post.LabelScore{Label: label, Score: 1})
			}
		})
	}
	insert(t, s, "1", version("x:1", 5, 1, "old", post.Support), version("x:2", 4, 1, "only", post.Support), version("x:3", 1, 1, "old", post.Hoax))
	insert(t, s, "2", version("x:1", 5, 2, "new", post.Attack), version("x:3", 9, 2, "moved", post.Support))
	insert(t, s, "3", version("x:3", 9, 3, "moved again", post.Support))
	for name, test := range map[string]struct {
		filter store.FlagFilter
		want   []string
	}{
		"all":               {store.FlagFilter{}, []string{"x:2", "x:1", "x:3"}},
		"the old label":     {store.FlagFilter{Label: post.Hoax}, []string{}},
		"the present label": {store.FlagFilter{Label: post.Support}, []string{"x:2", "x:3"}},
		"the old date":      {store.FlagFilter{From: noon.Add(-2 * time.Minute)}, []string{}},
	} {
		for _, limit := range []int{1, 2, 10} {
			if diff := cmp.Diff(test.want, idsOf(t, s, test.filter, limit)); diff != "" {
				t.Errorf("%s, pages of %d:\n%s", name, limit, diff)
			}
		}
	}
	if got, err := s.Flag(t.Context(), "x:3"); err != nil || got.Post.Text != "moved again" {
		t.Errorf("got %q, %v", got.Post.Text, err)
	}
	facets, err := s.Facets(t.Context(), store.FlagFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]store.Facet{{Value: "support", Posts: 2}, {Value: "attack", Posts: 1}}, facets.Labels); diff != "" {
		t.Error(diff)
	}
}

func TestFlagsRefusesBadPages(t *testing.T) {
	s, _ := migrated(t)
	for _, after := range []string{"?", "AAAA", "AAAAAAAAAAA", "gAAAAAAAAAAAAAAA", "' OR 1=1"} {
		if _, err := s.Flags(t.Context(), store.FlagFilter{}, after, 10); !errors.Is(err, store.ErrCursor) {
			t.Errorf("cursor %q: %v, want ErrCursor", after, err)
		}
	}
	for _, limit := range []int{-1, 0, 1001} {
		if _, err := s.Flags(t.Context(), store.FlagFilter{}, "", limit); err == nil {
			t.Errorf("limit %d: no error", limit)
		}
	}
}

func TestFacetsAndTotals(t *testing.T) {
	s, _ := migrated(t)
	twice := func(f *post.Flag) {
		f.Verdict.Labels = append(f.Verdict.Labels,
			post.LabelScore{Label: post.Support, Contestant: "landak-1"}, post.LabelScore{Label: post.Attack, Contestant: "landak-1"})
	}
	batch := batchOf("a", 0)
	batch.Flags = []post.Flag{
		flagOf("x:1", 1), flagOf("x:2", 2, twice),
		flagOf("x:3", 3, func(f *post.Flag) { f.Person.Region, f.Person.Agency = "62", "" }),
	}
	if err := s.Insert(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	facets, err := s.Facets(t.Context(), store.FlagFilter{})
	if err != nil {
		t.Fatal(err)
	}
	want := store.Facets{
		Labels:      []store.Facet{{Value: "support", Posts: 3}, {Value: "attack", Posts: 1}},
		Contestants: []store.Facet{{Value: "landak-2", Posts: 3}, {Value: "landak-1", Posts: 1}},
		Regions:     []store.Facet{{Value: "61.08", Posts: 2}, {Value: "62", Posts: 1}},
		Agencies:    []store.Facet{{Value: "Dinas Pendidikan", Posts: 2}},
		Platforms:   []store.Facet{{Value: "mastodon", Posts: 3}},
		Languages:   []store.Facet{{Value: "id", Posts: 3}},
	}
	if diff := cmp.Diff(want, facets); diff != "" {
		t.Error(diff)
	}
	facets, err = s.Facets(t.Context(), store.FlagFilter{Region: "62"})
	if err != nil || len(facets.Labels) != 1 || facets.Labels[0].Posts != 1 || len(facets.Agencies) != 0 {
		t.Errorf("facets of region 62: %+v, %v", facets, err)
	}
	totals, err := s.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(store.Totals{Posts: 15, Flagged: 3, ByLabel: map[post.Label]uint64{post.Support: 3, post.Attack: 1}}, totals); diff != "" {
		t.Error(diff)
	}
}

func TestAnEmptyStore(t *testing.T) {
	s, _ := migrated(t)
	page, err := s.Flags(t.Context(), store.FlagFilter{}, "", 10)
	if err != nil || page.Total != 0 || len(page.Flags) != 0 || page.Next != "" {
		t.Errorf("%+v, %v", page, err)
	}
	if facets, err := s.Facets(t.Context(), store.FlagFilter{}); err != nil || len(facets.Labels) != 0 {
		t.Errorf("%+v, %v", facets, err)
	}
	if totals, err := s.Totals(t.Context()); err != nil || totals.Posts != 0 || totals.Flagged != 0 {
		t.Errorf("%+v, %v", totals, err)
	}
}

// BenchmarkFlags reads the first page and its total among 500,000 flags, which
// is about two weeks of the whole country.
func BenchmarkFlags(b *testing.B) {
	s, connection := migrated(b)
	insert(b, s, "a", flagOf("x:0", 0))
	// Five parts that are not merged, as a busy table has them.
	for _, statement := range append([]string{"SYSTEM STOP MERGES flagged_posts"}, slices.Repeat([]string{`
		INSERT INTO flagged_posts
		SELECT * REPLACE (concat('mastodon:', toString(rand64(number))) AS id, addSeconds(created_at, -toInt64(number)) AS created_at,
			concat('61.', leftPad(toString(number % 20), 2, '0')) AS region)
		FROM (SELECT * FROM flagged_posts WHERE id = 'x:0') ARRAY JOIN range(1, 100001) AS number`}, 5)...) {
		if err := connection.Execute(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	for name, filter := range map[string]store.FlagFilter{"all": {}, "region": {Region: "61.08"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if page, err := s.Flags(b.Context(), filter, "", 50); err != nil || len(page.Flags) != 50 {
					b.Fatal(len(page.Flags), err)
				}
			}
		})
	}
	b.Run("facets", func(b *testing.B) {
		for b.Loop() {
			if facets, err := s.Facets(b.Context(), store.FlagFilter{}); err != nil || len(facets.Regions) != 20 {
				b.Fatal(facets.Regions, err)
			}
		}
	})
}
