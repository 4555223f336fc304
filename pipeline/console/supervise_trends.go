package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// mostTrendRows bounds the values in the table of a period.
const mostTrendRows = 100

// perPosts is of how many posts a rate is.
const perPosts = 1000

// trendNames are what the page of trends has in its address.
var trendNames = []string{byZone, byKind, byStep, byLabel, byContestant, byRegion, byPlatform, byLanguage}

// trendsView is the page of flags over time.
type trendsView struct {
	Frame                superviseFrame
	Flagged, Posts, Rate string
	By                   string
	Charts               []chartView
	Rows                 []trendRowView
	More                 int
	// OfAll says that each rate is of all posts.
	OfAll bool
	Empty bool
}

type trendRowView struct {
	Name, URL            string
	Flagged, Posts, Rate string
	Low, High            string
	Part                 string
}

// trendsFound is what the store answers.
type trendsFound struct {
	all, sums []store.Trend // in pieces of time, and by value over the whole of it
	series    []store.Trend // of the values with the most
	values    []string
	counts    review.Counts
}

func (c *Console) trendsPage(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	f := c.readSuperviseFilter(r, "/trends", c.zone, trendNames...)
	see := c.reader(r)
	found, err := c.findTrends(ctx, see, &f)
	if err != nil {
		return unreachable("count trends", err)
	}
	return c.render(w, r, http.StatusOK, "supervise-trends", see.trends(&f, &found))
}

// kind is what the page counts by, and step its pieces of time.
func (f *superviseFilter) kind() string { return cmp.Or(f.values[byKind], byLabel) }

func (f *superviseFilter) step() string {
	return fitting(f.from, f.until, cmp.Or(f.values[byStep], "day"))
}

// trendQuery asks for trends in the reader's regions.
func (v reader) trendQuery(f *superviseFilter, by, step string) store.TrendQuery {
	if by == byRegion && v.byProvince(f) {
		by = "province"
	}
	return store.TrendQuery{
		By: by, Step: step, Zone: f.zone.String(),
		Filter: store.FlagFilter{
			From: f.from, Until: f.until, Within: v.who.Regions, Region: f.values[byRegion], Label: post.Label(f.values[byLabel]),
			Contestant: f.values[byContestant], Platform: f.values[byPlatform], Language: f.values[byLanguage],
		},
	}
}

func (c *Console) findTrends(ctx context.Context, see reader, f *superviseFilter) (trendsFound, error) {
	var found trendsFound
	figures, err := c.figures()
	if err != nil {
		return found, err
	}
	group, both := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		found.all, err = figures.Trends(both, see.trendQuery(f, "", f.step()))
		return err
	})
	group.Go(func() (err error) {
		found.sums, err = figures.Trends(both, see.trendQuery(f, f.kind(), "all"))
		return err
	})
	group.Go(func() (err error) {
		found.counts, err = c.review.Counts(both, see.who, review.Filter{Status: review.Statuses})
		return err
	})
	if err := group.Wait(); err != nil {
		return found, err
	}
	flagged := map[string]uint64{}
	for _, sum := range found.sums {
		if sum.Flagged > 0 {
			flagged[sum.Value] = sum.Flagged
		}
	}
	query := see.trendQuery(f, f.kind(), f.step())
	query.Values = greatest(flagged, mostSeries)
	found.values = query.Values
	found.series, err = figures.Trends(ctx, query)
	return found, err
}

func (v reader) trends(f *superviseFilter, found *trendsFound) trendsView {
	kind := f.kind()
	view := trendsView{
		Frame: v.frame(f, v.trendChoices(f, found.counts)...), By: v.words.T("trends.by." + kind),
		OfAll: kind == byLabel || kind == byContestant,
	}
	view.Frame.Exports = v.exportForm(f, "trends")
	var flagged, posts uint64
	for _, t := range found.all {
		flagged, posts = flagged+t.Flagged, posts+t.Posts
	}
	view.Flagged, view.Posts, view.Rate = v.words.Number(flagged), v.words.Number(posts), v.rate(flagged, posts).Text
	view.Empty = flagged == 0 && posts == 0
	view.Rows = v.trendRows(f, found, posts)
	view.More = max(0, len(view.Rows)-mostTrendRows)
	view.Rows = view.Rows[:min(len(view.Rows), mostTrendRows)]
	if !view.Empty {
		view.Charts = v.trendCharts(f, found)
	}
	return view
}

// rate is how many of a thousand posts were flagged.
func (v viewer) rate(flagged, posts uint64) chartCell {
	return v.cell(perPosts*float64(flagged)/float64(max(posts, 1)), posts > 0, 2)
}

