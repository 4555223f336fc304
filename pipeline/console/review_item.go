package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// Bounds of what else an item's page lists.
const (
	mostCopies = 30
	mostOthers = 15
)

// freshClaim is how long a claim must still hold to need no other one: who is led
// to the next item has claimed it with that already.
const freshClaim = 10 * time.Minute

// foundItem is all that an item's page shows.
type foundItem struct {
	item    review.Item
	flag    post.Flag
	history []review.Decision
	copies  []review.Item
	others  []review.AccountItem
	walk    review.Neighbours
	people  []string
	// evidence is nil where none is kept.
	evidence *evidenceView
	cases    *itemCases
}

// item shows one item. Who reviews opens it with that, which starts its clock,
// and takes it where nobody has it; an item that is loaded ahead (peek) waits
// for both until it comes into sight.
func (c *Console) item(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	viewer, id := of(r).viewer, r.PathValue("id")
	peek := r.URL.Query().Get("peek") != "" || r.Method == http.MethodHead
	item, err := c.openItem(ctx, viewer, id, peek)
	if err != nil {
		return refused("open an item", err)
	}
	if peek || !viewer.May(access.Review) { // opening records itself
		if err := c.viewed(r, ofPost(id), nil); err != nil {
			return err
		}
	}
	f := c.readQueueFilter(r)
	v := c.reader(r)
	found, err := c.findItem(ctx, v, f, item)
	if err != nil {
		return refused("show an item", err)
	}
	view := v.itemView(f, found, r.URL.Query().Get("correct"))
	view.Peek = peek
	if !peek {
		view.Flash = c.flashed(r)
	}
	return c.render(w, r, http.StatusOK, "item", view)
}

// openItem opens an item and takes it where it is free and waits.
func (c *Console) openItem(ctx context.Context, viewer access.Viewer, id string, peek bool) (review.Item, error) {
	if peek || !viewer.May(access.Review) {
		return c.review.Item(ctx, viewer, id)
	}
	item, err := c.review.Open(ctx, viewer, id)
	if err != nil || !waits(item.Status) || item.Holder == viewer.Name && item.HeldUntil.Sub(c.deps.Now()) > freshClaim {
		return item, err
	}
	claimed, err := c.review.Claim(ctx, viewer, []string{id}, false)
	if tellable(err) { // somebody has it, or it waits for somebody else
		return item, nil
	}
	if err != nil || len(claimed) == 0 {
		return item, err
	}
	return claimed[0], nil
}

func (c *Console) findItem(ctx context.Context, v reader, f queueFilter, item review.Item) (foundItem, error) {
	found, viewer := foundItem{item: item}, v.who
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		found.flag, err = c.review.Flag(ctx, viewer, item.ID)
		if err == nil || tellable(err) || ctx.Err() != nil {
			return err
		}
		return unreachable("read a flagged post", err)
	})
	group.Go(func() (err error) {
		found.history, err = c.review.History(ctx, viewer, item.ID)
		return err
	})
	group.Go(func() (err error) {
		found.copies, err = c.review.Similar(ctx, viewer, item.ID)
		return err
	})
	group.Go(func() (err error) {
		found.others, err = c.review.OfAccount(ctx, viewer, item.Account)
		return err
	})
	group.Go(func() (err error) {
		found.walk, err = c.review.Neighbours(ctx, viewer, f.review(), f.sort, item.ID)
		return err
	})
	group.Go(func() (err error) {
		found.people, err = c.assignable(ctx, viewer)
		return err
	})
	group.Go(func() (err error) {
		found.cases, err = c.casesOfItem(ctx, v, &item)
		return err
	})
	if c.deps.Evidence != nil {
		group.Go(func() error {
			pieces, err := c.deps.Evidence.Keeper.OfPost(ctx, item.ID)
			found.evidence = v.evidenceSummary(item.ID, pieces)
			return err
		})
	}
	return found, group.Wait()
}

