package cases

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/review"
)

// Posts finds reviewed posts. The review implements it.
type Posts interface {
	// Item returns a post's item, or review.ErrNotFound also where the viewer may
	// not see it.
	Item(ctx context.Context, viewer access.Viewer, id string) (review.Item, error)
}

// Audit is the log of who did what. The audit log implements it.
type Audit interface {
	Record(ctx context.Context, tx *database.Tx, by access.Viewer, action, subject string, details map[string]string) error
}

// Dependencies are the parts that the cases need. Database and Posts must be
// there.
type Dependencies struct {
	Database *database.DB
	Posts    Posts
	// Audit and Seal may be nil: then changes are not recorded or not sealed.
	Audit Audit
	Seal  seal.Adder
	// Person finds a person by name, whom a case can be given to; where it is nil,
	// any name is taken.
	Person func(ctx context.Context, name string) (access.Viewer, bool, error)
	// Now is time.Now but in tests.
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

func (d Dependencies) withDefaults() (Dependencies, error) {
	if d.Database == nil || d.Posts == nil {
		return d, errors.New("the cases need a database and the reviewed posts")
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Registerer == nil {
		d.Registerer = prometheus.NewRegistry()
	}
	return d, nil
}
