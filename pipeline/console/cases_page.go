package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// Bounds of what one page of a case lists.
const (
	casePosts  = 25
	caseEvents = 25
)

// caseView is the page of one case.
type caseView struct {
	caseRow
	ID, Revision                     string
	Path                             string
	Flash                            *flash
	Known, DueAt, Created            timeView
	CreatedBy                        string
	PostList                         []casePost
	Removed                          []casePost
	PostsNewer, PostsOlder           string
	Events                           []caseEvent
	EventsNewer, EventsOlder         string
	MayWork, MaySupervise, MayExport bool
	MayChangePosts                   bool
	Workers                          []optionView // who works on it; Selected may be taken off
	Candidates                       []optionView
	Mine                             bool
	CanReady, CanReopen, CanHand     bool
	CanClose                         bool
	Receivers, Outcomes              []optionView
	Receiver, Reference, Outcome     string
	Handed, Closed                   timeView
	HandedDate, Today, HandedDay     string
	ReasonNeeded                     bool
	HoldReason                       string
	Key                              *keyOfPacks
	Back                             string
	Keys                             []keyView
}

// casePost is a post of a case.
type casePost struct {
	URL, ID, Handle, Excerpt, About, Status string
	Created                                 timeView
	RemovedBy, Reason                       string
	RemovedAt                               timeView
	Only                                    bool
}

// keyOfPacks is the public key by which packs are verified.
type keyOfPacks struct{ Text, Fingerprint string }

func (c *Console) casePage(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	v := c.reader(r)
	found, err := c.cases().Case(ctx, v.who, r.PathValue("case"))
	if err != nil {
		return caseRefused("show a case", err)
	}
	if found.ID != r.PathValue("case") { // by its number
		http.Redirect(w, r, casePath(found.ID), http.StatusSeeOther)
		return nil
	}
	if err := c.viewed(r, "case "+found.Number, nil); err != nil {
		return err
	}
	links, err := c.cases().Links(ctx, v.who, found.ID)
	if err != nil {
		return caseRefused("show a case", err)
	}
	events, err := c.cases().Timeline(ctx, v.who, found.ID)
	if err != nil {
		return caseRefused("show a case", err)
	}
	people, err := c.assignable(ctx, v.who)
	if err != nil {
		return err
	}
	view := v.caseView(&found, people, c.cases().Configuration())
	view.Flash = c.flashed(r)
	view.Key = c.keyOfPacks()
	view.MayExport = view.MayWork && view.Key != nil
	query := r.URL.Query()
	if err := c.casePosts(ctx, v, &view, links, query.Get("posts")); err != nil {
		return err
	}
	view.events(v, &found, events, query.Get("events"))
	return c.render(w, r, http.StatusOK, "case", view)
}

// keyOfPacks is nil where nothing can be exported.
func (c *Console) keyOfPacks() *keyOfPacks {
	if c.casework.Dossier == nil || c.casework.Dossier.PublicKey() == "" {
		return nil
	}
	key := strings.TrimSpace(c.casework.Dossier.PublicKey())
	return &keyOfPacks{Text: key, Fingerprint: seal.Fingerprint(key)}
}

// caseKey gives the public key as a file.
func (c *Console) caseKey(w http.ResponseWriter, _ *http.Request) error {
	key := c.keyOfPacks()
	if key == nil {
		return failure{status: http.StatusNotFound}
	}
	w.Header().Set("Content-Disposition", `attachment; filename="netra-evidence.pub"`)
	return plainText(w, http.StatusOK, key.Text+"\n")
}

