package review

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/similar"
	"github.com/netra-id/netra/pipeline/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Review is the queue and what is decided in it. It is safe for concurrent use.
type Review struct {
	cfg         Configuration
	deps        Dependencies
	db          *database.DB
	metrics     *metrics
	board       *board
	fingerprint *similar.Reader
	tallies     tallyCache
	intake      sync.Mutex // held while flags are taken in
	seen        store.Lookback
	gather      *gatherer
}

// New returns a review on a database whose tables Migrate has made.
func New(cfg Configuration, deps Dependencies) (*Review, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	deps, err := deps.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Review{
		cfg: cfg, deps: deps, db: deps.Database, metrics: newMetrics(deps.Registerer),
		board: newBoard(deps.Database), fingerprint: similar.NewReader(), gather: newGatherer(deps.Flags),
	}, nil
}

// Migrate makes or updates the review's tables.
func (r *Review) Migrate(ctx context.Context) error { return Migrate(ctx, r.db) }

// Migrate makes or updates the review's tables in a database.
func Migrate(ctx context.Context, db *database.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, "review", files); err != nil {
		return err
	}
	return repairChanged(ctx, db)
}

// Run takes in flags, sends decisions and refreshes urgencies until ctx ends.
// What fails is logged, counted and tried again.
func (r *Review) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, task := range []struct {
		name  string
		every time.Duration
		do    func(context.Context) error
	}{
		{"take in flags", r.cfg.Poll, r.TakeIn},
		{"send decisions", r.cfg.Send, r.Send},
		{"refresh urgencies", r.cfg.Refresh, r.RefreshUrgency},
		{"measure the backlog", measureEvery, r.measure},
		{"seal older decisions", sealOlderEvery, r.SealOlder},
	} {
		all.Go(func() { r.repeat(ctx, task.name, task.every, task.do) })
	}
	all.Wait()
	return nil
}

// repeat does something every so often, and after failures less and less often.
func (r *Review) repeat(ctx context.Context, name string, every time.Duration, do func(context.Context) error) {
	const longest = time.Minute
	wait := every
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if err := do(ctx); err != nil && ctx.Err() == nil {
			r.metrics.failures.WithLabelValues(name).Inc()
			r.deps.Logger.WarnContext(ctx, "the review could not "+name+"; it tries again", "error", err)
			wait = min(wait*2, max(every, longest))
		} else {
			wait = every
		}
		timer.Reset(wait)
	}
}

// inWords wraps an error in what was being done.
func inWords(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
