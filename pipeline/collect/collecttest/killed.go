package collecttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// Killed collects what a source has with a collector that ends again and again
// after its third delivery, which the queue has taken and the collector does not
// learn of, as where it is killed. It goes on with the same state file until so
// many posts have come, and returns how often each came by its id and revision.
func Killed(t testing.TB, schedule func() collect.Schedule, posts int) map[string]int {
	t.Helper()
	path := filepath.Join(t.TempDir(), "collect.db")
	queue := &mortal{got: map[string]int{}}
	for end := time.Now().Add(30 * time.Second); len(queue.got) < posts; {
		if time.Now().After(end) {
			t.Fatalf("only %d of %d posts have come", len(queue.got), posts)
		}
		live(t, path, schedule(), queue, posts)
	}
	for _, times := range queue.got {
		if times > 1 {
			return queue.got
		}
	}
	t.Error("nothing came twice, so nothing was killed between the queue's taking it and the collector's learning of it")
	return queue.got
}

// live runs one collector until it is killed or everything has come.
func live(t testing.TB, path string, schedule collect.Schedule, queue *mortal, posts int) {
	t.Helper()
	ctx, kill := context.WithTimeout(t.Context(), 5*time.Second)
	defer kill()
	state, err := collect.OpenState(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := state.Close(); err != nil {
			t.Error(err)
		}
	}()
	queue.begin(kill, posts)
	cfg := collect.DefaultConfiguration()
	cfg.RetryInitial, cfg.RetryMax, cfg.StopTimeout = time.Millisecond, 5*time.Millisecond, time.Millisecond
	collector, err := collect.New(cfg, []collect.Schedule{schedule}, collect.Dependencies{
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Registerer: prometheus.NewRegistry(),
		State: state, Roster: everybody{}, Producer: queue, Rejecter: queue,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := collector.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

// everybody is a roster that has every account.
type everybody struct{}

func (everybody) Has(string) bool { return true }

func (everybody) Resolve(key string, _ time.Time) (post.Person, bool) {
	return post.Person{PersonID: key}, true
}

// mortal is a queue whose collector is killed at the third delivery.
type mortal struct {
	mu         sync.Mutex
	got        map[string]int
	deliveries int
	posts      int
	kill       context.CancelFunc
}

func (m *mortal) begin(kill context.CancelFunc, posts int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kill, m.deliveries, m.posts = kill, 0, posts
}

// Send takes the posts, and does not say so where it is the third time.
func (m *mortal) Send(_ context.Context, posts []collect.Outgoing) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.deliveries++; m.deliveries > 3 {
		return errors.New("killed")
	}
	for _, out := range posts {
		m.got[fmt.Sprintf("%s %d", out.Post.ID, out.Revision)]++
	}
	if len(m.got) >= m.posts {
		m.kill()
		return nil
	}
	if m.deliveries == 3 {
		m.kill()
		return errors.New("killed")
	}
	return nil
}

// Reject fails: a source that is killed has nothing that is no post.
func (m *mortal) Reject(context.Context, []collect.Rejected) error {
	return errors.New("a dead letter")
}
