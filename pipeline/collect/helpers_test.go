package collect_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// members is a roster: account keys with the date from which they are valid.
type members map[string]time.Time

func (m members) Has(key string) bool { _, ok := m[key]; return ok }

func (m members) Resolve(key string, at time.Time) (post.Person, bool) {
	from, ok := m[key]
	return post.Person{PersonID: key}, ok && !at.Before(from)
}

// inbox stands for the queue: it keeps what was acknowledged.
type inbox struct {
	mu       sync.Mutex
	posts    []collect.Outgoing
	letters  []collect.Rejected
	coverage []collect.CoverageEntry
	// before runs before a call is acknowledged; its error refuses the call.
	before func(calls int) error
	calls  int
}

func (i *inbox) Send(_ context.Context, posts []collect.Outgoing) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls++
	if i.before != nil {
		if err := i.before(i.calls); err != nil {
			return err
		}
	}
	i.posts = append(i.posts, posts...)
	return nil
}

func (i *inbox) Reject(_ context.Context, letters []collect.Rejected) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.letters = append(i.letters, letters...)
	return nil
}

func (i *inbox) Record(_ context.Context, entries []collect.CoverageEntry) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.coverage = append(i.coverage, entries...)
	return nil
}

// sent lists what arrived, as "id revision".
func (i *inbox) sent() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	var all []string
	for _, out := range i.posts {
		all = append(all, fmt.Sprintf("%s %d", out.Post.ID, out.Revision))
	}
	return all
}

func (i *inbox) covered(account string) collect.CoverageEntry {
	i.mu.Lock()
	defer i.mu.Unlock()
	var last collect.CoverageEntry
	for _, entry := range i.coverage {
		if entry.Account == account {
			last = entry
		}
	}
	return last
}

func openState(t testing.TB, path string) *collect.State {
	t.Helper()
	state, err := collect.OpenState(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func testConfiguration() collect.Configuration {
	cfg := collect.DefaultConfiguration()
	cfg.RetryInitial = 10 * time.Millisecond
	cfg.RetryMax = 50 * time.Millisecond
	return cfg
}

func dependencies(state *collect.State, roster collect.Roster, in *inbox) collect.Dependencies {
	return collect.Dependencies{
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Registerer: prometheus.NewRegistry(),
		State: state, Roster: roster, Producer: in, Rejecter: in, Coverage: in,
	}
}

// newIntake makes an intake with a state of its own.
func newIntake(t testing.TB, roster collect.Roster, in *inbox) *collect.Intake {
	t.Helper()
	state := openState(t, filepath.Join(t.TempDir(), "collect.db"))
	t.Cleanup(func() {
		if err := state.Close(); err != nil {
			t.Error(err)
		}
	})
	return collect.NewIntake(testConfiguration(), dependencies(state, roster, in))
}

func budi(id, text string) collect.Item {
	return collect.Item{Position: id, Raw: []byte(text), Post: post.Post{
		ID: id, Platform: "web", Account: post.Account{ID: "budi"}, Text: text,
		CreatedAt: time.Now().Add(-time.Hour).Truncate(time.Hour),
	}}
}

var budiKnown = members{"web:budi": {}}

// numbered is a source of numbered posts with one target; the cursor is the
// number behind the last.
type numbered struct {
	name     string
	posts    int
	pageSize int
	targets  []collect.Target
	failure  func(target string, visit int) error
	waits    bool
	created  time.Time // of all posts, the hour before now where it is not set
	mu       sync.Mutex
	visits   map[string][]time.Time
}

func (n *numbered) Name() string { return n.name }

func (n *numbered) Targets(context.Context) ([]collect.Target, error) {
	if n.targets == nil {
		return []collect.Target{{ID: "all"}}, nil
	}
	return n.targets, nil
}

func (n *numbered) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	if n.waits {
		if err := sink.Wait(ctx); err != nil {
			return collect.Result{}, err
		}
	}
	n.mu.Lock()
	if n.visits == nil {
		n.visits = map[string][]time.Time{}
	}
	n.visits[target.ID] = append(n.visits[target.ID], time.Now())
	visit := len(n.visits[target.ID])
	n.mu.Unlock()
	if n.failure != nil {
		if err := n.failure(target.ID, visit); err != nil {
			return collect.Result{}, err
		}
	}
	from, _ := strconv.Atoi(string(cursor))
	for from < n.posts {
		until := min(from+max(n.pageSize, 1), n.posts)
		var page collect.Page
		for id := from; id < until; id++ {
			item := budi(fmt.Sprintf("%s:%d", target.ID, id), fmt.Sprint("post ", id))
			if !n.created.IsZero() {
				item.Post.CreatedAt = n.created
			}
			page.Items = append(page.Items, item)
		}
		page.Cursor = collect.Cursor(strconv.Itoa(until))
		if err := sink.Emit(ctx, page); err != nil {
			return collect.Result{}, err
		}
		from = until
	}
	return collect.Result{}, nil
}

func (n *numbered) times(target string) []time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.visits[target])
}

var errAway = errors.New("away")
