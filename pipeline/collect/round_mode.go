package collect

import (
	"context"
	"errors"
	"time"
)

func joined(problems []error) error { return errors.Join(problems...) }

// collect visits a target as the order wants it.
func (r *rounds) collect(ctx context.Context, source Source, target Target, cursor Cursor, sink *sink) (Result, error) {
	if r.order.Show != nil && r.order.Anew {
		cursor = nil
	}
	if shown := r.shownTo(sink.key); shown != nil {
		cursor = shown
	}
	if r.order.Backfill == nil {
		return source.Collect(ctx, target, cursor, sink)
	}
	if able, ok := source.(Backfiller); ok {
		return able.Backfill(ctx, target, *r.order.Backfill, cursor, within{sink, *r.order.Backfill})
	}
	return source.Collect(ctx, target, cursor, within{sink, *r.order.Backfill})
}

// shownTo is where a rehearsal's earlier visit of the target in this round has
// ended, which is saved nowhere; nil where there was none.
func (r *rounds) shownTo(key targetKey) Cursor {
	if rehearsal, ok := r.lane.taker.(*Rehearsal); ok {
		return rehearsal.cursor(key.target)
	}
	return nil
}

func (r *rounds) remembers() bool { return r.order.Show == nil }

// Most visits of one target in a round: of one that is not ready yet, and of one
// that has more each time.
const (
	mostUnready = 3
	mostVisits  = 10_000
)

// again says whether a target is put back: a round visits each once, but for one
// that says itself that it goes on soon, such as a file that is being written,
// or an account with more pages than a visit asks for.
func (r *rounds) again(o *outcome) bool {
	visit := r.noted(o)
	more := o.err == nil && o.result.More
	switch {
	case more && o.entry.visits < mostVisits:
		o.entry.at = time.Now() // nobody else is there to be fair to
		return true
	case more:
		visit.Err = Errorf(KindTemporary, "there is more than %d visits bring; started again it goes on where it was", mostVisits)
	case o.err == nil && o.result.Next > 0 && o.result.Next <= patience && o.entry.visits < mostUnready:
		return true
	}
	r.round.Visits = append(r.round.Visits, *visit)
	if r.order.Visited != nil {
		r.telling.Lock()
		r.order.Visited(*visit)
		r.telling.Unlock()
	}
	return false
}

// noted adds the outcome to what earlier visits of the target came to.
func (r *rounds) noted(o *outcome) *Visit {
	visit, ok := r.going[o.entry.ID]
	if !ok {
		visit = &Visit{Source: r.lane.name, Target: o.entry.Target}
		r.going[o.entry.ID] = visit
	}
	visit.Tally.Add(&o.tally, problemsPerVisit)
	visit.Asked += o.asked
	visit.Units += o.units
	visit.Gaps = append(visit.Gaps, o.result.Gaps...)
	if o.err != nil {
		visit.Err = asError(o.err)
	}
	return visit
}

// save saves the schedule, or what a visit of a backfill has done: that the
// target is complete, and that its gaps in the period are closed.
func (r *rounds) save(ctx context.Context, l *lane, o *outcome, now time.Time) error {
	if r.order.Backfill == nil {
		return l.save(ctx, o, now)
	}
	if o.err != nil || o.result.More {
		return nil
	}
	e, state := o.entry, r.lane.collector.state
	e.gaps = addGaps(closeGaps(e.gaps, *r.order.Backfill), o.result.Gaps, now)
	err := state.saveGaps(ctx, targetKey{r.lane.name, e.ID}, e.gaps)
	return errors.Join(err, state.saveSchedule(ctx, r.key(e.ID), &schedule{lastSuccess: now}, now))
}

// tidy forgets the marks of a backfill that is complete.
func (r *rounds) tidy(ctx context.Context, err error) error {
	complete := err == nil && r.round.Paused == 0 && r.round.Failed() == 0 && r.round.Waiting == 0
	if r.order.Backfill == nil || r.order.Show != nil || r.order.Account != "" || !complete {
		return err
	}
	return r.lane.collector.state.forgetBackfill(ctx, r.lane.name, backfillKey(*r.order.Backfill))
}

// backfillKey begins the keys of a backfill's cursors, by which it goes on after
// a stop. No target's id has a control character.
func backfillKey(p Period) string {
	key := "\x01" + p.From.UTC().Format(time.RFC3339) + "/"
	if !p.Until.IsZero() {
		key += p.Until.UTC().Format(time.RFC3339)
	}
	return key + "\x01"
}

// within is a sink that leaves out the posts outside of a period.
type within struct {
	*sink
	period Period
}

func (w within) Emit(ctx context.Context, page Page) error {
	items := make([]Item, 0, len(page.Items))
	for _, item := range page.Items {
		if item.Err != nil || item.Post.CreatedAt.IsZero() || w.period.Contains(item.Post.CreatedAt) {
			items = append(items, item)
		}
	}
	page.Items = items
	return w.sink.Emit(ctx, page)
}