// itemText gives the whole text, as it was collected, without marks.
func (c *Console) itemText(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	flag, err := c.review.Flag(ctx, of(r).viewer, r.PathValue("id"))
	if err != nil {
		return refused("read a flagged post", err)
	}
	if err := c.viewed(r, ofPost(flag.Post.ID), nil); err != nil {
		return err
	}
	text := flag.Post.Text
	if flag.Post.Quoted != "" {
		text += "\n\n--- " + c.pages.words(r).T("post.quoted") + " ---\n\n" + flag.Post.Quoted
	}
	return plainText(w, http.StatusOK, text)
}

// itemOpen starts the clock of an item that was loaded ahead and comes into
// sight now, and answers with its state.
func (c *Console) itemOpen(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	v := c.reader(r)
	item, err := c.openItem(ctx, of(r).viewer, r.PathValue("id"), false)
	if err != nil {
		return refused("open an item", err)
	}
	state := v.itemState(&item)
	state.Reload = state.Taken || !waits(item.Status)
	return c.renderPart(w, r, http.StatusOK, "item", "item-state", state)
}

// itemClaim takes an item, also from who has it.
func (c *Console) itemClaim(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	f, v, id := c.readQueueFilter(r), c.reader(r), r.PathValue("id")
	_, err := c.review.Claim(ctx, of(r).viewer, []string{id}, true)
	switch {
	case err == nil:
		c.later(r, flash{Text: v.words.T("item.taken_over")})
	case errors.Is(err, review.ErrNotFound) || !tellable(err):
		return refused("take an item over", err)
	default:
		c.later(r, flash{Text: v.problem(err), Bad: true})
	}
	seeOther(w, r, f.to(itemPath(id)))
	return nil
}

func (c *Console) itemAssign(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	f, v, id, to := c.readQueueFilter(r), c.reader(r), r.PathValue("id"), r.PostForm.Get("to")
	err := c.review.Assign(ctx, of(r).viewer, []string{id}, to)
	switch {
	case err == nil:
		c.later(r, flash{Text: v.assigned(1, to)})
	case errors.Is(err, review.ErrNotFound) || !tellable(err):
		return refused("assign an item", err)
	default:
		c.later(r, flash{Text: v.problem(err), Bad: true})
	}
	seeOther(w, r, f.to(itemPath(id)))
	return nil
}

// itemDecide stores a decision on the item and on the copies that were picked,
// and leads to the next item. Scripts ask for the answer alone.
func (c *Console) itemDecide(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	v, id := c.reader(r), r.PathValue("id")
	decision, problem := v.decision(r.PostForm)
	if problem != "" {
		return c.notDecided(w, r, http.StatusUnprocessableEntity, problem)
	}
	choices := picked(append([]string{r.PostForm.Get("revision") + "|" + id}, r.PostForm["also"]...))
	made, err := c.review.Decide(ctx, of(r).viewer, choices, decision)
	if err != nil {
		if errors.Is(err, review.ErrNotFound) && len(choices) == 1 || !tellable(err) {
			return refused("decide on an item", err)
		}
		return c.notDecided(w, r, http.StatusConflict, v.problem(err))
	}
	said := v.decided(decision, made)
	said.UndoURL = c.readQueueFilter(r).to(said.UndoURL)
	if part(r) {
		return c.renderPart(w, r, http.StatusOK, "item", "flash", page{Token: c.forms.token(w, r), View: flashView{Flash: &said}})
	}
	c.later(r, said)
	return c.toNext(ctx, w, r, id)
}

// notDecided says why a decision was not stored, and shows the item again. The
// note goes along.
func (c *Console) notDecided(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	said := flash{Text: problem, Bad: true}
	if part(r) {
		return c.renderPart(w, r, status, "item", "flash", page{View: flashView{Flash: &said}})
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	viewer, f := of(r).viewer, c.readQueueFilter(r)
	item, err := c.review.Item(ctx, viewer, r.PathValue("id"))
	if err != nil {
		return refused("show an item", err)
	}
	v := c.reader(r)
	found, err := c.findItem(ctx, v, f, item)
	if err != nil {
		return refused("show an item", err)
	}
	view := v.itemView(f, found, r.PostForm.Get("replaces"))
	view.Flash, view.Note = &said, short(r.PostForm.Get("note"), mostNoteBytes)
	return c.render(w, r, status, "item", view)
}

// flashView is a part of a page that says what was done.
type flashView struct{ Flash *flash }

// part says whether a script asks for a part of a page.
func part(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }
