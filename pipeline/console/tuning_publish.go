package console

import (
	"errors"
	"net/http"
	"strings"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/tuning"
)

func listLabel(text string) post.Label { return post.Label(text) }

// tuningPublish puts a draft in force.
func (c *Console) tuningPublish(w http.ResponseWriter, r *http.Request) error {
	see, why := c.viewer(r), strings.TrimSpace(r.PostForm.Get("why"))
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	refuse := func(status int, text string) error {
		return c.draftWith(w, r, status, draftView{Problem: text, WhyPublish: short(why, maxWhyBytes)})
	}
	switch {
	case why == "":
		return refuse(http.StatusUnprocessableEntity, see.words.T("tuning.bad.why"))
	case r.PostForm.Get("version") != draft.Version:
		return refuse(http.StatusConflict, see.words.T("tuning.conflict.publish", "by", see.person(draft.By)))
	case !own.report.Passed():
		return refuse(http.StatusUnprocessableEntity, see.words.T("tuning.not_ready.check"))
	}
	p, err := c.tuning.Book.PublishDraft(r.Context(), draft.Name, formNumber(r, "over"), of(r).viewer.Name, short(why, maxWhyBytes))
	switch {
	case errors.Is(err, tuning.ErrConflict):
		return refuse(http.StatusConflict, see.words.T("tuning.conflict.published"))
	case errors.Is(err, tuning.ErrNotChecked):
		return refuse(http.StatusUnprocessableEntity, see.words.T("tuning.not_ready."+nextStep(&draft, c.tuning.Book.Configuration())))
	case err != nil:
		return missing(err)
	}
	c.later(r, flash{Text: see.words.T("tuning.done.publish", "number", p.Number)})
	http.Redirect(w, r, "/tuning", http.StatusSeeOther)
	return nil
}

// tuningApprove is a second operator's word for a draft.
func (c *Console) tuningApprove(w http.ResponseWriter, r *http.Request) error {
	see := c.viewer(r)
	draft, _, err := c.draftOf(r)
	if err != nil {
		return err
	}
	if r.PostForm.Get("version") != draft.Version {
		return c.draftWith(w, r, http.StatusConflict, draftView{Problem: see.words.T("tuning.conflict.publish", "by", see.person(draft.By))})
	}
	err = c.tuning.Book.Approve(r.Context(), draft.Name, draft.Revision, of(r).viewer.Name)
	switch {
	case errors.Is(err, tuning.ErrNotChecked):
		return c.draftWith(w, r, http.StatusUnprocessableEntity, draftView{Problem: see.words.T("tuning.bad.own")})
	case errors.Is(err, tuning.ErrConflict):
		return c.draftWith(w, r, http.StatusConflict, draftView{Problem: see.words.T("tuning.conflict.publish", "by", see.person(draft.By))})
	case err != nil:
		return missing(err)
	}
	c.later(r, flash{Text: see.words.T("tuning.done.approve")})
	http.Redirect(w, r, draftPath(draft.Name), http.StatusSeeOther)
	return nil
}

// tuningDiscard removes a draft; its versions stay in the book.
func (c *Console) tuningDiscard(w http.ResponseWriter, r *http.Request) error {
	draft, _, err := c.draftOf(r)
	if err != nil {
		return err
	}
	see := c.viewer(r)
	if r.PostForm.Get("sure") == "" {
		return c.draftWith(w, r, http.StatusUnprocessableEntity, draftView{Problem: see.words.T("tuning.bad.sure")})
	}
	if err := c.tuning.Book.Discard(r.Context(), draft.Name, of(r).viewer.Name); err != nil {
		return missing(err)
	}
	c.later(r, flash{Text: see.words.T("tuning.done.discard", "name", draft.Name)})
	http.Redirect(w, r, "/tuning", http.StatusSeeOther)
	return nil
}
