package sweep_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/sweep"
	"github.com/netra-id/netra/pipeline/post"
)

var start = time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)

// wall is a listing of posts whose tokens name the post that comes next.
type wall struct {
	posts []collect.Item // newest first
	size  int
	asked []sweep.Ask
	// fails is asked before each page.
	fails func(ask sweep.Ask) error
}

func item(n int) collect.Item {
	return collect.Item{Post: post.Post{ID: strconv.Itoa(n), CreatedAt: start.Add(time.Duration(n) * time.Hour)}}
}

func wallOf(size int, numbers ...int) *wall {
	w := &wall{size: size}
	for _, n := range numbers {
		w.posts = append(w.posts, item(n))
	}
	return w
}

func (w *wall) page(_ context.Context, ask sweep.Ask) (sweep.Page, error) {
	w.asked = append(w.asked, ask)
	if w.fails != nil {
		if err := w.fails(ask); err != nil {
			return sweep.Page{}, err
		}
	}
	from := 0
	if ask.Token != "" {
		last, err := strconv.Atoi(ask.Token)
		if err != nil {
			return sweep.Page{}, err
		}
		from = len(w.posts)
		for n, p := range w.posts {
			if p.Post.CreatedAt.Before(start.Add(time.Duration(last) * time.Hour)) {
				from = n
				break
			}
		}
	}
	to := min(from+w.size, len(w.posts))
	page := sweep.Page{Items: slices.Clone(w.posts[from:to])}
	if to < len(w.posts) {
		page.Next = w.posts[to-1].Post.ID
	}
	return page, nil
}

func ids(items []collect.Item) []string {
	var all []string
	for _, i := range items {
		all = append(all, i.Post.ID)
	}
	return all
}

// clock is after every post.
func clock() time.Time { return start.AddDate(1, 0, 0) }

func (w *wall) listing(change func(*sweep.Listing)) sweep.Listing {
	l := sweep.Listing{Page: w.page, Now: clock}
	if change != nil {
		change(&l)
	}
	return l
}

func run(t *testing.T, l sweep.Listing, cursor collect.Cursor) (*collecttest.Sink, collect.Result) {
	t.Helper()
	sink := &collecttest.Sink{}
	result, err := l.Run(t.Context(), cursor, sink)
	if err != nil {
		t.Fatal(err)
	}
	return sink, result
}

func TestAWalkGoesToWhereTheLastBegan(t *testing.T) {
	w := wallOf(2, 5, 4, 3, 2, 1)
	l := w.listing(nil)
	sink, _ := run(t, l, nil)
	if diff := cmp.Diff([]string{"4", "5", "2", "3", "1"}, ids(sink.Items())); diff != "" {
		t.Errorf("all pages, each oldest first:\n%s", diff)
	}
	w.posts = slices.Insert(w.posts, 0, item(8), item(7), item(6))
	w.asked = nil
	sink, _ = run(t, l, sink.Cursor())
	if diff := cmp.Diff([]string{"7", "8", "5", "6"}, ids(sink.Items())); diff != "" {
		t.Errorf("the newest one is looked at again, since others may have its date:\n%s", diff)
	}
	if len(w.asked) != 3 {
		t.Errorf("%d pages were asked for", len(w.asked))
	}
}

func TestAWalkThatIsBrokenOffGoesOn(t *testing.T) {
	w := wallOf(2, 6, 5, 4, 3, 2, 1)
	l := w.listing(nil)
	broken := errors.New("broken off")
	sink := &collecttest.Sink{}
	sink.Refuse = func(collect.Page) error {
		if len(sink.Pages()) == 2 {
			return broken
		}
		return nil
	}
	if _, err := l.Run(t.Context(), nil, sink); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	w.posts = slices.Insert(w.posts, 0, item(8), item(7)) // in the meantime
	rest, _ := run(t, l, sink.Cursor())
	if diff := cmp.Diff([]string{"1", "2"}, ids(rest.Items())); diff != "" {
		t.Errorf("what was left of the walk:\n%s", diff)
	}
	rest, _ = run(t, l, rest.Cursor())
	if diff := cmp.Diff([]string{"7", "8", "6"}, ids(rest.Items())); diff != "" {
		t.Errorf("what came in the meantime:\n%s", diff)
	}
}

