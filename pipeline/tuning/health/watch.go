package health

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/classifiers/keyword"
)

// Every is how often Run works the health out.
const Every = time.Hour

// Watch works out the health of the rules for the metrics, every hour, and for
// whoever asks.
type Watch struct {
	cfg     Configuration
	deps    Dependencies
	metrics *metrics
	mutex   sync.Mutex // guards history
	history *History
}

// Dependencies of a watch. Configured are the rules in force where nothing is
// published; it, Now, Logger and Registerer may be nil.
type Dependencies struct {
	Data       Data
	Lists      Lists
	Configured *keyword.Set
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// NewWatch builds a watch.
func NewWatch(cfg Configuration, deps Dependencies) *Watch {
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	return &Watch{cfg: cfg, deps: deps, metrics: newMetrics(deps.Registerer), history: NewHistory(deps.Lists)}
}

// Report works the health out as of a time.
func (w *Watch) Report(ctx context.Context, at time.Time) (Report, error) {
	in, err := w.inForce(ctx, at)
	if err != nil {
		return Report{}, err
	}
	return New(ctx, w.cfg, w.deps.Data, in, at)
}

func (w *Watch) inForce(ctx context.Context, at time.Time) (InForce, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.history.InForce(ctx, at.Add(-time.Duration(w.cfg.Days+1)*24*time.Hour), w.deps.Configured)
}

// Last is the report that the metrics tell of; nil before the first one.
func (w *Watch) Last() *Report { return w.metrics.last.Load() }

// Run works the health out at once and every hour, until ctx ends.
func (w *Watch) Run(ctx context.Context) error {
	for {
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			w.metrics.runs.WithLabelValues("failed").Inc()
			w.deps.Logger.Warn("the health of the rules is not worked out; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(Every):
		}
	}
}

func (w *Watch) look(ctx context.Context) error {
	report, err := w.Report(ctx, w.deps.Now())
	if err != nil {
		return fmt.Errorf("work out the health of the rules: %w", err)
	}
	w.metrics.last.Store(&report)
	w.metrics.runs.WithLabelValues("ok").Inc()
	return nil
}
