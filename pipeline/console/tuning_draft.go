package console

import (
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/tuning"
)

// draftHead is what every page of a draft shows of it.
type draftHead struct {
	Flash   *flash
	Name    string
	URL     string
	Version versionView
	State   string
	Class   string
	Here    string // which of the draft's pages it is
	Tabs    []draftTab
}

type draftTab struct {
	URL, Text string
	Current   bool
}

// draftView is the page of a draft: where it stands, what it changes, its rules.
type draftView struct {
	draftHead
	By, Why  string
	Changed  timeView
	Steps    []stepView
	Problem  string
	Problems []problemView
	Failures []problemView
	Notes    []problemView
	Checked  string
	Change   changesView
	// Behind says that another version was published since the draft was made.
	Behind     *changesView
	BehindText string
	Query      string
	Rules      []ruleRow
	RulesFound string
	RulesMore  string
	Groups     []groupRow
	Files      []fileRow
	Backtests  []backtestRow

	Over                             int64
	MayApprove, MayPublish, Approval bool
	NotReady                         string
	WhyPublish                       string
	BacktestURL                      string
	From, Until                      string
	NewRuleURL, WordsURL, LimitsURL  string
}

// stepView is one step from a change to its publication.
type stepView struct {
	Text, Detail string
	Done, Now    bool
}

type ruleRow struct {
	URL, Name, Label, Class, Words, Weight, Description string
	Changed                                             string
}

type groupRow struct{ URL, Name, File, Words string }

type fileRow struct{ URL, Name, Size, Changed string }

func (c *Console) draftHead(r *http.Request, see viewer, d *tuning.Draft, here string) draftHead {
	head := draftHead{
		Name: d.Name, URL: draftPath(d.Name), Version: versionOf(d.Version), State: see.words.T("tuning.state." + string(d.State())),
		Class: string(d.State()), Here: here, Flash: c.flashed(r),
	}
	for _, tab := range []struct{ key, path string }{{"draft", ""}, {"try", "/try"}, {"words", "/words"}, {"suggest", "/suggest"}, {"thresholds", "/thresholds"}} {
		head.Tabs = append(head.Tabs, draftTab{URL: head.URL + tab.path, Text: see.words.T("tuning.tab." + tab.key), Current: tab.key == here})
	}
	return head
}

func (c *Console) tuningDraft(w http.ResponseWriter, r *http.Request) error {
	return c.draftWith(w, r, http.StatusOK, draftView{})
}

func (c *Console) draftWith(w http.ResponseWriter, r *http.Request, status int, view draftView) error {
	ctx, see := r.Context(), c.viewer(r)
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	current, now, err := c.tuning.published(ctx)
	if err != nil && !errors.Is(err, tuning.ErrNotFound) {
		return err
	}
	view.draftHead = c.draftHead(r, see, &draft, "draft")
	view.By, view.Why, view.Changed, view.Over = see.person(draft.By), short(draft.Why, mostFieldBytes), see.time(draft.Changed), current.Number
	if view.WhyPublish == "" {
		view.WhyPublish = draft.Why
	}
	before := tuning.Bundle{}
	if now != nil {
		before = now.bundle
	}
	changes := tuning.Diff(before, own.bundle)
	view.Change = see.changesView(changes)
	if err := c.behind(ctx, see, &view, &draft, &current); err != nil {
		return err
	}
	view.report(see, own)
	view.steps(see, &draft, own, c.tuning.Book.Configuration(), of(r).viewer.Name)
	view.lists(see, own, changes, strings.TrimSpace(r.URL.Query().Get("q")))
	list, err := c.tuning.Book.Backtests(ctx, draft.Version)
	if err != nil {
		return err
	}
	for i := range list[:min(len(list), 5)] {
		view.Backtests = append(view.Backtests, c.backtestRow(see, &list[i]))
	}
	return c.render(w, r, status, "tuning-draft", view)
}

