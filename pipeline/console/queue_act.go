package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/review/law"
)

// queueTake claims a batch of the most urgent items and shows what the reader
// holds then.
func (c *Console) queueTake(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	words := c.pages.words(r)
	items, err := c.review.ClaimNext(ctx, of(r).viewer, c.readQueueFilter(r).review(), batch)
	if err != nil {
		return refused("claim a batch", err)
	}
	if len(items) == 0 {
		c.later(r, flash{Text: words.T("queue.taken.none"), Bad: true})
		seeOther(w, r, c.readQueueFilter(r).with())
		return nil
	}
	c.later(r, flash{Text: words.T("queue.taken", "n", len(items))})
	seeOther(w, r, "/queue?"+byHolder+"="+myself)
	return nil
}

// queueBulk does one thing with all items that were picked in the list.
func (c *Console) queueBulk(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	f := c.readQueueFilter(r)
	choices := picked(r.PostForm["id"])
	done, err := c.bulk(ctx, r, choices)
	switch {
	case err == nil:
		c.later(r, done)
	case tellable(err):
		c.later(r, flash{Text: c.reader(r).problem(err), Bad: true})
	default:
		return refused("decide on several items", err)
	}
	seeOther(w, r, f.with())
	return nil
}

// bulk does what the pressed button says and tells what was done.
func (c *Console) bulk(ctx context.Context, r *http.Request, choices []review.Choice) (flash, error) {
	v, viewer := c.reader(r), of(r).viewer
	do := r.PostForm.Get("do")
	if len(choices) == 0 {
		return flash{Text: v.words.T("bulk.nothing"), Bad: true}, nil
	}
	ids := itemsOf(choices)
	switch do {
	case "claim":
		_, err := c.review.Claim(ctx, viewer, ids, false)
		return flash{Text: v.words.T("bulk.claimed", "n", len(ids))}, err
	case "release":
		return flash{Text: v.words.T("bulk.released", "n", len(ids))}, c.review.Release(ctx, viewer, ids)
	case "assign":
		to := r.PostForm.Get("to")
		return flash{Text: v.assigned(len(ids), to)}, c.assign(ctx, viewer, ids, to)
	}
	decision, problem := v.decision(r.PostForm)
	if problem != "" {
		return flash{Text: problem, Bad: true}, nil
	}
	made, err := c.decideAll(ctx, v, choices, decision)
	if err != nil {
		return flash{}, err
	}
	return v.decided(decision, made), nil
}

func (c *Console) assign(ctx context.Context, viewer access.Viewer, ids []string, to string) error {
	if !viewer.May(access.Supervise) {
		return review.ErrForbidden
	}
	return c.review.Assign(ctx, viewer, ids, to)
}

// queueUndo takes decisions back. The reader lands on the item, where it is one.
func (c *Console) queueUndo(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	f, v := c.readQueueFilter(r), c.reader(r)
	decisions := r.PostForm["id"]
	var item review.Item
	for _, decision := range decisions[:min(len(decisions), mostUndone)] {
		undone, err := c.review.Undo(ctx, of(r).viewer, decision)
		if err != nil {
			if !tellable(err) {
				return refused("take a decision back", err)
			}
			c.later(r, flash{Text: v.problem(err), Bad: true})
			seeOther(w, r, f.with())
			return nil
		}
		item = undone
	}
	c.later(r, flash{Text: v.words.T("undo.done")})
	if len(decisions) == 1 {
		seeOther(w, r, f.to(itemPath(item.ID)))
		return nil
	}
	seeOther(w, r, f.with())
	return nil
}

// mostNameBytes bounds the name of a saved filter.
const mostNameBytes = 200

func (c *Console) saveFilter(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	words := c.pages.words(r)
	f := newQueueFilter(parsedQuery(r.PostForm.Get("query")), c.zone, of(r).viewer.Name, words)
	name := strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(r.PostForm.Get("name"), "\x00", ""), ""))
	if name == "" || len(name) > mostNameBytes {
		c.later(r, flash{Text: words.T("queue.save.bad"), Bad: true})
		seeOther(w, r, f.with())
		return nil
	}
	_, err := c.review.SaveFilter(ctx, of(r).viewer, review.SavedFilter{Name: name, Filter: f.review(), Sort: f.sort})
	if errors.Is(err, review.ErrInvalid) {
		c.later(r, flash{Text: words.T("queue.save.bad"), Bad: true})
		seeOther(w, r, f.with())
		return nil
	}
	if err != nil {
		return refused("save a filter", err)
	}
	c.later(r, flash{Text: words.T("queue.saved.done", "name", name)})
	seeOther(w, r, f.with())
	return nil
}

