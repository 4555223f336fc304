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

// untilAllowed is how long to wait by what answers said. The first half of what
// is left may be used as it comes, the rest only evenly until the reset.
func (b *budget) untilAllowed(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	until := b.said.Reset.Sub(now)
	switch {
	case b.said.Reset.IsZero() || until <= 0:
		return 0
	case b.said.Remaining <= 0:
		return until
	case 2*b.said.Remaining >= b.most:
		return 0
	}
	even := until / time.Duration(b.said.Remaining)
	return max(even-now.Sub(b.last), 0)
}

// sameWindow is by how much two answers may differ about one reset: some count
// in whole seconds from their own now.
const sameWindow = 5 * time.Second

// answered notes that a request is no longer on its way.
func (b *budget) answered() {
	b.mu.Lock()
	b.out--
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
	if limit.Reset.Sub(b.said.Reset).Abs() < sameWindow {
		b.said.Remaining = min(b.said.Remaining, remaining)
		return
	}
	b.said, b.most = Limit{Remaining: remaining, Reset: limit.Reset}, limit.Remaining
}
