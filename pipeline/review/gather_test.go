package review

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// countedFlags has all posts but those called none, and counts the queries and the
// posts that they ask for.
type countedFlags struct {
	Flags
	mu             sync.Mutex
	queries, asked int
	hold           chan struct{}
}

func (c *countedFlags) FlagsByID(_ context.Context, ids []string) (found []post.Flag, err error) {
	c.mu.Lock()
	c.queries++
	c.asked += len(ids)
	c.mu.Unlock()
	<-c.hold
	for _, id := range ids {
		if strings.HasPrefix(id, "broken") {
			return nil, errors.New("the store is away")
		}
		if !strings.HasPrefix(id, "none") {
			found = append(found, post.Flag{Post: post.Post{ID: id}})
		}
	}
	return found, nil
}

func TestPostsThatAreAskedForAtOnceAreReadTogether(t *testing.T) {
	flags := &countedFlags{hold: make(chan struct{})}
	g := newGatherer(flags)
	var all sync.WaitGroup
	ask := func(id string) {
		got, err := g.flag(t.Context(), id)
		if missing := strings.HasPrefix(id, "none"); missing != errors.Is(err, store.ErrNotFound) || !missing && got.Post.ID != id {
			t.Errorf("%s: %q, %v", id, got.Post.ID, err)
		}
	}
	const posts = 250
	for i := range posts {
		all.Go(func() {
			if i%25 == 0 {
				ask(fmt.Sprintf("none:%d", i))
			} else {
				ask(fmt.Sprintf("x:%d", i))
			}
		})
	}
	for begun := 0; begun < posts; time.Sleep(time.Millisecond) {
		g.mu.Lock()
		flags.mu.Lock()
		begun = len(g.pending) + flags.asked
		flags.mu.Unlock()
		g.mu.Unlock()
	}
	close(flags.hold)
	all.Wait()
	// Two were under way, the first of them with any number of posts.
	if flags.queries > 6 {
		t.Errorf("%d queries for %d posts", flags.queries, posts)
	}
	for range 20 {
		all.Go(func() { ask("x:same") })
	}
	all.Wait()
	if _, err := g.flag(t.Context(), "broken:1"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a store that is away: %v", err)
	}
}

func TestWhoDoesNotWaitForAPostHoldsUpNobody(t *testing.T) {
	flags := &countedFlags{hold: make(chan struct{})}
	g := newGatherer(flags)
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := g.flag(impatient, "x:1"); err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("who does not wait: %v", err)
			}
		})
	}
	close(flags.hold)
	all.Wait()
	if got, err := g.flag(t.Context(), "x:2"); err != nil || got.Post.ID != "x:2" {
		t.Errorf("the next: %q, %v", got.Post.ID, err)
	}
}
