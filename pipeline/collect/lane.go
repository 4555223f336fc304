package collect

import (
	"container/heap"
	"context"
	"runtime/debug"
	"sync"
	"time"
)

// lane is the scheduler of one source. One goroutine, run, owns everything in
// it; visits run beside it and report through done.
type lane struct {
	collector *Collector
	Schedule
	name    string
	taker   taker
	mode    mode
	meter   *meter
	hosts   map[string]*host
	entries map[string]*entry
	queue   dueQueue
	running int
	done    chan outcome
	wake    chan string
	// refreshAt is when the source is next asked for its targets, and
	// refreshFailures how often that failed in a row.
	refreshAt       time.Time
	roster          string // version of the roster at the last refresh
	refreshFailures int
	stretch         stretch
	costs           costs
	failures        backoff
	visits          sync.WaitGroup
}

// taker takes the pages of visits: an *Intake, or a *Rehearsal.
type taker interface {
	Take(ctx context.Context, source, target string, page Page) (Tally, error)
}

// mode is what differs between collecting for ever and one round.
type mode interface {
	// collect visits a target; cursor is where it is.
	collect(ctx context.Context, source Source, target Target, cursor Cursor, sink *sink) (Result, error)
	// remembers says whether what becomes of visits is saved and reported.
	remembers() bool
	// key is where the cursor of a target is saved.
	key(target string) targetKey
	// save saves what became of a visit.
	save(ctx context.Context, l *lane, o *outcome, now time.Time) error
	// again takes the outcome of a visit, and says whether the target is visited
	// again.
	again(o *outcome) bool
}

// forever is the mode of Run.
type forever struct{ source string }

func (forever) collect(ctx context.Context, source Source, target Target, cursor Cursor, sink *sink) (Result, error) {
	return source.Collect(ctx, target, cursor, sink)
}

func (forever) remembers() bool { return true }

func (f forever) key(target string) targetKey { return targetKey{f.source, target} }

func (forever) save(ctx context.Context, l *lane, o *outcome, now time.Time) error {
	return l.save(ctx, o, now)
}

func (forever) again(*outcome) bool { return true }

// entry is a target in the lane.
type entry struct {
	Target
	schedule
	at      time.Time // when it can be visited: not before it is due
	index   int       // in the queue, -1 while it is visited or parked
	changed bool
	removed bool
	silent  bool // an election's silent period speeds it up
	fixed   bool // the source itself has said when it is due
	visits  int
}

// outcome is what a visit reports.
type outcome struct {
	entry  *entry
	result Result
	tally  Tally
	asked  int // requests
	units  int
	err    error
}

func newLane(c *Collector, s Schedule) *lane {
	s = s.withDefaults()
	return &lane{
		collector: c, Schedule: s, name: s.Source.Name(), taker: c.intake, mode: forever{s.Source.Name()},
		meter: newMeter(s.Quota, s.Source.Name(), c.state),
		hosts: map[string]*host{}, entries: map[string]*entry{}, done: make(chan outcome), wake: make(chan string),
		stretch: stretch{1, 1}, failures: backoff{c.cfg.RetryInitial, c.cfg.RetryMax},
	}
}

// run visits the targets until ctx ends; visits may deliver until delivery ends.
func (l *lane) run(ctx, delivery context.Context) error {
	known, err := l.collector.state.schedules(ctx, l.name)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if watcher, ok := l.Source.(Watcher); ok {
		l.visits.Go(func() { l.watch(ctx, watcher) })
	}
	for ctx.Err() == nil {
		now := time.Now()
		if l.anotherRoster() || !now.Before(l.refreshAt) {
			l.refresh(ctx, known, now)
		}
		l.start(ctx, delivery, now)
		l.observe(now)
		l.wait(ctx, delivery)
	}
	return l.end(ctx, delivery)
}

// end waits for the visits.
func (l *lane) end(ctx, delivery context.Context) error {
	for l.running > 0 {
		l.finish(ctx, delivery, <-l.done)
	}
	l.visits.Wait()
	return l.meter.giveBack(delivery)
}

// wait blocks until something is to be done.
func (l *lane) wait(ctx, delivery context.Context) {
	wait := time.Until(l.next())
	if l.collector.version != nil {
		wait = min(wait, time.Minute)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case result := <-l.done:
		l.finish(ctx, delivery, result)
	case target := <-l.wake:
		l.changed(target)
	}
}

// anotherRoster says whether there is another roster than at the last time.
func (l *lane) anotherRoster() bool {
	if l.collector.version == nil {
		return false
	}
	before := l.roster
	l.roster = l.collector.version()
	return before != l.roster
}

// next is when the lane has to act by itself.
func (l *lane) next() time.Time {
	at := l.refreshAt
	if len(l.queue) > 0 && l.running < l.Concurrency && l.queue[0].at.Before(at) {
		at = l.queue[0].at
	}
	return at
}

// start begins the visits that are due.
func (l *lane) start(ctx, delivery context.Context, now time.Time) {
	for l.running < l.Concurrency && len(l.queue) > 0 && !l.queue[0].at.After(now) {
		e := l.queue[0]
		h := l.host(e.Host)
		if now.Before(h.circuit.until) {
			e.at = h.circuit.until
			heap.Fix(&l.queue, 0)
			continue
		}
		heap.Pop(&l.queue)
		if !l.admits(h) {
			h.parked = append(h.parked, e)
			continue
		}
		e.changed = false
		h.running++
		l.running++
		target := e.Target
		to := &sink{taker: l.taker, budget: h.budget, delivery: delivery, key: l.mode.key(target.ID)}
		l.visits.Go(func() { l.done <- l.visit(ctx, e, target, to) })
	}
}

// visit collects one target.
func (l *lane) visit(ctx context.Context, e *entry, target Target, sink *sink) (o outcome) {
	start := time.Now()
	o.entry = e
	defer func() {
		if p := recover(); p != nil {
			o.err = Errorf(KindMalformed, "the source %s panicked: %v\n%s", l.name, p, debug.Stack())
		}
		sink.answered()
		o.tally, o.asked, o.units = sink.tally, sink.asked, sink.units
		l.collector.metrics.visit.WithLabelValues(l.name).Observe(time.Since(start).Seconds())
	}()
	cursor, err := l.collector.state.Cursor(ctx, sink.key.source, sink.key.target)
	if err != nil {
		o.err = &Error{Kind: KindDelivery, Err: err}
		return o
	}
	o.result, o.err = l.mode.collect(ctx, l.Source, target, cursor, sink)
	return o
}
