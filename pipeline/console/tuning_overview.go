package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/tuning"
)

// tuningView is the page of all lists: what is in force, drafts, the log.
type tuningView struct {
	Flash     *flash
	InForce   *publicationView
	Rules     string
	Here      hereView
	Drafts    []draftRow
	Log       []publicationView
	Versions  []optionView
	Backtests []backtestRow
	Problem   string
	Name, Why string
}

// publicationView is one publication.
type publicationView struct {
	Number       int64
	URL          string
	Version      versionView
	Kind         string
	By, Why      string
	At           timeView
	Draft        string
	Approved     string
	InForce      bool
	Previous     int64
	DiffURL      string
	RollbackURL  string
	BacktestURL  string
	BacktestText string
}

// hereView is what the console's own process works with.
type hereView struct {
	Text  string
	Good  bool
	Known bool
}

// draftRow is one draft.
type draftRow struct {
	Name, URL, State, Class, Next string
	By, Why                       string
	Changed                       timeView
}

func (c *Console) tuningOverview(w http.ResponseWriter, r *http.Request) error {
	return c.tuningOverviewWith(w, r, http.StatusOK, tuningView{})
}

func (c *Console) tuningOverviewWith(w http.ResponseWriter, r *http.Request, status int, view tuningView) error {
	ctx, see := r.Context(), c.viewer(r)
	view.Flash = c.flashed(r)
	log, err := c.tuning.Book.Publications(ctx, mostLogRows)
	if err != nil {
		return err
	}
	for i := range log {
		one := see.publication(&log[i], i == 0)
		view.Log = append(view.Log, one)
		view.Versions = append(view.Versions, optionView{Value: strconv.FormatInt(one.Number, 10), Text: see.words.T("tuning.publication.short", "number", one.Number, "version", one.Version.Short)})
	}
	if len(log) > 0 {
		view.InForce = &view.Log[0]
		current, err := c.tuning.version(ctx, log[0].Version)
		if err != nil {
			return err
		}
		view.Rules = see.words.T("tuning.size", "rules", see.number(current.report.Rules), "files", see.number(len(current.bundle.Paths())))
		view.Here = c.here(see, log[0].Number)
	}
	if err := c.draftRows(ctx, see, &view); err != nil {
		return err
	}
	backtests, err := c.tuning.Book.LatestBacktests(ctx, 5)
	if err != nil {
		return err
	}
	for i := range backtests {
		view.Backtests = append(view.Backtests, c.backtestRow(see, &backtests[i]))
	}
	return c.render(w, r, status, "tuning", view)
}

func (c *Console) draftRows(ctx context.Context, see viewer, view *tuningView) error {
	drafts, err := c.tuning.Book.Drafts(ctx)
	if err != nil {
		return err
	}
	for i := range drafts[:min(len(drafts), mostDraftRows)] {
		view.Drafts = append(view.Drafts, see.draftRow(&drafts[i], c.tuning.Book.Configuration()))
		view.Versions = append(view.Versions, optionView{Value: "draft:" + drafts[i].Name, Text: see.words.T("tuning.draft.named", "name", drafts[i].Name)})
	}
	return nil
}

// here says whether this process works with a publication.
func (c *Console) here(see viewer, number int64) hereView {
	if c.tuning.InForce == nil {
		return hereView{}
	}
	in := c.tuning.InForce()
	switch {
	case in == nil:
		return hereView{Known: true, Text: see.words.T("tuning.here.none")}
	case in.Publication.Number == number:
		return hereView{Known: true, Good: true, Text: see.words.T("tuning.here.yes")}
	}
	return hereView{Known: true, Text: see.words.T("tuning.here.other", "number", in.Publication.Number)}
}

