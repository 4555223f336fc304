package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// Review is the queue and what is decided in it. The review implements it and
// says there what each call does; it also knows who may do what.
type Review interface {
	Statistics
	List(ctx context.Context, viewer access.Viewer, filter review.Filter, sort review.Sort, cursor string, limit int) (review.Page, error)
	Counts(ctx context.Context, viewer access.Viewer, filter review.Filter) (review.Counts, error)
	Item(ctx context.Context, viewer access.Viewer, id string) (review.Item, error)
	Flag(ctx context.Context, viewer access.Viewer, id string) (post.Flag, error)
	Open(ctx context.Context, viewer access.Viewer, id string) (review.Item, error)
	Claim(ctx context.Context, viewer access.Viewer, ids []string, force bool) ([]review.Item, error)
	ClaimNext(ctx context.Context, viewer access.Viewer, filter review.Filter, n int) ([]review.Item, error)
	Release(ctx context.Context, viewer access.Viewer, ids []string) error
	Assign(ctx context.Context, viewer access.Viewer, ids []string, to string) error
	Decide(ctx context.Context, viewer access.Viewer, choices []review.Choice, decision review.Decision) ([]review.Decision, error)
	Undo(ctx context.Context, viewer access.Viewer, decision string) (review.Item, error)
	History(ctx context.Context, viewer access.Viewer, id string) ([]review.Decision, error)
	Similar(ctx context.Context, viewer access.Viewer, id string) ([]review.Item, error)
	OfAccount(ctx context.Context, viewer access.Viewer, account string) ([]review.AccountItem, error)
	Neighbours(ctx context.Context, viewer access.Viewer, filter review.Filter, sort review.Sort, id string) (review.Neighbours, error)
	SaveFilter(ctx context.Context, viewer access.Viewer, saved review.SavedFilter) (review.SavedFilter, error)
	SavedFilters(ctx context.Context, viewer access.Viewer) ([]review.SavedFilter, error)
	DeleteFilter(ctx context.Context, viewer access.Viewer, id int64) error
}

// ReviewParts are what a review shares with the console.
type ReviewParts struct {
	Database *database.DB
	Audit    review.Audit
	// Person finds a person by name, for whom items can be assigned to.
	Person func(ctx context.Context, name string) (access.Viewer, bool, error)
}

// reviewer finds the person to whom an item can be assigned.
func (c *Console) reviewer(ctx context.Context, name string) (access.Viewer, bool, error) {
	user, err := c.state.UserNamed(ctx, name)
	if errors.Is(err, state.ErrNoUser) || err == nil && user.Disabled {
		return access.Viewer{}, false, nil
	}
	return user.Viewer(), err == nil, err
}

// reviewing is what a request may ask of the review, with the time that it has.
func (c *Console) reviewing(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), c.config.QueryTimeout)
}

// refused says what of the review's errors a reader is told; others are the
// console's own.
func refused(doing string, err error) error {
	switch {
	case errors.Is(err, review.ErrNotFound), errors.Is(err, store.ErrNotFound):
		return failure{status: http.StatusNotFound, cause: err}
	case errors.Is(err, review.ErrForbidden):
		return failure{status: http.StatusForbidden, cause: err, key: "forbidden"}
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}
