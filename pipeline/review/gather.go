package review

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// gatherer reads flagged posts one at a time for many people. What is asked for
// while as many queries as it allows are under way goes into the next one
// together: ClickHouse takes hardly longer for a hundred posts than for one.
type gatherer struct {
	flags Flags
	// turns has a place for each query under way.
	turns chan struct{}

	mu      sync.Mutex
	pending []*wantedFlag
}

// wantedFlag is what one caller waits for. flag and err may be read when done is
// closed.
type wantedFlag struct {
	id   string
	done chan struct{}
	flag post.Flag
	err  error
	// taken says that it is in a query; the gatherer's mutex guards it.
	taken bool
}

const (
	gatherQueries = 2
	mostGathered  = 100
	// gatherTime bounds a query, which outlives the caller who began it: others
	// wait for it, too.
	gatherTime = 20 * time.Second
)

func newGatherer(flags Flags) *gatherer {
	return &gatherer{flags: flags, turns: make(chan struct{}, gatherQueries)}
}

// flag returns one flagged post, or an error that is store.ErrNotFound.
func (g *gatherer) flag(ctx context.Context, id string) (post.Flag, error) {
	wanted := &wantedFlag{id: id, done: make(chan struct{})}
	g.mu.Lock()
	g.pending = append(g.pending, wanted)
	g.mu.Unlock()
	select {
	case g.turns <- struct{}{}:
		for g.waits(wanted) { // others may have come first
			g.serve(ctx)
		}
		<-g.turns
	case <-wanted.done:
		return wanted.flag, wanted.err
	case <-ctx.Done():
		return post.Flag{}, ctx.Err()
	}
	select {
	case <-wanted.done:
		return wanted.flag, wanted.err
	case <-ctx.Done():
		return post.Flag{}, ctx.Err()
	}
}

func (g *gatherer) waits(wanted *wantedFlag) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !wanted.taken
}

// serve reads what is pending, in one query.
func (g *gatherer) serve(ctx context.Context) {
	g.mu.Lock()
	n := min(len(g.pending), mostGathered)
	batch := slices.Clone(g.pending[:n])
	g.pending = slices.Delete(g.pending, 0, n)
	for _, wanted := range batch {
		wanted.taken = true
	}
	g.mu.Unlock()
	ids := make([]string, len(batch))
	for i, wanted := range batch {
		ids[i] = wanted.id
	}
	slices.Sort(ids)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), gatherTime)
	defer cancel()
	found, err := g.flags.FlagsByID(ctx, slices.Compact(ids))
	for _, wanted := range batch {
		wanted.err = err
		if i := slices.IndexFunc(found, func(f post.Flag) bool { return f.Post.ID == wanted.id }); i >= 0 {
			wanted.flag = found[i]
		} else if err == nil {
			wanted.err = fmt.Errorf("post %q: %w", wanted.id, store.ErrNotFound)
		}
		close(wanted.done)
	}
}
