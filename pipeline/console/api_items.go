package console

import (
	"context"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// apiItemsPage is a part of a list.
type apiItemsPage struct {
	Items []apiItemView `json:"items"`
	Total int           `json:"total"`
	// Next is the cursor of the next page; it is left out on the last one.
	Next string `json:"next,omitzero"`
}

// apiItems lists, searches and filters items.
func (c *Console) apiItems(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	query := r.URL.Query()
	if err := knownQuery(query, []string{byStatus}, append([]string{bySort, "cursor", "limit"}, apiFilterNames...)...); err != nil {
		return err
	}
	limit, err := limitOf(query)
	if err != nil {
		return err
	}
	filter, err := queriedFilter(query).review(of(r).viewer.Name, c.zone)
	if err != nil {
		return err
	}
	page, err := c.review.List(ctx, of(r).viewer, filter, review.Sort(query.Get(bySort)), query.Get("cursor"), limit)
	if err != nil {
		return apiRefused("list the queue", err)
	}
	return writeJSON(w, http.StatusOK, apiItemsPage{Items: apiItemsOf(page.Items), Total: page.Total, Next: page.Next})
}

// apiFacet is one value with the number of items that have it.
type apiFacet struct {
	Value string `json:"value"`
	Items int    `json:"items"`
}

// apiCounts counts the items of a filter by all that it can choose.
func (c *Console) apiCounts(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	query := r.URL.Query()
	if err := knownQuery(query, []string{byStatus}, apiFilterNames...); err != nil {
		return err
	}
	filter, err := queriedFilter(query).review(of(r).viewer.Name, c.zone)
	if err != nil {
		return err
	}
	counts, err := c.review.Counts(ctx, of(r).viewer, filter)
	if err != nil {
		return apiRefused("count the queue", err)
	}
	facets := func(list []review.Facet) []apiFacet {
		views := make([]apiFacet, len(list))
		for i, facet := range list {
			views[i] = apiFacet{Value: facet.Value, Items: facet.Items}
		}
		return views
	}
	return writeJSON(w, http.StatusOK, struct {
		Total       int        `json:"total"`
		Statuses    []apiFacet `json:"statuses"`
		Labels      []apiFacet `json:"labels"`
		Contestants []apiFacet `json:"contestants"`
		Regions     []apiFacet `json:"regions"`
		Agencies    []apiFacet `json:"agencies"`
		Platforms   []apiFacet `json:"platforms"`
		Languages   []apiFacet `json:"languages"`
		Lists       []apiFacet `json:"lists"`
	}{
		counts.Total, facets(counts.Statuses), facets(counts.Labels), facets(counts.Contestants), facets(counts.Regions),
		facets(counts.Agencies), facets(counts.Platforms), facets(counts.Languages), facets(counts.Lists),
	})
}

// apiWholeItem is an item with all that its page shows.
type apiWholeItem struct {
	Item    apiItemView       `json:"item"`
	Post    post.Post         `json:"post"`
	Person  apiPerson         `json:"person"`
	Verdict apiVerdict        `json:"verdict"`
	Record  string            `json:"record,omitzero"`
	Law     apiLaw            `json:"law"`
	History []apiDecisionView `json:"history"`
	// Blind says that decisions of others are not shown: a second opinion is
	// waited for.
	Blind        bool          `json:"blind"`
	Similar      []apiItemView `json:"similar"`
	SimilarTotal int           `json:"similar_total"`
}

// apiItem shows an item. It does not open it: the legal clock starts when a
// person does that.
func (c *Console) apiItem(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	viewer, id := of(r).viewer, r.PathValue("id")
	item, err := c.review.Item(ctx, viewer, id)
	if err != nil {
		return apiRefused("show an item", err)
	}
	if err := c.viewed(r, ofPost(id), nil); err != nil {
		return err
	}
	view, err := c.wholeItem(ctx, c.viewer(r), viewer, &item)
	if err != nil {
		return apiRefused("show an item", err)
	}
	return writeJSON(w, http.StatusOK, view)
}

func (c *Console) wholeItem(ctx context.Context, v viewer, who access.Viewer, item *review.Item) (apiWholeItem, error) {
	view := apiWholeItem{Item: apiItemOf(item), Blind: item.Status == review.Second}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		flag, err := c.review.Flag(ctx, who, item.ID)
		if err != nil && !tellable(err) && ctx.Err() == nil {
			return unreachable("read a flagged post", err)
		}
		if err != nil {
			return err
		}
		view.Post, view.Person, view.Verdict, view.Record, view.Law = flag.Post, apiPersonOf(&flag), v.apiVerdict(&flag.Verdict), recordOf(&flag), v.apiLaw(&flag)
		return nil
	})
	group.Go(func() error {
		history, err := c.review.History(ctx, who, item.ID)
		view.History = apiDecisionsOf(history)
		return err
	})
	group.Go(func() error {
		similar, err := c.review.Similar(ctx, who, item.ID)
		view.Similar, view.SimilarTotal = apiItemsOf(similar[:min(len(similar), mostCopies)]), len(similar)
		return err
	})
	return view, group.Wait()
}

// apiSimilar lists the other items with nearly the same text.
func (c *Console) apiSimilar(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	items, err := c.review.Similar(ctx, of(r).viewer, r.PathValue("id"))
	if err != nil {
		return apiRefused("find similar items", err)
	}
	return apiList(w, "items", apiItemsOf(items))
}

// apiAccountItem is an item of an account with what was decided on it.
type apiAccountItem struct {
	Item      apiItemView       `json:"item"`
	Decisions []apiDecisionView `json:"decisions"`
}

// apiAccount lists the items of an account.
func (c *Console) apiAccount(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	items, err := c.review.OfAccount(ctx, of(r).viewer, r.PathValue("account"))
	if err != nil {
		return apiRefused("list an account's items", err)
	}
	views := make([]apiAccountItem, len(items))
	for i := range items {
		views[i] = apiAccountItem{Item: apiItemOf(&items[i].Item), Decisions: apiDecisionsOf(items[i].Decisions)}
	}
	return apiList(w, "items", views)
}
