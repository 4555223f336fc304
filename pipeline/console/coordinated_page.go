package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/coordinated"
)

const (
	// clustersOnPage is how many clusters are on one page, and clusterItems how many
	// of a cluster's flagged posts.
	clustersOnPage = 20
	clusterItems   = 25
	clusterShares  = 12
)

// clustersView is the list of clusters.
type clustersView struct {
	Grades, Times    []tabView
	Clusters         []clusterView
	Found, Where     string
	PreviousURL      string
	NextURL          string
	Window, Accounts string
}

// clusterView is one cluster, in the list and on its own page.
type clusterView struct {
	URL, ID            string
	Grade, Class, Rank string
	Title              string
	First, Last        timeView
	Lasted             string
	Accounts, Posts    string
	Flagged, Unflagged string
	Share              string
	Reasons            []string
	// Lower are the reasons for which it ranks lower.
	Lower     []string
	Agencies  string
	Regions   string
	Spark     string // the line as points of an SVG, 0 to 100 wide and 0 to 20 high
	Texts     string
	Shared    string
	Updated   timeView
	Where     string
	Chart     chartView
	ByAgency  []shareView
	ByRegion  []shareView
	Platforms []shareView
	// MoreAgencies and MoreRegions are how many are not shown.
	MoreAgencies, MoreRegions int
	Elsewhere                 string
	Items                     []clusterItemView
	MoreItems                 string
	// CaseItems are the posts of which a case can be made, empty for who may not.
	CaseItems []string
	CaseTitle string
}

// clusterItemView is a flagged post of a cluster.
type clusterItemView struct {
	URL, Handle, Excerpt, Status, Class, Agency, Region string
	At                                                  timeView
}

// clusterSpans are the times in which a cluster has grown that can be chosen.
var clusterSpans = []struct {
	name string
	of   time.Duration
}{{"day", 24 * time.Hour}, {"week", 7 * 24 * time.Hour}, {"month", 30 * 24 * time.Hour}, {"all", 0}}

func clusterURL(id string) string { return "/clusters/" + url.PathEscape(id) }

func (c *Console) clustersPage(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	see, query := c.reader(r), r.URL.Query()
	grade, span := coordinated.Grade(query.Get("grade")), query.Get("since")
	if !slices.Contains(coordinated.Grades, grade) {
		grade = ""
	}
	filter := coordinated.Filter{Grade: grade}
	if i := slices.IndexFunc(clusterSpans, func(s struct {
		name string
		of   time.Duration
	}) bool {
		return s.name == span
	}); i >= 0 && clusterSpans[i].of > 0 {
		filter.Since = see.now.Add(-clusterSpans[i].of)
	} else {
		span = "all"
	}
	all, err := c.coordinated.Clusters(ctx, see.who, filter)
	if err != nil {
		return noCluster(err)
	}
	return c.render(w, r, http.StatusOK, "clusters", see.clusters(all, c.coordinated.Configuration(), grade, span, query.Get("page")))
}

// clusters is the page of a list.
func (v reader) clusters(all []coordinated.Cluster, cfg coordinated.Configuration, grade coordinated.Grade, span, at string) clustersView {
	address := func(grade coordinated.Grade, span string, page int) string {
		query := url.Values{}
		if grade != "" {
			query.Set("grade", string(grade))
		}
		if span != "all" {
			query.Set("since", span)
		}
		if page > 1 {
			query.Set("page", strconv.Itoa(page))
		}
		return (&url.URL{Path: "/clusters", RawQuery: query.Encode()}).String()
	}
	page, _ := strconv.Atoi(at)
	page = min(max(page, 1), len(all)/clustersOnPage+1)
	view := clustersView{
		Found: v.words.T("clusters.found", "n", v.number(len(all))), Where: v.ownRegions(),
		Window: v.span(cfg.Window), Accounts: v.number(cfg.Accounts),
		Grades: []tabView{{Text: v.words.T("clusters.grade.all"), URL: address("", span, 1), Current: grade == ""}},
	}
	for _, g := range coordinated.Grades {
		view.Grades = append(view.Grades, tabView{Text: v.words.T("clusters.grade." + string(g)), URL: address(g, span, 1), Current: g == grade})
	}
	for _, s := range clusterSpans {
		view.Times = append(view.Times, tabView{Text: v.words.T("clusters.since." + s.name), URL: address(grade, s.name, 1), Current: s.name == span})
	}
	from := (page - 1) * clustersOnPage
	for i := from; i < min(from+clustersOnPage, len(all)); i++ {
		view.Clusters = append(view.Clusters, v.cluster(&all[i]))
	}
	if page > 1 {
		view.PreviousURL = address(grade, span, page-1)
	}
	if from+clustersOnPage < len(all) {
		view.NextURL = address(grade, span, page+1)
	}
	return view
}

func (c *Console) clusterPage(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	see := c.reader(r)
	cluster, err := c.coordinated.Cluster(ctx, see.who, r.PathValue("cluster"))
	if err != nil {
		return noCluster(err)
	}
	if cluster.ID != r.PathValue("cluster") { // it was merged into another
		http.Redirect(w, r, clusterURL(cluster.ID), http.StatusSeeOther)
		return nil
	}
	if err := c.viewed(r, "cluster "+cluster.ID, nil); err != nil {
		return err
	}
	items, err := c.coordinated.Items(ctx, see.who, cluster.ID)
	if err != nil {
		return err
	}
	view := see.clusterPage(&cluster, len(items))
	view.CaseTitle = see.words.T("clusters.case.title", "what", view.Title)
	for _, item := range items[:min(len(items), clusterItems)] {
		shown, err := c.clusterItem(r, see, item)
		if err != nil {
			return err
		}
		view.Items = append(view.Items, shown)
		if shown.URL != "" && c.casework != nil && see.who.May(access.Review) {
			view.CaseItems = append(view.CaseItems, item.ID)
		}
	}
	if more := len(items) - clusterItems; more > 0 {
		view.MoreItems = see.words.T("clusters.items.more", "n", see.number(more))
	}
	return c.render(w, r, http.StatusOK, "cluster", view)
}

// clusterItem is a flagged post, with its place in the queue where it has one.
func (c *Console) clusterItem(r *http.Request, see reader, item coordinated.Item) (clusterItemView, error) {
	view := clusterItemView{URL: itemPath(item.ID), Handle: short(item.Account, mostRowFieldBytes), Region: see.regionName(item.Region), At: see.time(item.CreatedAt)}
	found, err := c.review.Item(r.Context(), see.who, item.ID)
	if absent(err) {
		view.Status, view.URL = see.words.T("clusters.item.absent"), ""
		return view, nil
	}
	if err != nil {
		return view, refused("read a post of a cluster", err)
	}
	view.Excerpt, view.Agency = short(found.Excerpt, snippetBytes), short(found.Agency, mostRowFieldBytes)
	view.Status, view.Class = see.words.T("status.item."+string(found.Status)), string(found.Status)
	if found.Handle != "" {
		view.Handle = short(found.Handle, mostRowFieldBytes)
	}
	return view, nil
}

func absent(err error) bool {
	var f failure
	return err != nil && errors.As(refused("", err), &f) && f.status == http.StatusNotFound
}

func noCluster(err error) error {
	if errors.Is(err, coordinated.ErrNotFound) {
		return failure{status: http.StatusNotFound, cause: err}
	}
	return err
}