func (v viewer) publication(p *tuning.Publication, inForce bool) publicationView {
	view := publicationView{
		Number: p.Number, URL: publicationPath(p.Number), Version: versionOf(p.Version), Kind: v.words.Or("tuning.kind."+string(p.Kind), string(p.Kind)),
		By: v.person(p.By), Why: short(p.Why, mostFieldBytes), At: v.time(p.At), Draft: short(p.Draft, mostWordBytes), Approved: v.person(p.Approved),
		InForce: inForce, Previous: p.Previous, RollbackURL: publicationPath(p.Number) + "/rollback",
	}
	if p.Previous > 0 {
		view.DiffURL = fmt.Sprintf("/tuning/diff?from=%d&to=%d", p.Previous, p.Number)
	}
	if p.Backtest > 0 {
		view.BacktestURL, view.BacktestText = backtestPath(p.Backtest), v.words.T("tuning.backtest.number", "number", p.Backtest)
	}
	return view
}

func (v viewer) draftRow(d *tuning.Draft, cfg tuning.Configuration) draftRow {
	row := draftRow{Name: d.Name, URL: draftPath(d.Name), By: v.person(d.By), Why: short(d.Why, mostFieldBytes), Changed: v.time(d.Changed), Class: string(d.State())}
	row.State = v.words.T("tuning.state." + string(d.State()))
	row.Next = v.words.T("tuning.next." + nextStep(d, cfg))
	return row
}

// nextStep is what a draft needs before it can be published, or publish.
func nextStep(d *tuning.Draft, cfg tuning.Configuration) string {
	switch {
	case d.State() != tuning.StateChecked:
		return "check"
	case cfg.BacktestFirst && d.Backtest == 0 && d.Base != "":
		return "backtest"
	case cfg.SecondPerson && d.Approved == "":
		return "approve"
	}
	return "publish"
}

// bundleNamed finds a version that a link names: a publication's number or a
// draft.
func (c *Console) bundleNamed(ctx context.Context, see viewer, name string) (tuning.Bundle, string, error) {
	if draft, ok := strings.CutPrefix(name, "draft:"); ok {
		d, err := c.tuning.Book.Draft(ctx, draft)
		if err != nil {
			return tuning.Bundle{}, "", missing(err)
		}
		bundle, err := c.tuning.Book.Bundle(ctx, d.Version)
		return bundle, see.words.T("tuning.draft.named", "name", d.Name), err
	}
	number, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return tuning.Bundle{}, "", failure{status: http.StatusNotFound}
	}
	p, err := c.tuning.Book.Publication(ctx, number)
	if err != nil {
		return tuning.Bundle{}, "", missing(err)
	}
	bundle, err := c.tuning.Book.Bundle(ctx, p.Version)
	return bundle, see.words.T("tuning.publication.short", "number", p.Number, "version", tuning.Short(p.Version)), err
}

// diffView is the page of what differs between two versions.
type diffView struct {
	From, To string
	changesView
}

func (c *Console) tuningDiff(w http.ResponseWriter, r *http.Request) error {
	see := c.viewer(r)
	before, from, err := c.bundleNamed(r.Context(), see, r.URL.Query().Get("from"))
	if err != nil {
		return err
	}
	after, to, err := c.bundleNamed(r.Context(), see, r.URL.Query().Get("to"))
	if err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "tuning-diff", diffView{From: from, To: to, changesView: see.changesView(tuning.Diff(before, after))})
}

// publicationPage is one publication: what it changed, and the way back to it.
type publicationPage struct {
	publicationView
	Flash    *flash
	Over     int64
	Problem  string
	WhyBack  string
	Changed  changesView
	Back     *changesView
	BackFrom string
}

func (c *Console) publicationOf(r *http.Request) (tuning.Publication, error) {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return tuning.Publication{}, failure{status: http.StatusNotFound}
	}
	p, err := c.tuning.Book.Publication(r.Context(), number)
	return p, missing(err)
}

func (c *Console) tuningPublication(w http.ResponseWriter, r *http.Request) error {
	return c.publicationWith(w, r, http.StatusOK, "", "")
}

