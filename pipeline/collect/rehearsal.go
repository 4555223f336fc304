package collect

import (
	"context"
	"sync"
	"time"
)

// Rehearsal says what an Intake would do with pages, but sends nothing and
// remembers nothing beyond its own life. It knows only the posts that it was
// shown itself, so it may count as sent what a real run would find a duplicate.
type Rehearsal struct {
	gate *Gate
	seen map[version]bool
	ids  map[[16]byte]bool
	show func(Shown) // may be nil
	// cursors are where the targets are, for a visit that goes on.
	cursors map[string]Cursor
	mu      sync.Mutex
}

// NewRehearsal makes a rehearsal.
func NewRehearsal(roster Roster) *Rehearsal { return newRehearsal(NewGate(roster), nil) }

func newRehearsal(gate *Gate, show func(Shown)) *Rehearsal {
	return &Rehearsal{gate: gate, seen: map[version]bool{}, ids: map[[16]byte]bool{}, cursors: map[string]Cursor{}, show: show}
}

// Take counts what would become of a page.
func (r *Rehearsal) Take(_ context.Context, source, target string, page Page) (Tally, error) {
	now := time.Now()
	sum := Tally{Items: len(page.Items)}
	r.mu.Lock()
	defer r.mu.Unlock()
	if page.Cursor != nil {
		r.cursors[target] = page.Cursor
	}
	for n := range page.Items {
		one := r.gate.sort(source, page.Items[n:n+1], now)
		shown := Shown{Source: source, Target: target, Item: &page.Items[n]}
		r.judge(one, &shown)
		one.tally.Items = 0
		sum.Add(&one.tally, problemsPerVisit)
		if r.show != nil {
			r.show(shown)
		}
	}
	return sum, nil
}

func (r *Rehearsal) cursor(target string) Cursor {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cursors[target]
}

// judge says what would become of one item.
func (r *Rehearsal) judge(one *batch, shown *Shown) {
	for cause := range one.tally.Dropped {
		shown.Dropped = cause
	}
	for _, problem := range one.tally.Problems {
		shown.Rejected, shown.Reason = problem.Cause, problem.Reason
	}
	if len(one.posts) == 0 {
		return
	}
	v := versionOf(&one.posts[0].Post)
	if r.seen[v] {
		one.tally.drop(CauseDuplicate, 1)
		shown.Dropped = CauseDuplicate
		return
	}
	if r.ids[v.id] {
		one.tally.Edited++
	}
	one.tally.Sent++
	r.seen[v], r.ids[v.id] = true, true
}