// behind says what was published since the draft was made: to publish the draft
// would take that back.
func (c *Console) behind(ctx context.Context, see viewer, view *draftView, draft *tuning.Draft, current *tuning.Publication) error {
	if draft.Base == "" || draft.Base == current.Version {
		return nil
	}
	base, err := c.tuning.version(ctx, draft.Base)
	if err != nil {
		return err
	}
	now, err := c.tuning.version(ctx, current.Version)
	if err != nil {
		return err
	}
	changes := see.changesView(tuning.Diff(base.bundle, now.bundle))
	view.Behind = &changes
	view.BehindText = see.words.T("tuning.behind", "number", current.Number, "by", see.person(current.By), "date", see.time(current.At).Text)
	return nil
}

func (view *draftView) report(see viewer, own *tuned) {
	view.Problems, view.Failures, view.Notes = see.problems(own.report.Problems), see.problems(own.report.Failures), see.problems(own.report.Notes)
	if own.report.Passed() {
		view.Checked = see.words.T("tuning.checked", "rules", see.number(own.report.Rules), "examples", see.number(own.report.Examples))
	}
}

func (view *draftView) steps(see viewer, draft *tuning.Draft, own *tuned, cfg tuning.Configuration, reader string) {
	next := nextStep(draft, cfg)
	passed := own.report.Passed()
	add := func(key, detail string, done, now bool) {
		view.Steps = append(view.Steps, stepView{Text: see.words.T("tuning.step." + key), Detail: detail, Done: done, Now: now})
	}
	changed := len(view.Change.Changes) > 0
	add("edit", see.words.T("tuning.step.edit.n", "n", see.number(len(view.Change.Changes))), changed, !changed)
	detail := see.words.T("tuning.step.check.fails", "n", see.number(len(own.report.Problems)+len(own.report.Failures)))
	if passed {
		detail = see.words.T("tuning.step.check.ok")
	}
	add("check", detail, passed, changed && !passed)
	detail = see.words.T("tuning.step.backtest.none")
	if draft.Backtest > 0 {
		detail = see.words.T("tuning.backtest.number", "number", draft.Backtest)
		view.BacktestURL = backtestPath(draft.Backtest)
	} else if !cfg.BacktestFirst {
		detail = see.words.T("tuning.step.backtest.free")
	}
	add("backtest", detail, draft.Backtest > 0, passed && changed && next == "backtest")
	if cfg.SecondPerson {
		view.Approval, view.MayApprove = true, passed && changed && draft.Approved == "" && draft.By != reader
		detail = see.words.T("tuning.step.approve.none")
		if draft.Approved != "" {
			detail = see.words.T("tuning.step.approve.by", "name", see.person(draft.Approved))
		}
		add("approve", detail, draft.Approved != "", passed && next == "approve")
	}
	view.MayPublish = changed && passed && next == "publish"
	add("publish", "", false, view.MayPublish)
	switch {
	case !changed:
		view.NotReady = see.words.T("tuning.not_ready.same")
	case !view.MayPublish:
		view.NotReady = see.words.T("tuning.not_ready." + next)
	}
}

// lists fills the rules that the search finds, groups and files.
func (view *draftView) lists(see viewer, own *tuned, changes []tuning.Change, query string) {
	view.Query = short(query, mostFieldBytes)
	changed := map[string]string{}
	for _, change := range changes {
		if changed[change.Part+" "+change.Name] == "" {
			changed[change.Part+" "+change.Name] = see.words.T("tuning.what." + change.What)
		}
	}
	first := ""
	found := 0
	for _, file := range own.bundle.Paths() {
		data, _ := own.bundle.Read(file)
		view.Files = append(view.Files, fileRow{URL: filePath(view.Name, file), Name: file, Size: see.number(len(data)), Changed: changed["file "+file]})
		if path.Dir(file) != tuning.KeywordsFolder {
			continue
		}
		if rules, err := tuning.ReadRules(file, data); err == nil && len(rules) > 0 {
			if first == "" {
				first = file
			}
			found += view.rules(see, file, listName(data), rules, changed, query)
		}
		if groups, err := tuning.Groups(file, data); err == nil {
			view.groups(file, groups, query)
		}
	}
	view.RulesFound = see.words.T("tuning.rules.found", "n", see.number(found))
	if found > len(view.Rules) {
		view.RulesMore = see.words.T("tuning.rules.more", "n", see.number(found-len(view.Rules)))
	}
	view.NewRuleURL, view.WordsURL, view.LimitsURL = rulePath(view.Name, first, ""), view.URL+"/words", view.URL+"/thresholds"
}

