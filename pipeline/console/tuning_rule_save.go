package console

import (
	"errors"
	"net/http"
	"path"
	"slices"

	"github.com/netra-id/netra/pipeline/tuning"
)

// tuningCheckRule answers the form while it is written.
func (c *Console) tuningCheckRule(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	target, rule := readTarget(r), readRule(r)
	view := c.ruleView(r, &draft, own, target, &rule)
	c.tryRule(r, &view, own, target, rule)
	return c.renderPart(w, r, http.StatusOK, "tuning-rule", "rule-check", view.Check)
}

// tryRule checks the draft with the form's rule in it, and returns what that
// would be; nil where it cannot be written.
func (c *Console) tryRule(r *http.Request, view *ruleView, own *tuned, target ruleTarget, rule tuning.RuleText) *tuned {
	see := c.viewer(r)
	bundle, file, err := target.with(own.bundle, rule)
	if err != nil {
		view.Check = ruleCheckView{Asked: true, Summary: see.words.T("tuning.check.problems", "n", "1"), Problems: see.problems([]string{err.Error()})}
		switch {
		case errors.Is(err, tuning.ErrByHand):
			view.Check.Problems = []problemView{{Text: see.words.T("tuning.by_hand")}}
		case errors.Is(err, errListTaken):
			view.Check.Problems = []problemView{{Text: see.words.T("tuning.bad.list_taken")}}
		}
		return nil
	}
	t := c.tuning.check(bundle)
	view.check(c, see, t, file, &rule)
	return t
}

// tuningSaveRule saves, checks or removes a rule.
func (c *Console) tuningSaveRule(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	see, target, rule := c.viewer(r), readTarget(r), readRule(r)
	view := c.ruleView(r, &draft, own, target, &rule)
	seen := r.PostForm.Get("version")
	if r.PostForm.Get("do") == "remove" {
		return c.removeRule(w, r, draft, own, target, view)
	}
	tried := c.tryRule(r, &view, own, target, rule)
	if r.PostForm.Get("do") == "check" {
		view.Seen = seen
		return c.render(w, r, http.StatusOK, "tuning-rule", view)
	}
	switch {
	case tried == nil:
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-rule", view)
	case tried.compiled == nil && own.compiled != nil:
		view.Problem = see.words.T("tuning.bad.rule")
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-rule", view)
	}
	err = c.saveDraft(r, draft, seen, tried.bundle)
	if errors.Is(err, tuning.ErrConflict) {
		return c.ruleConflict(w, r, view, target, rule, seen)
	}
	if err != nil {
		return missing(err)
	}
	c.later(r, flash{Text: see.words.T("tuning.done.saved") + " " + view.Check.Summary, Bad: !view.Check.Good})
	if target.newList != "" && target.id == "" {
		target.file = tuning.KeywordsFolder + "/" + path.Base(target.newList) + ".yaml"
	}
	http.Redirect(w, r, rulePath(draft.Name, target.file, rule.ID), http.StatusSeeOther)
	return nil
}

// ruleIn returns the rule that a form changes, as a version has it.
func ruleIn(t *tuned, target ruleTarget) (tuning.RuleText, bool) {
	data, _ := t.bundle.Read(target.file)
	rules, err := tuning.ReadRules(target.file, data)
	at := slices.IndexFunc(rules, func(one tuning.RuleText) bool { return one.ID == target.id })
	if err != nil || at < 0 {
		return tuning.RuleText{}, false
	}
	return rules[at], true
}

// ruleConflict shows what somebody else changed, with the form as it was filled,
// and their values where this operator changed none: saving it again puts it on
// top.
func (c *Console) ruleConflict(w http.ResponseWriter, r *http.Request, view ruleView, target ruleTarget, rule tuning.RuleText, seen string) error {
	draft, now, err := c.draftOf(r)
	if err != nil {
		return err
	}
	if base, err := c.tuning.version(r.Context(), seen); err == nil {
		if before, ok := ruleIn(base, target); ok {
			if theirs, ok := ruleIn(now, target); ok {
				rule = tuning.MergeRule(before, rule, theirs)
			}
		}
	}
	conflict := c.others(r.Context(), c.viewer(r), &draft, seen, now)
	view = c.ruleView(r, &draft, now, target, &rule)
	view.Conflict = conflict
	c.tryRule(r, &view, now, target, rule)
	return c.render(w, r, http.StatusConflict, "tuning-rule", view)
}

func (c *Console) removeRule(w http.ResponseWriter, r *http.Request, draft tuning.Draft, own *tuned, target ruleTarget, view ruleView) error {
	see := c.viewer(r)
	data, ok := own.bundle.Read(target.file)
	if !ok {
		return failure{status: http.StatusNotFound}
	}
	var bundle tuning.Bundle
	left, err := tuning.WithoutRule(target.file, data, target.id)
	switch {
	case errors.Is(err, tuning.ErrByHand):
		return c.byHand(w, r, draft.Name, target.file)
	case errors.Is(err, tuning.ErrNotFound):
		return failure{status: http.StatusNotFound}
	case err != nil:
		view.Problem = see.words.T("tuning.bad.last")
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-rule", view)
	}
	if bundle, err = own.bundle.With(target.file, left); err != nil {
		return err
	}
	err = c.saveDraft(r, draft, r.PostForm.Get("version"), bundle)
	if errors.Is(err, tuning.ErrConflict) {
		return c.ruleConflict(w, r, view, target, readRule(r), r.PostForm.Get("version"))
	}
	if err != nil {
		return missing(err)
	}
	c.later(r, flash{Text: see.words.T("tuning.done.removed", "name", target.id)})
	http.Redirect(w, r, draftPath(draft.Name), http.StatusSeeOther)
	return nil
}
