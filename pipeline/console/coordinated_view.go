package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/coordinated"
)

// cluster is a cluster in the list.
func (v reader) cluster(c *coordinated.Cluster) clusterView {
	view := clusterView{
		URL: clusterURL(c.ID), ID: c.ID, Class: string(c.Grade()), Grade: v.words.T("clusters.grade." + string(c.Grade())), Rank: strconv.Itoa(c.Rank),
		Title: v.words.T("clusters.of", "posts", v.number(c.Posts), "accounts", v.number(c.Accounts)),
		First: v.time(c.FirstAt), Last: v.time(c.LastAt), Lasted: v.span(c.LastAt.Sub(c.FirstAt)),
		Accounts: v.number(c.Accounts), Posts: v.number(c.Posts), Flagged: v.number(c.Flagged), Unflagged: v.number(c.Posts - c.Flagged),
		Share: v.percent(float64(c.Flagged) / float64(max(1, c.Posts))), Texts: v.number(c.Texts), Shared: v.number(c.Shared), Updated: v.time(c.UpdatedAt),
		Agencies: v.names(c.Agencies, func(s string) string { return s }, "clusters.agency.none"),
		Regions:  v.names(c.Regions, v.regionName, "supervise.region.none"), Spark: spark(c.Line),
	}
	for _, reason := range c.Reasons {
		text := v.reason(reason)
		if reason.Points < 0 {
			view.Lower = append(view.Lower, text)
		} else {
			view.Reasons = append(view.Reasons, text)
		}
	}
	return view
}

// clusterPage is a cluster on its own page; listed is how many of its flagged posts
// the reader may see.
func (v reader) clusterPage(c *coordinated.Cluster, listed int) clusterView {
	view := v.cluster(c)
	view.Where, view.Chart = v.ownRegions(), v.clusterChart(c)
	view.ByAgency, view.MoreAgencies = v.clusterShares(c.Agencies, c.Accounts, func(s string) string { return short(s, mostRowFieldBytes) }, "clusters.agency.none")
	view.ByRegion, view.MoreRegions = v.clusterShares(c.Regions, c.Accounts, v.regionName, "supervise.region.none")
	view.Platforms, _ = v.clusterShares(c.Platforms, c.Accounts, v.platform, "")
	if more := c.Flagged - listed; more > 0 {
		view.Elsewhere = v.words.T("clusters.items.elsewhere", "n", v.number(more))
	}
	return view
}

// names are the first of the values with the most accounts.
func (v reader) names(shares []coordinated.Share, name func(string) string, none string) string {
	const most = 3
	var names []string
	for _, s := range shares[:min(len(shares), most)] {
		text := name(s.Value)
		if s.Value == "" {
			text = v.words.T(none)
		}
		names = append(names, fmt.Sprintf("%s (%s)", short(text, mostRowFieldBytes), v.number(s.Accounts)))
	}
	if more := len(shares) - most; more > 0 {
		names = append(names, v.words.T("clusters.more", "n", v.number(more)))
	}
	return strings.Join(names, ", ")
}

func (v reader) clusterShares(shares []coordinated.Share, accounts int, name func(string) string, none string) (views []shareView, more int) {
	for _, s := range shares[:min(len(shares), clusterShares)] {
		text := name(s.Value)
		if s.Value == "" && none != "" {
			text = v.words.T(none)
		}
		view := shareView{Text: text, Count: v.number(s.Accounts), Part: hundredths(float64(s.Accounts) / float64(max(1, accounts)))}
		if s.Flagged > 0 {
			view.Count = v.words.T("clusters.share", "accounts", v.number(s.Accounts), "flagged", v.number(s.Flagged))
		}
		views = append(views, view)
	}
	return views, max(0, len(shares)-clusterShares)
}

// reason says why a cluster ranks as it does.
func (v reader) reason(r coordinated.Reason) string {
	name := short(r.Name, mostRowFieldBytes)
	if r.Code == coordinated.ReasonOneRegion {
		name = v.regionName(r.Name)
	}
	return v.words.T("clusters.reason."+r.Code, "share", v.percent(r.Share), "n", v.number(r.Count), "name", name)
}

// span says a length of time in its largest unit.
func (v viewer) span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return v.words.T("clusters.span.days", "n", strconv.Itoa(int(d/(24*time.Hour))))
	case d >= 2*time.Hour:
		return v.words.T("clusters.span.hours", "n", strconv.Itoa(int(d/time.Hour)))
	case d >= 2*time.Minute:
		return v.words.T("clusters.span.minutes", "n", strconv.Itoa(int(d/time.Minute)))
	}
	return v.words.T("clusters.span.moment")
}

// clusterChart is the cluster's posts over time.
func (v reader) clusterChart(c *coordinated.Cluster) chartView {
	chart := chartView{
		ID: "line", Title: v.words.T("clusters.line"), Note: v.words.T("clusters.line.note", "step", v.span(c.Step)), Zone: v.zone.String(), Step: "hour",
		Series: []string{v.words.T("clusters.posts"), v.words.T("clusters.flagged")},
	}
	if c.Step >= 24*time.Hour {
		chart.Step = "day"
	}
	for _, p := range c.Line {
		at := p.At.In(v.zone)
		chart.Rows = append(chart.Rows, chartRow{
			Text: v.words.DateTime(at), Unix: p.At.Unix(), Cells: []chartCell{v.cell(float64(p.Posts), true, 0), v.cell(float64(p.Flagged), true, 0)},
		})
	}
	return chart
}

// spark draws a line as the points of a polygon.
func spark(line []coordinated.Piece) string {
	most := 1
	for _, p := range line {
		most = max(most, p.Posts)
	}
	var b strings.Builder
	b.WriteString("0,20 ")
	for i, p := range line {
		y := 20 - 19*float64(p.Posts)/float64(most)
		fmt.Fprintf(&b, "%.1f,%.1f %.1f,%.1f ", 100*float64(i)/float64(len(line)), y, 100*float64(i+1)/float64(len(line)), y)
	}
	b.WriteString("100,20")
	return b.String()
}
