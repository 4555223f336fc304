package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

const (
	// accountsPage is how many accounts are on a page.
	accountsPage = 50
	// mostMissing are said of one account's periods in which posts may be missing.
	mostMissing = 3
	// afterPlatform and afterAccount say behind which account a page begins.
	afterPlatform = "after_platform"
	afterAccount  = "after_account"
)

// coverageView is the page of what is really seen.
type coverageView struct {
	Frame              superviseFrame
	Total              string
	Unseen             string // what is not seen, plainly; empty where all is
	Shares             []shareView
	Platforms, Regions coverageTable
	RegionTitle        string
	Accounts           []coveredView
	Found              string
	NextURL, FirstURL  string
	// Past says that the period is over, so that less is known of it.
	Past bool
	// States are explained below the numbers.
	States []string
}

type coverageTable struct {
	ID, Column string
	Rows       []coverageRow
	More       int
}

type coverageRow struct {
	Name, URL                   string
	Accounts                    string
	Full, Gaps, None, Unwatched string
	Share                       string
	Bars                        []barView
}

// barView is a piece of a bar of 100.
type barView struct{ Class, From, Width string }

type coveredView struct {
	Account, Platform, ID string
	Agency, Region        string
	Source                string
	State, StateClass     string
	Success, Post         timeView
	Missing               []string
	MoreMissing           int
	MissingTime           string
	Reason, Failing       string
	Unlisted              bool
}

// coverageFound is what the store answers.
type coverageFound struct {
	platforms, regions, facets []store.CoverageShare
	accounts                   []store.CoveredAccount
}

func (c *Console) coveragePage(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	f := c.readSuperviseFilter(r, "/coverage", c.zone, byRegion, byPlatform, byAgency, byState)
	see := c.reader(r)
	after := store.CoveredAccount{Platform: short(r.URL.Query().Get(afterPlatform), mostFilterBytes), AccountID: short(r.URL.Query().Get(afterAccount), mostFilterBytes)}
	found, err := c.findCoverage(ctx, see, &f, after)
	if err != nil {
		return unreachable("tell the coverage", err)
	}
	view := see.coverage(&f, &found)
	if after.Platform != "" {
		view.FirstURL = f.with()
	}
	return c.render(w, r, http.StatusOK, "supervise-coverage", view)
}

// coverageFilter is the filter in the reader's regions.
func (v reader) coverageFilter(f *superviseFilter) store.CoverageFilter {
	return store.CoverageFilter{
		From: f.from, Until: f.until, Now: v.now, Within: v.who.Regions, Region: f.values[byRegion],
		Platform: f.values[byPlatform], Agency: f.values[byAgency], State: store.CoverageState(f.values[byState]),
	}
}

func (c *Console) findCoverage(ctx context.Context, see reader, f *superviseFilter, after store.CoveredAccount) (coverageFound, error) {
	var found coverageFound
	figures, err := c.figures()
	if err != nil {
		return found, err
	}
	chosen := see.coverageFilter(f)
	all := chosen
	all.State = ""
	everything := store.CoverageFilter{From: f.from, Until: f.until, Now: see.now, Within: see.who.Regions}
	regions := "region"
	if see.byProvince(f) {
		regions = "province"
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2) // each reads all accounts
	for _, ask := range []struct {
		by     string
		filter store.CoverageFilter
		to     *[]store.CoverageShare
	}{
		{"platform", all, &found.platforms}, {regions, all, &found.regions}, {"region", everything, &found.facets},
	} {
		group.Go(func() (err error) {
			*ask.to, err = figures.CoverageShares(ctx, ask.by, ask.filter)
			return err
		})
	}
	group.Go(func() (err error) {
		found.accounts, err = figures.CoveredAccounts(ctx, chosen, after, accountsPage+1)
		return err
	})
	return found, group.Wait()
}

