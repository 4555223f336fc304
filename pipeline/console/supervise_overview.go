package console

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

const (
	// mostConflicts are shown of those that wait for a supervisor.
	mostConflicts = 20
	// mostRules are shown of the rules with decisions.
	mostRules = 60
)

// overviewView is the page of how the work goes.
type overviewView struct {
	Frame superviseFrame

	Waiting        string
	Statuses, Ages []shareView
	Oldest         timeView
	Due            []shareView
	NextDue        timeView

	Decided         string
	People, Regions workTable
	Daily           []chartView

	Agreement    agreementView
	Conflicts    []rowView
	AllConflicts string

	Labels, Rules precisionTable
	// Unseen says that precision cannot be had at the moment.
	Unseen bool
}

// shareView is a number with its part of all.
type shareView struct {
	Text, Count string
	URL         string
	Part        string // of 100, for a bar
	Bad, Soon   bool
}

// overviewFound is what the review and the store answer.
type overviewFound struct {
	backlog       review.Backlog
	counts        review.Counts
	work          []review.Work
	agreement     review.Agreement
	conflicts     review.Page
	labels, rules []review.Precision
	unseen        bool
}

func (c *Console) supervise(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	f := c.readSuperviseFilter(r, "/supervise", zoneOf(zoneNames[0], review.Zone), byRegion) // the review counts days in WIB
	found, err := c.findOverview(ctx, of(r).viewer, &f)
	if err != nil {
		return refused("show how the work goes", err)
	}
	return c.render(w, r, http.StatusOK, "supervise", c.reader(r).overview(&f, &found))
}

// findOverview asks for all that the page shows at the same time. Precision is in
// the store, which may be away while people work on.
func (c *Console) findOverview(ctx context.Context, viewer access.Viewer, f *superviseFilter) (overviewFound, error) {
	var found overviewFound
	region := review.Filter{Region: f.values[byRegion]}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		found.backlog, err = c.review.Backlog(ctx, viewer, region)
		return err
	})
	group.Go(func() (err error) {
		found.counts, err = c.review.Counts(ctx, viewer, review.Filter{Status: review.Statuses})
		return err
	})
	group.Go(func() (err error) {
		found.work, err = c.review.Throughput(ctx, viewer, f.period())
		return err
	})
	group.Go(func() (err error) {
		found.agreement, err = c.review.Agreement(ctx, viewer, f.period())
		return err
	})
	group.Go(func() (err error) {
		conflicts := region
		conflicts.Status = []review.Status{review.Conflict}
		found.conflicts, err = c.review.List(ctx, viewer, conflicts, review.ByOldest, "", mostConflicts)
		return err
	})
	group.Go(func() error {
		err := c.findPrecision(ctx, viewer, f, &found)
		if err != nil && ctx.Err() == nil {
			c.logger.WarnContext(ctx, "the page of the work has no precision", "error", err)
			found.unseen = true
		}
		return ctx.Err()
	})
	return found, group.Wait()
}

func (c *Console) findPrecision(ctx context.Context, viewer access.Viewer, f *superviseFilter, found *overviewFound) error {
	figures, err := c.figures()
	if err != nil {
		return err
	}
	filter := store.DecisionFilter{From: f.from, Until: f.until, Region: f.values[byRegion]}
	if found.labels, err = review.PrecisionBy(ctx, figures, viewer, "label", filter); err != nil {
		return err
	}
	found.rules, err = review.PrecisionBy(ctx, figures, viewer, "rule", filter)
	return err
}

func (v reader) overview(f *superviseFilter, found *overviewFound) overviewView {
	view := overviewView{
		Frame:   v.frame(f, v.regionChoice(f, found.counts.Regions)),
		Waiting: v.number(found.backlog.Waiting), Oldest: v.time(found.backlog.Oldest), NextDue: v.time(found.backlog.NextDue),
		Agreement: v.agreement(&found.agreement), Unseen: found.unseen,
		AllConflicts: v.queueURL(f, byStatus, string(review.Conflict)),
		Labels:       v.precisions(f, byLabel, found.labels), Rules: v.precisions(f, byRule, found.rules),
	}
	view.Frame.Exports = v.exportForm(f, "decisions")
	v.showBacklog(f, &view, &found.backlog)
	v.showWork(f, &view, found.work)
	queue := queueFilter{values: map[string]string{byStatus: string(review.Conflict)}, sort: review.ByOldest, zone: v.zone, reader: v.who.Name}
	if region := f.values[byRegion]; region != "" {
		queue.values[byRegion] = region
	}
	for i := range found.conflicts.Items {
		view.Conflicts = append(view.Conflicts, v.row(queue, &found.conflicts.Items[i]))
	}
	return view
}

// queueURL leads to the queue with the page's region and what else is given.
func (v reader) queueURL(f *superviseFilter, namesAndValues ...string) string {
	queue := queueFilter{values: map[string]string{}, sort: review.ByUrgency}
	if region := f.values[byRegion]; region != "" {
		queue.values[byRegion] = region
	}
	return queue.with(namesAndValues...)
}

func (v reader) showBacklog(f *superviseFilter, view *overviewView, b *review.Backlog) {
	for _, facet := range b.Statuses {
		status := review.Status(facet.Value)
		if waits(status) {
			view.Statuses = append(view.Statuses, shareView{
				Text: v.status(status), Count: v.number(facet.Items), URL: v.queueURL(f, byStatus, facet.Value), Part: barPart(facet.Items, b.Waiting),
			})
		}
	}
	previous := 0
	for _, age := range b.Ages {
		days := int(age.UpTo / (24 * time.Hour))
		text := v.words.T("supervise.age", "from", strconv.Itoa(previous), "to", strconv.Itoa(days))
		if age.UpTo == 0 {
			text = v.words.T("supervise.age.more", "n", strconv.Itoa(previous))
		}
		previous = days
		view.Ages = append(view.Ages, shareView{Text: text, Count: v.number(age.Items), Part: barPart(age.Items, b.Waiting), Soon: days > 7 || age.UpTo == 0})
	}
	due := v.queueURL(f, bySort, string(review.ByDue))
	for _, d := range []struct {
		key       string
		items     int
		bad, soon bool
	}{
		{"over", b.Overdue, true, false}, {"one", b.DueInDay, false, true}, {"two", b.DueInTwoDays, false, true},
		{"three", b.DueInThreeDays, false, true}, {"later", b.DueLater, false, false}, {"unopened", b.NotOpened, false, false},
	} {
		view.Due = append(view.Due, shareView{
			Text: v.words.T("supervise.due." + d.key), Count: v.number(d.items), URL: due, Part: barPart(d.items, b.Waiting),
			Bad: d.bad && d.items > 0, Soon: d.soon && d.items > 0,
		})
	}
}

// barPart is a share of 100 for a bar.
func barPart(n, of int) string {
	if of <= 0 {
		return "0"
	}
	return strconv.FormatFloat(100*float64(n)/float64(of), 'f', 2, 64)
}
