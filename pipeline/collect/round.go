package collect

import (
	"container/heap"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Order is what one round is to collect, and how.
type Order struct {
	// Source is the only source to visit, empty for all.
	Source string
	// Account is the only account to visit: its id, its key "platform:id", its
	// handle, or the id of a target; empty for all. It is visited also where it
	// is not due.
	Account string
	// All visits targets that are not due yet, too.
	All bool
	// Backfill, where it is set, goes back to a period instead of on from the
	// cursors.
	Backfill *Period
	// Show, where it is set, makes the round a rehearsal: every item is shown
	// with what would become of it, nothing is sent, and nothing is remembered.
	Show func(Shown)
	// Anew lets a rehearsal begin without the saved cursors.
	Anew bool
	// Visited, where it is set, is told of each visit as it ends, one at a time.
	Visited func(Visit)
}

// Shown is an item in a rehearsal.
type Shown struct {
	Source, Target string
	Item           *Item
	// Dropped or Rejected says why the post would not go on; both are empty for
	// one that would be sent.
	Dropped  Cause
	Rejected Cause
	Reason   string
}

// Visit is what became of one target in a round.
type Visit struct {
	Source string
	Target Target
	Tally  Tally
	// Asked counts requests, and Units what they cost.
	Asked, Units int
	Gaps         []Gap
	// Err is nil where the target was collected.
	Err *Error
}

// Round is what became of an order.
type Round struct {
	Visits []Visit
	// Waiting counts targets that were not due, and Next is when the first is.
	Waiting int
	Next    time.Time
	// Paused counts targets that were due but not visited, since their host
	// pauses or the budget is used up.
	Paused int
	// Done counts targets that an earlier round of the same backfill completed.
	Done int
}

// Failed counts the visits that failed.
func (r *Round) Failed() int {
	failed := 0
	for n := range r.Visits {
		if r.Visits[n].Err != nil {
			failed++
		}
	}
	return failed
}

// Tally adds up what became of the items of all visits.
func (r *Round) Tally() Tally {
	var sum Tally
	for n := range r.Visits {
		sum.Add(&r.Visits[n].Tally, problemsPerVisit)
	}
	return sum
}

func (r *Round) add(other *Round) {
	r.Visits = append(r.Visits, other.Visits...)
	r.Waiting += other.Waiting
	r.Paused += other.Paused
	r.Done += other.Done
	if r.Next.IsZero() || !other.Next.IsZero() && other.Next.Before(r.Next) {
		r.Next = other.Next
	}
}

// Round visits the targets of an order once and returns. It uses the budgets,
// cursors and coverage of Run, beside which it may run in another process with
// the same state file. Its error is of what was ordered or of the sources as a
// whole; failures of single targets are in the round.
func (c *Collector) Round(ctx context.Context, order Order) (Round, error) {
	delivery, endDelivery := Outlive(ctx, c.cfg.StopTimeout)
	defer endDelivery()
	var selected []Schedule
	for _, s := range c.schedules {
		if order.Source == "" || s.Source.Name() == order.Source {
			selected = append(selected, s)
		}
	}
	if len(selected) == 0 {
		return Round{}, &post.FieldError{Key: "source", Value: fmt.Sprintf("%q", order.Source), Allowed: strings.Join(c.names(), ", ")}
	}
	var telling sync.Mutex
	rounds, problems := make([]*rounds, len(selected)), make([]error, len(selected))
	var lanes sync.WaitGroup
	for n, s := range selected {
		rounds[n] = newRounds(newLane(c, s), order, &telling)
		lanes.Go(func() { problems[n] = rounds[n].run(ctx, delivery) })
	}
	lanes.Wait()
	if order.Show == nil {
		c.tellUnwatched()
		c.coverage.flush(delivery)
	}
	return gather(order, rounds, problems)
}

func (c *Collector) names() []string {
	var names []string
	for _, s := range c.schedules {
		names = append(names, s.Source.Name())
	}
	return names
}

// gather joins the rounds of the sources.
func gather(order Order, rounds []*rounds, problems []error) (Round, error) {
	var whole Round
	var others []string
	selected := 0
	var failed []error
	for n, r := range rounds {
		whole.add(&r.round)
		selected += r.selected
		others = append(others, r.others...)
		if problems[n] != nil {
			failed = append(failed, fmt.Errorf("source %s: %w", r.lane.name, problems[n]))
		}
	}
	if order.Account != "" && selected == 0 && len(failed) == 0 {
		slices.Sort(others)
		return whole, &NoAccountError{Account: order.Account, Others: slices.Compact(others)}
	}
	return whole, joined(failed)
}

// NoAccountError says that no source has the account that was asked for.
type NoAccountError struct {
	Account string
	// Others are names of the accounts that there are, in order.
	Others []string
}

func (e *NoAccountError) Error() string {
	return fmt.Sprintf("no source collects the account %q: it is not in the roster now, or on a platform without a source", e.Account)
}

// rounds is one round of one source.
type rounds struct {
	lane     *lane
	order    Order
	telling  *sync.Mutex
	round    Round
	going    map[string]*Visit // by target
	selected int
	others   []string
}

func newRounds(l *lane, order Order, telling *sync.Mutex) *rounds {
	r := &rounds{lane: l, order: order, telling: telling, going: map[string]*Visit{}}
	l.mode = r
	if order.Show != nil {
		l.taker = newRehearsal(l.collector.intake.gate, r.show)
	}
	return r
}

func (r *rounds) show(shown Shown) {
	r.telling.Lock()
	defer r.telling.Unlock()
	r.order.Show(shown)
}

// run visits the selected targets.
func (r *rounds) run(ctx, delivery context.Context) error {
	l := r.lane
	known, err := l.collector.state.schedules(ctx, l.name)
	if err != nil {
		return err
	}
	targets, err := l.Source.Targets(ctx)
	if err != nil && len(targets) == 0 {
		return err
	}
	if err == nil {
		l.collector.watch.watches(l.name, targets)
	}
	r.enlist(targets, known, time.Now())
	l.rescale(time.Now())
	for ctx.Err() == nil {
		l.start(ctx, delivery, time.Now())
		if l.running == 0 && (len(l.queue) == 0 || time.Until(l.queue[0].at) > patience) {
			break
		}
		r.wait(ctx, delivery)
	}
	if err := l.end(ctx, delivery); err != nil {
		return err
	}
	r.round.Paused += len(l.queue)
	return r.tidy(delivery, err)
}

func (r *rounds) wait(ctx, delivery context.Context) {
	l := r.lane
	at := time.Now().Add(patience)
	if len(l.queue) > 0 && l.running < l.Concurrency {
		at = l.queue[0].at
	}
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case o := <-l.done:
		l.finish(ctx, delivery, o)
	}
}

