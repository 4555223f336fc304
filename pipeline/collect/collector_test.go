package collect_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/collect"
)

// collecting runs a collector for a time on the clock of the bubble.
func collecting(t *testing.T, in *inbox, path string, d time.Duration, cfg collect.Configuration, schedules ...collect.Schedule) {
	t.Helper()
	time.Sleep(time.Until(time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC))) // a bubble begins in 2000, before all posts
	state := openState(t, path)
	c, err := collect.New(cfg, schedules, dependencies(state, budiKnown, in))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := c.Run(ctx); err != nil {
		t.Error(err)
	}
	if err := state.Close(); err != nil {
		t.Error(err)
	}
}

func TestTargetsAreVisitedByTheInterval(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &numbered{name: "n", posts: 5, pageSize: 2}
		var in inbox
		collecting(t, &in, path, time.Hour+time.Second, testConfiguration(),
			collect.Schedule{Source: source, Interval: 10 * time.Minute, Jitter: 0.1})
		visits := source.times("all")
		if len(visits) < 6 || len(visits) > 8 {
			t.Errorf("%d visits in an hour, want 7 or one more or less", len(visits))
		}
		varied := false
		for n := 1; n < len(visits); n++ {
			gap := visits[n].Sub(visits[n-1])
			if gap < 9*time.Minute || gap > 11*time.Minute {
				t.Errorf("gap of %s, want 9 to 11 minutes", gap)
			}
			varied = varied || gap.Truncate(time.Second) != 10*time.Minute
		}
		if !varied {
			t.Error("the interval does not vary")
		}
		if got := len(in.sent()); got != 5 {
			t.Errorf("%d posts sent, want 5", got)
		}
	})
}

func TestFailuresAreRepeatedWithBackOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &numbered{name: "n", targets: []collect.Target{{ID: "a", Account: "web:a"}},
			failure: func(string, int) error { return errAway }}
		cfg := collect.DefaultConfiguration()
		cfg.RetryInitial, cfg.RetryMax = 10*time.Second, 2*time.Minute
		var in inbox
		collecting(t, &in, path, time.Hour, cfg, collect.Schedule{Source: source, Interval: time.Second})
		visits := source.times("a")
		most := 10 * time.Second
		for n := 1; n < len(visits); n++ {
			gap := visits[n].Sub(visits[n-1])
			if gap < most/2 || gap > most+time.Second {
				t.Errorf("gap %d is %s, want %s to %s", n, gap, most/2, most)
			}
			most = min(2*most, 2*time.Minute)
		}
		covered := in.covered("web:a")
		if covered.Failures < 20 || covered.Problem != collect.KindTemporary || covered.Reason != "away" || !covered.LastSuccess.IsZero() {
			t.Errorf("coverage %+v", covered)
		}
	})
}

func TestOneTargetDoesNotHoldUpAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &numbered{name: "n", targets: []collect.Target{{ID: "bad"}, {ID: "panics"}, {ID: "good", Account: "web:budi"}},
			failure: func(target string, _ int) error {
				switch target {
				case "bad":
					return errAway
				case "panics":
					panic("a nil map")
				}
				return nil
			}}
		var in inbox
		collecting(t, &in, path, 10*time.Minute+time.Second, collect.DefaultConfiguration(), collect.Schedule{Source: source, Interval: time.Minute})
		if got := len(source.times("good")); got != 11 {
			t.Errorf("the good target was visited %d times, want 11", got)
		}
		if got := in.covered("web:budi"); got.LastSuccess.IsZero() || got.Failures != 0 {
			t.Errorf("coverage %+v", got)
		}
	})
}

func TestTheCircuitPausesTheSource(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		var targets []collect.Target
		for n := range 100 {
			targets = append(targets, collect.Target{ID: fmt.Sprint(n)})
		}
		var visits atomic.Int64
		var start time.Time
		source := &numbered{name: "n", targets: targets, failure: func(string, int) error {
			visits.Add(1)
			if start.IsZero() {
				start = time.Now()
			}
			if time.Since(start) < 30*time.Minute {
				return errAway
			}
			return nil
		}}
		cfg := collect.DefaultConfiguration()
		cfg.RetryInitial, cfg.RetryMax = time.Minute, 10*time.Minute
		var in inbox
		collecting(t, &in, path, 30*time.Minute, cfg, collect.Schedule{Source: source, Interval: time.Hour, CircuitAfter: 5, Concurrency: 1})
		if got := visits.Load(); got < 6 || got > 20 {
			t.Errorf("%d requests to a platform that is away for half an hour, want 5 and a few", got)
		}
		visits.Store(0)
		collecting(t, &in, path, 59*time.Minute, cfg, collect.Schedule{Source: source, Interval: time.Hour, CircuitAfter: 5, Concurrency: 1})
		if got := visits.Load(); got != 100 {
			t.Errorf("%d targets visited after it came back, want 100", got)
		}
	})
}

func TestRetryAfterIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &numbered{name: "n", targets: []collect.Target{{ID: "a"}, {ID: "b"}}, failure: func(target string, visit int) error {
			if target == "a" && visit == 1 {
				return &collect.Error{Kind: collect.KindRateLimited, RetryAfter: 20 * time.Minute, Err: errAway}
			}
			return nil
		}}
		var in inbox
		collecting(t, &in, path, time.Hour, testConfiguration(), collect.Schedule{Source: source, Interval: time.Minute, CircuitAfter: 5})
		for _, target := range []string{"a", "b"} {
			visits := source.times(target)
			if len(visits) < 2 {
				t.Fatalf("%s was visited %d times", target, len(visits))
			}
		}
		if gap := source.times("a")[1].Sub(source.times("a")[0]); gap < 20*time.Minute {
			t.Errorf("asked again after %s, want 20m", gap)
		}
		if first := source.times("b")[0].Sub(source.times("a")[0]); first > 0 && first < 20*time.Minute {
			t.Errorf("the pause did not hold for the whole source: %s", first)
		}
	})
}

func TestEndedAccountsAreLookedAtRarelyAndReported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &numbered{name: "n", targets: []collect.Target{{ID: "a", Account: "web:a"}}, failure: func(string, int) error {
			return collect.Errorf(collect.KindGone, "the account was deleted")
		}}
		var in inbox
		collecting(t, &in, path, time.Second, testConfiguration(), collect.Schedule{Source: &numbered{name: "other"}})
		start := time.Now()
		run := func() {
			collecting(t, &in, path, 10*24*time.Hour, collect.DefaultConfiguration(), collect.Schedule{Source: source, Interval: time.Minute})
		}
		run()
		run() // also over a restart
		if got := len(source.times("a")); got < 2 || got > 4 {
			t.Errorf("%d visits in 20 days, want one a week", got)
		}
		covered := in.covered("web:a")
		if covered.Problem != collect.KindGone || covered.Since.Sub(start) > time.Minute {
			t.Errorf("coverage %+v, started %s", covered, start)
		}
	})
}

func TestTheRateLimitHolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		var targets []collect.Target
		for n := range 600 {
			targets = append(targets, collect.Target{ID: fmt.Sprint(n)})
		}
		source := &numbered{name: "n", targets: targets, waits: true}
		var in inbox
		collecting(t, &in, path, 100*time.Second, testConfiguration(),
			collect.Schedule{Source: source, Interval: time.Hour, Rate: 2, Burst: 3, Concurrency: 8})
		visited := 0
		for n := range 600 {
			visited += len(source.times(fmt.Sprint(n)))
		}
		if visited < 195 || visited > 203 {
			t.Errorf("%d requests in 100 seconds at 2 a second, want about 200", visited)
		}
	})
}

func TestAStopHandsOnWhatWasFetched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		stopAt := 3 * time.Second
		in := inbox{before: func(calls int) error {
			if calls == 2 {
				time.Sleep(5 * time.Second) // the stop comes while the second page is sent
			}
			return nil
		}}
		source := &stoppable{numbered{name: "n", posts: 10, pageSize: 2}}
		collecting(t, &in, path, stopAt, collect.DefaultConfiguration(), collect.Schedule{Source: source, Interval: time.Second})
		if diff := cmp.Diff([]string{"all:0 1", "all:1 1", "all:2 1", "all:3 1"}, in.sent()); diff != "" {
			t.Errorf("first run:\n%s", diff)
		}
		in.before = nil
		collecting(t, &in, path, stopAt, collect.DefaultConfiguration(), collect.Schedule{Source: source, Interval: time.Second})
		if got := len(in.sent()); got != 10 {
			t.Errorf("%d posts after the restart, want 10: %v", got, in.sent())
		}
	})
}

