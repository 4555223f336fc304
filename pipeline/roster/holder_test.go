package roster_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/netra-id/netra/pipeline/roster"
)

// imports is a Loader over a variable, as the store is one over a table.
type imports struct {
	mu      sync.Mutex
	entries []roster.Entry
	err     error
	loads   int
}

func (i *imports) set(err error, entries ...roster.Entry) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.entries, i.err = entries, err
}

func (i *imports) LoadRoster(context.Context) ([]roster.Entry, string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.loads++
	return i.entries, roster.Version(i.entries), i.err
}

func (i *imports) RosterVersion(context.Context) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return roster.Version(i.entries), i.err
}

func TestHolderFollowsImports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loader := &imports{}
		registry := prometheus.NewRegistry()
		holder := roster.NewHolder(roster.DefaultConfiguration(), loader, slog.New(slog.DiscardHandler), registry)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- holder.Run(ctx) }()

		loader.set(nil, entry("1", "a", "2020-01-01", ""))
		time.Sleep(31 * time.Second)
		if !holder.Has("x:1") {
			t.Error("the import was not seen")
		}
		loads := loader.loads
		time.Sleep(5 * time.Minute)
		if loader.loads != loads {
			t.Error("an unchanged roster was loaded again")
		}
		loader.set(errors.New("refused"))
		time.Sleep(time.Minute)
		if _, ok := holder.Resolve("x:1", day("2024-01-01")); !ok {
			t.Error("a failed reload took the roster away")
		}
		loader.set(nil, entry("2", "b", "2020-01-01", ""))
		time.Sleep(time.Minute)
		if !holder.Has("x:2") || holder.Has("x:1") {
			t.Error("the second import was not seen")
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n, err := testutil.GatherAndCount(registry, "netra_roster_accounts", "netra_roster_reloads_total"); err != nil || n != 4 {
			t.Errorf("%d series, %v", n, err)
		}
	})
}
