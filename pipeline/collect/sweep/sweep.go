// Package sweep walks listings that show the newest posts first, as most
// platforms' do, so that nothing is lost or asked for twice: a walk goes from
// the newest post down to where the walk before it began, page by page, and its
// place is in the cursor, so that one that was broken off goes on where it was.
// It knows no platform; the packages of the platforms call it.
package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
)

// ErrToken is wrapped by the error of a listing that no longer knows a paging
// token. The walk then begins again at the newest post, with the same end.
var ErrToken = errors.New("the paging token is no longer known")

// Page is one page of a listing.
type Page struct {
	// Items are in the listing's order, the newest first.
	Items []collect.Item
	// Newest and Last are the dates of the newest and of the last post that the
	// page lists, where its items are not all of them; zero else.
	Newest, Last time.Time
	// Next is the token of the next, older page; empty on the last one.
	Next string
	// ETag is the answer's, for the first page of a later walk.
	ETag string
	// Mark is the listing's own word for the newest post of the first page.
	Mark string
	// NotModified says that the first page is as it was for the ETag asked with.
	NotModified bool
}

// Ask is what a listing is asked for.
type Ask struct {
	// Token is empty for the first page.
	Token string
	// ETag is that of the last walk's first page, empty where none is to be
	// sent.
	ETag string
	// Mark is that of the last walk that was completed. A listing whose Overlap
	// is 0 may leave out everything up to it.
	Mark string
	// Since is where the walk ends; a listing that can leave out older posts
	// may do so. Zero is the beginning of everything.
	Since time.Time
	// Until is where the period ends, zero for none; a listing that can leave
	// out younger posts may do so.
	Until time.Time
}

// Listing is one account's posts on a platform, newest first.
type Listing struct {
	// Page asks for one page.
	Page func(ctx context.Context, ask Ask) (Page, error)
	// Overlap is how far behind the newest post of the last walk posts are
	// looked at again, since they may have been edited, or come late.
	Overlap time.Duration
	// Since is where the first walk ends; zero is the beginning of everything.
	Since time.Time
	// MostPages is how many pages a visit asks for at most; the next goes on. 0
	// is no limit.
	MostPages int
	// MostItems is how many posts the platform lists at most, 0 where it does
	// not say. A walk that ends there without having come to its end leaves a
	// gap.
	MostItems int
	// Now is the clock, nil for the real one.
	Now func() time.Time
}

// state is the cursor of a listing, as JSON.
type state struct {
	// Newest is the date of the newest post of the last walk that was
	// completed.
	Newest time.Time `json:"newest,omitzero"`
	Mark   string    `json:"mark,omitempty"`
	ETag   string    `json:"etag,omitempty"`
	Walk   *walk     `json:"walk,omitempty"`
	// Done says that a backfill is complete.
	Done bool `json:"done,omitempty"`
}

