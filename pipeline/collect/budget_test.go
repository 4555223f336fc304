package collect_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
)

// asking is a source whose visits ask as often as they are told, and say what
// the platform answered of its budget.
type asking struct {
	name    string
	targets []collect.Target
	times   int // requests of a visit
	units   int
	answer  func() collect.Limit

	mu    sync.Mutex
	asked []time.Time
}

func (a *asking) Name() string { return a.name }

func (a *asking) Targets(context.Context) ([]collect.Target, error) { return a.targets, nil }

func (a *asking) Collect(ctx context.Context, _ collect.Target, _ collect.Cursor, sink collect.Sink) (collect.Result, error) {
	for range max(a.times, 1) {
		if err := sink.WaitFor(ctx, max(a.units, 1)); err != nil {
			return collect.Result{}, err
		}
		a.mu.Lock()
		a.asked = append(a.asked, time.Now())
		a.mu.Unlock()
		time.Sleep(100 * time.Millisecond)
		if a.answer != nil {
			sink.Limit(a.answer())
		}
	}
	return collect.Result{}, nil
}

// within counts the requests in a period.
func (a *asking) within(from, until time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, at := range a.asked {
		if !at.Before(from) && at.Before(until) {
			n++
		}
	}
	return n
}

func accountsOf(n int) []collect.Target {
	targets := make([]collect.Target, n)
	for i := range targets {
		targets[i] = collect.Target{ID: fmt.Sprint(i), Account: fmt.Sprint("web:", i)}
	}
	return targets
}

func TestADailyQuotaIsSpreadOverTheDayAndKeptOverRestarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &asking{name: "yt", targets: accountsOf(500), units: 2}
		schedule := collect.Schedule{
			Source: source, Interval: time.Minute, Concurrency: 4,
			Quota: collect.Quota{Units: 1000, TimeZone: "America/Los_Angeles"},
		}
		var in inbox
		for range 6 { // restarts
			collecting(t, &in, path, 8*time.Hour, testConfiguration(), schedule)
		}
		midnight := time.Date(2024, 11, 20, 8, 0, 0, 0, time.UTC) // in Los Angeles
		day := 24 * time.Hour
		for n, from := range []time.Time{midnight.Add(-day), midnight, midnight.Add(day)} {
			if got := 2 * source.within(from, from.Add(day)); got > 1000 {
				t.Errorf("day %d: %d units spent, the quota has 1000", n, got)
			}
		}
		whole := 2 * source.within(midnight, midnight.Add(day))
		if whole < 950 {
			t.Errorf("%d of 1000 units were used although more was due", whole)
		}
		for part := range 4 {
			from := midnight.Add(time.Duration(part) * 6 * time.Hour)
			if got := 2 * source.within(from, from.Add(6*time.Hour)); got < 150 {
				t.Errorf("quarter %d of the day got %d units of 1000", part, got)
			}
		}
		if got := in.covered("web:0"); got.Failures != 0 || got.Problem != "" {
			t.Errorf("an account seems to fail because the quota is used up: %+v", got)
		}
	})
}

func TestWhatAnswersSayOfTheBudgetIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &asking{name: "m", targets: accountsOf(300)}
		window := 15 * time.Minute
		source.answer = func() collect.Limit { // 60 in a quarter of an hour
			start := time.Now().Truncate(window)
			return collect.Limit{Remaining: max(60-source.within(start, start.Add(window)), 0), Reset: start.Add(window)}
		}
		var in inbox
		collecting(t, &in, path, 2*time.Hour, testConfiguration(), collect.Schedule{Source: source, Interval: time.Minute, Concurrency: 8})
		start := time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)
		for n := range 8 {
			from := start.Add(time.Duration(n) * window)
			if got := source.within(from, from.Add(window)); got > 60 || got < 50 {
				t.Errorf("window %d: %d requests, the platform allows 60", n, got)
			}
		}
	})
}

func TestAVisitGoesOnWhereTheQuotaEndedIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &paged{numbered: numbered{name: "n", posts: 40, pageSize: 1}}
		var in inbox
		schedule := collect.Schedule{Source: source, Interval: time.Hour, Quota: collect.Quota{Units: 24, Per: 24 * time.Hour}}
		collecting(t, &in, path, 47*time.Hour, testConfiguration(), schedule)
		sent := in.sent()
		if len(sent) != 40 {
			t.Fatalf("%d posts sent, want 40", len(sent))
		}
		for n, id := range sent {
			if want := fmt.Sprintf("all:%d 1", n); id != want {
				t.Fatalf("post %d is %s, want %s: nothing twice, nothing left out", n, id, want)
			}
		}
	})
}

// paged asks once for every page.
type paged struct{ numbered }

func (p *paged) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	return p.numbered.Collect(ctx, target, cursor, payingSink{sink})
}

type payingSink struct{ collect.Sink }

func (s payingSink) Emit(ctx context.Context, page collect.Page) error {
	if err := s.Wait(ctx); err != nil {
		return err
	}
	return s.Sink.Emit(ctx, page)
}

