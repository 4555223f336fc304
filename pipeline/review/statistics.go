package review

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/store"
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
	// Of the opened ones: those whose legal time is over, ends within a day, ends
	// within three days, and ends later. NotOpened ones have no clock yet.
	Overdue, DueInDay, DueInThreeDays, DueLater, NotOpened int
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
				backlog.add(timeOf(r.board.created[i]), timeOf(r.board.due[i]), now)
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
	left := 0.0
	if !backlog.NextDue.IsZero() {
		left = backlog.NextDue.Sub(r.deps.Now()).Seconds()
	}
	r.metrics.oldest.Set(left)
	return nil
}

// Work is how much one person decided on one day in one region.
type Work struct {
	// Day is written 2024-11-20, in Zone.
	Day    string
	Person string
	Region string
	// Decisions holds the decisions that were not corrected or taken back, by
	// verdict; Total is all of them.
	Decisions map[Verdict]int
	Total     int
}

// Throughput counts decisions by day, person and region, the latest day first. A
// supervisor sees it, each of the own regions.
func (r *Review) Throughput(ctx context.Context, viewer access.Viewer, period Period) ([]Work, error) {
	if !viewer.May(access.Supervise) {
		return nil, ErrForbidden
	}
	from, until := period.bounds()
	rows, err := r.db.Query(ctx, `
		SELECT (d.made_at + ?) / 86400000 AS day, d.made_by, i.region, d.verdict, count(*)
		FROM review_decisions d JOIN review_items i ON i.num = d.item
		WHERE d.made_at >= ? AND d.made_at < ? AND d.withdrawn = 0
			AND NOT EXISTS (SELECT 1 FROM review_decisions later WHERE later.replaces = d.id AND later.replaces <> '')
		GROUP BY 1, 2, 3, 4 ORDER BY 1 DESC, 2, 3, 4`, zoneMilliseconds, from, until)
	if err != nil {
		return nil, fmt.Errorf("count what was decided: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Work
	for rows.Next() {
		var dayNumber int64
		var w Work
		var verdict Verdict
		var n int
		if err := rows.Scan(&dayNumber, &w.Person, &w.Region, &verdict, &n); err != nil {
			return nil, fmt.Errorf("count what was decided: %w", err)
		}
		if !viewer.Sees(w.Region) || period.Region != "" && !access.Within(w.Region, period.Region) {
			continue
		}
		w.Day = time.UnixMilli(dayNumber * day.Milliseconds()).UTC().Format(time.DateOnly)
		if last := len(all) - 1; last < 0 || all[last].Day != w.Day || all[last].Person != w.Person || all[last].Region != w.Region {
			w.Decisions = map[Verdict]int{}
			all = append(all, w)
		}
		all[len(all)-1].Decisions[verdict] += n
		all[len(all)-1].Total += n
	}
	return all, inWords("count what was decided", rows.Err())
}

const zoneMilliseconds = 7 * 60 * 60 * 1000

func (p *Period) bounds() (from, until int64) {
	until = math.MaxInt64
	if !p.Until.IsZero() {
		until = p.Until.UnixMilli()
	}
	return milliseconds(p.From), until
}

// Agreement is how far two people who did not see each other's decisions agree.
type Agreement struct {
	// Items is how many items two people have decided on, Agreed those on which
	// both gave the same verdict, and Conflicts the others. An item for which the
	// first one asked for an opinion is none.
	Items, Agreed, Conflicts int
	// Settled is how many of the conflicts a supervisor has decided.
	Settled int
	// Kappa is Cohen's kappa, from -1 to 1: the agreement beyond what chance would
	// give by how often each verdict is given. Where it is not defined, since there
	// is no item or both gave one and the same verdict to all, KappaKnown is false.
	Kappa      float64
	KappaKnown bool
	// Verdicts counts the items by the first and the second verdict.
	Verdicts map[[2]Verdict]int
}

// Agreement compares first and second decisions; the second ones fell in the
// period. A supervisor sees it.
func (r *Review) Agreement(ctx context.Context, viewer access.Viewer, period Period) (Agreement, error) {
	if !viewer.May(access.Supervise) {
		return Agreement{}, ErrForbidden
	}
	a := Agreement{Verdicts: map[[2]Verdict]int{}}
	from, until := period.bounds()
	rows, err := r.db.Query(ctx, `
		SELECT i.region, first.verdict, second.verdict, count(*),
			sum(CASE WHEN EXISTS (SELECT 1 FROM review_decisions third WHERE third.item = first.item AND third.edition = first.edition
				AND third.round = 3 AND third.withdrawn = 0) THEN 1 ELSE 0 END)
		FROM review_decisions second
		JOIN review_decisions first ON first.item = second.item AND first.edition = second.edition AND first.round = 1
		JOIN review_items i ON i.num = second.item
		WHERE second.round = 2 AND second.made_at >= ? AND second.made_at < ?
			AND first.withdrawn = 0 AND second.withdrawn = 0 AND first.verdict <> 'unsure'
			AND `+originally("first")+" AND "+originally("second")+`
		GROUP BY i.region, first.verdict, second.verdict`, from, until)
	if err != nil {
		return a, fmt.Errorf("compare decisions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var region string
		var verdicts [2]Verdict
		var n, settled int
		if err := rows.Scan(&region, &verdicts[0], &verdicts[1], &n, &settled); err != nil {
			return a, fmt.Errorf("compare decisions: %w", err)
		}
		if viewer.Sees(region) && (period.Region == "" || access.Within(region, period.Region)) {
			a.add(verdicts, n, settled)
		}
	}
	a.Kappa, a.KappaKnown = kappa(a.Verdicts)
	return a, inWords("compare decisions", rows.Err())
}

// originally leaves the decision that a person ended with: not one that was taken
// back or corrected by the same person, but also one that a supervisor
// corrected later.
func originally(decision string) string {
	return `NOT EXISTS (SELECT 1 FROM review_decisions later WHERE later.replaces = ` + decision + `.id AND later.replaces <> ''
		AND (later.withdrawn = 1 OR later.round = ` + decision + `.round))`
}

func (a *Agreement) add(verdicts [2]Verdict, n, settled int) {
	a.Verdicts[verdicts] += n
	a.Items += n
	if verdicts[0] == verdicts[1] {
		a.Agreed += n
		return
	}
	a.Conflicts += n
	a.Settled += settled
}

// kappa is Cohen's kappa of two people's verdicts (J. Cohen, A coefficient of
// agreement for nominal scales, 1960). It is not known where chance alone would
// make them agree always.
func kappa(verdicts map[[2]Verdict]int) (float64, bool) {
	var all, agreed float64
	first, second := map[Verdict]float64{}, map[Verdict]float64{}
	for pair, n := range verdicts {
		items := float64(n)
		all += items
		first[pair[0]] += items
		second[pair[1]] += items
		if pair[0] == pair[1] {
			agreed += items
		}
	}
	if all == 0 {
		return 0, false
	}
	chance := 0.0
	for verdict, n := range first {
		chance += n / all * second[verdict] / all
	}
	if 1-chance < 1e-12 {
		return 0, false
	}
	return (agreed/all - chance) / (1 - chance), true
}

// Precision is how often people found a label's or rule's flags right.
type Precision struct {
	// Value is the label, or the source of a reason such as "support/vote-for".
	Value string
	// Of Judged items with a last word, Violations were found to be one.
	// Duplicates are in neither.
	Judged, Violations int
	// Share is Violations of Judged; Low and High bound the true share with 95%
	// confidence (Wilson's interval).
	Share, Low, High float64
}

// Judge counts the last words on flagged posts. The store implements it.
type Judge interface {
	Judged(ctx context.Context, by string, filter store.DecisionFilter) ([]store.Judged, error)
}

// PrecisionBy returns the precision by "label" or by "rule", the most judged
// first. A supervisor sees it, an operator too, who tunes the lists by it.
func PrecisionBy(ctx context.Context, judge Judge, viewer access.Viewer, by string, filter store.DecisionFilter) ([]Precision, error) {
	if !viewer.May(access.Supervise) && !viewer.May(access.Tune) {
		return nil, ErrForbidden
	}
	filter.Regions = viewer.Regions
	rows, err := judge.Judged(ctx, by, filter)
	list := make([]Precision, len(rows))
	for i, row := range rows {
		low, high := Wilson(int(row.Violations), int(row.Judged))
		list[i] = Precision{Value: row.Value, Judged: int(row.Judged), Violations: int(row.Violations), Low: low, High: high}
		if row.Judged > 0 {
			list[i].Share = float64(row.Violations) / float64(row.Judged)
		}
	}
	return list, err
}

// Wilson bounds a share of which so many of n were seen, with 95% confidence
// (E. B. Wilson, Probable inference, the law of succession, and statistical
// inference, 1927). Of none it is anything from 0 to 1.
func Wilson(seen, n int) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	const z = 1.959963984540054
	share, count := float64(seen)/float64(n), float64(n)
	middle := (share + z*z/(2*count)) / (1 + z*z/count)
	half := z / (1 + z*z/count) * math.Sqrt(share*(1-share)/count+z*z/(4*count*count))
	return max(0, middle-half), min(1, middle+half)
}