func TestATokenThatIsNoLongerKnownBeginsTheWalkAgain(t *testing.T) {
	w := wallOf(2, 6, 5, 4, 3, 2, 1)
	l := w.listing(func(l *sweep.Listing) { l.MostPages = 2 })
	sink, result := run(t, l, nil)
	if result.Next == 0 {
		t.Error("a walk that is not finished asks for no visit soon")
	}
	w.fails = func(ask sweep.Ask) error {
		if ask.Token == "3" {
			return fmt.Errorf("token: %w", sweep.ErrToken)
		}
		return nil
	}
	l.MostPages = 0
	_, err := l.Run(t.Context(), sink.Cursor(), &collecttest.Sink{})
	if !errors.Is(err, sweep.ErrToken) {
		t.Errorf("a token that is never known again ends in %v", err)
	}
	w.fails = func(ask sweep.Ask) error {
		if ask.Token == "3" && len(w.asked) == 1 {
			return sweep.ErrToken
		}
		return nil
	}
	w.asked = nil
	again, _ := run(t, l, sink.Cursor())
	if got := ids(again.Items()); len(got) != 6 {
		t.Errorf("the walk that began again brought %v", got)
	}
}

func TestOddAnswers(t *testing.T) {
	t.Run("a page that leads to itself", func(t *testing.T) {
		l := sweep.Listing{Page: func(context.Context, sweep.Ask) (sweep.Page, error) { return sweep.Page{Next: "x"}, nil }}
		_, err := l.Run(t.Context(), nil, &collecttest.Sink{})
		var typed *collect.Error
		if !errors.As(err, &typed) || typed.Kind != collect.KindMalformed {
			t.Errorf("got %v", err)
		}
	})
	t.Run("empty pages between full ones", func(t *testing.T) {
		pages := map[string]sweep.Page{"": {Next: "a"}, "a": {Next: "b"}, "b": {Items: []collect.Item{item(1)}}}
		l := sweep.Listing{Page: func(_ context.Context, ask sweep.Ask) (sweep.Page, error) { return pages[ask.Token], nil }}
		if sink, _ := run(t, l, nil); len(sink.Items()) != 1 {
			t.Errorf("got %v", ids(sink.Items()))
		}
	})
	t.Run("a post of the future", func(t *testing.T) {
		w := wallOf(2, 24*400, 2, 1)
		l := w.listing(nil)
		sink, _ := run(t, l, nil)
		w.posts = []collect.Item{w.posts[0], item(3), item(2), item(1)}
		if sink, _ = run(t, l, sink.Cursor()); !slices.Contains(ids(sink.Items()), "3") {
			t.Errorf("a date ahead of the clock hides what comes after: %v", ids(sink.Items()))
		}
	})
	t.Run("an old post on top", func(t *testing.T) {
		sink, _ := run(t, wallOf(2, 9, 8, 7).listing(nil), nil)
		pages := map[string]sweep.Page{
			"": {Items: []collect.Item{item(1), item(12)}, Next: "a"}, "a": {Items: []collect.Item{item(11), item(10)}, Next: "b"}, "b": {Items: []collect.Item{item(9), item(8)}},
		}
		l := sweep.Listing{Now: clock, Page: func(_ context.Context, ask sweep.Ask) (sweep.Page, error) { return pages[ask.Token], nil }}
		if sink, _ = run(t, l, sink.Cursor()); !slices.Contains(ids(sink.Items()), "10") {
			t.Errorf("a pinned post ends the walk: %v", ids(sink.Items()))
		}
	})
	t.Run("a cursor of something else", func(t *testing.T) {
		if _, err := wallOf(1, 1).listing(nil).Run(t.Context(), collect.Cursor("["), &collecttest.Sink{}); err == nil {
			t.Error("it is accepted")
		}
	})
}

