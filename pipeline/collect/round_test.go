package collect_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/netra-id/netra/pipeline/collect"
)

// ordered runs one round on the clock of the bubble.
func ordered(t *testing.T, in *inbox, path string, order collect.Order, schedules ...collect.Schedule) (collect.Round, error) {
	t.Helper()
	time.Sleep(time.Until(time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)))
	state := openState(t, path)
	c, err := collect.New(testConfiguration(), schedules, dependencies(state, budiKnown, in))
	if err != nil {
		t.Fatal(err)
	}
	round, err := c.Round(t.Context(), order)
	if closeErr := state.Close(); closeErr != nil {
		t.Error(closeErr)
	}
	return round, err
}

func TestARoundVisitsWhatIsDueOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &numbered{name: "n", posts: 3, targets: accountsOf(20), failure: func(target string, _ int) error {
			if target == "7" {
				return errAway
			}
			return nil
		}}
		schedule := collect.Schedule{Source: source, Interval: time.Hour, Concurrency: 4}
		var in inbox
		round, err := ordered(t, &in, path, collect.Order{}, schedule)
		if sum := round.Tally(); err != nil || len(round.Visits) != 20 || round.Failed() != 1 || sum.Sent != 57 {
			t.Errorf("%d visits, %d failed, %d sent, %v", len(round.Visits), round.Failed(), sum.Sent, err)
		}
		if got := in.covered("web:3"); got.LastSuccess.IsZero() {
			t.Errorf("coverage %+v", got)
		}
		round, err = ordered(t, &in, path, collect.Order{}, schedule)
		if err != nil || round.Waiting < 19 || round.Next.IsZero() {
			t.Errorf("at once again: %d visits, %d not due, %v", len(round.Visits), round.Waiting, err)
		}
		round, err = ordered(t, &in, path, collect.Order{Account: "web:3"}, schedule)
		if err != nil || len(round.Visits) != 1 || round.Visits[0].Target.ID != "3" || round.Visits[0].Tally.Items != 0 {
			t.Errorf("one account, from its cursor on: %+v, %v", round, err)
		}
		round, err = ordered(t, &in, path, collect.Order{All: true}, schedule)
		if err != nil || len(round.Visits) != 20 {
			t.Errorf("all: %d visits, %v", len(round.Visits), err)
		}
	})
}

func TestAnOrderForWhatIsNotThereSaysWhatIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		targets := []collect.Target{{ID: "1", Account: "web:1", Owner: collect.Account{ID: "1", Handle: "@budi"}}}
		schedule := collect.Schedule{Source: &numbered{name: "n", targets: targets}}
		var in inbox
		_, err := ordered(t, &in, path, collect.Order{Account: "@bud"}, schedule)
		var none *collect.NoAccountError
		if !errors.As(err, &none) || !cmp.Equal(none.Others, []string{"1", "@budi", "web:1"}) {
			t.Errorf("got %v", err)
		}
		for _, name := range []string{"@budi", "BUDI", "1", "web:1"} {
			if round, err := ordered(t, &in, path, collect.Order{Account: name}, schedule); err != nil || len(round.Visits) != 1 {
				t.Errorf("%s: %+v, %v", name, round, err)
			}
		}
		if _, err = ordered(t, &in, path, collect.Order{Source: "m"}, schedule); err == nil {
			t.Error("a source that is not there is no error")
		}
	})
}

func TestARehearsalShowsAndLeavesNoTrace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &numbered{name: "n", posts: 3, pageSize: 2, targets: []collect.Target{{ID: "a", Account: "web:budi"}}}
		schedule := collect.Schedule{Source: source, Interval: time.Hour}
		var in inbox
		for range 2 {
			var shown []string
			round, err := ordered(t, &in, path, collect.Order{Show: func(s collect.Shown) {
				shown = append(shown, fmt.Sprintf("%s %s%s", s.Item.Post.ID, s.Dropped, s.Rejected))
			}}, schedule)
			if diff := cmp.Diff([]string{"a:0 ", "a:1 ", "a:2 "}, shown); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
			if sum := round.Tally(); sum.Sent != 3 || sum.Items != 3 {
				t.Errorf("tally %+v", sum)
			}
		}
		if len(in.posts) != 0 || len(in.coverage) != 0 {
			t.Errorf("%d posts and %d coverage entries came out of a rehearsal", len(in.posts), len(in.coverage))
		}
		if _, err := ordered(t, &in, path, collect.Order{}, schedule); err != nil || len(in.posts) != 3 {
			t.Errorf("%d posts after the rehearsals, %v", len(in.posts), err)
		}
	})
}