func (c *Console) publicationWith(w http.ResponseWriter, r *http.Request, status int, problem, why string) error {
	ctx, see := r.Context(), c.viewer(r)
	p, err := c.publicationOf(r)
	if err != nil {
		return err
	}
	current, now, err := c.tuning.published(ctx)
	if err != nil {
		return err
	}
	own, err := c.tuning.version(ctx, p.Version)
	if err != nil {
		return err
	}
	view := publicationPage{
		publicationView: see.publication(&p, current.Number == p.Number), Flash: c.flashed(r), Over: current.Number, Problem: problem, WhyBack: why,
	}
	if p.Previous > 0 {
		before, _, err := c.bundleNamed(ctx, see, strconv.FormatInt(p.Previous, 10))
		if err != nil {
			return err
		}
		view.Changed = see.changesView(tuning.Diff(before, own.bundle))
	}
	if current.Version != p.Version {
		back := see.changesView(tuning.Diff(now.bundle, own.bundle))
		view.Back = &back
		view.BackFrom = see.words.T("tuning.publication.short", "number", current.Number, "version", tuning.Short(current.Version))
	}
	return c.render(w, r, status, "tuning-publication", view)
}

func (c *Console) tuningRollback(w http.ResponseWriter, r *http.Request) error {
	see := c.viewer(r)
	p, err := c.publicationOf(r)
	if err != nil {
		return err
	}
	why, over := strings.TrimSpace(r.PostForm.Get("why")), formNumber(r, "over")
	if why == "" {
		return c.publicationWith(w, r, http.StatusUnprocessableEntity, see.words.T("tuning.bad.why"), "")
	}
	done, err := c.tuning.Book.Rollback(r.Context(), p.Number, over, of(r).viewer.Name, short(why, maxWhyBytes))
	switch {
	case errors.Is(err, tuning.ErrConflict):
		return c.publicationWith(w, r, http.StatusConflict, see.words.T("tuning.conflict.published"), why)
	case errors.Is(err, tuning.ErrNotChecked):
		return c.publicationWith(w, r, http.StatusUnprocessableEntity, see.words.T("tuning.bad.rollback"), why)
	case err != nil:
		return err
	}
	c.later(r, flash{Text: see.words.T("tuning.done.rollback", "number", done.Number, "to", p.Number)})
	http.Redirect(w, r, "/tuning", http.StatusSeeOther)
	return nil
}

// maxWhyBytes bounds a reason that somebody gives.
const maxWhyBytes = 2000

func formNumber(r *http.Request, name string) int64 {
	number, err := strconv.ParseInt(r.PostForm.Get(name), 10, 64)
	if err != nil {
		return -1 // no publication has it
	}
	return number
}

// tuningNewDraft makes a draft of what is in force.
func (c *Console) tuningNewDraft(w http.ResponseWriter, r *http.Request) error {
	see, name, why := c.viewer(r), strings.TrimSpace(r.PostForm.Get("name")), strings.TrimSpace(r.PostForm.Get("why"))
	refuse := func(status int, key string) error {
		return c.tuningOverviewWith(w, r, status, tuningView{Problem: see.words.T(key), Name: short(name, mostFieldBytes), Why: short(why, maxWhyBytes)})
	}
	_, now, err := c.tuning.published(r.Context())
	if errors.Is(err, tuning.ErrNotFound) {
		return refuse(http.StatusConflict, "tuning.bad.nothing")
	}
	if err != nil {
		return err
	}
	_, err = c.tuning.Book.NewDraft(r.Context(), name, now.bundle, of(r).viewer.Name, short(why, maxWhyBytes))
	var wrong *post.FieldError
	switch {
	case errors.As(err, &wrong):
		return refuse(http.StatusUnprocessableEntity, "tuning.bad.name")
	case errors.Is(err, tuning.ErrConflict):
		return refuse(http.StatusConflict, "tuning.bad.taken")
	case err != nil:
		return err
	}
	if _, err := c.tuning.Book.Check(r.Context(), name); err != nil {
		return err
	}
	http.Redirect(w, r, draftPath(name), http.StatusSeeOther)
	return nil
}
