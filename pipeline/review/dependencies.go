package review

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// Flags gives the flagged posts. The store implements it.
type Flags interface {
	// InsertedSince returns up to limit flagged posts behind a cursor, in the
	// order in which they were inserted; a post that was inserted twice may be
	// there twice.
	InsertedSince(ctx context.Context, after store.InsertCursor, limit int) ([]store.InsertCursor, error)
	// FlagsByID returns the present versions of flagged posts; what is not there
	// is left out.
	FlagsByID(ctx context.Context, ids []string) ([]post.Flag, error)
	// Flag returns one flagged post, or an error that is store.ErrNotFound.
	Flag(ctx context.Context, id string) (post.Flag, error)
}

// Decisions takes the decisions. The store implements it.
type Decisions interface {
	// InsertDecisions stores rows once for every token.
	InsertDecisions(ctx context.Context, token string, rows []store.DecisionRow) error
}

// Audit is the log of who did what. What is recorded is part of the transaction
// in which it was done.
type Audit interface {
	Record(ctx context.Context, tx *database.Tx, by access.Viewer, action, subject string, details map[string]string) error
}

// Dependencies are the parts that the review needs. Database must be there.
type Dependencies struct {
	Database *database.DB
	// Flags and Decisions may be nil: then no flags come in or no decisions go
	// out (they wait in the outbox).
	Flags     Flags
	Decisions Decisions
	// Audit may be nil.
	Audit Audit
	// Seal takes the decisions' statements into the sealed log; it may be nil.
	Seal seal.Adder
	// Confirmed is told of a post, in the transaction of the decision by which it
	// is confirmed; it may be nil.
	Confirmed func(ctx context.Context, tx *database.Tx, post, decision string) error
	// Person finds a person by name, for whom items can be assigned to; where it
	// is nil, any name is taken.
	Person func(ctx context.Context, name string) (access.Viewer, bool, error)
	// Now is time.Now but in tests.
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

func (d Dependencies) withDefaults() (Dependencies, error) {
	if d.Database == nil {
		return d, errors.New("the review has no database")
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
