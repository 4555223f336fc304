package coordinated

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/coordinated/sketch"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Sketches are where the sketches are. The store implements it.
type Sketches interface {
	SketchHours(ctx context.Context, keyID uint16, after time.Time) ([]store.SketchHour, error)
	ForeignSketches(ctx context.Context, keyID uint16, after time.Time) (uint64, error)
	SketchForms(ctx context.Context, around, fresh store.SketchRange, after time.Time, accounts, limit int) ([]store.SketchForm, error)
	SketchedPosts(ctx context.Context, in store.SketchRange, exact []uint64, each func(*store.SketchedPost)) error
	FlagsBetween(ctx context.Context, from, until time.Time) ([]store.PlacedFlag, error)
}

// Dependencies of the finder. Database, Sketches and Maker must be there.
type Dependencies struct {
	Database *database.DB
	Sketches Sketches
	// Maker has the key with which the workers make sketches.
	Maker      *sketch.Maker
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	// Now is time.Now but in tests.
	Now func() time.Time
}

// Finder finds clusters and keeps them. It is safe for concurrent use.
type Finder struct {
	cfg     Configuration
	deps    Dependencies
	db      *database.DB
	metrics *metrics
	// name is this process's in the lease.
	name string
	// seen is what the last look saw, so that the same is not looked at again.
	seen sight
}

// New returns a finder on a database whose tables Migrate has made.
func New(cfg Configuration, deps Dependencies) (*Finder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Database == nil || deps.Sketches == nil || deps.Maker == nil {
		return nil, errors.New("coordinated: it needs a database, sketches and the maker of sketches")
	}
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	if deps.Registerer == nil {
		deps.Registerer = prometheus.NewRegistry()
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	return &Finder{cfg: cfg, deps: deps, db: deps.Database, metrics: newMetrics(deps.Registerer), name: uuid.NewString()}, nil
}

// Migrate makes or updates the finder's tables in a database.
func Migrate(ctx context.Context, db *database.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return db.Migrate(ctx, "coordinated", files)
}

// Run looks for copies until ctx ends, in one of the consoles that share the
// database at a time. What fails is logged, counted and tried again.
func (f *Finder) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		if err := f.Look(ctx); err != nil && ctx.Err() == nil {
			f.metrics.failures.Inc()
			f.deps.Logger.WarnContext(ctx, "copies of posts could not be looked for; it is tried again", "error", err)
		}
		timer.Reset(f.cfg.Every)
	}
}

// Look looks once at what has come since the last time, unless another console
// does it.
func (f *Finder) Look(ctx context.Context) error {
	began := time.Now()
	mine, err := f.lease(ctx)
	if err != nil || !mine {
		return err
	}
	if err := f.look(ctx); err != nil {
		return err
	}
	f.metrics.seconds.Observe(time.Since(began).Seconds())
	return f.measure(ctx)
}

// Configuration is what the finder was built with.
func (f *Finder) Configuration() Configuration { return f.cfg }