func TestAHostThatIsAwayDoesNotHoldUpAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		var targets []collect.Target
		for n := range 40 {
			targets = append(targets, collect.Target{ID: fmt.Sprint("a", n), Host: "away"}, collect.Target{ID: fmt.Sprint("b", n), Host: "there"})
		}
		source := &numbered{name: "n", targets: targets, failure: func(target string, _ int) error {
			if target[0] == 'a' {
				time.Sleep(30 * time.Second) // it times out
				return errAway
			}
			return nil
		}}
		var in inbox
		collecting(t, &in, path, time.Hour+time.Second, collect.DefaultConfiguration(),
			collect.Schedule{Source: source, Interval: 5 * time.Minute, Concurrency: 8, CircuitAfter: 5})
		away, there := 0, 0
		for n := range 40 {
			away += len(source.times(fmt.Sprint("a", n)))
			there = max(there, 13-len(source.times(fmt.Sprint("b", n))))
		}
		if there > 0 {
			t.Errorf("a target of the host that works was visited %d times less than it should", there)
		}
		if away > 30 {
			t.Errorf("%d requests to the host that is away, although its circuit is open", away)
		}
	})
}

func TestQuietAccountsAreVisitedLessAndBusyOnesMore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &chatty{numbered: numbered{name: "n", targets: accountsOf(3)}, posts: map[string]time.Duration{"0": 10 * time.Minute, "1": 24 * time.Hour}}
		var in inbox
		schedule := collect.Schedule{Source: source, Interval: time.Hour, MinInterval: 10 * time.Minute, MaxInterval: 6 * time.Hour}
		collecting(t, &in, path, 4*24*time.Hour, testConfiguration(), schedule)
		busy, usual, quiet := len(source.times("0")), len(source.times("1")), len(source.times("2"))
		if busy < 300 || busy > 600 {
			t.Errorf("144 posts a day: %d visits in four days, want about 500", busy)
		}
		if usual < 50 || usual > 150 {
			t.Errorf("one post a day: %d visits in four days, want about 96", usual)
		}
		if quiet < 16 || quiet > 18 {
			t.Errorf("no posts: %d visits in four days, want 17", quiet)
		}
	})
}

// chatty has a new post of a target every so often.
type chatty struct {
	numbered
	posts map[string]time.Duration
}

func (c *chatty) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	if _, err := c.numbered.Collect(ctx, target, cursor, sink); err != nil {
		return collect.Result{}, err
	}
	last := time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)
	if cursor != nil {
		if err := last.UnmarshalText(cursor); err != nil {
			return collect.Result{}, err
		}
	}
	every := c.posts[target.ID]
	page := collect.Page{}
	for every > 0 && !last.Add(every).After(time.Now()) {
		last = last.Add(every)
		item := budi(target.ID+last.String(), "x")
		item.Post.CreatedAt = last
		page.Items = append(page.Items, item)
	}
	page.Cursor, _ = last.MarshalText()
	return collect.Result{}, sink.Emit(ctx, page)
}

func TestTheSilentPeriodBringsVisitsForward(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		targets := accountsOf(2)
		targets[0].Owner.Region, targets[1].Owner.Region = silentRegion, "62"
		source := &numbered{name: "n", targets: targets}
		time.Sleep(time.Until(time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)))
		state := openState(t, path)
		defer state.Close()
		deps := dependencies(state, budiKnown, &inbox{})
		begins := time.Now().Add(24 * time.Hour)
		deps.Calendar = silence{from: begins}
		c, err := collect.New(collect.DefaultConfiguration(), []collect.Schedule{{
			Source: source, Interval: 4 * time.Hour, MinInterval: time.Hour, MaxInterval: 12 * time.Hour, Refresh: 10 * time.Minute,
		}}, deps)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 48*time.Hour)
		defer cancel()
		if err := c.Run(ctx); err != nil {
			t.Fatal(err)
		}
		after := 0
		var first time.Duration
		for _, at := range source.times("0") {
			if at.After(begins) {
				if after == 0 {
					first = at.Sub(begins)
				}
				after++
			}
		}
		if after < 7 || after > 9 || first > 3*time.Hour {
			t.Errorf("%d visits in the silent day, the first after %s; want 8, four times as often, at once", after, first)
		}
		if other := len(source.times("1")); other > 5 {
			t.Errorf("an account of another region was visited %d times in two days", other)
		}
	})
}

func TestARenamedAccountIsCollectedAndReported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &answering{target: collect.Target{ID: "42", Account: "web:42", Owner: collect.Account{ID: "42", Handle: "@lama"}}}
		var in inbox
		source.result = collect.Result{Handle: "Lama"}
		collecting(t, &in, path, time.Minute, testConfiguration(), collect.Schedule{Source: source, Interval: time.Second * 10})
		if got := in.covered("web:42"); got.Problem != "" {
			t.Errorf("the same handle in other letters: %+v", got)
		}
		source.result = collect.Result{Handle: "baru"}
		renamed := time.Now()
		collecting(t, &in, path, time.Hour, testConfiguration(), collect.Schedule{Source: source, Interval: time.Minute})
		got := in.covered("web:42")
		if got.Problem != collect.KindRenamed || got.Handle != "baru" || got.Failures != 0 || got.Since.Sub(renamed) > 2*time.Minute || time.Since(got.LastSuccess) > 2*time.Minute {
			t.Errorf("coverage %+v", got)
		}
	})
}

// answering returns what it is told.
type answering struct {
	target collect.Target
	result collect.Result
	err    error
	items  []collect.Item
}

func (a *answering) Name() string { return "a" }

func (a *answering) Targets(context.Context) ([]collect.Target, error) {
	return []collect.Target{a.target}, nil
}

func (a *answering) Collect(ctx context.Context, _ collect.Target, _ collect.Cursor, sink collect.Sink) (collect.Result, error) {
	return a.result, errors.Join(a.err, sink.Emit(ctx, collect.Page{Items: a.items}))
}
