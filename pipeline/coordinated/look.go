package coordinated

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/store"
)

// Sketches come in by the order in which they were stored, from a cursor on, and
// blocks that are stored at the same time come to light in another order than
// their times: so each look begins a while before the cursor. What is seen twice
// changes nothing.
const (
	overlap = 30 * time.Second
	// mostForms bounds the different texts that are put together at once.
	mostForms = 40_000
	// longestStretch bounds the posts' time that is looked at at once.
	longestStretch = 24 * time.Hour
	// mostRefreshed bounds the clusters that are counted again although no sketch
	// came in, since a post may be flagged or withdrawn later.
	mostRefreshed = 50
	refreshAfter  = time.Hour
	refreshFor    = 7 * 24 * time.Hour
)

// sight is what a look saw.
type sight struct {
	newest time.Time
	posts  uint64
}

// stretch is a time in which posts lie of which sketches came in.
type stretch struct{ from, until time.Time }

func (f *Finder) look(ctx context.Context) error {
	cursor, err := f.cursor(ctx)
	if err != nil {
		return err
	}
	after := time.Time{}
	if !cursor.IsZero() {
		after = cursor.Add(-overlap)
	}
	hours, err := f.deps.Sketches.SketchHours(ctx, f.deps.Maker.KeyID(), after)
	if err != nil {
		return err
	}
	var now sight
	for _, h := range hours {
		now.posts += h.Posts
		if h.Newest.After(now.newest) {
			now.newest = h.Newest
		}
	}
	if now.posts > 0 && (now != f.seen || now.newest.After(cursor)) {
		for _, s := range stretches(hours) {
			if err := f.lookAt(ctx, s, after); err != nil {
				return fmt.Errorf("look for copies among the posts from %s to %s: %w", s.from.Format(time.RFC3339), s.until.Format(time.RFC3339), err)
			}
			if mine, err := f.lease(ctx); err != nil || !mine {
				return err
			}
		}
		if now.newest.After(cursor) {
			if err := f.saveCursor(ctx, now.newest); err != nil {
				return err
			}
		}
		f.metrics.behind.Set(max(0, f.deps.Now().Sub(now.newest).Seconds()))
	}
	f.seen = now
	foreign, err := f.deps.Sketches.ForeignSketches(ctx, f.deps.Maker.KeyID(), after)
	if err != nil {
		return err
	}
	f.tellForeign(ctx, foreign)
	if err := f.refresh(ctx); err != nil {
		return err
	}
	return f.forget(ctx)
}

func (f *Finder) tellForeign(ctx context.Context, foreign uint64) {
	f.metrics.foreign.Set(float64(foreign))
	if foreign > 0 {
		f.deps.Logger.WarnContext(ctx, "sketches of posts were made with another key and cannot be compared: give all workers and consoles the same coordinated.hash_key", "sketches", foreign)
	}
}

// stretches joins hours that follow each other.
func stretches(hours []store.SketchHour) []stretch {
	var all []stretch
	for _, h := range hours {
		end := h.Hour.Add(time.Hour)
		if last := len(all) - 1; last >= 0 && all[last].until.Equal(h.Hour) && end.Sub(all[last].from) <= longestStretch {
			all[last].until = end
			continue
		}
		all = append(all, stretch{h.Hour, end})
	}
	return all
}

// lookAt puts the copies together of the posts in a stretch.
func (f *Finder) lookAt(ctx context.Context, s stretch, after time.Time) error {
	around := store.SketchRange{KeyID: f.deps.Maker.KeyID(), From: s.from.Add(-f.cfg.Window), Until: s.until.Add(f.cfg.Window)}
	fresh := store.SketchRange{KeyID: around.KeyID, From: s.from, Until: s.until}
	forms, err := f.deps.Sketches.SketchForms(ctx, around, fresh, after, f.cfg.Accounts, mostForms+1)
	if err != nil || len(forms) == 0 {
		return err
	}
	if len(forms) > mostForms {
		f.metrics.cut.Inc()
		forms = forms[:mostForms]
	}
	found, err := f.sessionsOf(ctx, around, families(forms, f.cfg.Similarity))
	if err != nil || len(found) == 0 {
		return err
	}
	places, err := f.settle(ctx, found)
	if err != nil {
		return err
	}
	return f.count(ctx, places)
}

// sessionsOf finds the posts of families and cuts them into sessions.
func (f *Finder) sessionsOf(ctx context.Context, in store.SketchRange, all []family) ([]session, error) {
	all = slices.DeleteFunc(all, func(fam family) bool { return fam.accounts < uint64(f.cfg.Accounts) }) //nolint:gosec // above 0
	familyOf := map[uint64]int{}
	var exact []uint64
	for i := range all {
		for _, form := range all[i].forms {
			familyOf[form.Exact] = i
			exact = append(exact, form.Exact)
		}
	}
	posts := make([][]store.SketchedPost, len(all))
	err := f.deps.Sketches.SketchedPosts(ctx, in, exact, func(p *store.SketchedPost) {
		i := familyOf[p.Exact]
		posts[i] = append(posts[i], *p)
	})
	if err != nil {
		return nil, err
	}
	var found []session
	for i := range all {
		found = append(found, sessions(&all[i], posts[i], &f.cfg)...)
	}
	return found, nil
}

// count counts clusters anew and keeps what comes of it.
func (f *Finder) count(ctx context.Context, places []*place) error {
	if len(places) == 0 {
		return nil
	}
	in := store.SketchRange{KeyID: f.deps.Maker.KeyID(), From: places[0].first, Until: places[0].last}
	holders := map[uint64][]int{}
	var exact []uint64
	for i, p := range places {
		in.From, in.Until = earlier(in.From, p.first), later(in.Until, p.last)
		for _, e := range p.exact {
			if holders[e] == nil {
				exact = append(exact, e)
			}
			holders[e] = append(holders[e], i)
		}
	}
	in.Until = in.Until.Add(time.Second)
	posts := make([][]store.SketchedPost, len(places))
	err := f.deps.Sketches.SketchedPosts(ctx, in, exact, func(p *store.SketchedPost) {
		for _, i := range holders[p.Exact] {
			if !p.CreatedAt.Before(places[i].first) && !p.CreatedAt.After(places[i].last) {
				posts[i] = append(posts[i], *p)
			}
		}
	})
	if err != nil {
		return err
	}
	flags, err := f.flags(ctx, in.From, in.Until)
	if err != nil {
		return err
	}
	for i, p := range places {
		if err := f.keep(ctx, p, inOrder(posts[i]), flags); err != nil {
			return err
		}
	}
	return nil
}

// flags are the flagged posts of a period by the hash of their id.
func (f *Finder) flags(ctx context.Context, from, until time.Time) (map[uint64]store.PlacedFlag, error) {
	rows, err := f.deps.Sketches.FlagsBetween(ctx, from.Add(-time.Second), until.Add(time.Second))
	if err != nil {
		return nil, err
	}
	flags := make(map[uint64]store.PlacedFlag, len(rows))
	for _, row := range rows {
		flags[f.deps.Maker.PostHash(row.ID)] = row
	}
	return flags, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