func (v reader) caseView(c *cases.Case, people []string, cfg cases.Configuration) caseView {
	view := caseView{
		caseRow: v.caseRow(c), ID: c.ID, Revision: strconv.FormatInt(c.Revision, 10), Path: casePath(c.ID), Back: "/cases",
		Known: v.caseTime(c, c.KnownAt), DueAt: v.caseTime(c, c.Due), Created: v.caseTime(c, c.CreatedAt), CreatedBy: v.person(c.CreatedBy),
		MayWork: v.who.May(access.Review), MaySupervise: v.who.May(access.Supervise), Mine: slices.Contains(c.People, v.who.Name),
		Receiver: c.Receiver, Reference: c.Reference, Handed: v.caseTime(c, c.HandedAt), Closed: v.caseTime(c, c.ClosedAt), HoldReason: c.Hold,
		Keys: v.keys("q", "back", "n", "note_field", "?", "help"),
	}
	next := cases.Next(c.Status)
	may := func(status cases.Status) bool { return view.MayWork && slices.Contains(next, status) }
	view.MayChangePosts = view.MayWork && c.Status != cases.Closed
	view.CanReady, view.CanReopen = may(cases.Ready), may(cases.Open) && (c.Status != cases.Closed || view.MaySupervise)
	view.CanHand = view.MayWork && (c.Status == cases.Ready || c.Status == cases.HandedOver)
	view.CanClose = may(cases.Closed) && (c.Status == cases.HandedOver || view.MaySupervise)
	view.ReasonNeeded = c.Status != cases.HandedOver
	today := v.now.In(caseZone(c)).Format(time.DateOnly)
	view.Today, view.HandedDate = today, today
	if !c.HandedAt.IsZero() {
		view.HandedDate = c.HandedAt.In(caseZone(c)).Format(time.DateOnly)
		view.HandedDay = v.dayOf(view.HandedDate)
	}
	for _, name := range cfg.Receivers {
		view.Receivers = append(view.Receivers, optionView{Value: name, Text: name, Selected: name == c.Receiver})
	}
	for _, outcome := range cases.Outcomes {
		if view.ReasonNeeded && (outcome == cases.Proven || outcome == cases.NotProven) {
			continue
		}
		view.Outcomes = append(view.Outcomes, optionView{Value: string(outcome), Text: v.words.T("cases.outcome." + string(outcome))})
	}
	if c.Outcome != "" {
		view.Outcome = v.words.Or("cases.outcome."+string(c.Outcome), string(c.Outcome))
	}
	for _, name := range c.People {
		view.Workers = append(view.Workers, optionView{Value: name, Text: v.person(name), Selected: view.MaySupervise || name == v.who.Name && view.MayWork})
	}
	for _, name := range people {
		if !slices.Contains(c.People, name) {
			view.Candidates = append(view.Candidates, optionView{Value: name, Text: v.person(name)})
		}
	}
	return view
}

// casePosts fills in a page of the posts, and those that were removed.
func (c *Console) casePosts(ctx context.Context, v reader, view *caseView, links []cases.Link, at string) error {
	present := slices.DeleteFunc(slices.Clone(links), func(l cases.Link) bool { return !l.RemovedAt.IsZero() })
	removed := slices.DeleteFunc(slices.Clone(links), func(l cases.Link) bool { return l.RemovedAt.IsZero() })
	from := pageFrom(at, casePosts, len(present))
	view.PostsNewer, view.PostsOlder = pagesAround(view.Path, "posts", from, casePosts, len(present))
	for _, l := range present[from:min(from+casePosts, len(present))] {
		shown, err := c.casePost(ctx, v, &l)
		if err != nil {
			return err
		}
		shown.Only = len(present) == 1 && view.Hidden == ""
		view.PostList = append(view.PostList, shown)
	}
	for _, l := range removed[:min(len(removed), casePosts)] {
		shown, err := c.casePost(ctx, v, &l)
		if err != nil {
			return err
		}
		shown.RemovedBy, shown.Reason, shown.RemovedAt = v.person(l.RemovedBy), short(l.Reason, mostEventBytes/4), v.time(l.RemovedAt)
		view.Removed = append(view.Removed, shown)
	}
	return nil
}

// casePost is a post with its place in the queue, where it still has one.
func (c *Console) casePost(ctx context.Context, v reader, l *cases.Link) (casePost, error) {
	view := casePost{URL: itemPath(l.Post), ID: l.Post, Handle: short(l.Handle, mostRowFieldBytes)}
	item, err := c.review.Item(ctx, v.who, l.Post)
	if absent(err) {
		view.Status, view.URL = v.words.T("cases.post.absent"), ""
		return view, nil
	}
	if err != nil {
		return view, refused("read a post of a case", err)
	}
	view.Handle, view.Excerpt = short(v.handle(&item), mostRowFieldBytes), short(strings.Join(strings.Fields(item.Excerpt), " "), snippetBytes/2)
	view.About = short(strings.Join(compact(v.platform(item.Platform), item.Agency, v.regionOwnName(item.Region)), " · "), 2*mostRowFieldBytes)
	view.Status, view.Created = v.status(item.Status), v.time(item.CreatedAt)
	return view, nil
}

// events fills in a page of the time line, the last first.
func (view *caseView) events(v reader, c *cases.Case, events []cases.Event, at string) {
	slices.Reverse(events)
	from := pageFrom(at, caseEvents, len(events))
	view.EventsNewer, view.EventsOlder = pagesAround(view.Path, "events", from, caseEvents, len(events))
	for i := from; i < min(from+caseEvents, len(events)); i++ {
		view.Events = append(view.Events, v.caseEvent(c, &events[i]))
	}
}

// pageFrom is the first row of a page that an address names, from 1.
func pageFrom(at string, rows, total int) int {
	page, _ := strconv.Atoi(at)
	page = min(max(page, 1), (max(total, 1)-1)/rows+1)
	return (page - 1) * rows
}

// pagesAround are the addresses of the pages before and after.
func pagesAround(path, name string, from, rows, total int) (newer, older string) {
	page := from/rows + 1
	if page > 1 {
		newer = path + "?" + name + "=" + strconv.Itoa(page-1) + "#" + name
	}
	if from+rows < total {
		older = path + "?" + name + "=" + strconv.Itoa(page+1) + "#" + name
	}
	return newer, older
}