// enlist puts the targets of the order into the lane.
func (r *rounds) enlist(targets []Target, known map[string]schedule, now time.Time) {
	for _, target := range targets {
		if r.order.Account != "" && !isAccount(&target, r.order.Account) {
			r.others = append(r.others, target.ID, target.Account)
			if target.Owner.Handle != "" {
				r.others = append(r.others, target.Owner.Handle)
			}
			continue
		}
		r.selected++
		e := r.lane.newEntry(target, known, now)
		if target.Stream {
			continue
		}
		if r.order.Backfill != nil {
			if before := known[r.key(target.ID).target]; !before.lastSuccess.IsZero() {
				r.round.Done++
				continue
			}
			e.due = now
		}
		if r.order.Account != "" || r.order.All || r.order.Anew {
			e.due = now
		}
		if e.due.After(now) {
			r.round.Waiting++
			if r.round.Next.IsZero() || e.due.Before(r.round.Next) {
				r.round.Next = e.due
			}
			continue
		}
		e.at = now
		r.lane.entries[target.ID] = e
		heap.Push(&r.lane.queue, e)
	}
}

// key is where the cursor of a target is saved.
func (r *rounds) key(target string) targetKey {
	if r.order.Backfill != nil {
		return targetKey{r.lane.name, backfillKey(*r.order.Backfill) + target}
	}
	return targetKey{r.lane.name, target}
}
