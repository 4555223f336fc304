package console

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"encoding/json"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/tuning"
)

// backtestRow is one back-test in a list.
type backtestRow struct {
	URL, Title, Status, Class, By string
	Began                         timeView
	Version                       versionView
}

// backtestView is the page of a back-test: how far it is, or what it found.
type backtestView struct {
	backtestRow
	Flash              *flash
	Number             int64
	Drafts             []draftRow
	Published          versionView
	Period             string
	Running, Stale     bool
	MayGoOn            bool
	Progress           string
	Done, Total        string
	Left               string
	Failure            string
	StopURL, ResumeURL string
	Report             *reportView
	SeenText           string
	RefreshURL         string
	PublishedURL       string
}

// reportView is what a back-test found.
type reportView struct {
	Headline          string
	Facts             []fieldView
	Sides             []sideRow
	Labels            []labelRow
	Rules             []ruleHits
	RulesMore         string
	Lists             []findingList
	Hidden            string
	NoRules, NoLabels bool
}

type sideRow struct{ Name, Flagged, Precision string }

type labelRow struct{ Label, Class, Published, Draft, Added, Dropped, Precision string }

type ruleHits struct{ Rule, Published, Draft, Difference, Precision string }

type findingList struct {
	Key, Title, Lead, Class string
	Findings                []findingView
	More, None              string
}

type findingView struct {
	URL, ID, Account, Region, Labels, Rules, Score string
	Text                                           textView
}

// staleAfter is how long a back-test may say nothing before it is taken for dead.
const staleAfter = 20 * time.Second

func (c *Console) backtestRow(see viewer, t *tuning.Backtest) backtestRow {
	row := backtestRow{
		URL: backtestPath(t.Number), Title: see.words.T("tuning.backtest.number", "number", t.Number), By: see.person(t.By), Began: see.time(t.Began), Version: versionOf(t.Version), Class: string(t.Status),
	}
	row.Status = see.words.T("tuning.backtest.status." + string(t.Status))
	if c.stale(t) {
		row.Status, row.Class = see.words.T("tuning.backtest.status.stale"), "stale"
	} else if t.Status == tuning.BacktestRunning && t.Total > 0 {
		row.Status += " " + percent(see, float64(t.Done)/float64(t.Total))
	}
	return row
}

func (c *Console) stale(t *tuning.Backtest) bool {
	return t.Status == tuning.BacktestRunning && !c.tuning.Backtests.Running(t.Number) && c.deps.Now().Sub(t.Changed) > staleAfter
}

func percent(see viewer, share float64) string {
	return see.number(int(math.Round(100*share))) + "%"
}

func (c *Console) tuningBacktests(w http.ResponseWriter, r *http.Request) error {
	see := c.viewer(r)
	list, err := c.tuning.Book.LatestBacktests(r.Context(), mostLogRows)
	if err != nil {
		return err
	}
	view := struct {
		Flash     *flash
		Backtests []backtestRow
	}{Flash: c.flashed(r)}
	for i := range list {
		view.Backtests = append(view.Backtests, c.backtestRow(see, &list[i]))
	}
	return c.render(w, r, http.StatusOK, "tuning-backtests", view)
}

// tuningStartBacktest plans a back-test of the draft's present version and has it
// run in a process of its own.
func (c *Console) tuningStartBacktest(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	see := c.viewer(r)
	from, fromOK := c.day(r.PostForm.Get("from"))
	until, untilOK := c.day(r.PostForm.Get("until"))
	refuse := func(text string) error {
		return c.draftWith(w, r, http.StatusUnprocessableEntity, draftView{Problem: text, From: short(r.PostForm.Get("from"), mostWordBytes), Until: short(r.PostForm.Get("until"), mostWordBytes)})
	}
	if !until.IsZero() {
		until = until.AddDate(0, 0, 1)
	}
	switch {
	case own.compiled == nil:
		return refuse(see.words.T("tuning.bad.backtest"))
	case !fromOK || !untilOK || !from.IsZero() && !until.IsZero() && !from.Before(until):
		return refuse(see.words.T("tuning.bad.period"))
	}
	number, err := c.tuning.Backtests.New(r.Context(), draft.Version, from, until, of(r).viewer.Name)
	if err == nil {
		err = c.tuning.Backtests.Start(number)
	}
	if err != nil {
		return unreachable("start a back-test", err)
	}
	http.Redirect(w, r, backtestPath(number), http.StatusSeeOther)
	return nil
}

// day reads a date of a form; an empty one is an open end.
func (c *Console) day(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, true
	}
	at, err := time.ParseInLocation(time.DateOnly, text, c.zone)
	return at, err == nil
}

func (c *Console) backtestOf(r *http.Request) (tuning.Backtest, error) {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return tuning.Backtest{}, failure{status: http.StatusNotFound}
	}
	t, err := c.tuning.Book.Backtest(r.Context(), number)
	return t, missing(err)
}

