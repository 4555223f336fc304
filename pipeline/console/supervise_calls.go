package console

import (
	"context"
	"errors"
	"net/http"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// Statistics is what supervisors ask of the review, which implements it and says
// there what each call does.
type Statistics interface {
	Backlog(ctx context.Context, viewer access.Viewer, filter review.Filter) (review.Backlog, error)
	Throughput(ctx context.Context, viewer access.Viewer, period review.Period) ([]review.Work, error)
	Agreement(ctx context.Context, viewer access.Viewer, period review.Period) (review.Agreement, error)
	Decisions(ctx context.Context, viewer access.Viewer, period review.Period, after int64, limit int) ([]review.MadeDecision, int64, error)
}

// Figures is what supervisors ask of the store, which implements it. It does not
// know who may see what: a filter's Within holds the viewer's regions.
type Figures interface {
	review.Judge
	Trends(ctx context.Context, query store.TrendQuery) ([]store.Trend, error)
	CoverageShares(ctx context.Context, by string, filter store.CoverageFilter) ([]store.CoverageShare, error)
	CoveredAccounts(ctx context.Context, filter store.CoverageFilter, after store.CoveredAccount, limit int) ([]store.CoveredAccount, error)
}

var errNoFigures = errors.New("the console's data has no figures")

// figures are the store's; a console on data without them answers that they
// cannot be had.
func (c *Console) figures() (Figures, error) {
	if figures, ok := c.deps.Data.(Figures); ok {
		return figures, nil
	}
	return nil, failure{status: http.StatusServiceUnavailable, cause: errNoFigures}
}