func (c *Console) removeFilter(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	id, err := strconv.ParseInt(r.PostForm.Get("id"), 10, 64)
	if err != nil {
		return failure{status: http.StatusBadRequest}
	}
	if err := c.review.DeleteFilter(ctx, of(r).viewer, id); err != nil {
		return refused("remove a saved filter", err)
	}
	words := c.pages.words(r)
	c.later(r, flash{Text: words.T("queue.saved.removed")})
	seeOther(w, r, newQueueFilter(parsedQuery(r.PostForm.Get("back")), c.zone, of(r).viewer.Name, words).with())
	return nil
}

func seeOther(w http.ResponseWriter, r *http.Request, target string) {
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// pick is how a form names an item as it was shown: its revision and id.
func pick(item *review.Item) string { return strconv.FormatInt(item.Revision, 10) + "|" + item.ID }

// picked reads what pick wrote; what it did not write is left out.
func picked(values []string) []review.Choice {
	var choices []review.Choice
	for _, value := range values {
		revision, id, ok := strings.Cut(value, "|")
		n, err := strconv.ParseInt(revision, 10, 64)
		if ok && err == nil && id != "" && !slices.ContainsFunc(choices, func(c review.Choice) bool { return c.Item == id }) {
			choices = append(choices, review.Choice{Item: id, Revision: n})
		}
	}
	return choices
}

func itemsOf(choices []review.Choice) []string {
	ids := make([]string, len(choices))
	for i, choice := range choices {
		ids[i] = choice.Item
	}
	return ids
}

// tellable says whether an error is one that the reader can do something about.
func tellable(err error) bool {
	for _, known := range []error{
		review.ErrTaken, review.ErrChanged, review.ErrForbidden, review.ErrNotFound, review.ErrInvalid, review.ErrSamePerson, review.ErrNotUndone,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// problem says such an error in words, with how many items it concerns.
func (v reader) problem(err error) string {
	key := "problem.changed"
	switch {
	case errors.Is(err, review.ErrTaken):
		key = "problem.taken"
	case errors.Is(err, review.ErrSamePerson):
		key = "problem.same_person"
	case errors.Is(err, review.ErrNotUndone):
		key = "problem.not_undone"
	case errors.Is(err, review.ErrInvalid):
		key = "problem.invalid"
	case errors.Is(err, review.ErrForbidden):
		key = "problem.forbidden"
	case errors.Is(err, review.ErrNotFound):
		key = "problem.not_found"
	}
	text := v.words.T(key)
	var several *review.HinderedError
	if errors.As(err, &several) && len(several.Items) > 1 {
		text += " " + v.words.T("problem.several", "n", len(several.Items))
	}
	return text
}

// decision reads what a form decides, or says what is missing.
func (v reader) decision(form url.Values) (review.Decision, string) {
	verdict, cause, _ := strings.Cut(form.Get("do"), ":")
	decision := review.Decision{
		Verdict: review.Verdict(verdict), Note: strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(form.Get("note"), "\x00", ""), "")),
		Replaces: form.Get("replaces"),
	}
	if len(decision.Note) > mostNoteBytes || utf8.RuneCountInString(decision.Note) > review.MostNote {
		return decision, v.words.T("decide.bad.note")
	}
	switch decision.Verdict {
	case review.Violation:
		decision.Label, decision.Rule = labelOf(form.Get("label")), form.Get("rule")
		if !law.Known(decision.Rule) && (decision.Rule != "" || !form.Has("id")) { // in bulk, none is the one suggested
			return decision, v.words.T("decide.bad.rule")
		}
	case review.NoViolation:
		decision.Cause = review.Cause(cause)
		if !slices.Contains(review.Causes, decision.Cause) {
			return decision, v.words.T("decide.bad.cause")
		}
	case review.Unsure:
	case review.SameAs:
		decision.Same = strings.TrimSpace(form.Get("same"))
		if decision.Same == "" {
			return decision, v.words.T("decide.bad.same")
		}
	default:
		return decision, v.words.T("decide.bad.verdict")
	}
	return decision, ""
}

// decided says what was decided, with the way back.
func (v reader) decided(decision review.Decision, made []review.Decision) flash {
	said := flash{UndoURL: "/queue/undo"}
	var items []string
	for _, one := range made {
		said.Undo = append(said.Undo, one.ID)
		items = append(items, one.Item)
	}
	said.Done = doneItems(items)
	said.Text = v.words.T("decided.one", "what", v.verdict(decision))
	if len(made) > 1 {
		said.Text = v.words.T("decided.many", "n", len(made), "what", v.verdict(decision))
	}
	return said
}
