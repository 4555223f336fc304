package load

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// times gathers how long things took.
type times struct {
	mu      sync.Mutex
	of      map[string][]time.Duration
	reviews int
}

func (t *times) took(what string, d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of[what] = append(t.of[what], d)
}

func (t *times) reviewed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reviews++
}

func (t *times) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of, t.reviews = map[string][]time.Duration{}, 0
}

// measure lets all analysts work, and tells what they waited for.
func (s *site) measure(t *testing.T, name string, pace float64) {
	measured := &times{of: map[string][]time.Duration{}}
	transport := &http.Transport{MaxIdleConns: 2 * *analysts, MaxIdleConnsPerHost: 2 * *analysts}
	defer transport.CloseIdleConnections()
	all := make([]*analyst, *analysts)
	for i := range all {
		var err error
		if all[i], err = newAnalyst(s.url, i, measured, transport); err == nil {
			err = all[i].login(t.Context())
		}
		if err != nil {
			t.Fatalf("%s: log in: %s", nameOf(i), err)
		}
	}
	began := time.Now()
	if _, err := all[0].get(t.Context(), "", "/queue"); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s: the first list after a start: %s\n", name, time.Since(began).Round(time.Millisecond))
	var pause time.Duration
	if pace > 0 {
		pause = time.Duration(float64(time.Hour) / pace)
	}
	warm := max(*lasts/5, pause)
	ctx, stop := context.WithTimeout(t.Context(), warm+*lasts)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	for _, a := range all {
		group.Go(func() error { return a.work(ctx, pause) })
	}
	group.Go(func() error {
		wait(ctx, warm)
		measured.forget()
		return nil
	})
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	measured.print(name)
}

func (t *times) print(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var names []string
	for what := range t.of {
		names = append(names, what)
	}
	slices.Sort(names)
	fmt.Printf("%s: %d analysts, %d items: %d reviews in %s, %.0f an hour each\n", name, *analysts, *items, t.reviews, *lasts, float64(t.reviews)/lasts.Hours()/float64(*analysts))
	fmt.Printf("  %-22s %8s %10s %10s %10s %10s\n", "", "n", "median", "p95", "p99", "longest")
	for _, what := range names {
		took := slices.Clone(t.of[what])
		slices.Sort(took)
		at := func(share float64) float64 {
			return float64(took[min(int(share*float64(len(took))), len(took)-1)].Microseconds()) / 1000
		}
		fmt.Printf("  %-22s %8d %7.1f ms %7.1f ms %7.1f ms %7.1f ms\n", what, len(took), at(0.5), at(0.95), at(0.99), at(1))
	}
}
