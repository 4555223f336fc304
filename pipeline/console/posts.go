package console

import (
	"context"
	"errors"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/console/highlight"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// Bounds of one post in the list.
const (
	snippetBytes       = 300
	mostSnippetSpans   = 8
	mostRowFieldBytes  = 90
	mostRowAllegations = 4
)

// postsView is what the list of flagged posts shows.
type postsView struct {
	Collected, Flagged string
	Found              string
	Problems           []string
	Filters            []selectView
	From, Until        string
	Chips              []chipView
	ClearURL           string
	Posts              []postRow
	OlderURL           string
	NewestURL          string
	// Nothing is why there are no posts: "none" where nothing is flagged at
	// all, "nothing" where the filter chooses none.
	Nothing string
}

// postRow is one post of the list.
type postRow struct {
	URL         string
	Who         string
	About       []string
	Where       []string
	Created     timeView
	Allegations []allegation
	// MoreAllegations is how many are not shown here.
	MoreAllegations int
	Text            textView
	Quoted          string
	Lang            string
}

func (c *Console) posts(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), c.config.QueryTimeout)
	defer cancel()
	see := c.viewer(r)
	filter := readFilter(r, c.zone, see.words)
	filter.within = of(r).viewer.Regions
	found, err := c.findPosts(ctx, filter)
	if errors.Is(err, store.ErrCursor) {
		filter.cursor = ""
		filter.problems = append(filter.problems, see.words.T("posts.bad.cursor"))
		found, err = c.findPosts(ctx, filter)
	}
	if err != nil {
		return unreachable("list flagged posts", err)
	}
	return c.render(w, r, http.StatusOK, "posts", see.postsView(filter, found))
}

// foundPosts is what the store answers to a filter.
type foundPosts struct {
	page   store.FlagPage
	totals store.Totals
	facets store.Facets
}

// findPosts asks all that the list shows at the same time. A filter's own
// values are counted without it, so that another can be chosen instead.
func (c *Console) findPosts(ctx context.Context, f filter) (foundPosts, error) {
	var found foundPosts
	chosen := f.store()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	group.Go(func() (err error) {
		found.page, err = c.deps.Data.Flags(ctx, chosen, f.cursor, c.config.PageSize)
		return err
	})
	group.Go(func() (err error) {
		found.totals, err = c.deps.Data.Totals(ctx)
		return err
	})
	own := make(map[string]*store.Facets)
	for _, name := range []string{"", byLabel, byContestant, byRegion, byAgency, byPlatform, byLanguage} {
		if name != "" && f.values[name] == "" {
			continue
		}
		own[name] = &store.Facets{}
	}
	for name, facets := range own {
		group.Go(func() (err error) {
			*facets, err = c.deps.Data.Facets(ctx, f.storeWithout(name))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return foundPosts{}, err
	}
	found.facets = mergeFacets(own)
	return found, nil
}

// mergeFacets takes each filter's values from the facets counted without it.
func mergeFacets(own map[string]*store.Facets) store.Facets {
	merged := *own[""]
	for name, facets := range own {
		switch name {
		case byLabel:
			merged.Labels = facets.Labels
		case byContestant:
			merged.Contestants = facets.Contestants
		case byRegion:
			merged.Regions = facets.Regions
		case byAgency:
			merged.Agencies = facets.Agencies
		case byPlatform:
			merged.Platforms = facets.Platforms
		case byLanguage:
			merged.Languages = facets.Languages
		}
	}
	return merged
}

func (v viewer) postsView(f filter, found foundPosts) postsView {
	view := postsView{
		Collected: v.words.Number(found.totals.Posts), Flagged: v.words.Number(found.totals.Flagged),
		Problems: f.problems, Filters: v.selects(f, found.facets), From: f.values[byFrom], Until: f.values[byUntil],
		Chips: v.chips(f), ClearURL: "/posts",
	}
	key := "posts.found"
	if f.active() {
		key += ".filtered"
	}
	view.Found = v.words.T(key, "n", v.words.Number(found.page.Total))
	for i := range found.page.Flags {
		view.Posts = append(view.Posts, v.postRow(&found.page.Flags[i]))
	}
	if found.page.Next != "" {
		view.OlderURL = f.url("", found.page.Next)
	}
	if f.cursor != "" {
		view.NewestURL = f.url("", "")
	}
	if len(view.Posts) == 0 {
		view.Nothing = "none"
		if f.active() || found.totals.Flagged > 0 {
			view.Nothing = "nothing"
		}
	}
	return view
}

func (v viewer) postRow(flag *post.Flag) postRow {
	p := &flag.Post
	row := postRow{
		URL: postURL(p.ID), Who: short(v.who(flag), mostRowFieldBytes), Created: v.time(p.CreatedAt), Lang: languageTag(flag.Verdict.Language.Code),
		Allegations:     v.allegations(flag.Verdict.Labels[:min(len(flag.Verdict.Labels), mostRowAllegations)]),
		MoreAllegations: max(len(flag.Verdict.Labels)-mostRowAllegations, 0),
	}
	row.About = compact(short(flag.Person.Position, mostRowFieldBytes), short(flag.Person.Agency, mostRowFieldBytes))
	kind := ""
	if p.Kind != post.KindPost {
		kind = v.kind(p.Kind)
	}
	row.Where = compact(v.regionName(flag.Person.Region), v.platform(p.Platform), kind, v.language(flag.Verdict.Language.Code))
	row.Text = v.snippet(p.Text, highlight.Spans(flag.Verdict.Labels, false))
	if quoted := highlight.Spans(flag.Verdict.Labels, true); p.Text == "" || len(quoted) > 0 {
		cut := highlight.Window(p.Quoted, quoted, snippetBytes/2)
		row.Quoted = cut.Text
	}
	return row
}

func (v viewer) snippet(text string, spans []highlight.Span) textView {
	return v.text(text, spans, snippetBytes, mostSnippetSpans)
}
