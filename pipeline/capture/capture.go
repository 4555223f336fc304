// Package capture brings in what no collector sees: posts that people capture by
// hand, posts that partners' systems send, and tips of the public. What a person
// captures and what a partner sends goes through the same intake as everything
// that is collected; a tip waits until somebody has looked at it, and enters the
// road only as a capture.
//
// It fetches nothing: the links that people give are compared and kept as text.
// It knows no HTTP. It is called by the console, which has its pages and its
// address for partners, and its Run by cmd/netra.
package capture

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Source is the name under which captured posts travel.
const Source = "capture"

// Intake takes pages to the queue; collect.Intake is one.
type Intake interface {
	Take(ctx context.Context, source, target string, page collect.Page) (collect.Tally, error)
}

// Roster is who is watched; roster.Roster is one.
type Roster interface {
	Accounts(platform string, since, until time.Time) []roster.Account
	Resolve(key string, at time.Time) (post.Person, bool)
	Has(key string) bool
	Len() int
}

// Dependencies are what the desk works with; all but Logger, Registerer and Now
// are required.
type Dependencies struct {
	Database *database.DB
	Audit    *audit.Log
	Files    *blobs.Store
	Intake   Intake
	// Roster returns the roster in use.
	Roster func() Roster
	// Key is the secret by which challenges are signed and contacts sealed.
	Key        []byte
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	Now        func() time.Time
}

// Desk is where posts and tips are handed in. It is safe for concurrent use.
type Desk struct {
	cfg      Configuration
	db       *database.DB
	audit    *audit.Log
	files    *blobs.Store
	intake   Intake
	roster   func() Roster
	keys     keys
	partners map[string]*partner
	tips     limiters
	hooks    limiters
	logger   *slog.Logger
	metrics  *metrics
	now      func() time.Time
	wake     chan struct{}
}

// New brings the desk's tables in the database to the present version, and reads
// the partners' secrets.
func New(ctx context.Context, cfg Configuration, deps Dependencies) (*Desk, error) {
	if deps.Database == nil || deps.Audit == nil || deps.Files == nil || deps.Intake == nil || deps.Roster == nil || len(deps.Key) < 32 {
		return nil, errors.New("capture: database, audit, files, intake, roster and a key of 32 bytes are needed")
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
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := deps.Database.Migrate(ctx, "capture", files); err != nil {
		return nil, err
	}
	partners, err := openPartners(cfg.Hooks.Partners)
	if err != nil {
		return nil, err
	}
	keys, err := newKeys(deps.Key)
	if err != nil {
		return nil, err
	}
	return &Desk{
		cfg: cfg, db: deps.Database, audit: deps.Audit, files: deps.Files, intake: deps.Intake, roster: deps.Roster, keys: keys,
		partners: partners, tips: newLimiters(), hooks: newLimiters(), logger: deps.Logger,
		metrics: newMetrics(deps.Registerer), now: deps.Now, wake: make(chan struct{}, 1),
	}, nil
}

// TipsOpen says whether the public may hand in tips.
func (d *Desk) TipsOpen() bool { return d.cfg.Tips.Enabled }

// Configuration is what the desk was built with, for the pages to tell of limits.
func (d *Desk) Configuration() Configuration { return d.cfg }

// Run sends what waits for the queue and forgets what is no longer needed, until
// ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	send, purge := time.NewTicker(sendEvery), time.NewTicker(purgeEvery)
	defer send.Stop()
	defer purge.Stop()
	d.tidy(ctx)
	for {
		d.sendWaiting(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-d.wake:
		case <-send.C:
		case <-purge.C:
			d.tidy(ctx)
		}
	}
}

const (
	sendEvery  = 5 * time.Second
	purgeEvery = time.Hour
)

func (d *Desk) tidy(ctx context.Context) {
	if err := d.Purge(ctx); err != nil && ctx.Err() == nil {
		d.metrics.errors.WithLabelValues("purge").Inc()
		d.logger.Error("contacts and old tips stay for now", "error", err)
	}
}
