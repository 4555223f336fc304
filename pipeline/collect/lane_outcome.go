package collect

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// finish takes the outcome of a visit and schedules the next.
func (l *lane) finish(ctx, delivery context.Context, o outcome) {
	l.left(l.host(o.entry.Host))
	now := time.Now()
	if ctx.Err() != nil && o.err != nil && (errors.Is(o.err, context.Canceled) || errors.Is(o.err, ctx.Err())) {
		return // broken off by the stop; the saved schedule stands
	}
	e := o.entry
	l.account(&o)
	var none *noBudget
	stinted := errors.As(o.err, &none)
	if !stinted {
		l.costs.add(o.asked, o.units)
	}
	switch {
	case stinted:
		l.withoutBudget(e, asError(o.err), now)
	case o.err != nil:
		l.failed(e, asError(o.err), now)
	default:
		l.succeeded(e, o.result, now)
	}
	e.visits++
	if l.mode.remembers() {
		l.remember(delivery, &o, now)
	}
	l.report(&o)
	if !l.mode.again(&o) || e.removed {
		return
	}
	if e.changed {
		e.due, e.at = now, now
	}
	heap.Push(&l.queue, e)
}

// account adds what the visit found to what is known of the account.
func (l *lane) account(o *outcome) {
	e, now := o.entry, time.Now()
	for _, at := range o.tally.LastPost {
		e.lastPost = later(e.lastPost, at)
	}
	passed := now.Sub(e.visited)
	if e.visited.IsZero() {
		passed = forgetsMonth
	}
	e.pace = e.pace.after(o.tally.recent, passed)
	e.visited = now
	if o.result.Handle != "" {
		e.handle = o.result.Handle
	}
}

func (l *lane) succeeded(e *entry, result Result, now time.Time) {
	wait := jittered(l.wanted(e), l.Jitter)
	e.fixed = result.Next > 0
	if e.fixed {
		wait = result.Next
	}
	if e.failures > 0 {
		l.collector.logger.Info("a target works again", "source", l.name, "target", e.ID, "failures", e.failures)
	}
	e.due, e.lastSuccess, e.failures = now.Add(wait), now, 0
	e.at = e.due
	l.renamed(e, now)
	l.host(e.Host).circuit.success()
	l.collector.metrics.lastSuccess.WithLabelValues(l.name).Set(float64(now.UnixMilli()) / 1000)
}

// renamed notes that the platform shows another handle than the roster has. The
// account is collected all the same, by its id.
func (l *lane) renamed(e *entry, now time.Time) {
	if e.handle == "" || e.Owner.Handle == "" || sameHandle(e.handle, e.Owner.Handle) {
		e.problem, e.reason, e.since = "", "", time.Time{}
		return
	}
	reason := fmt.Sprintf("the platform shows the handle %s, the roster has %s", e.handle, e.Owner.Handle)
	if e.problem != KindRenamed || e.reason != reason {
		e.since = now
		l.collector.logger.Warn("an account has another handle than in the roster", "source", l.name, "target", e.ID, "handle", e.handle, "roster", e.Owner.Handle)
	}
	e.problem, e.reason = KindRenamed, reason
}

func sameHandle(a, b string) bool {
	return strings.EqualFold(strings.TrimPrefix(strings.TrimSpace(a), "@"), strings.TrimPrefix(strings.TrimSpace(b), "@"))
}

func (l *lane) failed(e *entry, err *Error, now time.Time) {
	cfg := &l.collector.cfg
	l.collector.metrics.errors.WithLabelValues(l.name, string(err.Kind)).Inc()
	if e.problem != err.Kind {
		e.since = now
		l.collector.logger.Warn("a target cannot be collected", "source", l.name, "target", e.ID, "kind", err.Kind, "error", err.Err)
	}
	e.problem, e.reason = err.Kind, err.Err.Error()
	if err.Handle != "" {
		e.handle = err.Handle
	}
	e.failures++
	e.fixed = true
	wait := l.failures.after(e.failures)
	circuit := &l.host(e.Host).circuit
	switch {
	case err.Kind.endOfAccount():
		wait = max(wait, jittered(cfg.RecheckEnded, 0.1))
		circuit.success() // the platform has answered
	case err.Kind == KindRateLimited:
		wait = max(err.RetryAfter, wait)
		if l.CircuitAfter > 0 {
			circuit.pause(now.Add(wait))
		}
	case err.Kind == KindTemporary || err.Kind == KindRefused:
		circuit.failure(now)
		wait = max(err.RetryAfter, wait)
	}
	e.due = now.Add(wait)
	e.at = e.due
}

// withoutBudget lets the host pause until there is budget. The target stays due
// since when it was, before those that became due later.
func (l *lane) withoutBudget(e *entry, err *Error, now time.Time) {
	l.collector.metrics.noBudget.WithLabelValues(l.name).Inc()
	until := now.Add(err.RetryAfter)
	l.host(e.Host).circuit.pause(until)
	e.at = until
}

// remember saves the schedule and notes the coverage.
func (l *lane) remember(delivery context.Context, o *outcome, now time.Time) {
	err := l.mode.save(delivery, l, o, now)
	if err != nil {
		l.collector.logger.Error("what became of a visit is not saved", "source", l.name, "target", o.entry.ID, "error", err)
	}
	l.cover(o.entry, &o.tally, now)
}

// save saves the schedule of the target, and its gaps where there are new ones.
func (l *lane) save(ctx context.Context, o *outcome, now time.Time) error {
	e, key := o.entry, targetKey{l.name, o.entry.ID}
	var problem error
	if len(o.result.Gaps) > 0 {
		e.gaps = addGaps(e.gaps, o.result.Gaps, now)
		problem = l.collector.state.saveGaps(ctx, key, e.gaps)
	}
	return errors.Join(problem, l.collector.state.saveSchedule(ctx, key, &e.schedule, now))
}

// cover notes the coverage of the target's account, or of all accounts of which
// there were posts where the target is not one account.
func (l *lane) cover(e *entry, tally *Tally, now time.Time) {
	if e.Account != "" {
		entry := CoverageEntry{
			Source: l.name, Account: e.Account, At: now, LastSuccess: e.lastSuccess, LastPost: e.lastPost,
			Failures: e.failures, Problem: e.problem, Since: e.since, Reason: e.reason, Gaps: e.gaps,
		}
		if e.problem == KindRenamed {
			entry.Handle = e.handle
		}
		l.collector.coverage.note(entry)
		return
	}
	for account, at := range tally.LastPost {
		l.collector.coverage.note(CoverageEntry{Source: l.name, Account: account, At: now, LastSuccess: now, LastPost: at})
	}
}

func (l *lane) report(o *outcome) {
	if l.meter.quota.Units > 0 {
		l.collector.metrics.quotaLeft.WithLabelValues(l.name).Set(float64(l.meter.left()))
	}
	l.collector.metrics.units.WithLabelValues(l.name).Add(float64(o.units))
}

func (l *lane) observe(now time.Time) {
	m := l.collector.metrics
	var late time.Duration
	if len(l.queue) > 0 {
		late = max(now.Sub(l.queue[0].due), 0)
	}
	m.overdue.WithLabelValues(l.name).Set(late.Seconds())
	m.paused.WithLabelValues(l.name).Set(l.paused(now))
}
