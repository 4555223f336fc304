package collect

import (
	"container/heap"
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// lane is the scheduler of one source. One goroutine, run, owns everything in
// it; visits run beside it and report through done.
type lane struct {
	collector *Collector
	Schedule
	name    string
	limiter *rate.Limiter
	entries map[string]*entry
	queue   dueQueue
	running int
	done    chan outcome
	wake    chan string
	// refreshAt is when the source is next asked for its targets, and
	// refreshFailures how often that failed in a row.
	refreshAt       time.Time
	refreshFailures int
	circuit         circuit
	visits          sync.WaitGroup
}

// entry is a target in the lane.
type entry struct {
	Target
	schedule
	index   int // in the queue, -1 while it is visited
	changed bool
	removed bool
}

// outcome is what a visit reports.
type outcome struct {
	entry  *entry
	result Result
	tally  Tally
	err    error
}

func newLane(c *Collector, s Schedule) *lane {
	s = s.withDefaults()
	limit := rate.Inf
	if s.Rate > 0 {
		limit = rate.Limit(s.Rate)
	}
	return &lane{
		collector: c, Schedule: s, name: s.Source.Name(), limiter: rate.NewLimiter(limit, s.Burst),
		entries: map[string]*entry{}, done: make(chan outcome), wake: make(chan string),
		circuit: circuit{threshold: s.CircuitAfter, backoff: backoff{c.cfg.RetryInitial, c.cfg.RetryMax}},
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
		if !now.Before(l.refreshAt) {
			l.refresh(ctx, known, now)
		}
		l.start(ctx, delivery, now)
		l.observe(now)
		l.wait(ctx, delivery)
	}
	for l.running > 0 {
		l.finish(ctx, delivery, <-l.done)
	}
	l.visits.Wait()
	return nil
}

// wait blocks until something is to be done.
func (l *lane) wait(ctx, delivery context.Context) {
	timer := time.NewTimer(time.Until(l.next()))
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

// next is when the lane has to act by itself.
func (l *lane) next() time.Time {
	at := l.refreshAt
	if len(l.queue) > 0 && l.running < l.Concurrency {
		if due := later(l.queue[0].due, l.circuit.until); due.Before(at) && !l.probing() {
			at = due
		}
	}
	return at
}

// start begins the visits that are due.
func (l *lane) start(ctx, delivery context.Context, now time.Time) {
	for l.running < l.Concurrency && len(l.queue) > 0 && !l.queue[0].due.After(now) {
		if now.Before(l.circuit.until) || l.probing() {
			return
		}
		e := heap.Pop(&l.queue).(*entry)
		e.changed = false
		l.running++
		target := e.Target
		l.visits.Go(func() {
			result, tally, err := l.visit(ctx, delivery, target)
			l.done <- outcome{entry: e, result: result, tally: tally, err: err}
		})
	}
}

// probing says that the circuit was open and one visit is finding out whether
// it may close.
func (l *lane) probing() bool { return l.circuit.failed() && l.running > 0 }

// visit collects one target.
func (l *lane) visit(ctx, delivery context.Context, target Target) (result Result, tally Tally, err error) {
	start := time.Now()
	sink := &sink{intake: l.collector.intake, limiter: l.limiter, delivery: delivery, key: targetKey{l.name, target.ID}}
	defer func() {
		if p := recover(); p != nil {
			err = Errorf(KindMalformed, "the source %s panicked: %v\n%s", l.name, p, debug.Stack())
		}
		tally = sink.tally
		l.collector.metrics.visit.WithLabelValues(l.name).Observe(time.Since(start).Seconds())
	}()
	cursor, err := l.collector.state.Cursor(ctx, l.name, target.ID)
	if err != nil {
		return Result{}, tally, &Error{Kind: KindDelivery, Err: err}
	}
	result, err = l.Source.Collect(ctx, target, cursor, sink)
	return result, tally, err
}

// finish takes the outcome of a visit and schedules the next.
func (l *lane) finish(ctx, delivery context.Context, o outcome) {
	l.running--
	now := time.Now()
	if ctx.Err() != nil && o.err != nil && (errors.Is(o.err, context.Canceled) || errors.Is(o.err, ctx.Err())) {
		return // broken off by the stop; the saved schedule stands
	}
	e := o.entry
	for _, at := range o.tally.LastPost {
		e.lastPost = later(e.lastPost, at)
	}
	if o.err != nil {
		l.failed(e, asError(o.err), now)
	} else {
		l.succeeded(e, o.result, now)
	}
	l.cover(e, &o.tally, now)
	if err := l.collector.state.saveSchedule(delivery, targetKey{l.name, e.ID}, &e.schedule, now); err != nil {
		l.collector.logger.Error("the schedule of a target is not saved", "source", l.name, "target", e.ID, "error", err)
	}
	if e.removed {
		return
	}
	if e.changed {
		e.due = now
	}
	heap.Push(&l.queue, e)
}

func (l *lane) succeeded(e *entry, result Result, now time.Time) {
	wait := jittered(l.Interval, l.Jitter)
	if result.Next > 0 {
		wait = result.Next
	}
	if e.failures > 0 {
		l.collector.logger.Info("a target works again", "source", l.name, "target", e.ID, "failures", e.failures)
	}
	e.due, e.lastSuccess = now.Add(wait), now
	e.failures, e.problem, e.reason, e.since = 0, "", "", time.Time{}
	l.circuit.success()
	l.collector.metrics.lastSuccess.WithLabelValues(l.name).Set(float64(now.UnixMilli()) / 1000)
}

func (l *lane) failed(e *entry, err *Error, now time.Time) {
	cfg := &l.collector.cfg
	l.collector.metrics.errors.WithLabelValues(l.name, string(err.Kind)).Inc()
	if e.problem != err.Kind {
		e.since = now
		l.collector.logger.Warn("a target cannot be collected", "source", l.name, "target", e.ID, "kind", err.Kind, "error", err.Err)
	}
	e.problem, e.reason = err.Kind, err.Err.Error()
	e.failures++
	wait := l.circuit.backoff.after(e.failures)
	switch {
	case err.Kind.endOfAccount():
		wait = max(wait, jittered(cfg.RecheckEnded, 0.1))
		l.circuit.success() // the platform has answered
	case err.Kind == KindRateLimited:
		wait = max(err.RetryAfter, wait)
		if l.CircuitAfter > 0 {
			l.circuit.pause(now.Add(wait))
		}
	case err.Kind == KindTemporary || err.Kind == KindRefused:
		l.circuit.failure(now)
		wait = max(err.RetryAfter, wait)
	}
	e.due = now.Add(wait)
}

// cover notes the coverage of the target's account, or of all accounts of which
// there were posts where the target is not one account.
func (l *lane) cover(e *entry, tally *Tally, now time.Time) {
	if e.Account != "" {
		l.collector.coverage.note(CoverageEntry{
			Source: l.name, Account: e.Account, At: now, LastSuccess: e.lastSuccess, LastPost: e.lastPost,
			Failures: e.failures, Problem: e.problem, Since: e.since, Reason: e.reason,
		})
		return
	}
	for account, at := range tally.LastPost {
		l.collector.coverage.note(CoverageEntry{Source: l.name, Account: account, At: now, LastSuccess: now, LastPost: at})
	}
}

func (l *lane) observe(now time.Time) {
	m := l.collector.metrics
	var late time.Duration
	if len(l.queue) > 0 {
		late = max(now.Sub(l.queue[0].due), 0)
	}
	m.overdue.WithLabelValues(l.name).Set(late.Seconds())
	paused := 0.0
	if now.Before(l.circuit.until) {
		paused = 1
	}
	m.paused.WithLabelValues(l.name).Set(paused)
}