func TestAShortListingLeavesAGap(t *testing.T) {
	w := wallOf(2, 3, 2, 1)
	l := w.listing(func(l *sweep.Listing) { l.MostItems = 4 })
	sink, result := run(t, l, nil)
	if len(result.Gaps) != 0 {
		t.Errorf("the first walk has gaps %v", result.Gaps)
	}
	w.posts = []collect.Item{item(23), item(22), item(21), item(20)}
	_, result = run(t, l, sink.Cursor())
	want := collect.Period{From: item(3).Post.CreatedAt, Until: item(20).Post.CreatedAt}
	if len(result.Gaps) != 1 || result.Gaps[0].Period != want {
		t.Errorf("gaps %v, want %v", result.Gaps, want)
	}
}

func TestAnUnchangedFirstPageEndsTheWalk(t *testing.T) {
	changed := true
	l := sweep.Listing{Now: clock, Page: func(_ context.Context, ask sweep.Ask) (sweep.Page, error) {
		if !changed && ask.ETag == "v1" {
			return sweep.Page{NotModified: true}, nil
		}
		return sweep.Page{Items: []collect.Item{item(1)}, ETag: "v1", Mark: "1"}, nil
	}}
	sink, _ := run(t, l, nil)
	changed = false
	again, _ := run(t, l, sink.Cursor())
	if len(again.Pages()) != 0 {
		t.Errorf("pages %v", again.Pages())
	}
}

func TestABackfillBringsAPeriodAndIsResumed(t *testing.T) {
	w := wallOf(2, 9, 8, 7, 6, 5, 4, 3, 2, 1)
	l := w.listing(func(l *sweep.Listing) { l.MostPages = 2 })
	period := collect.Period{From: item(3).Post.CreatedAt, Until: item(8).Post.CreatedAt}
	var cursor collect.Cursor
	var got []string
	for range 5 {
		sink := &collecttest.Sink{}
		result, err := l.Backfill(t.Context(), period, cursor, sink)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ids(sink.Items())...)
		if sink.Cursor() != nil {
			cursor = sink.Cursor()
		}
		if result.Next == 0 {
			break
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"3", "4", "5", "6", "7"}, got); diff != "" {
		t.Error(diff)
	}
	w.asked = nil
	if _, err := l.Backfill(t.Context(), period, cursor, &collecttest.Sink{}); err != nil || len(w.asked) != 0 {
		t.Errorf("a backfill that is complete asks for %d pages: %v", len(w.asked), err)
	}
}

// TestNothingIsLost lets posts come and go while visits are broken off at any
// place, and checks that every post that stood through a whole walk was brought.
func TestNothingIsLost(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := &wall{size: 1 + random.IntN(4)}
		l := w.listing(func(l *sweep.Listing) { l.MostPages = random.IntN(4) })
		w.fails = func(ask sweep.Ask) error {
			if ask.Token != "" && random.IntN(12) == 0 {
				return sweep.ErrToken
			}
			if random.IntN(6) == 0 {
				return errors.New("temporary")
			}
			return nil
		}
		var cursor collect.Cursor
		seen, deleted, next := map[string]bool{}, map[string]bool{}, 0
		visit := func() error {
			sink := &collecttest.Sink{Refuse: func(collect.Page) error {
				if random.IntN(6) == 0 {
					return errors.New("killed")
				}
				return nil
			}}
			_, err := l.Run(t.Context(), cursor, sink)
			for _, id := range ids(sink.Items()) {
				seen[id] = true
			}
			if sink.Cursor() != nil {
				cursor = sink.Cursor()
			}
			return err
		}
		for range 40 {
			for range random.IntN(6) {
				w.posts = slices.Insert(w.posts, 0, item(next))
				next++
			}
			if len(w.posts) > 0 && random.IntN(4) == 0 {
				at := random.IntN(len(w.posts))
				deleted[w.posts[at].Post.ID] = true
				w.posts = slices.Delete(w.posts, at, at+1)
			}
			_ = visit()
		}
		w.fails = nil
		for done := 0; done < 2; { // two whole walks: the one under way, and one more
			if visit() != nil {
				continue
			}
			var state struct{ Walk json.RawMessage }
			if err := json.Unmarshal(cursor, &state); err == nil && state.Walk == nil {
				done++
			}
		}
		for n := range next {
			if id := strconv.Itoa(n); !seen[id] && !deleted[id] {
				t.Fatalf("seed %d: post %s of %d is lost", seed, id, next)
			}
		}
	}
}

