package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// mostCaseChoices bounds how many posts are offered for a new case.
const mostCaseChoices = 60

// newCaseView is the page on which a case is opened.
type newCaseView struct {
	Problem           string
	Title, Kind, Note string
	Item              string
	Back              string
	Kinds             []tabView
	Posts             []caseChoice
	More              string
	Known             []optionView
}

// caseChoice is a post that a new case can have.
type caseChoice struct {
	casePost
	Picked bool
	In     string // the cases that it is in already
}

// caseNew offers the posts of an account, or the copies of a text, for a new
// case.
func (c *Console) caseNew(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	return c.newCase(w, r, http.StatusOK, newCaseView{Item: query.Get("item"), Kind: query.Get("kind")}, nil)
}

func (c *Console) newCase(w http.ResponseWriter, r *http.Request, status int, view newCaseView, picked []string) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	v := c.reader(r)
	if !slices.Contains(cases.Kinds, view.Kind) {
		view.Kind = cases.OfAccount
	}
	item, err := c.review.Item(ctx, v.who, view.Item)
	if err != nil {
		return refused("open a case of an item", err)
	}
	related, flag, err := c.caseCandidates(ctx, v.who, &item, view.Kind)
	if err != nil {
		return refused("list what a case could have", err)
	}
	ids := make([]string, len(related))
	for i := range related {
		ids[i] = related[i].ID
	}
	in, err := c.cases().OfPosts(ctx, v.who, ids)
	if err != nil {
		return caseRefused("list the cases of posts", err)
	}
	view.offer(v, &item, related, in, picked)
	if view.Title == "" && status == http.StatusOK {
		view.Title = v.caseTitle(&item, flag, view.Kind)
	}
	for _, kind := range cases.Kinds {
		target := "/cases/new?" + url.Values{"item": {view.Item}, "kind": {kind}}.Encode()
		view.Kinds = append(view.Kinds, tabView{Text: v.words.T("cases.kind." + kind), URL: target, Current: kind == view.Kind})
	}
	view.Back = itemPath(view.Item)
	return c.render(w, r, status, "case-new", view)
}

// caseCandidates are the item and what is related to it.
func (c *Console) caseCandidates(ctx context.Context, viewer access.Viewer, item *review.Item, kind string) (related []review.Item, flag *post.Flag, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if kind == cases.OfCopies {
			found, err := c.review.Similar(ctx, viewer, item.ID)
			related = found
			return err
		}
		found, err := c.review.OfAccount(ctx, viewer, item.Account)
		for i := range found {
			if found[i].Item.ID != item.ID {
				related = append(related, found[i].Item)
			}
		}
		return err
	})
	group.Go(func() error {
		found, err := c.review.Flag(ctx, viewer, item.ID)
		if err == nil {
			flag = &found
		}
		return nil // only its names are used
	})
	err = group.Wait()
	return append([]review.Item{*item}, related...), flag, err
}

// offer lists the posts; those are picked that were, or at first the item and
// what was confirmed.
func (view *newCaseView) offer(v reader, item *review.Item, related []review.Item, in map[string][]cases.Case, picked []string) {
	if more := len(related) - mostCaseChoices; more > 0 {
		view.More = v.words.T("cases.new.more", "n", v.number(more))
		related = related[:mostCaseChoices]
	}
	for i := range related {
		one := &related[i]
		choice := caseChoice{Picked: slices.Contains(picked, one.ID) || picked == nil && (one.ID == item.ID || one.Status == review.Confirmed || view.Kind == cases.OfCopies)}
		choice.casePost = casePost{
			URL: itemPath(one.ID), ID: one.ID, Handle: short(v.handle(one), mostRowFieldBytes), Excerpt: short(strings.Join(strings.Fields(one.Excerpt), " "), snippetBytes/2),
			About: short(strings.Join(compact(v.platform(one.Platform), one.Agency), " · "), mostRowFieldBytes), Status: v.status(one.Status), Created: v.time(one.CreatedAt),
		}
		var numbers []string
		for _, known := range in[one.ID] {
			numbers = append(numbers, known.Number)
			if known.Status != cases.Closed && !slices.ContainsFunc(view.Known, func(o optionView) bool { return o.Value == known.ID }) {
				view.Known = append(view.Known, optionView{Value: known.ID, Text: known.Number + " · " + short(known.Title, mostRowFieldBytes)})
			}
		}
		choice.In = strings.Join(numbers, ", ")
		view.Posts = append(view.Posts, choice)
	}
}

