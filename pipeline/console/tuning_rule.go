package console

import (
	"errors"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/tuning"
)

// ruleView is the form of a rule.
type ruleView struct {
	draftHead
	Title    string
	New      bool
	File     string
	OldID    string
	Seen     string // the version that the form was filled from
	Lists    []optionView
	NewList  string
	Labels   []optionView
	Rule     ruleForm
	Wrong    map[string]string // by field
	Conflict *conflictView
	Problem  string
	Check    ruleCheckView
	TextURL  string
	SaveURL  string
	CheckURL string
	WordsURL string
}

// ruleForm is a rule as the form's fields hold it.
type ruleForm struct {
	ID, Any, All, None, NoneAnywhere string
	Near                             []nearForm
	Scopes                           []optionView
	Languages, From, Until, Weight   string
	Flags, Passes                    string
	DescriptionID, DescriptionEN     string
}

type nearForm struct {
	Index        string
	What, Within string
	Orders       []optionView
}

// nearRows is how many nears the form has room for.
const nearRows = 3

// ruleCheckView is what the check says of a rule that is being written.
type ruleCheckView struct {
	Asked    bool
	Good     bool
	Summary  string
	Problems []problemView
	Notes    []problemView
	Examples []exampleView
}

type exampleView struct {
	Text, Want, Got, Why string
	OK                   bool
}

func (v viewer) ruleForm(rule *tuning.RuleText) ruleForm {
	form := ruleForm{
		ID: rule.ID, Any: areaOf(rule.Any), All: areaOf(rule.All), None: areaOf(rule.None), NoneAnywhere: areaOf(rule.NoneAnywhere),
		Languages: strings.Join(rule.Languages, " "), From: rule.From, Until: rule.Until, Weight: rule.Weight,
		Flags: areaOf(rule.Flags), Passes: areaOf(rule.Passes), DescriptionID: rule.DescriptionID, DescriptionEN: rule.DescriptionEN,
	}
	for _, scope := range []string{"", "quoted", "both"} {
		form.Scopes = append(form.Scopes, optionView{Value: scope, Text: v.words.T("tuning.scope." + orText(scope, "authored")), Selected: scope == rule.Scope || scope == "" && rule.Scope == "authored"})
	}
	for i := range max(nearRows, len(rule.Near)) {
		near := tuning.NearText{}
		if i < len(rule.Near) {
			near = rule.Near[i]
		}
		row := nearForm{Index: strconv.Itoa(i), What: areaOf(near.What), Within: near.Within}
		for _, order := range []string{"", "after", "before"} {
			row.Orders = append(row.Orders, optionView{Value: order, Text: v.words.T("tuning.order." + orText(order, "any")), Selected: order == near.Order})
		}
		form.Near = append(form.Near, row)
	}
	return form
}

// readRule reads the form.
func readRule(r *http.Request) tuning.RuleText {
	get := r.PostForm.Get
	rule := tuning.RuleText{
		ID: strings.TrimSpace(get("rule_id")), Any: linesOf(get("any")), All: linesOf(get("all")), None: linesOf(get("none")), NoneAnywhere: linesOf(get("none_anywhere")),
		Scope: get("scope"), Languages: strings.FieldsFunc(get("languages"), func(r rune) bool { return r == ',' || r == ';' || r == ' ' }),
		From: strings.TrimSpace(get("from")), Until: strings.TrimSpace(get("until")), Weight: strings.TrimSpace(get("weight")),
		Flags: linesOf(get("flags")), Passes: linesOf(get("passes")), DescriptionID: strings.TrimSpace(get("description_id")), DescriptionEN: strings.TrimSpace(get("description_en")),
	}
	for i := range mostNearRows {
		n := strconv.Itoa(i)
		near := tuning.NearText{What: linesOf(get("near_what_" + n)), Within: strings.TrimSpace(get("near_within_" + n)), Order: get("near_order_" + n)}
		if len(near.What) > 0 || near.Within != "" {
			rule.Near = append(rule.Near, near)
		}
	}
	return rule
}

const mostNearRows = 20

// ruleTarget is where a form's rule goes: a file of the draft, or a new list.
type ruleTarget struct {
	file, id       string
	newList, label string
}

func readTarget(r *http.Request) ruleTarget {
	get := r.PostForm.Get
	return ruleTarget{file: get("file"), id: get("id"), newList: strings.TrimSpace(get("new_list")), label: get("new_label")}
}

// with returns the draft's bundle with the rule in it, and the rule's file.
func (t ruleTarget) with(bundle tuning.Bundle, rule tuning.RuleText) (tuning.Bundle, string, error) {
	file := t.file
	var data []byte
	var err error
	if t.id == "" && t.newList != "" {
		file = tuning.KeywordsFolder + "/" + path.Base(t.newList) + ".yaml"
		if _, taken := bundle.Read(file); taken {
			return bundle, file, errListTaken
		}
		data = tuning.NewList(t.newList, t.label, rule)
	} else {
		old, ok := bundle.Read(file)
		if !ok || path.Dir(file) != tuning.KeywordsFolder {
			return bundle, file, failure{status: http.StatusNotFound}
		}
		if data, err = tuning.WithRule(file, old, t.id, rule); err != nil {
			return bundle, file, err
		}
	}
	bundle, err = bundle.With(file, data)
	return bundle, file, err
}

var errListTaken = errors.New("a list of this name is there already")

