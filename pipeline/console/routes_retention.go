package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/retention"
)

// RetentionParts are what the retention shares with the console.
type RetentionParts struct {
	Database *database.DB
	Audit    *audit.Log
}

// openRetention asks for what purges.
func (c *Console) openRetention(ctx context.Context) (err error) {
	if c.deps.Retention == nil {
		return nil
	}
	c.retention, err = c.deps.Retention(ctx, RetentionParts{Database: c.db, Audit: c.audit})
	return err
}

// retentionRoutes show administrators what is purged, and when. They change
// nothing: a purge by hand is a command.
func (c *Console) retentionRoutes() []route {
	return []route{{name: "retention", pattern: "GET /retention", action: access.Administer, handle: c.retentionPage}}
}

const (
	// mostRuns bounds the runs on the page, mostHolds the holds.
	mostRuns  = 30
	mostHolds = 200
)

// retentionView is the page of what is purged.
type retentionView struct {
	Automatic        bool
	Keep, Due, Stays []fieldView
	Total, Files     string
	Unfinished       string
	Regions          []shareView
	Holds            []holdView
	Runs             []runView
}

// holdView is a legal hold. Administrators see which post, not what it says.
type holdView struct {
	Post, Reason, By string
	At               timeView
}

// runView is a purge in the history.
type runView struct {
	Began, Ended     timeView
	By, Did, Problem string
}

func (c *Console) retentionPage(w http.ResponseWriter, r *http.Request) error {
	if c.retention == nil {
		return failure{status: http.StatusNotFound}
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	plan, err := c.retention.Plan(ctx)
	if err != nil {
		return unreachable("plan what is purged", err)
	}
	runs, err := c.retention.Runs(ctx, mostRuns)
	if err != nil {
		return err
	}
	holds, err := c.retention.Holds(ctx)
	if err != nil {
		return err
	}
	if err := c.viewed(r, "retention", nil); err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "retention", c.reader(r).retention(c.retention.Configuration(), plan, runs, holds))
}

func (v reader) retention(cfg retention.Configuration, plan retention.Plan, runs []retention.Run, holds []retention.Hold) retentionView {
	view := retentionView{
		Automatic: cfg.Automatic, Total: v.number(len(plan.Due)), Files: v.number(len(plan.Files)),
		Keep: []fieldView{
			{Title: v.words.T("retention.why.dismissed"), Text: v.span(cfg.Dismissed)}, {Title: v.words.T("retention.why.withdrawn"), Text: v.span(cfg.Withdrawn)},
			{Title: v.words.T("retention.why.closed"), Text: v.span(cfg.Closed)}, {Title: v.words.T("retention.files"), Text: v.span(cfg.Files)},
		},
	}
	if plan.Unfinished > 0 {
		view.Unfinished = v.words.T("retention.unfinished", "n", v.number(plan.Unfinished))
	}
	counts, regions := map[retention.Why]int{}, map[string]int{}
	for _, due := range plan.Due {
		counts[due.Why]++
		province, _, _ := strings.Cut(due.Region, ".")
		regions[province]++
	}
	for _, why := range retention.Goes {
		if counts[why] > 0 {
			view.Due = append(view.Due, fieldView{Title: v.words.T("retention.why." + string(why)), Text: v.number(counts[why])})
		}
	}
	for _, why := range retention.Stays {
		if n := plan.Stays[why]; n > 0 {
			view.Stays = append(view.Stays, fieldView{Title: v.words.T("retention.why." + string(why)), Text: v.number(n)})
		}
	}
	if plan.Waiting > 0 {
		view.Stays = append(view.Stays, fieldView{Title: v.words.T("retention.waiting"), Text: v.number(plan.Waiting)})
	}
	for _, region := range greatest(regions, mostSeries) {
		view.Regions = append(view.Regions, shareView{Text: v.place(region), Count: v.number(regions[region]), Part: hundredths(float64(regions[region]) / float64(len(plan.Due)))})
	}
	for _, h := range holds[:min(len(holds), mostHolds)] {
		view.Holds = append(view.Holds, holdView{Post: short(h.Post, mostRowFieldBytes), Reason: short(h.Reason, snippetBytes), By: h.By, At: v.time(h.At)})
	}
	for _, run := range runs {
		view.Runs = append(view.Runs, v.purged(run))
	}
	return view
}

func (v reader) purged(run retention.Run) runView {
	posts := 0
	for _, n := range run.Counts.Posts {
		posts += n
	}
	view := runView{Began: v.time(run.Began), Ended: v.time(run.Ended), By: run.By}
	view.Did = v.words.T("retention.did", "posts", v.number(posts), "pieces", v.number(run.Counts.Pieces), "files", v.number(run.Counts.Files))
	switch {
	case run.Problem != "":
		view.Problem = v.words.T("retention.problem")
	case run.Ended.IsZero() && v.now.Sub(run.Began) > time.Hour:
		view.Problem = v.words.T("retention.broken")
	}
	return view
}
