package console

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/tuning"
)

// wordsView is the import of words from a table: first the file is read, then its
// words are put where they belong.
type wordsView struct {
	draftHead
	Seen     string
	Column   string
	Words    string
	Read     string
	Targets  []optionView
	Problem  string
	Problems []problemView
	Conflict *conflictView
}

func (c *Console) tuningWords(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "tuning-words", c.wordsView(r, &draft, own, r.URL.Query().Get("target")))
}

func (c *Console) wordsView(r *http.Request, draft *tuning.Draft, own *tuned, target string) wordsView {
	see := c.viewer(r)
	view := wordsView{draftHead: c.draftHead(r, see, draft, "words"), Seen: draft.Version}
	add := func(group, file, name string) {
		value := file + "#" + name
		if len(view.Targets) < mostTargets || value == target {
			view.Targets = append(view.Targets, optionView{Value: value, Text: group + short(name, mostWordBytes), Selected: value == target})
		}
	}
	lists := slices.DeleteFunc(own.bundle.Paths(), func(file string) bool { return path.Dir(file) != tuning.KeywordsFolder })
	for _, file := range lists {
		data, _ := own.bundle.Read(file)
		groups, _ := tuning.Groups(file, data) // what is wrong is told where it is edited
		for _, name := range slices.Sorted(maps.Keys(groups)) {
			add(see.words.T("tuning.part.group")+" ", file, name)
		}
	}
	for _, file := range lists {
		data, _ := own.bundle.Read(file)
		rules, _ := tuning.ReadRules(file, data) // as above
		for _, rule := range rules {
			add(listName(data).Name+"/", file, rule.ID)
		}
	}
	return view
}

// mostTargets bounds what is offered for words to go into: from a rule's own page
// its words lead here, too.
const mostTargets = 300

// tuningImportWords reads a table, or puts the words of one into a rule or group.
func (c *Console) tuningImportWords(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	see, target := c.viewer(r), r.PostForm.Get("target")
	view := c.wordsView(r, &draft, own, target)
	view.Column = short(r.PostForm.Get("column"), mostWordBytes)
	if r.PostForm.Get("do") != "add" {
		return c.readTable(w, r, view)
	}
	view.Seen = r.PostForm.Get("version")
	words := linesOf(strings.Join(r.PostForm["words"], "\n"))
	view.Words = areaOf(words)
	bundle, added, err := addWords(own.bundle, target, words)
	var wrong *post.FieldError
	switch {
	case errors.Is(err, tuning.ErrByHand):
		file, _, _ := strings.Cut(target, "#")
		return c.byHand(w, r, draft.Name, file)
	case errors.As(err, &wrong):
		view.Problem = see.words.T("tuning.bad.target")
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-words", view)
	case err != nil:
		return err
	}
	if added == 0 {
		view.Problem = see.words.T("tuning.bad.no_words")
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-words", view)
	}
	if tried := c.tuning.check(bundle); tried.compiled == nil && own.compiled != nil {
		view.Problems = see.problems(tried.report.Problems)
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-words", view)
	}
	err = c.saveDraft(r, draft, view.Seen, bundle)
	if errors.Is(err, tuning.ErrConflict) {
		now, version, err := c.draftOf(r)
		if err != nil {
			return err
		}
		view.Conflict, view.Seen = c.others(r.Context(), see, &now, view.Seen, version), now.Version
		return c.render(w, r, http.StatusConflict, "tuning-words", view)
	}
	if err != nil {
		return missing(err)
	}
	c.later(r, flash{Text: see.words.T("tuning.done.words", "n", see.number(added))})
	http.Redirect(w, r, draftPath(draft.Name), http.StatusSeeOther)
	return nil
}

// readTable shows the words of a table, to be looked through before they go in.
func (c *Console) readTable(w http.ResponseWriter, r *http.Request, view wordsView) error {
	see := c.viewer(r)
	refuse := func(text string) error {
		view.Problem = text
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-words", view)
	}
	file, header, err := r.FormFile("table")
	if err != nil {
		return refuse(see.words.T("tuning.bad.no_file"))
	}
	data, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	list, err := tuning.ReadWords(short(path.Base(header.Filename), mostWordBytes), data, view.Column)
	if err != nil {
		view.Problems = see.problems([]string{err.Error()})
		return refuse(see.words.T("tuning.bad.table"))
	}
	if tooLong(areaOf(list.Words)) {
		return refuse(see.words.T("tuning.bad.table_large"))
	}
	view.Words = areaOf(list.Words)
	view.Read = see.words.T("tuning.words.read", "n", see.number(len(list.Words)), "column", list.Column, "repeated", see.number(list.Repeated), "blank", see.number(list.Blank))
	return c.render(w, r, http.StatusOK, "tuning-words", view)
}

// addWords puts words into the rule or the group that the target names, and says
// how many were not there yet.
func addWords(bundle tuning.Bundle, target string, words []string) (tuning.Bundle, int, error) {
	file, name, _ := strings.Cut(target, "#")
	data, ok := bundle.Read(file)
	if !ok || path.Dir(file) != tuning.KeywordsFolder {
		return bundle, 0, &post.FieldError{Key: "target", Value: target, Allowed: "a rule or a group of the draft"}
	}
	var have []string
	var write func(words []string) ([]byte, error)
	if strings.HasPrefix(name, "@") {
		groups, err := tuning.Groups(file, data)
		if err != nil {
			return bundle, 0, tuning.ErrByHand
		}
		have, write = groups[name], func(words []string) ([]byte, error) { return tuning.WithGroup(file, data, name, words) }
	} else {
		rules, err := tuning.ReadRules(file, data)
		if err != nil {
			return bundle, 0, tuning.ErrByHand
		}
		at := slices.IndexFunc(rules, func(rule tuning.RuleText) bool { return rule.ID == name })
		if at < 0 {
			return bundle, 0, &post.FieldError{Key: "target", Value: target, Allowed: "a rule or a group of the draft"}
		}
		have, write = rules[at].Any, func(words []string) ([]byte, error) {
			rule := rules[at]
			rule.Any = words
			return tuning.WithRule(file, data, name, rule)
		}
	}
	all := tuning.Words(slices.Concat(have, words))
	if len(all) == len(have) {
		return bundle, 0, nil
	}
	changed, err := write(all)
	if err != nil {
		return bundle, 0, err
	}
	bundle, err = bundle.With(file, changed)
	return bundle, len(all) - len(have), err
}
