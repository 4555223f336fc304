package audit

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

// group gathers events that are recorded by themselves, such as views, so that
// many share one commit: while one is under way, those that come wait for the
// next. Whoever waits longest does it; there is no goroutine.
type group struct {
	mu      sync.Mutex
	waiting []waiter
	busy    bool
}

type waiter struct {
	ctx   context.Context //nolint:containedctx // it carries the address, for the one who writes
	event Event
	done  chan error
	lead  chan struct{}
}

// groupWithin bounds how long a shared commit takes: it is not given up with the
// request of the one who does it.
const groupWithin = 30 * time.Second

// Tell records an event that changes nothing else, and returns when it is
// committed.
func (l *Log) Tell(ctx context.Context, e Event) error {
	w := waiter{ctx: ctx, event: e, done: make(chan error, 1), lead: make(chan struct{}, 1)}
	l.group.mu.Lock()
	l.group.waiting = append(l.group.waiting, w)
	if !l.group.busy {
		l.group.busy = true
		w.lead <- struct{}{}
	}
	l.group.mu.Unlock()
	select {
	case err := <-w.done:
		return err
	case <-w.lead:
		l.writeGroup(ctx)
		return <-w.done
	}
}

// writeGroup commits all events that wait, and hands over to the next one.
func (l *Log) writeGroup(ctx context.Context) {
	l.group.mu.Lock()
	all := l.group.waiting
	l.group.waiting = nil
	l.group.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), groupWithin)
	defer cancel()
	err := l.db.Write(ctx, func(tx *database.Tx) error {
		for _, w := range all {
			if err := l.Append(valuesOf{ctx, w.ctx}, tx, w.event); err != nil {
				return err
			}
		}
		return nil
	})
	for _, w := range all {
		w.done <- err
	}
	l.group.mu.Lock()
	defer l.group.mu.Unlock()
	if len(l.group.waiting) == 0 {
		l.group.busy = false
		return
	}
	l.group.waiting[0].lead <- struct{}{}
}

// valuesOf ends with one context and has the values of another.
type valuesOf struct {
	context.Context                 //nolint:containedctx // it is one
	values          context.Context //nolint:containedctx // as above
}

func (v valuesOf) Value(key any) any { return v.values.Value(key) }

// text is what both databases can keep.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
