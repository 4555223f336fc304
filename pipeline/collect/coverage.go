package collect

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// coverageBook gathers coverage entries and hands them to the store now and
// then: one entry for each source and account, however often it was visited.
type coverageBook struct {
	store   Coverage
	logger  *slog.Logger
	mu      sync.Mutex
	entries map[targetKey]CoverageEntry
}

func newCoverageBook(store Coverage, logger *slog.Logger) *coverageBook {
	return &coverageBook{store: store, logger: logger, entries: map[targetKey]CoverageEntry{}}
}

// note puts an entry over an earlier one that has not been handed on yet.
func (b *coverageBook) note(entry CoverageEntry) {
	if b.store == nil || entry.Account == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	key := targetKey{entry.Source, entry.Account}
	if before, ok := b.entries[key]; ok && before.LastPost.After(entry.LastPost) {
		entry.LastPost = before.LastPost
	}
	b.entries[key] = entry
}

// flush hands all entries on. Where the store fails they are kept for the next
// time, unless newer ones have come.
func (b *coverageBook) flush(ctx context.Context) {
	b.mu.Lock()
	entries := b.entries
	b.entries = map[targetKey]CoverageEntry{}
	b.mu.Unlock()
	if len(entries) == 0 {
		return
	}
	err := b.store.Record(ctx, slices.Collect(maps.Values(entries)))
	if err == nil {
		return
	}
	b.logger.Warn("coverage is not recorded; it is kept for the next time", "accounts", len(entries), "error", err)
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, entry := range entries {
		if _, newer := b.entries[key]; !newer {
			b.entries[key] = entry
		}
	}
}

// run flushes every interval until ctx ends.
func (b *coverageBook) run(ctx context.Context, interval time.Duration) {
	for sleep(ctx, interval) == nil {
		b.flush(ctx)
	}
}
