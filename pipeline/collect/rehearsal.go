package collect

import (
	"context"
	"time"
)

// Rehearsal says what an Intake would do with pages, but sends nothing and
// remembers nothing beyond its own life. It knows only the posts that it was
// shown itself, so it may count as sent what a real run would find a duplicate.
type Rehearsal struct {
	gate *Gate
	seen map[version]bool
	ids  map[[16]byte]bool
}

// NewRehearsal makes a rehearsal.
func NewRehearsal(roster Roster) *Rehearsal {
	return &Rehearsal{gate: NewGate(roster), seen: map[version]bool{}, ids: map[[16]byte]bool{}}
}

// Take counts what would become of a page.
func (r *Rehearsal) Take(_ context.Context, source, _ string, page Page) (Tally, error) {
	b := r.gate.sort(source, page.Items, time.Now())
	for n := range b.posts {
		v := versionOf(&b.posts[n].Post)
		switch {
		case r.seen[v]:
			b.tally.drop(CauseDuplicate, 1)
			continue
		case r.ids[v.id]:
			b.tally.Edited++
		}
		b.tally.Sent++
		r.seen[v], r.ids[v.id] = true, true
	}
	return b.tally, nil
}