// walk is a walk that is under way.
type walk struct {
	Token  string    `json:"token"`
	Mark   string    `json:"mark,omitempty"`
	ETag   string    `json:"etag,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	Newest time.Time `json:"newest,omitzero"`
	Oldest time.Time `json:"oldest,omitzero"`
	Items  int       `json:"items"`
	// Began is when the walk began, or began again.
	Began time.Time `json:"began,omitzero"`
	// Low is the least date that a page ended with, and Stalled how many pages in
	// a row have not gone below it.
	Low     time.Time `json:"low,omitzero"`
	Stalled int       `json:"stalled,omitempty"`
}

// mostStalled is how many pages in a row may bring the walk no further back: a
// listing may have pages without posts, but one whose pages lead around in a
// circle has no end.
const mostStalled = 50

// mostPatience is how long a walk stays at a page that fails. Then it is left and
// begins again at the newest post, or nothing new would come any more.
const mostPatience = 6 * time.Hour

// Run goes on with a walk or begins one, and emits its pages, each oldest first.
func (l Listing) Run(ctx context.Context, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	s, err := decode(cursor)
	if err != nil {
		return collect.Result{}, err
	}
	if s.Walk == nil {
		s.Walk = &walk{Since: l.since(s.Newest), Began: l.now()}
	}
	r := runner{Listing: l, state: s, sink: sink}
	return r.run(ctx)
}

// Backfill walks down from the end of a period to its start and emits what is
// in it. Its cursor is one of its own.
func (l Listing) Backfill(ctx context.Context, period collect.Period, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	s, err := decode(cursor)
	if err != nil || s.Done {
		return collect.Result{}, err
	}
	if s.Walk == nil {
		s.Walk = &walk{Since: period.From, Began: l.now()}
	}
	r := runner{Listing: l, state: s, sink: sink, period: &period}
	return r.run(ctx)
}

func decode(cursor collect.Cursor) (*state, error) {
	s := &state{}
	if cursor == nil {
		return s, nil
	}
	if err := json.Unmarshal(cursor, s); err != nil {
		return nil, fmt.Errorf("cursor: %w", err)
	}
	return s, nil
}

// since is where a walk ends after one whose newest post had the date.
func (l Listing) since(newest time.Time) time.Time {
	if newest.IsZero() {
		return l.Since
	}
	return newest.Add(-l.Overlap)
}

func (l Listing) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

type runner struct {
	Listing
	*state
	sink   collect.Sink
	period *collect.Period
}

func (r *runner) run(ctx context.Context) (collect.Result, error) {
	began := r.Walk.Items == 0 && r.Walk.Token == ""
	for pages := 1; ; pages++ {
		page, err := r.Page(ctx, r.ask())
		if errors.Is(err, ErrToken) && r.Walk.Token != "" && !began {
			began = true // once a visit
			*r.Walk = walk{Since: r.Walk.Since, Newest: r.Walk.Newest, Began: r.now()}
			continue
		}
		if err != nil {
			return collect.Result{}, r.failed(ctx, err)
		}
		if page.NotModified && r.Walk.Token == "" {
			return collect.Result{}, nil
		}
		since, circle := r.Walk.Since, page.Next != "" && page.Next == r.Walk.Token
		end, result := r.take(&page)
		if !end && (circle || r.Walk.Stalled > mostStalled) {
			r.Walk = nil // the next visit begins anew
			err := collect.Errorf(collect.KindMalformed, "the pages lead around in a circle: %s", why(circle))
			return collect.Result{}, errors.Join(r.emit(ctx, page.Items, since), err)
		}
		if err := r.emit(ctx, page.Items, since); err != nil {
			return collect.Result{}, err
		}
		if end {
			return result, nil
		}
		if r.MostPages > 0 && pages >= r.MostPages {
			return collect.Result{Next: time.Minute, More: true}, nil // the walk goes on then
		}
		if err := ctx.Err(); err != nil {
			return collect.Result{}, err
		}
	}
}

func why(itself bool) string {
	if itself {
		return "one has its own token as that of the next"
	}
	return fmt.Sprintf("%d in a row bring nothing older", mostStalled)
}

// failed leaves a walk whose page has failed for long, so that the next visit
// begins anew, and returns the page's error.
func (r *runner) failed(ctx context.Context, err error) error {
	var typed *collect.Error
	stuck := r.Walk.Token != "" && r.now().Sub(r.Walk.Began) > mostPatience
	if !stuck || ctx.Err() != nil || errors.As(err, &typed) && typed.Kind == collect.KindRateLimited {
		return err
	}
	r.Walk = nil
	return errors.Join(err, r.emit(ctx, nil, time.Time{}))
}

func (r *runner) ask() Ask {
	ask := Ask{Token: r.Walk.Token, Since: r.Walk.Since}
	if r.period == nil {
		ask.Mark = r.Mark
	}
	if ask.Token == "" && r.period == nil {
		ask.ETag = r.ETag
	}
	if r.period != nil {
		ask.Until = r.period.Until
	}
	return ask
}

// take brings the state behind a page, and says whether the walk ends with it.
func (r *runner) take(page *Page) (end bool, result collect.Result) {
	w := r.Walk
	if w.Token == "" {
		w.ETag, w.Mark = page.ETag, page.Mark
	}
	last := r.dates(page, r.now())
	reached := !last.IsZero() && last.Before(w.Since)
	w.Items += len(page.Items)
	w.Token = page.Next
	w.measure(last)
	if !reached && page.Next != "" {
		return false, result
	}
	if !reached && !w.Since.IsZero() && r.MostItems > 0 && w.Items >= r.MostItems {
		result.Gaps = []collect.Gap{{
			Period: collect.Period{From: w.Since, Until: w.Oldest},
			Reason: fmt.Sprintf("the platform lists the last %d posts only", r.MostItems),
		}}
	}
	r.Newest = later(r.Newest, w.Newest)
	if w.Mark != "" { // an answer without posts has none
		r.Mark = w.Mark
	}
	r.ETag, r.Walk = w.ETag, nil
	r.Done = r.period != nil
	return true, result
}

// measure takes note of whether the walk has come further back.
func (w *walk) measure(last time.Time) {
	if !last.IsZero() && (w.Low.IsZero() || last.Before(w.Low)) {
		w.Low, w.Stalled = last, 0
		return
	}
	w.Stalled++
}

// dates takes note of the newest and the oldest date of the walk and returns
// that of the page's last post. A date ahead of the clock is no measure: posts
// that come after it would be taken for old ones.
func (r *runner) dates(page *Page, now time.Time) (last time.Time) {
	note := func(at time.Time) {
		if at.IsZero() || at.After(now) {
			return
		}
		r.Walk.Newest = later(r.Walk.Newest, at)
		if r.Walk.Oldest.IsZero() || at.Before(r.Walk.Oldest) {
			r.Walk.Oldest = at
		}
		last = at
	}
	for n := range page.Items {
		if page.Items[n].Err == nil && page.Last.IsZero() {
			note(page.Items[n].Post.CreatedAt)
		}
	}
	note(page.Newest)
	note(page.Last)
	return last
}

// emit hands on the page, oldest first, with the cursor behind it. What is older
// than the end of the walk has been handed on before, or is not wanted.
func (r *runner) emit(ctx context.Context, items []collect.Item, since time.Time) error {
	cursor, err := json.Marshal(r.state)
	if err != nil {
		return err
	}
	page := collect.Page{Items: make([]collect.Item, 0, len(items)), Cursor: cursor}
	for _, item := range slices.Backward(items) {
		if item.Err == nil && (item.Post.CreatedAt.Before(since) || r.period != nil && !r.period.Contains(item.Post.CreatedAt)) {
			continue
		}
		page.Items = append(page.Items, item)
	}
	return r.sink.Emit(ctx, page)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