// archive is a source with posts of some days that can be asked for a period.
type archive struct {
	numbered
	asked   []collect.Period
	cursors []string
	breakAt int
}

func (a *archive) Backfill(ctx context.Context, target collect.Target, period collect.Period, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	a.mu.Lock()
	a.asked = append(a.asked, period)
	a.cursors = append(a.cursors, string(cursor))
	a.mu.Unlock()
	day := period.From
	if cursor != nil {
		if err := day.UnmarshalText(cursor); err != nil {
			return collect.Result{}, err
		}
	}
	for n := 0; day.Before(period.Until); n++ {
		if a.breakAt > 0 && n == a.breakAt {
			return collect.Result{}, errAway
		}
		item := budi(target.ID+day.Format(time.DateOnly), "x")
		item.Post.CreatedAt = day.Add(time.Hour)
		late := budi(target.ID+"late"+day.Format(time.DateOnly), "x")
		late.Post.CreatedAt = period.Until.Add(time.Hour) // the platform's filter is not exact
		day = day.AddDate(0, 0, 1)
		next, _ := day.MarshalText()
		if err := sink.Emit(ctx, collect.Page{Items: []collect.Item{item, late}, Cursor: next}); err != nil {
			return collect.Result{}, err
		}
	}
	return collect.Result{}, nil
}

func TestABackfillGoesBackAndOnWhereItWasBrokenOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &archive{numbered: numbered{name: "n", posts: 2, targets: accountsOf(2)}}
		schedule := collect.Schedule{Source: source, Interval: time.Hour}
		var in inbox
		if _, err := ordered(t, &in, path, collect.Order{}, schedule); err != nil {
			t.Fatal(err)
		}
		in.posts = nil
		from := time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
		order := collect.Order{Backfill: &collect.Period{From: from, Until: from.AddDate(0, 0, 5)}}
		source.breakAt = 3
		round, err := ordered(t, &in, path, order, schedule)
		if err != nil || round.Failed() != 2 || len(in.sent()) != 6 {
			t.Errorf("broken off: %d failed, %v sent, %v", round.Failed(), in.sent(), err)
		}
		source.breakAt = 0
		round, err = ordered(t, &in, path, order, schedule)
		if err != nil || round.Failed() != 0 || len(in.sent()) != 10 {
			t.Errorf("gone on: %d failed, %v sent, %v", round.Failed(), in.sent(), err)
		}
		if diff := cmp.Diff([]string{"", "", "2024-11-04T00:00:00Z", "2024-11-04T00:00:00Z"}, source.cursors); diff != "" {
			t.Error(diff)
		}
		state := openState(t, path)
		defer state.Close()
		if cursor, err := state.Cursor(t.Context(), "n", "0"); err != nil || string(cursor) != "2" {
			t.Errorf("the cursor of the account is %q after a backfill, want 2; %v", cursor, err)
		}
	})
}

// leafing is a source that brings one page a visit, and of its first pages none
// is of the period.
type leafing struct {
	numbered
	pages, before int
	stopAt        int
	stop          context.CancelFunc
}

func (l *leafing) Backfill(ctx context.Context, _ collect.Target, period collect.Period, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	n := 0
	if cursor != nil {
		n = int(cursor[0])
	}
	item := budi(fmt.Sprint(n), "x")
	item.Post.CreatedAt = period.From.Add(time.Hour)
	if n < l.before {
		item.Post.CreatedAt = period.Until.Add(time.Hour)
	}
	n++
	if err := sink.Emit(ctx, collect.Page{Items: []collect.Item{item}, Cursor: collect.Cursor{byte(n)}}); err != nil {
		return collect.Result{}, err
	}
	if n == l.stopAt {
		l.stop()
	}
	if n < l.pages {
		return collect.Result{Next: time.Minute, More: true}, nil
	}
	return collect.Result{}, nil
}

func (l *leafing) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	return l.Backfill(ctx, target, collect.Period{From: time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)}, cursor, sink)
}