func (c *Console) tuningStopBacktest(w http.ResponseWriter, r *http.Request) error {
	t, err := c.backtestOf(r)
	if err != nil {
		return err
	}
	if t.Status == tuning.BacktestRunning {
		if err := c.tuning.Book.EndBacktest(r.Context(), t.Number, tuning.BacktestStopped, "", ""); err != nil {
			return err
		}
	}
	http.Redirect(w, r, backtestPath(t.Number), http.StatusSeeOther)
	return nil
}

func (c *Console) tuningResumeBacktest(w http.ResponseWriter, r *http.Request) error {
	t, err := c.backtestOf(r)
	if err != nil {
		return err
	}
	if t.Status != tuning.BacktestDone && (t.Status != tuning.BacktestRunning || c.stale(&t)) {
		if err := c.tuning.Backtests.Start(t.Number); err != nil {
			return unreachable("go on with a back-test", err)
		}
	}
	http.Redirect(w, r, backtestPath(t.Number), http.StatusSeeOther)
	return nil
}

// tuningBacktest shows a back-test. To look at the report of one that is done is
// what publishing asks for, and is noted.
func (c *Console) tuningBacktest(w http.ResponseWriter, r *http.Request) error {
	t, err := c.backtestOf(r)
	if err != nil {
		return err
	}
	see := c.viewer(r)
	view := backtestView{
		backtestRow: c.backtestRow(see, &t), Flash: c.flashed(r), Number: t.Number, Published: versionOf(t.Published), Failure: short(t.Failure, mostFieldBytes),
		Running: t.Status == tuning.BacktestRunning, Stale: c.stale(&t), StopURL: backtestPath(t.Number) + "/stop", ResumeURL: backtestPath(t.Number) + "/resume", RefreshURL: backtestPath(t.Number),
	}
	view.MayGoOn = view.Stale || t.Status == tuning.BacktestStopped || t.Status == tuning.BacktestFailed
	view.progress(see, &t)
	drafts, err := c.tuning.Book.Drafts(r.Context())
	if err != nil {
		return err
	}
	for i := range drafts {
		if drafts[i].Version != t.Version {
			continue
		}
		if t.Status == tuning.BacktestDone && drafts[i].Backtest == 0 {
			err := c.tuning.Book.Seen(r.Context(), drafts[i].Name, t.Version, t.Number, of(r).viewer.Name)
			if err != nil && !errors.Is(err, tuning.ErrConflict) {
				return err
			}
			drafts[i].Backtest = t.Number
			view.SeenText = see.words.T("tuning.backtest.seen")
		}
		view.Drafts = append(view.Drafts, see.draftRow(&drafts[i], c.tuning.Book.Configuration()))
	}
	if t.Status == tuning.BacktestDone {
		if view.Report, err = c.reportView(r, see, &t); err != nil {
			return err
		}
	}
	return c.render(w, r, http.StatusOK, "tuning-backtest", view)
}

func (view *backtestView) progress(see viewer, t *tuning.Backtest) {
	var plan backtest.Plan
	if err := json.Unmarshal([]byte(t.Plan), &plan); err == nil {
		view.Period = see.period(plan.From, plan.Until)
	}
	view.Done, view.Total = strconv.FormatInt(t.Done, 10), strconv.FormatInt(max(t.Total, 1), 10)
	view.Progress = see.words.T("tuning.backtest.progress", "done", see.number(int(t.Done)), "total", see.number(int(t.Total)), "rate", see.number(int(t.Rate)))
	if p := (backtest.Progress{Done: t.Done, Total: t.Total, Rate: t.Rate}); p.Left() > 0 && view.Running {
		view.Left = see.words.T("tuning.backtest.left", "seconds", see.number(int(math.Ceil(p.Left().Seconds()))))
	}
}

// period says a period of days; open ends are what Kafka keeps.
func (v viewer) period(from, until time.Time) string {
	begin, end := v.words.T("tuning.period.oldest"), v.words.T("tuning.period.now")
	if !from.IsZero() {
		begin = v.words.Date(from.In(v.zone))
	}
	if !until.IsZero() {
		end = v.words.Date(until.In(v.zone).Add(-time.Second))
	}
	return v.words.T("tuning.period", "from", begin, "until", end)
}

func (c *Console) reportView(r *http.Request, see viewer, t *tuning.Backtest) (*reportView, error) {
	var report backtest.Report
	if err := json.Unmarshal([]byte(t.Report), &report); err != nil {
		return nil, fmt.Errorf("read the report of back-test %d: %w", t.Number, err)
	}
	draft, err := c.tuning.version(r.Context(), t.Version)
	if err != nil {
		return nil, err
	}
	published, err := c.tuning.version(r.Context(), t.Published)
	if err != nil {
		return nil, err
	}
	view := &reportView{}
	view.numbers(see, &report)
	f := finder{see: see, who: of(r).viewer, draft: draft, published: published}
	view.Lists = []findingList{
		f.list("lost", report.LostConfirmed, len(report.LostConfirmed)), f.list("back", report.BroughtBack, len(report.BroughtBack)),
		f.list("added", report.AddedSamples, report.Added), f.list("dropped", report.DroppedSamples, report.Dropped),
	}
	if f.hidden > 0 {
		view.Hidden = see.words.T("tuning.backtest.hidden", "n", see.number(f.hidden))
	}
	return view, nil
}

