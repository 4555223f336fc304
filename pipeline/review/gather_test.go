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

// countedFlags has all posts but those called none, and counts the queries.
type countedFlags struct {
	Flags
	mu      sync.Mutex
	queries int
	hold    chan struct{}
}

func (c *countedFlags) FlagsByID(_ context.Context, ids []string) (found []post.Flag, err error) {
	c.mu.Lock()
	c.queries++
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
	for i := range 250 {
		all.Go(func() {
			id := fmt.Sprintf("x:%d", i%50)
			if i%25 == 0 {
				id = fmt.Sprintf("none:%d", i)
			}
			got, err := g.flag(t.Context(), id)
			if missing := i%25 == 0; missing != errors.Is(err, store.ErrNotFound) || !missing && got.Post.ID != id {
				t.Errorf("%s: %q, %v", id, got.Post.ID, err)
			}
		})
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.flag(impatient, "x:1"); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("who does not wait: %v", err)
	}
	for waiting := 0; waiting < 240; time.Sleep(time.Millisecond) {
		g.mu.Lock()
		waiting = len(g.pending)
		g.mu.Unlock()
	}
	close(flags.hold)
	all.Wait()
	if flags.queries > 12 {
		t.Errorf("%d queries for 250 posts", flags.queries)
	}
	if _, err := g.flag(t.Context(), "broken:1"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a store that is away: %v", err)
	}
}
