package cases

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Cases are all cases. It is safe for concurrent use.
type Cases struct {
	cfg     Configuration
	deps    Dependencies
	db      *database.DB
	metrics *metrics
}

// New returns the cases on a database whose tables Migrate has made.
func New(cfg Configuration, deps Dependencies) (*Cases, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	deps, err := deps.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Cases{cfg: cfg, deps: deps, db: deps.Database, metrics: newMetrics(deps.Registerer)}, nil
}

// Configuration is what the cases were built with.
func (c *Cases) Configuration() Configuration { return c.cfg }

// Migrate makes or updates the cases' tables.
func (c *Cases) Migrate(ctx context.Context) error { return Migrate(ctx, c.db) }

// Migrate makes or updates the cases' tables in a database.
func Migrate(ctx context.Context, db *database.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return db.Migrate(ctx, "cases", files)
}

// measureEvery is how often the cases are counted for the metrics.
const measureEvery = time.Minute

// Run sets the clocks by the present configuration and counts the cases for the
// metrics until ctx ends. What fails is logged, counted and tried again.
func (c *Cases) Run(ctx context.Context) error {
	tick := time.NewTicker(measureEvery)
	defer tick.Stop()
	set := false
	for {
		var err error
		if !set {
			err = c.SetClocks(ctx)
			set = err == nil
		}
		if err == nil {
			err = c.measure(ctx)
		}
		if err != nil && ctx.Err() == nil {
			c.metrics.failed.Inc()
			c.deps.Logger.WarnContext(ctx, "the cases could not be counted; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (c *Cases) measure(ctx context.Context) error {
	rows, err := c.db.Query(ctx, "SELECT status, count(*), sum(CASE WHEN due_at < ? THEN 1 ELSE 0 END) FROM cases GROUP BY status", c.now().UnixMilli())
	if err != nil {
		return doing("count the cases", err)
	}
	defer func() { _ = rows.Close() }()
	counted, overdue := map[Status]int{}, 0
	for rows.Next() {
		var status Status
		var n, late int
		if err := rows.Scan(&status, &n, &late); err != nil {
			return doing("count the cases", err)
		}
		counted[status] = n
		if status == Open || status == Ready {
			overdue += late
		}
	}
	for _, status := range Statuses {
		c.metrics.cases.WithLabelValues(string(status)).Set(float64(counted[status]))
	}
	c.metrics.overdue.Set(float64(overdue))
	return doing("count the cases", rows.Err())
}

// now is the present as statements have it.
func (c *Cases) now() time.Time { return c.deps.Now().UTC().Truncate(time.Millisecond) }
