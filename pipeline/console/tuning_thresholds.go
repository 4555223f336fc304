package console

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/tuning"
)

// thresholdsView is the form of the scores from which each label flags, and the
// way to the other files.
type thresholdsView struct {
	draftHead
	Seen     string
	Rows     []thresholdRow
	Problems []problemView
	Conflict *conflictView
	Links    []fileRow
	SaveURL  string
}

type thresholdRow struct{ Name, Label, Class, Value, Usual, Wrong string }

func (c *Console) tuningThresholds(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	values := map[string]string{}
	if own.compiled != nil {
		for label, limit := range own.compiled.Thresholds {
			values[string(label)] = strconv.FormatFloat(limit, 'f', -1, 64)
		}
	}
	return c.render(w, r, http.StatusOK, "tuning-thresholds", c.thresholdsView(r, &draft, own, values))
}

func (c *Console) thresholdsView(r *http.Request, draft *tuning.Draft, own *tuned, values map[string]string) thresholdsView {
	see := c.viewer(r)
	view := thresholdsView{draftHead: c.draftHead(r, see, draft, "thresholds"), Seen: draft.Version, SaveURL: draftPath(draft.Name) + "/thresholds"}
	usual := map[post.Label]string{}
	if built, err := judge.DefaultFusion(); err == nil {
		for label, limit := range built.Thresholds {
			usual[label] = see.words.Decimal(limit)
		}
	}
	for _, label := range post.Labels {
		view.Rows = append(view.Rows, thresholdRow{Name: string(label), Label: see.label(string(label)), Class: labelClass(label), Value: values[string(label)], Usual: usual[label]})
	}
	for _, name := range []string{tuning.ContestantsFile, tuning.ClaimsFile, tuning.ThresholdsFile} {
		data, ok := own.bundle.Read(name)
		if _, optional := optionalFiles[name]; ok || optional {
			view.Links = append(view.Links, fileRow{URL: filePath(draft.Name, name), Name: name, Size: see.number(len(data))})
		}
	}
	return view
}

func (c *Console) tuningSaveThresholds(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	see, values := c.viewer(r), map[string]string{}
	for _, label := range post.Labels {
		if value := strings.TrimSpace(strings.Replace(r.PostForm.Get("limit_"+string(label)), ",", ".", 1)); value != "" {
			values[string(label)] = value
		}
	}
	view := c.thresholdsView(r, &draft, own, values)
	view.Seen = r.PostForm.Get("version")
	old, _ := own.bundle.Read(tuning.ThresholdsFile)
	bundle := own.bundle.Without(tuning.ThresholdsFile)
	if len(values) > 0 || len(old) > 0 {
		if bundle, err = own.bundle.With(tuning.ThresholdsFile, tuning.SetThresholds(old, values)); err != nil {
			return err
		}
	}
	if tried := c.tuning.check(bundle); tried.compiled == nil && own.compiled != nil {
		view.Problems = see.problems(tried.report.Problems)
		for i := range view.Rows {
			for _, one := range view.Problems {
				if strings.HasSuffix(one.Key, "."+view.Rows[i].Name) {
					view.Rows[i].Wrong = see.words.T("tuning.wrong", "value", one.Value, "allowed", one.Allowed)
				}
			}
		}
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-thresholds", view)
	}
	err = c.saveDraft(r, draft, view.Seen, bundle)
	if errors.Is(err, tuning.ErrConflict) {
		now, version, err := c.draftOf(r)
		if err != nil {
			return err
		}
		view.Conflict, view.Seen = c.others(r.Context(), see, &now, view.Seen, version), now.Version
		return c.render(w, r, http.StatusConflict, "tuning-thresholds", view)
	}
	if err != nil {
		return missing(err)
	}
	c.later(r, flash{Text: see.words.T("tuning.done.saved")})
	http.Redirect(w, r, draftPath(draft.Name), http.StatusSeeOther)
	return nil
}
