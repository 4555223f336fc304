package console

import (
	"errors"
	"html"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/tuning"
)

// fileView is a file of a draft as text: the other way to edit the same thing.
type fileView struct {
	draftHead
	Path     string
	Text     string
	TooLarge bool
	Binary   bool
	Seen     string
	New      bool
	Help     string
	Problems []problemView
	Problem  string
	Checked  string
	Conflict *conflictView
	SaveURL  string
	Rows     string
}

// mostFileText bounds what is edited in one field, as HTML: pages stay small.
// Longer texts go by `netra keywords pull` and `push`.
const mostFileText = 150 << 10

func tooLong(text string) bool { return len(html.EscapeString(text)) > mostFileText }

// optionalFiles are those that a draft may not have yet.
var optionalFiles = map[string]string{
	tuning.ContestantsFile: "elections: []\n", tuning.ThresholdsFile: "thresholds: {}\n",
}

func (c *Console) tuningFile(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	name := r.URL.Query().Get("path")
	data, ok := own.bundle.Read(name)
	text, known := optionalFiles[name]
	if !ok && !known {
		return failure{status: http.StatusNotFound}
	}
	if ok {
		text = string(data)
	}
	view := c.fileView(r, &draft, name, text)
	view.New = !ok
	view.report(c.viewer(r), own)
	return c.render(w, r, http.StatusOK, "tuning-file", view)
}

func (c *Console) fileView(r *http.Request, draft *tuning.Draft, name, text string) fileView {
	see := c.viewer(r)
	view := fileView{draftHead: c.draftHead(r, see, draft, "file"), Path: name, Text: text, Seen: draft.Version, SaveURL: draftPath(draft.Name) + "/file"}
	view.TooLarge, view.Binary = tooLong(text), !utf8.ValidString(text) || strings.ContainsRune(text, 0)
	if view.TooLarge || view.Binary {
		view.Text = ""
	}
	view.Rows = strconv.Itoa(min(max(strings.Count(text, "\n")+2, 8), 40))
	view.Help = see.words.Or("tuning.file.help."+strings.TrimSuffix(path.Base(name), path.Ext(name)), see.words.T("tuning.file.help"))
	return view
}

func (view *fileView) report(see viewer, t *tuned) {
	view.Problems = see.problems(append(append([]string(nil), t.report.Problems...), t.report.Failures...))
	if t.report.Passed() {
		view.Checked = see.words.T("tuning.checked", "rules", see.number(t.report.Rules), "examples", see.number(t.report.Examples))
	}
}

func (c *Console) tuningSaveFile(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	see, name, do := c.viewer(r), r.PostForm.Get("path"), r.PostForm.Get("do")
	text := strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n")
	view := c.fileView(r, &draft, name, text)
	seen := r.PostForm.Get("version")
	view.Seen = seen
	var bundle tuning.Bundle
	if do == "remove" {
		bundle = own.bundle.Without(name)
	} else if bundle, err = own.bundle.With(name, []byte(text)); err != nil {
		var wrong *post.FieldError
		if errors.As(err, &wrong) {
			return failure{status: http.StatusNotFound}
		}
		return err
	}
	tried := c.tuning.check(bundle)
	view.report(see, tried)
	switch {
	case do == "check":
		return c.render(w, r, http.StatusOK, "tuning-file", view)
	case tried.compiled == nil && own.compiled != nil:
		view.Problem = see.words.T("tuning.bad.file")
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-file", view)
	}
	err = c.saveDraft(r, draft, seen, bundle)
	if errors.Is(err, tuning.ErrConflict) {
		now, version, err := c.draftOf(r)
		if err != nil {
			return err
		}
		view.Conflict, view.Seen = c.others(r.Context(), see, &now, seen, version), now.Version
		return c.render(w, r, http.StatusConflict, "tuning-file", view)
	}
	if err != nil {
		return missing(err)
	}
	c.later(r, flash{Text: see.words.T("tuning.done.saved")})
	http.Redirect(w, r, draftPath(draft.Name), http.StatusSeeOther)
	return nil
}

// groupFormView is the form of a group: words that several rules share.
type groupFormView struct {
	draftHead
	File, Group, Words, Count string
	Seen                      string
	Problems                  []problemView
	Conflict                  *conflictView
	TextURL, SaveURL          string
	ImportURL                 string
}

func (c *Console) tuningGroup(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	file, name := r.URL.Query().Get("file"), r.URL.Query().Get("name")
	data, ok := own.bundle.Read(file)
	if !ok {
		return failure{status: http.StatusNotFound}
	}
	groups, err := tuning.Groups(file, data)
	if err != nil {
		return c.byHand(w, r, draft.Name, file)
	}
	words, ok := groups[name]
	if !ok {
		return failure{status: http.StatusNotFound}
	}
	if tooLong(areaOf(words)) {
		return c.byHand(w, r, draft.Name, file)
	}
	return c.render(w, r, http.StatusOK, "tuning-group", c.groupForm(r, &draft, file, name, words))
}

func (c *Console) groupForm(r *http.Request, draft *tuning.Draft, file, name string, words []string) groupFormView {
	see := c.viewer(r)
	return groupFormView{
		draftHead: c.draftHead(r, see, draft, "group"), File: file, Group: short(name, mostWordBytes), Words: areaOf(words), Seen: draft.Version,
		Count: see.words.T("tuning.group.count", "n", see.number(len(words))), TextURL: filePath(draft.Name, file), SaveURL: draftPath(draft.Name) + "/group",
		ImportURL: draftPath(draft.Name) + "/words?target=" + file + "%23" + "%40" + strings.TrimPrefix(name, "@"),
	}
}

func (c *Console) tuningSaveGroup(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	see, file, name, words := c.viewer(r), r.PostForm.Get("file"), r.PostForm.Get("name"), linesOf(r.PostForm.Get("words"))
	data, ok := own.bundle.Read(file)
	if !ok || path.Dir(file) != tuning.KeywordsFolder {
		return failure{status: http.StatusNotFound}
	}
	view := c.groupForm(r, &draft, file, name, words)
	changed, err := tuning.WithGroup(file, data, name, words)
	switch {
	case errors.Is(err, tuning.ErrNotFound):
		return failure{status: http.StatusNotFound}
	case errors.Is(err, tuning.ErrByHand):
		return c.byHand(w, r, draft.Name, file)
	case err != nil:
		return err
	}
	bundle, err := own.bundle.With(file, changed)
	if err != nil {
		return err
	}
	if tried := c.tuning.check(bundle); tried.compiled == nil && own.compiled != nil {
		view.Problems = see.problems(tried.report.Problems)
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-group", view)
	}
	err = c.saveDraft(r, draft, r.PostForm.Get("version"), bundle)
	if errors.Is(err, tuning.ErrConflict) {
		now, version, err := c.draftOf(r)
		if err != nil {
			return err
		}
		view.Conflict, view.Seen = c.others(r.Context(), see, &now, r.PostForm.Get("version"), version), now.Version
		return c.render(w, r, http.StatusConflict, "tuning-group", view)
	}
	if err != nil {
		return missing(err)
	}
	c.later(r, flash{Text: see.words.T("tuning.done.saved")})
	http.Redirect(w, r, draftPath(draft.Name), http.StatusSeeOther)
	return nil
}
