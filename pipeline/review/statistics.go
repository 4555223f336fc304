package review

import (
	"context"
	"math"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// Period bounds statistics: From inclusive, Until exclusive. A zero bound does
// not limit. Region also chooses the regions inside it.
type Period struct {
	From, Until time.Time
	Region      string
}

// Zone is the zone in which days are counted: Western Indonesian Time.
var Zone = time.FixedZone("WIB", 7*60*60)

// Age is how many items have waited up to a time, and longer than the age before.
type Age struct {
	UpTo  time.Duration // 0 is without end
	Items int
}

// ages are the bounds by which waiting items are counted.
var ages = []time.Duration{day, 3 * day, 7 * day, 14 * day, 30 * day, 0}

// Backlog is what waits, and how long it may.
type Backlog struct {
	Waiting int
	// Statuses and Regions are those of what waits.
	Statuses, Regions []Facet
	// Ages counts from the post's date.
	Ages []Age
	// Oldest is the date of the oldest post that waits; zero where none does.
	Oldest time.Time
	// Of the opened ones: those whose legal time is over, ends within a day, within
	// the day after, within the third one, and later. NotOpened ones have no clock
	// yet.
	Overdue, DueInDay, DueInTwoDays, DueInThreeDays, DueLater, NotOpened int
	// NextDue is the first end of the legal time that is still to come.
	NextDue time.Time
}

// Backlog counts what waits of a filter. A supervisor sees it.
func (r *Review) Backlog(ctx context.Context, viewer access.Viewer, filter Filter) (Backlog, error) {
	if !viewer.May(access.Supervise) {
		return Backlog{}, ErrForbidden
	}
	filter.Status = Waiting
	counts, err := r.Counts(ctx, viewer, filter)
	if err != nil {
		return Backlog{}, err
	}
	backlog := Backlog{Waiting: counts.Total, Statuses: counts.Statuses, Regions: counts.Regions}
	for _, age := range ages {
		backlog.Ages = append(backlog.Ages, Age{UpTo: age})
	}
	err = r.asking(ctx, viewer, &filter, func(q *query) error {
		now := r.deps.Now()
		r.board.each(q, func(i int) {
			if r.board.finds(q, i) {
				backlog.add(database.Time(r.board.created[i]), database.Time(r.board.due[i]), now)
			}
		})
		return nil
	})
	return backlog, err
}

func (b *Backlog) add(created, due, now time.Time) {
	if b.Oldest.IsZero() || created.Before(b.Oldest) {
		b.Oldest = created
	}
	for i, age := range ages {
		if age == 0 || now.Sub(created) <= age {
			b.Ages[i].Items++
			break
		}
	}
	left := due.Sub(now)
	switch {
	case due.IsZero():
		b.NotOpened++
		return
	case left <= 0:
		b.Overdue++
		return
	case left <= day:
		b.DueInDay++
	case left <= 2*day:
		b.DueInTwoDays++
	case left <= 3*day:
		b.DueInThreeDays++
	default:
		b.DueLater++
	}
	if b.NextDue.IsZero() || due.Before(b.NextDue) {
		b.NextDue = due
	}
}

// measureBacklog sets the gauges of the queue.
func (r *Review) measureBacklog(ctx context.Context) error {
	everybody := access.Viewer{Name: "netra", Role: access.Supervisor}
	counts, err := r.Counts(ctx, everybody, Filter{})
	if err != nil {
		return err
	}
	for _, status := range Statuses {
		r.metrics.items.WithLabelValues(string(status)).Set(0)
	}
	for _, facet := range counts.Statuses {
		r.metrics.items.WithLabelValues(facet.Value).Set(float64(facet.Items))
	}
	backlog, err := r.Backlog(ctx, everybody, Filter{})
	if err != nil {
		return err
	}
	r.metrics.overdue.Set(float64(backlog.Overdue))
	soon := backlog.DueInDay
	r.metrics.due.WithLabelValues("24h").Set(float64(soon))
	soon += backlog.DueInTwoDays
	r.metrics.due.WithLabelValues("48h").Set(float64(soon))
	soon += backlog.DueInThreeDays
	r.metrics.due.WithLabelValues("72h").Set(float64(soon))
	left := 0.0
	if !backlog.NextDue.IsZero() {
		left = backlog.NextDue.Sub(r.deps.Now()).Seconds()
	}
	r.metrics.oldest.Set(left)
	return nil
}

const zoneMilliseconds = 7 * 60 * 60 * 1000

func (p *Period) bounds() (from, until int64) {
	until = math.MaxInt64
	if !p.Until.IsZero() {
		until = p.Until.UnixMilli()
	}
	return database.Milliseconds(p.From), until
}
