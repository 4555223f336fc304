package retention

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is where flags, decisions and sketches are. The store implements it.
type Store interface {
	PurgePosts(ctx context.Context, posts []store.PurgedPost) error
	FilesOfFlags(ctx context.Context, sha256 []string) (map[string]bool, error)
}

// Files is where files are. *blobs.Store implements it.
type Files interface {
	Remove(ctx context.Context, sha256 string) error
}

// Audit is the log of who did what.
type Audit interface {
	Record(ctx context.Context, tx *database.Tx, by access.Viewer, action, subject string, details map[string]string) error
}

// Dependencies of the retention. All are needed but Sketch, Logger, Registerer and
// Now.
type Dependencies struct {
	Database *database.DB
	Store    Store
	Keeper   *evidence.Keeper
	Files    Files
	Seal     seal.Adder
	Audit    Audit
	// Key is the secret of the names under which purged posts go on to be counted.
	Key []byte
	// Sketch is the hash under which the sketch of a post is kept; nil where none are.
	Sketch func(post string) uint64
	// Remember is how long a purged post may still come back: as long as the queue
	// keeps it.
	Remember   time.Duration
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	Now        func() time.Time
}

// Retention plans and purges. It is safe for concurrent use, also by several
// processes on one database.
type Retention struct {
	cfg     Configuration
	deps    Dependencies
	db      *database.DB
	metrics *metrics
	name    string
	// there are the tables of other parts that are there.
	there atomic.Pointer[map[string]bool]
}

// tables of other parts that are read and changed where they are there.
var optional = []string{"cases", "case_posts", "capture_files", "capture_posts", "evidence_tasks", "coordinated_items", "capture_tips"}

// New returns the retention on a database whose tables Migrate has made, as those
// of the review and the evidence are.
func New(cfg Configuration, deps Dependencies) (*Retention, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Database == nil || deps.Store == nil || deps.Keeper == nil || deps.Files == nil || deps.Seal == nil || deps.Audit == nil || len(deps.Key) == 0 {
		return nil, errors.New("retention: a database, a store, a keeper, files, a log, an audit log and a key are needed")
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
	r := &Retention{cfg: cfg, deps: deps, db: deps.Database, metrics: newMetrics(deps.Registerer), name: uuid.NewString()}
	r.there.Store(&map[string]bool{})
	return r, nil
}

// lookAround sees which tables of other parts there are: they may be made after
// this part was built.
func (r *Retention) lookAround(ctx context.Context) error {
	there := map[string]bool{}
	for _, table := range optional {
		rows, err := r.db.Query(ctx, "SELECT 1 FROM "+table+" WHERE 1 = 0")
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue // there is none
		}
		there[table] = true
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	r.there.Store(&there)
	return nil
}

func (r *Retention) has(table string) bool { return (*r.there.Load())[table] }

// Migrate makes or updates the retention's tables in a database.
func Migrate(ctx context.Context, db *database.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return db.Migrate(ctx, "retention", files)
}

// Configuration is what the retention was built with.
func (r *Retention) Configuration() Configuration { return r.cfg }

// nameOf is what stands for a purged post: a keyed hash of its id.
func (r *Retention) nameOf(post string) string {
	mac := hmac.New(sha256.New, r.deps.Key)
	mac.Write([]byte("netra purged post\x00" + post))
	return "purged:" + hex.EncodeToString(mac.Sum(nil)[:16])
}

// Run purges once a day where that is configured, and counts what is due, until ctx
// ends. What fails is logged, counted and tried again.
func (r *Retention) Run(ctx context.Context) error {
	timer := time.NewTimer(time.Minute) // after the start there is other work
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		timer.Reset(r.turn(ctx))
	}
}

// turn does what is to be done now and says when the next turn is.
func (r *Retention) turn(ctx context.Context) time.Duration {
	var err error
	if r.cfg.Automatic {
		var last time.Time
		if last, err = r.lastRun(ctx); err == nil && r.deps.Now().Sub(last) >= day-time.Hour {
			_, err = r.Purge(ctx, access.Viewer{Name: "netra"}, nil)
		}
	}
	if err == nil {
		err = r.finishOwn(ctx)
	}
	if err == nil {
		err = r.measure(ctx)
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, ErrBusy) {
		r.metrics.failures.Inc()
		r.deps.Logger.WarnContext(ctx, "what is no longer needed could not be purged; it is tried again", "error", err)
	}
	return time.Hour
}

// finishOwn takes out of ClickHouse what came back, or what a broken purge left.
func (r *Retention) finishOwn(ctx context.Context) error {
	if err := r.lease(ctx); err != nil {
		return err
	}
	_, err := r.finish(ctx)
	return errors.Join(err, r.release(context.WithoutCancel(ctx)))
}

func (r *Retention) measure(ctx context.Context) error {
	plan, err := r.Plan(ctx)
	if err != nil {
		return err
	}
	counts := map[Why]int{}
	for _, due := range plan.Due {
		counts[due.Why]++
	}
	for _, why := range Goes {
		r.metrics.due.WithLabelValues(string(why)).Set(float64(counts[why]))
	}
	r.metrics.held.Set(float64(plan.Stays[Held]))
	return nil
}