func (v reader) coverage(f *superviseFilter, found *coverageFound) coverageView {
	var facets []review.Facet
	for _, share := range found.facets {
		facets = append(facets, review.Facet{Value: share.Value, Items: int(share.Accounts())}) //nolint:gosec // a number of accounts
	}
	var platforms []string
	for _, share := range found.platforms {
		platforms = append(platforms, share.Value)
	}
	states := v.choice(f, byState, coverageStates(), func(s string) string { return v.words.T("coverage.state." + s) })
	states.Title = v.words.T("coverage.state")
	agency := selectView{Name: byAgency, Title: v.words.T("posts.agency"), Free: true, Chosen: f.values[byAgency] != "", Value: f.values[byAgency]}
	view := coverageView{
		Frame: v.frame(f, states, v.choice(f, byPlatform, platforms, v.platform), v.regionChoice(f, facets), agency),
		Total: "0", States: coverageStates(), Past: f.until.Before(v.now.AddDate(0, 0, -1)),
		Platforms: v.coverageTable(f, byPlatform, found.platforms), Regions: v.coverageTable(f, byRegion, found.regions),
		RegionTitle: v.words.T("coverage.by_region"),
	}
	view.Frame.Exports = v.exportForm(f, "coverage")
	if v.byProvince(f) {
		view.RegionTitle = v.words.T("coverage.by_province")
	}
	var all store.CoverageShare
	for _, share := range found.platforms {
		all.Full, all.Gaps, all.None, all.Unwatched = all.Full+share.Full, all.Gaps+share.Gaps, all.None+share.None, all.Unwatched+share.Unwatched
	}
	if all.Accounts() > 0 {
		v.showShares(f, &view, all)
	}
	view.Found = v.words.T("coverage.found", "n", v.words.Number(inState(all, store.CoverageState(f.values[byState]))))
	if len(found.accounts) > accountsPage {
		found.accounts = found.accounts[:accountsPage]
		last := found.accounts[accountsPage-1]
		view.NextURL = f.with(afterPlatform, last.Platform, afterAccount, last.AccountID)
	}
	for i := range found.accounts {
		view.Accounts = append(view.Accounts, v.covered(&found.accounts[i]))
	}
	return view
}

// inState is how many accounts are in a state; the empty one is any.
func inState(all store.CoverageShare, state store.CoverageState) uint64 {
	switch state {
	case store.Collected:
		return all.Full
	case store.WithGaps:
		return all.Gaps
	case store.NotCollected:
		return all.None
	case store.Unwatched:
		return all.Unwatched
	}
	return all.Accounts()
}

// showShares says how many accounts are in each state, and plainly what is not
// seen.
func (v reader) showShares(f *superviseFilter, view *coverageView, all store.CoverageShare) {
	view.Total = v.words.Number(all.Accounts())
	for _, s := range []struct {
		state store.CoverageState
		n     uint64
	}{{store.Collected, all.Full}, {store.WithGaps, all.Gaps}, {store.NotCollected, all.None}, {store.Unwatched, all.Unwatched}} {
		view.Shares = append(view.Shares, shareView{
			Text: v.words.T("coverage.state." + string(s.state)), Count: v.words.Number(s.n), URL: f.with(byState, string(s.state)),
			Part: barPart(int(s.n), int(all.Accounts())), Bad: s.n > 0 && s.state != store.Collected && s.state != store.WithGaps, //nolint:gosec // numbers of accounts
			Soon: s.n > 0 && s.state == store.WithGaps,
		})
	}
	unseen := all.None + all.Unwatched
	if unseen+all.Gaps > 0 {
		view.Unseen = v.words.T("coverage.unseen", "n", v.words.Number(unseen), "all", view.Total,
			"percent", v.percent(float64(unseen)/float64(all.Accounts())), "gaps", v.words.Number(all.Gaps))
	}
}

// mostShares are shown of the platforms and of the regions.
const mostShares = 60

