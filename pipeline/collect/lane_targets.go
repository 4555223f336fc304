package collect

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"time"
)

// refresh asks the source for its targets.
func (l *lane) refresh(ctx context.Context, known map[string]schedule, now time.Time) {
	targets, err := l.Source.Targets(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return
		}
		l.refreshFailed(asError(err), now)
		if len(targets) == 0 {
			l.count(now)
			return // what is known is visited on
		}
	} else {
		l.refreshFailures = 0
		l.refreshAt = now.Add(l.Refresh)
		l.collector.watch.watches(l.name, targets)
	}
	l.merge(targets, known, now, err == nil)
	l.rescale(now)
	l.count(now)
}

// fresh is for how long a success counts as recent: a day, or two intervals.
func (l *lane) fresh() time.Duration {
	return max(24*time.Hour, 2*time.Duration(float64(l.MaxInterval)*l.stretch.beyond))
}

// count tells how the targets are doing. The last success is also that of an
// earlier process, so that a restart hides nothing.
func (l *lane) count(now time.Time) {
	failing, ended, fresh := 0, 0, 0
	var last time.Time
	for _, e := range l.entries {
		last = later(last, e.lastSuccess)
		if now.Sub(e.lastSuccess) <= l.fresh() {
			fresh++
		}
		if e.failures > 0 {
			failing++
		}
		if e.problem.endOfAccount() {
			ended++
		}
	}
	m := l.collector.metrics
	m.targets.WithLabelValues(l.name).Set(float64(len(l.entries)))
	m.failing.WithLabelValues(l.name).Set(float64(failing))
	m.ended.WithLabelValues(l.name).Set(float64(ended))
	m.fresh.WithLabelValues(l.name).Set(float64(fresh))
	m.interval.WithLabelValues(l.name).Set(l.MaxInterval.Seconds())
	if !last.IsZero() {
		m.lastSuccess.WithLabelValues(l.name).Set(float64(last.UnixMilli()) / 1000)
	}
}

func (l *lane) refreshFailed(err *Error, now time.Time) {
	l.refreshFailures++
	l.refreshAt = now.Add(l.failures.after(l.refreshFailures))
	l.collector.metrics.errors.WithLabelValues(l.name, string(err.Kind)).Inc()
	if l.refreshFailures&(l.refreshFailures-1) == 0 {
		l.collector.logger.Error("a source cannot say what there is to collect", "source", l.name,
			"failures", l.refreshFailures, "kind", err.Kind, "error", err.Err)
	}
}

// merge takes over the list of targets; only a complete one removes others.
func (l *lane) merge(targets []Target, known map[string]schedule, now time.Time, complete bool) {
	listed := make(map[string]bool, len(targets))
	for _, target := range targets {
		listed[target.ID] = true
		if e, ok := l.entries[target.ID]; ok {
			e.Target = target
			continue
		}
		e := l.newEntry(target, known, now)
		l.entries[target.ID] = e
		heap.Push(&l.queue, e)
	}
	if !complete {
		return
	}
	for id, e := range l.entries {
		if listed[id] {
			continue
		}
		e.removed = true
		if e.index >= 0 {
			heap.Remove(&l.queue, e.index)
		}
		delete(l.entries, id)
	}
}

func (l *lane) newEntry(target Target, known map[string]schedule, now time.Time) *entry {
	before, met := known[target.ID]
	e := &entry{Target: target, schedule: before}
	delete(known, target.ID)
	if _, watched := l.Source.(Watcher); e.due.IsZero() || e.failures == 0 && (watched || e.visited.IsZero()) {
		e.due = now // what changed while nobody watched is not told of
	}
	e.at = e.due
	if !met && e.Account != "" && l.mode.remembers() {
		l.collector.coverage.note(CoverageEntry{Source: l.name, Account: e.Account, At: now, Reason: "not visited yet"})
	}
	return e
}

// changed makes a target due now, after asking for the targets again.
func (l *lane) changed(target string) {
	l.refreshAt = time.Now()
	if target != "" {
		if e, ok := l.entries[target]; ok {
			l.makeDue(e)
		}
		return
	}
	for _, e := range l.entries {
		l.makeDue(e)
	}
}

func (l *lane) makeDue(e *entry) {
	e.changed = true
	if e.index >= 0 && (e.failures == 0 || !e.problem.endOfAccount()) {
		e.due, e.at = l.refreshAt, l.refreshAt
		heap.Fix(&l.queue, e.index)
	}
}

// watch runs the source's watcher until ctx ends.
func (l *lane) watch(ctx context.Context, watcher Watcher) {
	for failures := 1; ; failures++ {
		err := watcher.Watch(ctx, func(target string) {
			select {
			case l.wake <- target:
			case <-ctx.Done():
			}
		})
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("it ended by itself")
		}
		l.collector.metrics.errors.WithLabelValues(l.name, string(asError(err).Kind)).Inc()
		l.collector.logger.Warn("a source is not watched for changes; it is still visited by its interval",
			"source", l.name, "error", fmt.Errorf("watch: %w", err))
		if sleep(ctx, l.failures.after(failures)) != nil {
			return
		}
	}
}