func TestABackfillIsCompleteOnlyWhenThereIsNoMore(t *testing.T) {
	from := time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
	period := &collect.Period{From: from, Until: from.AddDate(0, 0, 5)}
	for stopAt := range 9 {
		t.Run(fmt.Sprintf("stopped after page %d", stopAt), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s.db")
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(from.AddDate(0, 0, 19)))
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				source := &leafing{numbered: numbered{name: "n", targets: accountsOf(1)}, pages: 8, before: 5, stopAt: stopAt, stop: stop}
				var in inbox
				order := collect.Order{Backfill: period, Account: "0"}
				for life := range 2 {
					state := openState(t, path)
					c, err := collect.New(testConfiguration(), []collect.Schedule{{Source: source, Interval: time.Hour}}, dependencies(state, budiKnown, &in))
					if err != nil {
						t.Fatal(err)
					}
					round, err := c.Round(ctx, order)
					if err := errors.Join(err, state.Close()); err != nil {
						t.Fatal(err)
					}
					if stopped := life == 0 && stopAt > 0 && stopAt < 8; stopped && round.Paused == 0 {
						t.Errorf("a round that was broken off says nothing of what is left: %+v", round)
					}
					ctx = t.Context()
				}
				if diff := cmp.Diff([]string{"5 1", "6 1", "7 1"}, in.sent()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestARehearsalGoesOnWhereThereIsMore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		source := &leafing{numbered: numbered{name: "n", targets: accountsOf(1)}, pages: 4}
		var in inbox
		for range 2 {
			var shown []string
			order := collect.Order{Show: func(s collect.Shown) { shown = append(shown, s.Item.Post.ID) }}
			if _, err := ordered(t, &in, path, order, collect.Schedule{Source: source, Interval: time.Hour}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"0", "1", "2", "3"}, shown); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestABackfillOfASourceThatKnowsNoPeriodsLeavesOutTheRest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		day := time.Date(2024, 11, 18, 0, 0, 0, 0, time.UTC)
		source := &numbered{name: "n", posts: 2, targets: accountsOf(1), created: day.Add(5 * time.Hour)}
		schedule := collect.Schedule{Source: source, Interval: time.Hour}
		var in inbox
		for n, want := range []int{0, 2} {
			from := day.AddDate(0, 0, n-1)
			_, err := ordered(t, &in, path, collect.Order{Backfill: &collect.Period{From: from, Until: from.AddDate(0, 0, 1)}}, schedule)
			if err != nil || len(in.sent()) != want {
				t.Errorf("%s: %d posts sent, want %d; %v", from, len(in.sent()), want, err)
			}
		}
	})
}

func TestGapsAreReportedUntilABackfillClosesThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	synctest.Test(t, func(t *testing.T) {
		day := time.Date(2024, 11, 10, 0, 0, 0, 0, time.UTC)
		hours := func(from, until int) collect.Period {
			return collect.Period{From: day.Add(time.Duration(from) * time.Hour), Until: day.Add(time.Duration(until) * time.Hour)}
		}
		source := &answering{target: collect.Target{ID: "1", Account: "web:1"}}
		schedule := collect.Schedule{Source: source, Interval: time.Hour}
		var in inbox
		steps := []struct {
			found    []collect.Gap
			backfill *collect.Period
			want     []collect.Gap
		}{
			{found: []collect.Gap{{Period: hours(0, 10), Reason: "a"}}, want: []collect.Gap{{Period: hours(0, 10), Reason: "a"}}},
			{want: []collect.Gap{{Period: hours(0, 10), Reason: "a"}}}, // a later visit that tells of none does not forget it
			{found: []collect.Gap{{Period: hours(8, 12), Reason: "b"}, {Period: hours(20, 21), Reason: "c"}},
				want: []collect.Gap{{Period: hours(0, 12), Reason: "a"}, {Period: hours(20, 21), Reason: "c"}}},
			{backfill: &collect.Period{From: day.Add(4 * time.Hour), Until: day.Add(6 * time.Hour)},
				want: []collect.Gap{{Period: hours(0, 4), Reason: "a"}, {Period: hours(6, 12), Reason: "a"}, {Period: hours(20, 21), Reason: "c"}}},
			{backfill: &collect.Period{From: day}},
		}
		for n, step := range steps {
			source.result = collect.Result{Gaps: step.found}
			if _, err := ordered(t, &in, path, collect.Order{All: true, Backfill: step.backfill}, schedule); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(step.want, in.covered("web:1").Gaps, cmpopts.EquateApproxTime(0)); diff != "" {
				t.Errorf("step %d: %s", n, diff)
			}
		}
	})
}
