package console

import (
	"context"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/review"
)

// batch is how many items one press takes.
const batch = 10

// foundItems is what the review answers to a filter.
type foundItems struct {
	page   review.Page
	counts review.Counts
	mine   int
	saved  []review.SavedFilter
	people []string
}

// queue shows the items of the reader's filter.
func (c *Console) queue(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	f := c.readQueueFilter(r)
	viewer := of(r).viewer
	found, err := c.findItems(ctx, viewer, f)
	if err != nil && f.cursor != "" && ctx.Err() == nil { // of another order, or made up
		f.cursor = ""
		f.problems = append(f.problems, c.pages.words(r).T("posts.bad.cursor"))
		found, err = c.findItems(ctx, viewer, f)
	}
	if err != nil {
		return refused("list the queue", err)
	}
	view := c.reader(r).queueView(f, found)
	view.Flash = c.flashed(r)
	return c.render(w, r, http.StatusOK, "queue", view)
}

// findItems asks all that the queue shows at the same time.
func (c *Console) findItems(ctx context.Context, viewer access.Viewer, f queueFilter) (foundItems, error) {
	var found foundItems
	chosen := f.review()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		found.page, err = c.review.List(ctx, viewer, chosen, f.sort, f.cursor, c.config.PageSize)
		return err
	})
	group.Go(func() (err error) {
		found.counts, err = c.review.Counts(ctx, viewer, chosen)
		return err
	})
	group.Go(func() error {
		mine, err := c.review.List(ctx, viewer, review.Filter{Holder: viewer.Name}, review.ByUrgency, "", 1)
		found.mine = mine.Total
		return err
	})
	group.Go(func() (err error) {
		found.saved, err = c.review.SavedFilters(ctx, viewer)
		return err
	})
	group.Go(func() (err error) {
		found.people, err = c.assignable(ctx, viewer)
		return err
	})
	return found, group.Wait()
}

// assignable are the people to whom the viewer can give items.
func (c *Console) assignable(ctx context.Context, viewer access.Viewer) ([]string, error) {
	if !viewer.May(access.Supervise) {
		return nil, nil
	}
	users, err := c.state.Users(ctx)
	var names []string
	for _, user := range users {
		if !user.Disabled && user.Role.May(access.Review) {
			names = append(names, user.Name)
		}
	}
	return names, err
}
