package console

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/netra-id/netra/pipeline/review"
)

// apiBatch names items, and for some operations whom or how.
type apiBatch struct {
	Items []string `json:"items"`
	// Force takes items also from who holds them.
	Force bool `json:"force"`
}

// apiOpen says that a person looks at an item now, which starts its clock and
// takes it where it is free.
func (c *Console) apiOpen(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	item, err := c.openItem(ctx, of(r).viewer, r.PathValue("id"), false)
	if err != nil {
		return apiRefused("open an item", err)
	}
	return writeJSON(w, http.StatusOK, apiItemOf(&item))
}

// apiClaim takes items: all of them, or none.
func (c *Console) apiClaim(w http.ResponseWriter, r *http.Request) error {
	var asked apiBatch
	if err := readJSON(r, &asked); err != nil {
		return err
	}
	if err := checkItems(asked.Items); err != nil {
		return err
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	items, err := c.review.Claim(ctx, of(r).viewer, asked.Items, asked.Force)
	if err != nil {
		return apiRefused("claim items", err)
	}
	return apiList(w, "items", apiItemsOf(items))
}

// apiClaimOne takes one item.
func (c *Console) apiClaimOne(w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		Force bool `json:"force"`
	}
	if err := readJSON(r, &asked); err != nil {
		return err
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	items, err := c.review.Claim(ctx, of(r).viewer, []string{r.PathValue("id")}, asked.Force)
	if err != nil {
		return apiRefused("claim an item", err)
	}
	if len(items) == 0 {
		return failure{status: http.StatusNotFound}
	}
	return writeJSON(w, http.StatusOK, apiItemOf(&items[0]))
}

// apiClaimNext takes the most urgent items of a filter that nobody holds.
func (c *Console) apiClaimNext(w http.ResponseWriter, r *http.Request) error {
	asked := struct {
		Count  int       `json:"count"`
		Filter apiFilter `json:"filter"`
	}{Count: 1}
	if err := readJSON(r, &asked); err != nil {
		return err
	}
	if asked.Count < 1 || asked.Count > review.MostPage {
		return wrongValue("count", fmt.Sprint(asked.Count), fmt.Sprintf("1 to %d", review.MostPage))
	}
	filter, err := asked.Filter.review(of(r).viewer.Name, c.zone)
	if err != nil {
		return err
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	items, err := c.review.ClaimNext(ctx, of(r).viewer, filter, asked.Count)
	if err != nil {
		return apiRefused("claim the next items", err)
	}
	return apiList(w, "items", apiItemsOf(items))
}

// apiRelease gives items back.
func (c *Console) apiRelease(w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		Items []string `json:"items"`
	}
	if err := readJSON(r, &asked); err != nil {
		return err
	}
	if err := checkItems(asked.Items); err != nil {
		return err
	}
	return c.apiReleased(w, r, asked.Items)
}

func (c *Console) apiReleaseOne(w http.ResponseWriter, r *http.Request) error {
	return c.apiReleased(w, r, []string{r.PathValue("id")})
}

func (c *Console) apiReleased(w http.ResponseWriter, r *http.Request, items []string) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	if err := c.review.Release(ctx, of(r).viewer, items); err != nil {
		return apiRefused("give items back", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// apiAssign gives items to a person, or takes them back where to is empty.
func (c *Console) apiAssign(w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		Items []string `json:"items"`
		To    *string  `json:"to"`
	}
	if err := readJSON(r, &asked); err != nil {
		return err
	}
	if err := checkItems(asked.Items); err != nil {
		return err
	}
	return c.apiAssigned(w, r, asked.Items, asked.To)
}

func (c *Console) apiAssignOne(w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		To *string `json:"to"`
	}
	if err := readJSON(r, &asked); err != nil {
		return err
	}
	return c.apiAssigned(w, r, []string{r.PathValue("id")}, asked.To)
}

func (c *Console) apiAssigned(w http.ResponseWriter, r *http.Request, items []string, to *string) error {
	if to == nil {
		return wrongValue("to", "", "the name of an analyst or supervisor; an empty one takes the items back")
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	if err := c.assign(ctx, of(r).viewer, items, *to); err != nil {
		return apiRefused("assign items", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// checkItems says what is wrong with a list of ids.
func checkItems(ids []string) error {
	allowed := fmt.Sprintf("1 to %d ids, each once", review.MostPage)
	if len(ids) < 1 || len(ids) > review.MostPage {
		return wrongValue("items", fmt.Sprintf("%d items", len(ids)), allowed)
	}
	sorted := slices.Sorted(slices.Values(ids))
	for i, id := range sorted {
		if id == "" || i > 0 && id == sorted[i-1] {
			return wrongValue("items", id, allowed)
		}
	}
	return nil
}