func (view *reportView) numbers(see viewer, report *backtest.Report) {
	n := see.number
	view.Headline = see.words.T("tuning.backtest.headline", "added", n(report.Added), "dropped", n(report.Dropped), "lost", n(len(report.LostConfirmed)), "back", n(len(report.BroughtBack)))
	sign := ""
	if report.ExtraADay > 0 {
		sign = "+"
	} else if report.ExtraADay < 0 {
		sign = "−"
	}
	view.Facts = see.fields(
		"tuning.backtest.extra", sign+decimalOne(see, math.Abs(report.ExtraADay)),
		"tuning.backtest.posts", see.words.T("tuning.backtest.posts.n", "posts", n(int(report.Posts)), "days", decimalOne(see, report.Days)),
		"tuning.backtest.saved", n(report.SavedDismissed), "tuning.backtest.records", n(int(report.Records)))
	if report.Missed > 0 {
		view.Facts = append(view.Facts, see.fields("tuning.backtest.missed", n(int(report.Missed)))...)
	}
	view.Sides = []sideRow{
		{see.words.T("tuning.try.published"), n(report.Published.Flagged), see.precision(report.Published.Precision)},
		{see.words.T("tuning.try.draft"), n(report.Draft.Flagged), see.precision(report.Draft.Precision)},
	}
	for _, row := range report.Labels {
		view.Labels = append(view.Labels, labelRow{see.label(string(row.Label)), labelClass(row.Label), n(row.Published), n(row.Draft), n(row.Added), n(row.Dropped), see.precision(row.Precision)})
	}
	more := 0
	for _, row := range report.Rules {
		switch {
		case row.Published == row.Draft:
		case len(view.Rules) >= mostRuleRows:
			more++
		default:
			view.Rules = append(view.Rules, ruleHits{short(row.Rule, mostWordBytes), n(row.Published), n(row.Draft), difference(see, row.Draft-row.Published), see.precision(row.Precision)})
		}
	}
	if more > 0 {
		view.RulesMore = see.words.T("tuning.rules.more", "n", n(more))
	}
	view.NoRules, view.NoLabels = len(view.Rules) == 0, len(view.Labels) == 0
}

func decimalOne(see viewer, f float64) string {
	text := strconv.FormatFloat(f, 'f', 1, 64)
	if see.words.Language == "id" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

func difference(see viewer, n int) string {
	if n < 0 {
		return "−" + see.number(-n)
	}
	return "+" + see.number(n)
}

func (v viewer) precision(p backtest.Precision) string {
	n := p.Confirmed + p.Dismissed
	if n == 0 {
		return v.words.T("tuning.precision.none")
	}
	return v.words.T("tuning.precision", "value", percent(v, p.Value), "low", v.number(int(math.Round(100*p.Low))), "high", percent(v, p.High), "n", v.number(n))
}

// finder puts posts of a report into words, those in the reader's regions only.
type finder struct {
	see              viewer
	who              access.Viewer
	draft, published *tuned
	hidden           int
}

func (f *finder) list(key string, findings []backtest.Finding, total int) findingList {
	list := findingList{Key: key, Class: key, Title: f.see.words.T("tuning.backtest."+key, "n", f.see.number(total)), Lead: f.see.words.T("tuning.backtest." + key + ".lead"), None: f.see.words.T("tuning.backtest." + key + ".none")}
	seen := 0
	for i := range findings {
		if !f.who.Sees(findings[i].Region) {
			f.hidden++
			continue
		}
		if seen++; seen <= mostSampleRows {
			list.Findings = append(list.Findings, f.finding(&findings[i]))
		}
	}
	if more := total - len(list.Findings); more > 0 && len(list.Findings) > 0 {
		list.More = f.see.words.T("tuning.backtest.more", "n", f.see.number(more))
	}
	return list
}

func (f *finder) finding(found *backtest.Finding) findingView {
	outcome, by := found.Draft, f.draft
	if outcome == nil {
		outcome, by = found.Published, f.published
	}
	view := findingView{ID: short(found.ID, mostWordBytes), Account: short(found.Account, mostWordBytes), Region: f.see.regionName(found.Region)}
	if found.Published != nil {
		view.URL = itemPath(found.ID)
	}
	if outcome != nil {
		names := make([]string, len(outcome.Labels))
		for i, label := range outcome.Labels {
			names[i] = f.see.label(string(label))
		}
		view.Labels, view.Rules, view.Score = strings.Join(names, ", "), short(strings.Join(outcome.Rules, ", "), 2*mostWordBytes), f.see.words.Decimal(outcome.Score)
	}
	view.Text = f.see.excerpt(found, by)
	return view
}
