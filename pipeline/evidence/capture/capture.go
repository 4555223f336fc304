// Package capture brings pieces of evidence to their keeper: for every flag, and
// again when it is confirmed or somebody asks for it, the record in the queue, the
// platform's raw answer, the verdict, how it was fetched, the files that a person
// handed in, and, where the operator allows it, media and the page as rendered.
//
// What is to be captured is a task in the console's database, so that nothing is
// forgotten by a crash and several consoles do nothing twice: the pieces of a task
// and its end are one transaction. What cannot be captured after several tries
// becomes a piece that says so.
//
// It decides nothing about a post and shows nothing. It is called by cmd/netra
// beside the console.
package capture

import (
	"context"
	"embed"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Flags gives the flagged posts. The store implements it.
type Flags interface {
	// InsertedSince returns up to limit places of flagged posts behind a cursor, in
	// the order in which they were inserted.
	InsertedSince(ctx context.Context, after store.InsertCursor, limit int) ([]store.InsertCursor, error)
	// FlagVersions returns all versions that are still there of the posts at the
	// places.
	FlagVersions(ctx context.Context, places []store.InsertCursor) ([]post.Flag, error)
	// Flag returns one flagged post, or an error that is store.ErrNotFound.
	Flag(ctx context.Context, id string) (post.Flag, error)
}

// Queue reads single records. The queue implements it.
type Queue interface {
	// Read returns a record with all its headers, or an error that is
	// queue.ErrExpired.
	Read(ctx context.Context, topic string, partition int, offset int64) (queue.Record, error)
	// Raw returns what the post of a record was made of, or an error that is
	// queue.ErrNoRaw.
	Raw(record *queue.Record) ([]byte, error)
}

// HandedFile is a file that a person handed in with a capture.
type HandedFile struct {
	// By is who did, At when, and Name what the sender called it.
	By, Name string
	At       time.Time
}

// Handed opens files that people handed in. It may be nil.
type Handed interface {
	// Handed returns the file and who handed it in; an error that is
	// blobs.ErrNotFound where there is none.
	Handed(ctx context.Context, sha256 string) (io.ReadCloser, HandedFile, error)
}

// Dependencies are what the worker works with. Database, Keeper, Flags and Queue
// are required.
type Dependencies struct {
	Database *database.DB
	Keeper   *evidence.Keeper
	Flags    Flags
	// Edits may be nil: then only edits that are flagged again are noticed.
	Edits      Edits
	Queue      Queue
	Handed     Handed
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	// Now is time.Now but in tests: leases and times of tries go by it, not those of
	// pieces, which the keeper's clock gives.
	Now func() time.Time
}

// Worker captures. It is safe for concurrent use.
type Worker struct {
	cfg     Configuration
	deps    Dependencies
	db      *database.DB
	keeper  *evidence.Keeper
	logger  *slog.Logger
	metrics *metrics
	web     *web // nil where neither media nor pages are fetched
	seen    store.Lookback
	wake    chan struct{}
}

// New returns a worker on a database whose tables Migrate has made.
func New(cfg Configuration, deps Dependencies) (*Worker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Database == nil || deps.Keeper == nil || deps.Flags == nil || deps.Queue == nil {
		return nil, errors.New("capture of evidence: a database, a keeper, flags and a queue are needed")
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
	w := &Worker{
		cfg: cfg, deps: deps, db: deps.Database, keeper: deps.Keeper, logger: deps.Logger,
		metrics: newMetrics(deps.Registerer), wake: make(chan struct{}, 1),
	}
	if cfg.Media.Enabled || cfg.Page.Enabled {
		var err error
		if w.web, err = newWeb(cfg, w.metrics); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Migrate makes or updates the tables of tasks in a database.
func Migrate(ctx context.Context, db *database.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return db.Migrate(ctx, "evidence_capture", files)
}

// Run looks for what is to be captured and captures it until ctx ends. What fails
// is logged, counted and tried again.
func (w *Worker) Run(ctx context.Context) error {
	var all sync.WaitGroup
	all.Go(func() { w.repeat(ctx, "look for flags", w.cfg.Poll, w.TakeIn) })
	all.Go(func() { w.repeat(ctx, "look for edits", w.cfg.Poll, w.TakeInEdits) })
	all.Go(func() { w.repeat(ctx, "measure the tasks", measureEvery, w.measure) })
	for range w.cfg.Workers {
		all.Go(func() {
			w.repeat(ctx, capturing, w.cfg.Poll, func(ctx context.Context) error { return w.work(ctx, stored) })
		})
	}
	// What is fetched takes long, and must not hold up what retention may remove.
	all.Go(func() {
		w.repeat(ctx, "fetch", w.cfg.Poll, func(ctx context.Context) error { return w.work(ctx, fetched) })
	})
	all.Wait()
	if w.web != nil {
		w.web.close()
	}
	return nil
}

const (
	measureEvery = 15 * time.Second
	capturing    = "capture"
)

// repeat does something every so often or when there is something new, and after
// failures less and less often.
func (w *Worker) repeat(ctx context.Context, name string, every time.Duration, do func(context.Context) error) {
	wait := every
	timer := time.NewTimer(0)
	defer timer.Stop()
	wake := w.wake
	if name != capturing {
		wake = nil
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer.C:
		}
		if err := do(ctx); err != nil && ctx.Err() == nil {
			w.metrics.failures.WithLabelValues(name).Inc()
			w.logger.WarnContext(ctx, "the evidence worker could not "+name+"; it tries again", "error", err)
			wait = min(wait*2, max(every, time.Minute))
		} else {
			wait = every
		}
		timer.Reset(wait)
	}
}

// awaken lets a worker look at the tasks at once.
func (w *Worker) awaken() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
