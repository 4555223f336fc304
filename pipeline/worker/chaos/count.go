package chaos

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
)

// Stored is what is in the store.
type Stored struct {
	// Flags is the number of rows of flagged posts by post id, counted as they
	// lie there, without FINAL.
	Flags map[string]uint64
	// Posts is the sum of the hourly counts by hour (UTC).
	Posts map[time.Time]uint64
}

// Report is what a run counted.
type Report struct {
	Seed  uint64
	Acts  map[string]int
	Kills int
	// Died is how many workers ended though nobody asked.
	Died      int
	DrainTime time.Duration

	// Produced is how many distinct posts the broker acknowledged, Records how
	// many records that made in the topic, Retries how often a lot was sent
	// again.
	Produced, Records, Retries int
	// Flagged is how many of the posts are to be flagged.
	Flagged int
	// LostByBroker are acknowledged posts that are not in the topic.
	LostByBroker int
	// LostFlags and LostCounts are posts missing among the flagged ones and in
	// the hourly counts.
	LostFlags, LostCounts int
	// TwiceFlags and TwiceCounts are rows and counts too many.
	TwiceFlags, TwiceCounts int
	// WrongFlags are stored posts that should not be flagged.
	WrongFlags int
	// Broken is how many records cannot be read, DeadLetters how many of them
	// are among the dead letters.
	Broken, DeadLetters int
}

// Holds says whether nothing was lost and nothing stored twice. A worker that
// ended unasked does not break the promise; whether it may is for the caller.
func (r *Report) Holds() bool {
	return r.LostByBroker+r.LostFlags+r.LostCounts+r.TwiceFlags+r.TwiceCounts+r.WrongFlags == 0 &&
		r.Broken == r.DeadLetters && r.Flagged > 0
}

// String is the report for a person.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %d kills", r.Seed, r.Kills)
	for _, act := range slices.Sorted(maps.Keys(r.Acts)) {
		fmt.Fprintf(&b, ", %s %d", act, r.Acts[act])
	}
	fmt.Fprintf(&b, "\nproduced %d posts in %d records (%d lots sent again), %d to be flagged; drained in %s",
		r.Produced, r.Records, r.Retries, r.Flagged, r.DrainTime.Round(time.Millisecond))
	fmt.Fprintf(&b, "\nlost %d (broker %d, flagged %d, counted %d), stored twice %d (flagged %d, counted %d), wrong %d",
		r.LostByBroker+r.LostFlags+r.LostCounts, r.LostByBroker, r.LostFlags, r.LostCounts,
		r.TwiceFlags+r.TwiceCounts, r.TwiceFlags, r.TwiceCounts, r.WrongFlags)
	fmt.Fprintf(&b, "\nbroken records %d, dead letters of them %d; workers that ended unasked %d", r.Broken, r.DeadLetters, r.Died)
	return b.String()
}

// expected is what the topic says should be stored.
type expected struct {
	seen    map[string]bool
	flagged map[string]bool
	hours   map[time.Time]uint64
	broken  map[string]bool
	records int
}

// count compares the topic with what was acknowledged, and the store with the
// topic.
func (r *run) count(ctx context.Context, l *load) error {
	e, err := r.expect(ctx)
	if err != nil {
		return err
	}
	stored, err := r.parts.Stored(ctx)
	if err != nil {
		return fmt.Errorf("count what is stored: %w", err)
	}
	dead, err := r.deadLetters(ctx)
	if err != nil {
		return err
	}
	rep := &r.report
	rep.Produced, rep.Retries, rep.Records, rep.Flagged = int(l.produced.Load()), l.retries, e.records, len(e.flagged)
	for number := range rep.Produced {
		if id := l.post(number).ID; !e.seen[id] {
			rep.LostByBroker++
		}
	}
	compareFlags(rep, e, stored)
	compareHours(rep, e, stored)
	rep.Broken = len(e.broken)
	for source := range dead {
		if e.broken[source] {
			rep.DeadLetters++
		}
	}
	return nil
}

func compareFlags(rep *Report, e *expected, stored Stored) {
	for id := range e.flagged {
		if stored.Flags[id] == 0 {
			rep.LostFlags++
		}
	}
	for id, rows := range stored.Flags {
		if !e.flagged[id] {
			rep.WrongFlags++
		}
		rep.TwiceFlags += int(rows - 1)
	}
}

func compareHours(rep *Report, e *expected, stored Stored) {
	hours := maps.Clone(stored.Posts)
	for hour := range e.hours {
		hours[hour] += 0
	}
	for hour := range hours {
		switch want, got := e.hours[hour], stored.Posts[hour]; {
		case got < want:
			rep.LostCounts += int(want - got)
		default:
			rep.TwiceCounts += int(got - want)
		}
	}
}

// expect reads the whole topic.
func (r *run) expect(ctx context.Context) (*expected, error) {
	e := &expected{
		seen: map[string]bool{}, flagged: map[string]bool{}, hours: map[time.Time]uint64{}, broken: map[string]bool{},
	}
	topic := r.parts.Queue.Configuration().Topic
	err := r.parts.Queue.Replay(ctx, topic, nil, func(partition int, record queue.Record) error {
		e.records++
		p, err := post.Decode(record.Value)
		if err != nil {
			e.broken[source(topic, partition, record.Offset)] = true
			return nil
		}
		if e.seen[p.ID] {
			return nil
		}
		e.seen[p.ID] = true
		e.hours[p.CreatedAt.UTC().Truncate(time.Hour)]++
		if r.parts.Flagged(&p) {
			e.flagged[p.ID] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what was produced: %w", err)
	}
	return e, nil
}

// deadLetters returns the sources of all dead letters; one that was sent twice
// has the same source.
func (r *run) deadLetters(ctx context.Context) (map[string]bool, error) {
	sources := map[string]bool{}
	err := r.parts.Queue.Replay(ctx, r.parts.Queue.Configuration().DeadTopic, nil, func(_ int, record queue.Record) error {
		h := map[string]string{}
		for _, header := range record.Headers {
			h[header.Key] = string(header.Value)
		}
		sources[h["source_topic"]+"/"+h["source_partition"]+"/"+h["source_offset"]] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the dead letters: %w", err)
	}
	return sources, nil
}

func source(topic string, partition int, offset int64) string {
	return fmt.Sprintf("%s/%d/%d", topic, partition, offset)
}