func (c *Console) tuningRule(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	target := ruleTarget{file: r.URL.Query().Get("file"), id: r.URL.Query().Get("id")}
	data, ok := own.bundle.Read(target.file)
	if !ok {
		return failure{status: http.StatusNotFound}
	}
	rule := tuning.RuleText{Any: linesOf(short(r.URL.Query().Get("any"), mostFieldBytes))}
	if target.id != "" {
		rules, err := tuning.ReadRules(target.file, data)
		if err != nil {
			return c.byHand(w, r, draft.Name, target.file)
		}
		at := slices.IndexFunc(rules, func(one tuning.RuleText) bool { return one.ID == target.id })
		if at < 0 {
			return failure{status: http.StatusNotFound}
		}
		rule = rules[at]
	}
	if tooLong(strings.Join(slices.Concat(rule.Any, rule.All, rule.None, rule.NoneAnywhere, rule.Flags, rule.Passes), "\n")) {
		return c.byHand(w, r, draft.Name, target.file)
	}
	view := c.ruleView(r, &draft, own, target, &rule)
	if target.id != "" {
		view.check(c, c.viewer(r), own, target.file, &rule)
	}
	return c.render(w, r, http.StatusOK, "tuning-rule", view)
}

// byHand leads to a file's text, where a form cannot change it.
func (c *Console) byHand(w http.ResponseWriter, r *http.Request, draft, file string) error {
	c.later(r, flash{Bad: true, Text: c.viewer(r).words.T("tuning.by_hand")})
	http.Redirect(w, r, filePath(draft, file), http.StatusSeeOther)
	return nil
}

func (c *Console) ruleView(r *http.Request, draft *tuning.Draft, own *tuned, target ruleTarget, rule *tuning.RuleText) ruleView {
	see := c.viewer(r)
	view := ruleView{
		draftHead: c.draftHead(r, see, draft, "rule"), New: target.id == "", File: target.file, OldID: target.id, Seen: draft.Version, Rule: see.ruleForm(rule),
		Wrong: map[string]string{}, TextURL: filePath(draft.Name, target.file), NewList: target.newList,
	}
	view.Title = see.words.T("tuning.rule.new")
	if !view.New {
		data, _ := own.bundle.Read(target.file)
		view.Title = listName(data).Name + "/" + target.id
	}
	view.SaveURL, view.CheckURL = view.URL+"/rule", view.URL+"/rule/check"
	view.WordsURL = view.URL + "/words?" + "target=" + target.file + "%23" + target.id
	for _, file := range own.bundle.Paths() {
		data, _ := own.bundle.Read(file)
		if list := listName(data); path.Dir(file) == tuning.KeywordsFolder && list.Name != "" {
			view.Lists = append(view.Lists, optionView{Value: file, Text: list.Name + " – " + see.label(string(list.Label)), Selected: file == target.file})
		}
	}
	for _, label := range post.Labels {
		view.Labels = append(view.Labels, optionView{Value: string(label), Text: see.label(string(label)), Selected: string(label) == target.label})
	}
	return view
}

// check says what the checks find of the rule in a version that has it.
func (view *ruleView) check(c *Console, see viewer, t *tuned, file string, rule *tuning.RuleText) {
	data, _ := t.bundle.Read(file)
	check := ruleCheckView{Asked: true}
	source := listName(data).Name + "/" + rule.ID
	for _, message := range t.report.Problems {
		one := see.problem(message)
		check.Problems = append(check.Problems, one)
		if one.Field != "" && strings.HasPrefix(message, file+":") && view.Wrong[one.Field] == "" {
			view.Wrong[one.Field] = see.words.T("tuning.wrong", "value", one.Value, "allowed", one.Allowed)
		}
	}
	check.Problems = check.Problems[:min(len(check.Problems), mostProblems)]
	var mine []string
	for _, note := range t.report.Notes {
		if _, text, ok := strings.Cut(note, "rule "+source+": "); ok {
			mine = append(mine, text)
		}
	}
	check.Notes = see.problems(mine)
	failing := 0
	if t.compiled != nil {
		failing = check.examples(c, see, t.compiled, source)
	}
	others := len(t.report.Failures) - failing
	switch {
	case len(check.Problems) > 0:
		check.Summary = see.words.T("tuning.check.problems", "n", see.number(len(check.Problems)))
	case failing > 0:
		check.Summary = see.words.T("tuning.check.failing", "n", see.number(failing))
	case others > 0:
		check.Summary = see.words.T("tuning.check.others", "n", see.number(others))
		for _, failure := range t.report.Failures[:min(len(t.report.Failures), mostProblems)] {
			check.Problems = append(check.Problems, see.problem(failure))
		}
	default:
		check.Good, check.Summary = true, see.words.T("tuning.check.good", "n", see.number(len(check.Examples)))
	}
	view.Check = check
}

// examples runs the rule's examples and returns how many fail.
func (check *ruleCheckView) examples(c *Console, see viewer, compiled *tuning.Compiled, source string) (failing int) {
	rules := compiled.Lists.Rules()
	at := slices.IndexFunc(rules, func(one *keyword.Rule) bool { return one.Source() == source })
	if at < 0 {
		return 0
	}
	outcomes, err := c.tuning.Book.Compiler().Examples(compiled, rules[at])
	if err != nil {
		return 0 // the report says so
	}
	for _, outcome := range outcomes[:min(len(outcomes), 2*mostProblems)] {
		one := exampleView{Text: short(outcome.Text, mostFieldBytes), OK: outcome.OK, Want: see.words.T("tuning.example.pass"), Got: see.words.T("tuning.example.ok")}
		if outcome.Flags {
			one.Want = see.words.T("tuning.example.flag")
		}
		if !outcome.OK {
			failing++
			one.Got, one.Why = see.words.T("tuning.example.fails"), short(outcome.Why, mostFieldBytes)
		}
		check.Examples = append(check.Examples, one)
	}
	return failing
}