// trendRows are the values of the whole period, the most flagged first.
func (v reader) trendRows(f *superviseFilter, found *trendsFound, allPosts uint64) []trendRowView {
	kind := f.kind()
	sums := slices.DeleteFunc(slices.Clone(found.sums), func(t store.Trend) bool {
		return t.Flagged == 0 && (t.Posts == 0 || kind == byLabel || kind == byContestant)
	})
	slices.SortStableFunc(sums, func(a, b store.Trend) int {
		return cmp.Or(cmp.Compare(b.Flagged, a.Flagged), cmp.Compare(b.Posts, a.Posts))
	})
	var rows []trendRowView
	for _, t := range sums {
		if kind == byLabel || kind == byContestant {
			t.Posts = allPosts
		}
		row := trendRowView{
			Name: v.trendName(kind, t.Value), Flagged: v.words.Number(t.Flagged), Posts: v.words.Number(t.Posts),
			Rate: v.rate(t.Flagged, t.Posts).Text, Part: barPart(int(t.Flagged), int(sums[0].Flagged)), //nolint:gosec // numbers of posts
		}
		if t.Posts > 0 && t.Flagged <= t.Posts {
			low, high := review.Wilson(int(t.Flagged), int(t.Posts)) //nolint:gosec // as above
			row.Low, row.High = v.words.Decimal(perPosts*low), v.words.Decimal(perPosts*high)
		}
		if t.Value != "" && t.Flagged > 0 {
			row.URL = v.queueURL(f, kind, t.Value, byStatus, statusAll, byFrom, f.firstDay(), byUntil, f.lastDay())
		}
		rows = append(rows, row)
	}
	return rows
}

// trendName says a value that trends are counted by.
func (v reader) trendName(kind, value string) string {
	switch {
	case kind == byRegion:
		return v.place(value)
	case value == "":
		return v.words.T("trends.none." + kind)
	}
	return v.filterText(kind, value)
}

func (v reader) trendChoices(f *superviseFilter, counts review.Counts) []selectView {
	same := func(s string) string { return s }
	kinds := v.choice(f, byKind, trendKinds, func(s string) string { return v.words.T("trends.by." + s) })
	steps := v.choice(f, byStep, trendSteps, func(s string) string { return v.words.T("trends.step." + s) })
	zone := v.choice(f, byZone, zoneNames, same)
	for _, chosen := range []struct {
		view  *selectView
		value string
	}{{&kinds, f.kind()}, {&steps, f.step()}, {&zone, f.zoneName()}} {
		chosen.view.Title = v.words.T("trends." + chosen.view.Name)
		chosen.view.Fixed = true
		for i := range chosen.view.Options {
			chosen.view.Options[i].Selected = chosen.view.Options[i].Value == chosen.value
		}
	}
	labels := make([]string, len(post.Labels))
	for i, label := range post.Labels {
		labels[i] = string(label)
	}
	of := func(name string, facets []review.Facet, text func(string) string) selectView {
		var values []string
		for _, facet := range facets[:min(len(facets), mostOptions)] {
			if facet.Value != "" && len(facet.Value) <= mostFilterBytes {
				values = append(values, facet.Value)
			}
		}
		return v.choice(f, name, values, func(s string) string { return short(text(s), mostRowFieldBytes) })
	}
	return []selectView{
		kinds, steps, zone, v.choice(f, byLabel, labels, v.label), of(byContestant, counts.Contestants, v.contestant),
		v.regionChoice(f, counts.Regions), of(byPlatform, counts.Platforms, v.platform), of(byLanguage, counts.Languages, v.language),
	}
}

// trendCharts are the numbers and the rates of the values with the most.
func (v reader) trendCharts(f *superviseFilter, found *trendsFound) []chartView {
	type key struct {
		at    int64
		value string
	}
	kind, step := f.kind(), f.step()
	posts, counts := map[int64]uint64{}, map[key]store.Trend{}
	for _, t := range found.all {
		posts[t.At.Unix()] = t.Posts
	}
	for _, t := range found.series {
		counts[key{t.At.Unix(), t.Value}] = t
	}
	flags := chartView{ID: "flags", Title: v.words.T("trends.chart.flags"), Note: v.words.T("trends.chart.flags.note"), Zone: f.zone.String(), Step: step}
	rates := chartView{ID: "rates", Title: v.words.T("trends.chart.rates"), Note: v.words.T("trends.chart.rates.note"), Zone: f.zone.String(), Step: step, Decimals: 2}
	for _, value := range found.values {
		flags.Series = append(flags.Series, v.trendName(kind, value))
	}
	rates.Series = flags.Series
	if len(found.values) == 0 { // nothing was flagged: the posts alone are no chart
		return nil
	}
	for _, at := range pieces(f.from, f.until, step) {
		flagRow, rateRow := chartRow{Text: piece(v.words, at, step), Unix: at.Unix()}, chartRow{Text: piece(v.words, at, step), Unix: at.Unix()}
		for _, value := range found.values {
			t := counts[key{at.Unix(), value}]
			if kind == byLabel || kind == byContestant {
				t.Posts = posts[at.Unix()]
			}
			flagRow.Cells = append(flagRow.Cells, v.cell(float64(t.Flagged), true, 0))
			rateRow.Cells = append(rateRow.Cells, v.rate(t.Flagged, t.Posts))
		}
		flags.Rows, rates.Rows = append(flags.Rows, flagRow), append(rates.Rows, rateRow)
	}
	return []chartView{flags, rates}
}

// trendTime writes the beginning of a piece of time for a table.
func trendTime(at time.Time, zone *time.Location) string {
	return strings.TrimSuffix(at.In(zone).Format("2006-01-02 15:04"), " 00:00")
}
