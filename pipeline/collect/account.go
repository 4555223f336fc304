package collect

import (
	"context"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Account is a roster account that a platform's source collects.
type Account struct {
	// ID is the account id as the roster has it, the part of the account key
	// behind the platform. Posts carry it as account.id, or the gate drops them.
	ID     string
	Handle string
	Name   string
	// Region is that of the person's office, empty where it is not known.
	Region string
	// From is the first moment at which the account counts, and Until the first
	// at which it no longer does; a zero Until leaves the end open.
	From, Until time.Time
}

// Accounts says which accounts a platform's source is to collect.
type Accounts interface {
	// Accounts lists the roster's accounts of a platform: those that count now,
	// and those that ended less than a grace period ago, whose last posts may
	// not have been collected yet. The order is that of the ids.
	Accounts(ctx context.Context, platform string) ([]Account, error)
}

// AccountTargets lists a platform's accounts as targets, each with its account
// id as its own, which is what most platforms' sources return as their Targets.
func AccountTargets(ctx context.Context, accounts Accounts, platform string) ([]Target, error) {
	all, err := accounts.Accounts(ctx, platform)
	targets := make([]Target, 0, len(all))
	for _, a := range all {
		targets = append(targets, Target{ID: a.ID, Account: post.AccountKey(platform, a.ID), Owner: a})
	}
	return targets, err
}

// Limit is what a platform's answer said of its budget.
type Limit struct {
	// Remaining is how many more requests the platform answers until Reset;
	// below 0 where it did not say.
	Remaining int
	// Reset is when the budget is full again; zero where the answer did not say,
	// and then nothing is made of Remaining.
	Reset time.Time
}

// Said says whether the answer said anything of the budget.
func (l Limit) Said() bool { return l.Remaining >= 0 && !l.Reset.IsZero() }

// Period is a time from From to Until, the end not counted. A zero From is the
// beginning of everything, a zero Until is now.
type Period struct{ From, Until time.Time }

// Contains says whether the time is in the period.
func (p Period) Contains(at time.Time) bool {
	return !at.Before(p.From) && (p.Until.IsZero() || at.Before(p.Until))
}

// Gap is a period of which a source knows that posts may be missing, with the
// reason for people: the platform shows the last 20 only, and none of them had
// been seen before.
type Gap struct {
	Period
	Reason string
}

// Backfiller is implemented by a source that can go back to a period by asking
// for it. For other sources a backfill collects from the start and leaves out
// what is not in the period.
type Backfiller interface {
	// Backfill hands the target's posts of the period to the sink, in pages, in
	// any order. The cursor is one of its own, not that of Collect: nil at the
	// start of a backfill, else what the last page before a stop had. Where the
	// result does not say that there is more, the period is complete.
	Backfill(ctx context.Context, target Target, period Period, cursor Cursor, sink Sink) (Result, error)
}
