package console

import (
	"net/http"
	"strconv"

	"github.com/netra-id/netra/pipeline/review"
)

// apiSavedFilter is a saved filter as programs read and write it.
type apiSavedFilter struct {
	ID     int64       `json:"id"`
	Owner  string      `json:"owner"`
	Name   string      `json:"name"`
	Shared bool        `json:"shared"`
	Sort   review.Sort `json:"sort"`
	Filter apiFilter   `json:"filter"`
}

func apiSavedFilterOf(saved review.SavedFilter) apiSavedFilter {
	sort := saved.Sort
	if sort == "" {
		sort = review.ByUrgency
	}
	return apiSavedFilter{ID: saved.ID, Owner: saved.Owner, Name: saved.Name, Shared: saved.Shared, Sort: sort, Filter: apiFilterOf(saved.Filter)}
}

// apiFilters lists the person's filters and those that others share.
func (c *Console) apiFilters(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	saved, err := c.review.SavedFilters(ctx, of(r).viewer)
	if err != nil {
		return apiRefused("list the saved filters", err)
	}
	views := make([]apiSavedFilter, len(saved))
	for i := range saved {
		views[i] = apiSavedFilterOf(saved[i])
	}
	return apiList(w, "filters", views)
}

// apiSaveFilter keeps a filter under a name; one of the same name is replaced.
func (c *Console) apiSaveFilter(w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		Name   string      `json:"name"`
		Shared bool        `json:"shared"`
		Sort   review.Sort `json:"sort"`
		Filter apiFilter   `json:"filter"`
	}
	if err := readJSON(r, &asked); err != nil {
		return err
	}
	filter, err := asked.Filter.review(of(r).viewer.Name, c.zone)
	if err != nil {
		return err
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	saved, err := c.review.SaveFilter(ctx, of(r).viewer, review.SavedFilter{Name: asked.Name, Shared: asked.Shared, Sort: asked.Sort, Filter: filter})
	if err != nil {
		return apiRefused("save a filter", err)
	}
	return writeJSON(w, http.StatusCreated, apiSavedFilterOf(saved))
}

// apiDeleteFilter deletes one of the person's own filters.
func (c *Console) apiDeleteFilter(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("filter"), 10, 64)
	if err != nil {
		return failure{status: http.StatusNotFound}
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	if err := c.review.DeleteFilter(ctx, of(r).viewer, id); err != nil {
		return apiRefused("delete a saved filter", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