// listName is the name and the label of a list's file, as far as it has them.
func listName(data []byte) keyword.List {
	list := keyword.List{}
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(line, ":")
		value, _, _ = strings.Cut(value, "#")
		switch value = strings.Trim(strings.TrimSpace(value), `"'`); key {
		case "list":
			list.Name = value
		case "label":
			list.Label = listLabel(value)
		}
	}
	return list
}

func (view *draftView) rules(see viewer, file string, list keyword.List, rules []tuning.RuleText, changed map[string]string, query string) (found int) {
	for i := range rules {
		rule := &rules[i]
		if !ruleMatches(query, list.Name+"/"+rule.ID, rule) {
			continue
		}
		found++
		if len(view.Rules) >= mostRuleRows {
			continue
		}
		words := rule.Any
		if len(words) == 0 {
			words = rule.All
		}
		description := rule.DescriptionID
		if see.words.Language == "en" {
			description = rule.DescriptionEN
		}
		view.Rules = append(view.Rules, ruleRow{
			URL: rulePath(view.Name, file, rule.ID), Name: short(list.Name+"/"+rule.ID, mostWordBytes), Label: see.label(string(list.Label)), Class: labelClass(list.Label),
			Words: short(strings.Join(words, ", "), 2*mostWordBytes), Weight: orText(decimalText(see, rule.Weight), see.words.Decimal(keyword.DefaultWeight)),
			Description: short(description, 2*mostWordBytes), Changed: changed["rule "+list.Name+"/"+rule.ID],
		})
	}
	return found
}

func decimalText(see viewer, number string) string {
	if f, err := strconv.ParseFloat(number, 64); err == nil {
		return see.words.Decimal(f)
	}
	return number
}

// ruleMatches says whether a rule has what somebody looks for.
func ruleMatches(query, name string, rule *tuning.RuleText) bool {
	if query == "" {
		return true
	}
	query = strings.ToLower(query)
	in := func(text string) bool { return strings.Contains(strings.ToLower(text), query) }
	if in(name) || in(rule.DescriptionID) || in(rule.DescriptionEN) {
		return true
	}
	for _, words := range [][]string{rule.Any, rule.All, rule.None, rule.NoneAnywhere, rule.Flags, rule.Passes} {
		if slices.ContainsFunc(words, in) {
			return true
		}
	}
	return slices.ContainsFunc(rule.Near, func(near tuning.NearText) bool { return slices.ContainsFunc(near.What, in) })
}

func (view *draftView) groups(file string, groups map[string][]string, query string) {
	names := make([]string, 0, len(groups))
	for name := range groups {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !ruleMatches(query, name, &tuning.RuleText{Any: groups[name]}) || len(view.Groups) >= mostRuleRows {
			continue
		}
		view.Groups = append(view.Groups, groupRow{URL: groupPath(view.Name, file, name), Name: name, File: file, Words: short(strings.Join(groups[name], ", "), 2*mostWordBytes)})
	}
}

// saved changes a draft from the version that the operator saw, and checks it.
// It is ErrConflict where somebody else has changed it since.
func (c *Console) saveDraft(r *http.Request, draft tuning.Draft, seen string, bundle tuning.Bundle) error {
	ctx := r.Context()
	if draft.Version != seen {
		return tuning.ErrConflict
	}
	if _, err := c.tuning.Book.Change(ctx, draft.Name, draft.Revision, bundle, of(r).viewer.Name, ""); err != nil {
		return err
	}
	c.tuning.keep(bundle)
	_, err := c.tuning.Book.Check(ctx, draft.Name)
	return err
}

// othersView says what somebody else changed meanwhile.
func (c *Console) others(ctx context.Context, see viewer, draft *tuning.Draft, seen string, now *tuned) *conflictView {
	view := &conflictView{Text: see.words.T("tuning.conflict.draft", "by", see.person(draft.By), "date", see.time(draft.Changed).Text)}
	if before, err := c.tuning.version(ctx, seen); err == nil {
		view.changesView = see.changesView(tuning.Diff(before.bundle, now.bundle))
	}
	return view
}

// conflictView is what another operator changed while this one edited.
type conflictView struct {
	Text string
	changesView
}