// caseTitle is a title to begin with.
func (v reader) caseTitle(item *review.Item, flag *post.Flag, kind string) string {
	if kind == cases.OfCopies {
		return v.words.T("cases.title.copies", "text", short(strings.Join(strings.Fields(item.Excerpt), " "), mostRowFieldBytes))
	}
	who := v.handle(item)
	if flag != nil && flag.Person.Name != "" {
		who = flag.Person.Name + ", " + who
	}
	return v.words.T("cases.title.account", "who", short(who, 140), "platform", v.platform(item.Platform))
}

func (c *Console) caseCreate(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	v, form := c.reader(r), r.PostForm
	draft := cases.Draft{Title: form.Get("title"), Kind: form.Get("kind"), Posts: form["post"], Note: form.Get("note")}
	made, err := c.cases().Create(ctx, v.who, draft)
	if err == nil {
		c.later(r, flash{Text: v.words.T("cases.done.created", "number", made.Number)})
		seeOther(w, r, casePath(made.ID))
		return nil
	}
	problem := v.caseProblem(err)
	if problem == "" {
		return caseRefused("open a case", err)
	}
	if form.Get("item") == "" {
		c.later(r, flash{Text: problem, Bad: true})
		seeOther(w, r, "/cases")
		return nil
	}
	return c.newCase(w, r, http.StatusUnprocessableEntity, newCaseView{
		Problem: problem, Title: short(draft.Title, 4*mostRowFieldBytes), Kind: draft.Kind, Note: short(draft.Note, mostNoteBytes), Item: form.Get("item"),
	}, append([]string{}, draft.Posts...))
}

// caseAdd adds posts to a case that the form names by its id or number.
func (c *Console) caseAdd(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	v, form := c.reader(r), r.PostForm
	back := "/cases"
	if posts := form["post"]; len(posts) == 1 {
		back = itemPath(posts[0])
	}
	changed, err := c.cases().AddPosts(ctx, v.who, strings.TrimSpace(form.Get("case")), form["post"])
	switch {
	case err == nil:
		c.later(r, flash{Text: v.words.T("cases.done.added", "number", changed.Number)})
		seeOther(w, r, casePath(changed.ID))
	case errors.Is(err, cases.ErrNotFound):
		c.later(r, flash{Text: v.words.T("cases.problem.no_case"), Bad: true})
		seeOther(w, r, back)
	default:
		problem := v.caseProblem(err)
		if problem == "" {
			return caseRefused("add posts to a case", err)
		}
		c.later(r, flash{Text: problem, Bad: true})
		seeOther(w, r, back)
	}
	return nil
}

// itemCases is what an item's page shows of cases.
type itemCases struct {
	In                 []caseRow
	Choices            []optionView
	NewURL, CopiesURL  string
	AddURL, PackURL    string
	MayWork, MayExport bool
	Key                *keyOfPacks
}

// mostItemChoices bounds the cases to which an item can be added from its page.
const mostItemChoices = 30

// casesOfItem are the cases of an item, and those that it could be added to: of
// the same account first, then those on which the reader works. It is nil where
// there are no cases.
func (c *Console) casesOfItem(ctx context.Context, v reader, item *review.Item) (*itemCases, error) {
	if c.casework == nil {
		return nil, nil
	}
	view := &itemCases{MayWork: v.who.May(access.Review), AddURL: "/cases/add", PackURL: itemPath(item.ID) + "/pack", Key: c.keyOfPacks()}
	view.MayExport = view.MayWork && view.Key != nil
	values := url.Values{"item": {item.ID}, "kind": {cases.OfAccount}}
	view.NewURL = "/cases/new?" + values.Encode()
	if item.Copies > 0 {
		values.Set("kind", cases.OfCopies)
		view.CopiesURL = "/cases/new?" + values.Encode()
	}
	in, err := c.cases().OfPosts(ctx, v.who, []string{item.ID})
	if err != nil {
		return nil, caseRefused("list the cases of a post", err)
	}
	for i := range in[item.ID] {
		view.In = append(view.In, v.caseRow(&in[item.ID][i]))
	}
	if !view.MayWork {
		return view, nil
	}
	for _, filter := range []cases.Filter{{Account: item.Account, Status: cases.Waiting}, {Person: v.who.Name, Status: cases.Waiting}} {
		found, err := c.cases().List(ctx, v.who, filter, cases.ByChanged, 0, mostItemChoices)
		if err != nil {
			return nil, caseRefused("list cases", err)
		}
		for i := range found {
			known := slices.ContainsFunc(view.Choices, func(o optionView) bool { return o.Value == found[i].ID })
			if !known && !slices.Contains(found[i].Posts, item.ID) && len(view.Choices) < mostItemChoices {
				view.Choices = append(view.Choices, optionView{Value: found[i].ID, Text: found[i].Number + " · " + short(found[i].Title, mostRowFieldBytes)})
			}
		}
	}
	return view, nil
}
