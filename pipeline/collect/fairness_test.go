package collect_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
)

func TestAQuotaThatIsMuchTooSmallIsSharedByAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		// 300 accounts, 30 requests a day: ten days a round, although a few of the
		// accounts post all the time and every interval is shorter.
		source := &chatty{numbered: numbered{name: "n", targets: accountsOf(300)}, posts: map[string]time.Duration{}}
		for n := range 10 {
			source.posts[source.targets[n].ID] = time.Hour
		}
		paying := &payingSource{source}
		var in inbox
		collecting(t, &in, path, 40*24*time.Hour, testConfiguration(), collect.Schedule{
			Source: paying, Interval: time.Hour, MinInterval: 10 * time.Minute, MaxInterval: 24 * time.Hour, Concurrency: 4,
			Quota: collect.Quota{Units: 30},
		})
		least, visits := 1000, 0
		for _, target := range source.targets {
			n := len(source.times(target.ID))
			least = min(least, n)
			visits += n
		}
		if visits > 41*30 || visits < 39*30*9/10 {
			t.Errorf("%d visits in 40 days of 30", visits)
		}
		if least < 2 {
			t.Errorf("an account was visited %d times in 40 days, want twice or more", least)
		}
	})
}

// payingSource asks once for every visit.
type payingSource struct{ *chatty }

func (p *payingSource) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	if err := sink.Wait(ctx); err != nil {
		return collect.Result{}, err
	}
	return p.chatty.Collect(ctx, target, cursor, sink)
}

func TestTwoProcessesShareAQuota(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &asking{name: "yt", targets: accountsOf(200)}
		schedule := collect.Schedule{Source: source, Interval: time.Minute, Concurrency: 4, Quota: collect.Quota{Units: 400}}
		time.Sleep(time.Until(time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)))
		start := time.Now()
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { collecting(t, &inbox{}, path, 24*time.Hour-time.Second, testConfiguration(), schedule) })
		}
		both.Wait()
		if got := source.within(start, start.Add(24*time.Hour)); got > 400 || got < 380 {
			t.Errorf("both together spent %d units of 400", got)
		}
	})
}
