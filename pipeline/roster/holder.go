package roster

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/post"
)

// Loader is where a Holder gets the roster from.
type Loader interface {
	// LoadRoster returns all entries of the last import with their version.
	LoadRoster(ctx context.Context) ([]Entry, string, error)
	// RosterVersion returns the version of the last import, empty before the
	// first. It is cheap enough to be asked all the time.
	RosterVersion(ctx context.Context) (string, error)
}

// Holder holds the roster in use and changes it after an import, while others
// go on resolving. It is safe for concurrent use.
type Holder struct {
	configuration Configuration
	loader        Loader
	log           *slog.Logger
	metrics       *metrics
	roster        atomic.Pointer[Roster]
	stored        atomic.Pointer[string]
}

// NewHolder returns a Holder of an empty roster; Load or Run fills it.
func NewHolder(configuration Configuration, loader Loader, log *slog.Logger, registerer prometheus.Registerer) *Holder {
	h := &Holder{configuration: configuration, loader: loader, log: log, metrics: newMetrics(registerer)}
	h.roster.Store(New(nil))
	return h
}

// Roster is the roster in use, never nil.
func (h *Holder) Roster() *Roster { return h.roster.Load() }

// Resolve asks the roster in use.
func (h *Holder) Resolve(key string, at time.Time) (post.Person, bool) {
	return h.Roster().Resolve(key, at)
}

// Has asks the roster in use.
func (h *Holder) Has(key string) bool { return h.Roster().Has(key) }

// Load fetches the roster if there was an import since the last time. On an
// error the roster in use stays.
func (h *Holder) Load(ctx context.Context) error {
	result, err := h.load(ctx)
	if ctx.Err() != nil {
		return err
	}
	h.metrics.reloads.WithLabelValues(result).Inc()
	return err
}

func (h *Holder) load(ctx context.Context) (result string, err error) {
	version, err := h.loader.RosterVersion(ctx)
	if err != nil {
		return "failed", fmt.Errorf("ask for the roster's version: %w", err)
	}
	if stored := h.stored.Load(); stored != nil && *stored == version {
		return "same", nil
	}
	entries, version, err := h.loader.LoadRoster(ctx)
	if err != nil {
		return "failed", fmt.Errorf("load the roster: %w", err)
	}
	roster := New(entries)
	h.roster.Store(roster)
	h.stored.Store(&version)
	h.metrics.accounts.Set(float64(roster.Len()))
	h.metrics.periods.Set(float64(len(entries)))
	h.metrics.loaded.SetToCurrentTime()
	h.log.InfoContext(ctx, "roster loaded", "accounts", roster.Len(), "version", roster.Version())
	return "loaded", nil
}

// Run loads the roster again after every import until ctx ends. What fails is
// logged when it begins to fail, and tried again.
func (h *Holder) Run(ctx context.Context) error {
	ticker := time.NewTicker(h.configuration.ReloadInterval)
	defer ticker.Stop()
	failing := false
	for {
		err := h.Load(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			h.log.ErrorContext(ctx, "the roster stays as it is", "error", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
