package collect

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// budget says when a host may be asked: by the configured rate, by the source's
// quota, and by what the host's own answers say.
type budget struct {
	limiter *rate.Limiter
	meter   *meter
	// turn lets one visit at a time through, in the order in which they came.
	turn chan struct{}

	mu   sync.Mutex
	said Limit     // the last that an answer said, less what was asked since
	most int       // the most that was left in said's window
	last time.Time // when the last request was let through
	out  int       // requests that have not been answered yet
	// heard is set by the first answer.
	heard bool
	// presumed says that the window is a new one of which no answer has told yet.
	presumed bool
}

func newBudget(limit rate.Limit, burst int, m *meter) *budget {
	return &budget{limiter: rate.NewLimiter(limit, burst), meter: m, turn: make(chan struct{}, 1)}
}

// patience is how long a visit waits in its place for its budget. What takes
// longer ends the visit, and pauses the host.
const patience = time.Minute

// wait blocks until a request that costs so many units may be made.
func (b *budget) wait(ctx context.Context, units int) error {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		wait, reason, err := b.try(ctx, units, time.Now())
		if err != nil {
			return err
		}
		if wait == 0 {
			return b.limiter.Wait(ctx)
		}
		if wait > patience {
			return &Error{Kind: KindRateLimited, RetryAfter: wait, Err: &noBudget{reason}}
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// noBudget marks the end of a visit for which the collector had no budget: the
// platform was not asked, and nothing is wrong with the target.
type noBudget struct{ reason string }

func (e *noBudget) Error() string { return e.reason }

// try returns 0 where the request may be made, which is then counted, or how
// long to wait before the next try.
func (b *budget) try(ctx context.Context, units int, now time.Time) (wait time.Duration, reason string, err error) {
	if wait := b.untilAllowed(now); wait > 0 {
		return wait, "the platform's rate limit is used up, as its answers say", nil
	}
	wait, err = b.meter.spend(ctx, units, now)
	if err == nil && wait == 0 {
		b.mu.Lock()
		b.said.Remaining--
		b.last = now
		b.out++
		b.mu.Unlock()
	}
	return wait, "the quota is used up for now", err
}

const (
	// firstAnswer is how long the very first request goes alone: its answer may
	// tell how many others may follow.
	firstAnswer = 5 * time.Second
	// nextAnswer is how long a platform is taken to allow as much in a new window
	// as in the last, until an answer says more.
	nextAnswer = time.Minute
	// lookAgain is how long to wait for what an answer may change at any time.
	lookAgain = 50 * time.Millisecond
)

// untilAllowed is how long to wait by what answers said. The first half of what
// is left may be used as it comes, the rest only evenly until the reset.
func (b *budget) untilAllowed(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.heard && b.out > 0 && now.Sub(b.last) < firstAnswer {
		return lookAgain
	}
	until := b.said.Reset.Sub(now)
	if !b.said.Reset.IsZero() && until <= 0 {
		b.renew(now)
		until = b.said.Reset.Sub(now)
	}
	switch {
	case b.said.Reset.IsZero():
		return 0
	case b.said.Remaining <= 0 && b.presumed:
		return lookAgain
	case b.said.Remaining <= 0:
		return until
	case 2*b.said.Remaining >= b.most || b.presumed:
		return 0
	}
	even := until / time.Duration(b.said.Remaining)
	return max(even-now.Sub(b.last), 0)
}

// renew begins a new window, of which no answer has told yet. Where nothing was
// heard in the last one either, nothing is known any more.
func (b *budget) renew(now time.Time) {
	if b.presumed {
		b.said, b.most, b.presumed = Limit{}, 0, false
		return
	}
	b.presumed = true
	b.said = Limit{Remaining: max(b.most, 1) - b.out, Reset: now.Add(nextAnswer)}
}

// sameWindow is by how much two answers may differ about one reset: some count
// in whole seconds from their own now.
const sameWindow = 5 * time.Second

// answered notes that a request is no longer on its way.
func (b *budget) answered() {
	b.mu.Lock()
	b.out--
	b.heard = true
	b.mu.Unlock()
}

// limit takes over what an answer said. Answers of one window may come in any
// order, so the least that any of them said counts, and requests that are still
// on their way were not counted by the platform yet.
func (b *budget) limit(limit Limit) {
	if !limit.Said() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	remaining := limit.Remaining - b.out
	if !b.presumed && limit.Reset.Sub(b.said.Reset).Abs() < sameWindow {
		b.said.Remaining = min(b.said.Remaining, remaining)
		return
	}
	b.said, b.most, b.presumed = Limit{Remaining: remaining, Reset: limit.Reset}, limit.Remaining, false
}