func (v reader) coverageTable(f *superviseFilter, name string, shares []store.CoverageShare) coverageTable {
	table := coverageTable{ID: "by-" + name, Column: v.words.T("posts." + name), More: max(0, len(shares)-mostShares)}
	for _, s := range shares[:min(len(shares), mostShares)] {
		row := coverageRow{
			Name: v.platform(s.Value), Accounts: v.words.Number(s.Accounts()), Full: v.words.Number(s.Full), Gaps: v.words.Number(s.Gaps),
			None: v.words.Number(s.None), Unwatched: v.words.Number(s.Unwatched),
			Share: v.percent(float64(s.Full) / float64(max(s.Accounts(), 1))),
		}
		if name == byRegion {
			row.Name = v.place(s.Value)
		}
		if s.Value != "" {
			row.URL = f.with(name, s.Value)
		}
		from := 0.0
		for _, part := range []struct {
			class string
			n     uint64
		}{{"full", s.Full}, {"gaps", s.Gaps}, {"none", s.None}, {"unwatched", s.Unwatched}} {
			width := float64(part.n) / float64(max(s.Accounts(), 1))
			row.Bars = append(row.Bars, barView{Class: part.class, From: hundredths(from), Width: hundredths(width)})
			from += width
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func (v reader) covered(a *store.CoveredAccount) coveredView {
	view := coveredView{
		Account: short(a.Handle, mostRowFieldBytes), Platform: v.platform(a.Platform), ID: short(a.AccountID, mostRowFieldBytes),
		Agency: short(a.Agency, mostRowFieldBytes), Region: v.place(a.Region), Source: short(a.Source, mostWordBytes),
		State: v.words.T("coverage.state." + a.State), StateClass: "state-" + a.State,
		Success: v.time(a.LastSuccess), Post: v.time(a.LastPost), Unlisted: !a.Listed,
		Reason: v.coverageReason(a), MissingTime: v.lasting(a.MissingSeconds), MoreMissing: max(0, len(a.MissingFrom)-mostMissing),
	}
	if view.Account == "" {
		view.Account = view.ID
	}
	if !a.Listed {
		view.Region = ""
	}
	if !a.FailingSince.IsZero() {
		view.Failing = v.words.T("coverage.failing", "date", v.time(a.FailingSince).Text, "n", v.number(int(a.Failures)))
	}
	for i := range a.MissingFrom[:min(len(a.MissingFrom), mostMissing)] {
		text := v.words.T("coverage.missing", "from", v.time(a.MissingFrom[i]).Text, "until", v.time(a.MissingUntil[i]).Text)
		if reason := strings.TrimSpace(a.MissingReason[i]); reason != "" {
			text += ": " + short(reason, mostRowFieldBytes)
		}
		view.Missing = append(view.Missing, text)
	}
	return view
}

// coverageReason says why an account is not seen as it should be.
func (v reader) coverageReason(a *store.CoveredAccount) string {
	switch {
	case a.State == string(store.Unwatched):
		return v.words.T("coverage.reason.unwatched")
	case a.Problem != "" && a.Reason != "":
		return v.words.Or("coverage.problem."+a.Problem, a.Problem) + ": " + short(a.Reason, snippetBytes)
	case a.Problem != "":
		return v.words.Or("coverage.problem."+a.Problem, a.Problem)
	case a.Reason != "":
		return short(a.Reason, snippetBytes)
	case a.State == string(store.NotCollected) && a.LastSuccess.IsZero():
		return v.words.T("coverage.reason.never")
	case a.State != string(store.Collected) && len(a.MissingFrom) == 0:
		return v.words.T("coverage.reason.silent")
	}
	return ""
}

// lasting says a time in days or hours.
func (v reader) lasting(seconds float64) string {
	length := time.Duration(seconds * float64(time.Second)).Round(time.Minute)
	switch {
	case length <= 0:
		return ""
	case length >= 48*time.Hour:
		return v.words.T("coverage.days", "n", v.number(int(length/(24*time.Hour))))
	case length >= time.Hour:
		return v.words.T("coverage.hours", "n", v.number(int(length/time.Hour)))
	}
	return v.words.T("coverage.minutes", "n", v.number(int(length/time.Minute)))
}
