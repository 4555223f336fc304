package collect

import (
	"context"
	"sync"
	"time"
)

// noSource is the coverage's reason of accounts that no source collects.
const noSource = "no source"

// watchBook knows which accounts the sources collect, so that coverage also
// tells of those in the roster that none does.
type watchBook struct {
	listed func() []string // keys of the roster's accounts now, may be nil
	// sources is how many there are, each of which has to tell its targets first.
	sources int
	mu      sync.Mutex
	watched map[string]map[string]bool // account keys by source
	changed bool
	told    map[string]bool
}

func newWatchBook(listed func() []string, sources int) *watchBook {
	return &watchBook{listed: listed, sources: sources, changed: true, watched: map[string]map[string]bool{}, told: map[string]bool{}}
}

// watches notes all targets of a source.
func (b *watchBook) watches(source string, targets []Target) {
	if b.listed == nil {
		return
	}
	accounts := make(map[string]bool, len(targets))
	for n := range targets {
		if targets[n].Account != "" {
			accounts[targets[n].Account] = true
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watched[source], b.changed = accounts, true
}

// unwatched returns the coverage of the accounts that no source collects, each
// once, as soon as all sources have told what they do.
func (b *watchBook) unwatched(now time.Time) []CoverageEntry {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listed == nil || !b.changed || len(b.watched) < b.sources {
		return nil
	}
	b.changed = false
	var entries []CoverageEntry
	told := make(map[string]bool)
	for _, account := range b.listed() {
		if b.isWatched(account) {
			continue
		}
		told[account] = true
		if !b.told[account] {
			entries = append(entries, CoverageEntry{Account: account, At: now, Reason: noSource})
		}
	}
	b.told = told
	return entries
}

// count is how many accounts no source collects, as far as it was told.
func (b *watchBook) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.told)
}

func (b *watchBook) isWatched(account string) bool {
	for _, accounts := range b.watched {
		if accounts[account] {
			return true
		}
	}
	return false
}

// tellUnwatched notes what no source collects in the coverage.
func (c *Collector) tellUnwatched() {
	for _, entry := range c.watch.unwatched(time.Now()) {
		c.coverage.note(entry)
	}
	c.metrics.unwatched.Set(float64(c.watch.count()))
}

// keepTellingUnwatched does so until ctx ends: sources ask for their targets now
// and then, and there may be another roster.
func (c *Collector) keepTellingUnwatched(ctx context.Context) {
	for sleep(ctx, min(c.cfg.CoverageInterval, time.Minute)) == nil {
		c.tellUnwatched()
	}
}