func TestPagesThatLeadAroundInACircleEnd(t *testing.T) {
	tests := map[string]struct {
		pages map[string]sweep.Page
		most  int // pages a visit
	}{
		"to itself":            {pages: map[string]sweep.Page{"": {Items: []collect.Item{item(2)}, Next: "a"}, "a": {Items: []collect.Item{item(1)}, Next: "a"}}},
		"to the one before it": {pages: map[string]sweep.Page{"": {Items: []collect.Item{item(2)}, Next: "a"}, "a": {Items: []collect.Item{item(1)}, Next: "b"}, "b": {Items: []collect.Item{item(2)}, Next: "a"}}},
		"over many visits":     {most: 3, pages: map[string]sweep.Page{"": {Next: "a"}, "a": {Next: "b"}, "b": {Next: "a"}}},
	}
	for name, test := range tests {
		for _, backfill := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, backfill %v", name, backfill), func(t *testing.T) {
				asked, pages := 0, maps.Clone(test.pages)
				l := sweep.Listing{Now: clock, MostPages: test.most, Page: func(_ context.Context, ask sweep.Ask) (sweep.Page, error) {
					if asked++; asked > 1000 {
						t.Fatal("it asks for ever")
					}
					return pages[ask.Token], nil
				}}
				sink := &collecttest.Sink{}
				visit := func() (result collect.Result, err error) {
					if backfill {
						return l.Backfill(t.Context(), collect.Period{From: start}, sink.Cursor(), sink)
					}
					return l.Run(t.Context(), sink.Cursor(), sink)
				}
				result, err := visit()
				for err == nil && result.More {
					result, err = visit()
				}
				var typed *collect.Error
				if !errors.As(err, &typed) || typed.Kind != collect.KindMalformed {
					t.Fatalf("got %v", err)
				}
				// The next visit begins at the newest post again.
				pages[""] = sweep.Page{Items: []collect.Item{item(9)}}
				if _, err := visit(); err != nil || !slices.Contains(ids(sink.Items()), "9") {
					t.Errorf("what is new does not come: %v, %v", ids(sink.Items()), err)
				}
			})
		}
	}
}

func TestAPageThatFailsForLongDoesNotHideWhatIsNew(t *testing.T) {
	w := wallOf(1, 3, 2, 1)
	at := clock()
	w.fails = func(ask sweep.Ask) error {
		if ask.Token == "2" {
			return errors.New("the server fails")
		}
		return nil
	}
	l := w.listing(func(l *sweep.Listing) { l.Now = func() time.Time { return at } })
	sink := &collecttest.Sink{}
	for range 3 {
		if _, err := l.Run(t.Context(), sink.Cursor(), sink); err == nil {
			t.Fatal("the page does not fail")
		}
	}
	if diff := cmp.Diff([]string{"3", "2"}, ids(sink.Items())); diff != "" {
		t.Error(diff)
	}
	w.posts = slices.Insert(w.posts, 0, item(4))
	for range 2 {
		at = at.Add(7 * time.Hour)
		_, _ = l.Run(t.Context(), sink.Cursor(), sink)
	}
	if diff := cmp.Diff([]string{"3", "2", "4", "3", "2"}, ids(sink.Items())); diff != "" {
		t.Error(diff)
	}
}
