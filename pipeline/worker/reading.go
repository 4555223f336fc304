package worker

import (
	"errors"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
)

// Reading is one record as a worker takes it, for those who judge the same
// records again: the back-test and the reclassification.
type Reading struct {
	Post post.Post
	// Person is who was behind the account on the post's date; its zero value
	// where the roster does not know.
	Person post.Person
	// Err says why the record is a dead letter, and no post.
	Err error
}

// Read decodes a record and resolves its account, as the worker does at now.
func Read(record *queue.Record, roster Roster, now time.Time) Reading {
	it := item{record: record}
	read(&it, roster, now)
	if it.dead != nil {
		return Reading{Err: it.dead.err}
	}
	return Reading{Post: it.post, Person: it.person}
}

// read decodes the record of an item and resolves its account.
func read(it *item, roster Roster, now time.Time) {
	if len(it.record.Value) == 0 {
		it.dead = &deadLetter{reason: ReasonEmpty, err: errors.New("the record has no value")}
		return
	}
	p, err := post.Decode(it.record.Value)
	if err == nil {
		err = p.Validate(now)
	}
	if err != nil {
		it.dead = unreadable(err)
		return
	}
	it.post = p
	it.person, it.known = roster.Resolve(p.Key(), p.CreatedAt)
}

// Sifter tells repeats in one partition as a worker with the same window does.
type Sifter struct{ window *window }

// NewSifter makes a sifter; size is the worker's repeat window.
func NewSifter(size int) *Sifter { return &Sifter{newWindow(size)} }

// Sift says whether a worker passes over the record's post, and whether it
// counts it as a post of its own. Offsets must grow.
func (s *Sifter) Sift(record *queue.Record, p *post.Post) (pass, counts bool) {
	it := item{record: record, repeat: s.window.see(record.Offset, p)}
	return it.repeat == sameRepeat, it.counts()
}