// stoppable looks at its context between pages, as sources should.
type stoppable struct{ numbered }

func (s *stoppable) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	return s.numbered.Collect(ctx, target, cursor, stoppingSink{sink})
}

type stoppingSink struct{ collect.Sink }

func (s stoppingSink) Emit(ctx context.Context, page collect.Page) error {
	return errors.Join(s.Sink.Emit(ctx, page), ctx.Err())
}

func TestAStopDoesNotWaitForEver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		in := inbox{before: func(int) error { return errAway }}
		cfg := testConfiguration()
		cfg.StopTimeout = 5 * time.Second
		collecting(t, &in, path, time.Second, testConfiguration(), collect.Schedule{Source: &numbered{name: "n"}})
		start := time.Now()
		collecting(t, &in, path, time.Minute, cfg, collect.Schedule{Source: &numbered{name: "m", posts: 1}})
		if took := time.Since(start); took < 65*time.Second || took > 66*time.Second {
			t.Errorf("it ended after %s, want 1m5s", took)
		}
	})
}

func TestNothingIsCollectedBeforeThereIsARoster(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)))
		state := openState(t, path)
		var in inbox
		roster := members{}
		start := time.Now()
		deps := dependencies(state, roster, &in)
		deps.Ready = func() bool {
			if time.Since(start) >= time.Minute {
				roster["web:budi"] = time.Time{} // the import comes after a minute
			}
			return len(roster) > 0
		}
		c, err := collect.New(testConfiguration(), []collect.Schedule{{Source: &numbered{name: "n", posts: 3}}}, deps)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		if err := errors.Join(c.Run(ctx), state.Close()); err != nil {
			t.Error(err)
		}
		if got := in.sent(); len(got) != 3 {
			t.Errorf("sent %v, want all three", got)
		}
	})
}

func TestOldVersionsAreForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		var in inbox
		created := time.Date(2024, 11, 19, 0, 0, 0, 0, time.UTC)
		run := func(name string, d time.Duration) {
			collecting(t, &in, path, d, collect.DefaultConfiguration(),
				collect.Schedule{Source: &numbered{name: name, posts: 1, created: created}, Interval: 1000 * time.Hour})
		}
		run("first", time.Minute)
		run("second", 34*24*time.Hour) // the same post from another source
		if got := in.sent(); len(got) != 1 {
			t.Fatalf("within 35 days: sent %v, want it once", got)
		}
		run("idle", 36*24*time.Hour)
		run("third", time.Minute)
		if got := in.sent(); len(got) != 2 || got[1] != "all:0 1" {
			t.Errorf("after 35 days: sent %v, want it once more", got)
		}
	})
}

func TestTwoSourcesOfOneNameAreRefused(t *testing.T) {
	same := []collect.Schedule{{Source: &numbered{name: "n"}}, {Source: &numbered{name: "n"}}}
	if _, err := collect.New(testConfiguration(), same, dependencies(nil, budiKnown, &inbox{})); err == nil {
		t.Error("want an error")
	}
}

func TestAnotherRosterIsHeardOfSoon(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)))
		state := openState(t, path)
		defer state.Close()
		source := &growing{numbered: numbered{name: "n"}, from: time.Now().Add(10 * time.Minute)}
		deps := dependencies(state, budiKnown, &inbox{})
		deps.Version = func() string { return fmt.Sprint(len(source.list())) }
		c, err := collect.New(testConfiguration(), []collect.Schedule{{Source: source, Interval: 6 * time.Hour}}, deps)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		if err := c.Run(ctx); err != nil {
			t.Fatal(err)
		}
		visits := source.times("new")
		if len(visits) != 1 || visits[0].Sub(source.from) > time.Minute {
			t.Errorf("a new account was visited at %v, the roster had it at %s", visits, source.from)
		}
	})
}

// growing has another target from a time on.
type growing struct {
	numbered
	from time.Time
}

func (g *growing) list() []collect.Target {
	targets := []collect.Target{{ID: "old"}}
	if !time.Now().Before(g.from) {
		targets = append(targets, collect.Target{ID: "new"})
	}
	return targets
}

func (g *growing) Targets(context.Context) ([]collect.Target, error) { return g.list(), nil }
