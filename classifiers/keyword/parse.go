package keyword

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/strict"
)

// File is a keyword list as it lies in a folder or in the console's drafts.
type File struct {
	Name string
	Data []byte
}

// The shapes of the YAML.
type (
	listYAML struct {
		List        string              `yaml:"list"`
		Label       string              `yaml:"label"`
		Languages   []string            `yaml:"languages"`
		From        strict.Date         `yaml:"from"`
		Until       strict.Date         `yaml:"until"`
		Description Words               `yaml:"description"`
		Groups      map[string][]string `yaml:"groups"`
		Rules       []ruleYAML          `yaml:"rules"`
	}
	ruleYAML struct {
		ID           string      `yaml:"id"`
		Any          []string    `yaml:"any"`
		All          []string    `yaml:"all"`
		None         []string    `yaml:"none"`
		NoneAnywhere []string    `yaml:"none_anywhere"`
		Near         nearsYAML   `yaml:"near"`
		Scope        string      `yaml:"scope"`
		Languages    []string    `yaml:"languages"`
		From         strict.Date `yaml:"from"`
		Until        strict.Date `yaml:"until"`
		Weight       *float64    `yaml:"weight"`
		Flags        []string    `yaml:"flags"`
		Passes       []string    `yaml:"passes"`
		Description  Words       `yaml:"description"`
	}
)

// Parse reads lists and shared groups. Its error joins one error for each thing
// that is wrong, with file, line, key, value and what is allowed.
func Parse(files ...File) (*Set, error) {
	set := &Set{Groups: map[string][]Term{}}
	var errs []error
	for _, file := range files {
		p := &parser{set: set, file: file.Name}
		p.parse(file.Data)
		errs = append(errs, p.errs...)
	}
	slices.SortStableFunc(set.Lists, func(a, b *List) int { return strings.Compare(a.Name, b.Name) })
	errs = append(errs, duplicateLists(set.Lists)...)
	errs = append(errs, set.resolveGroups()...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return set, nil
}

func duplicateLists(lists []*List) []error {
	var errs []error
	for i := 1; i < len(lists); i++ {
		if lists[i].Name == lists[i-1].Name {
			errs = append(errs, &strict.Error{
				File: lists[i].File, Line: lists[i].Line, Key: "list", Value: quote(lists[i].Name),
				Allowed: fmt.Sprintf("a name that no other list has; %s:%d has it, too", lists[i-1].File, lists[i-1].Line),
			})
		}
	}
	return errs
}

// parser reads one file into the set.
type parser struct {
	set  *Set
	file string
	doc  *strict.Document
	// chunk is the part of the file that is read.
	chunk chunk
	errs  []error
}

func (p *parser) fail(path, value, allowed string, args ...any) {
	p.errs = append(p.errs, p.chunk.place(p.doc.Errorf(path, value, allowed, args...)))
}

// line is the line of a key in the file.
func (p *parser) line(path string) int { return p.doc.Line(path) + p.chunk.before }

// parse reads a file, a large one in chunks.
func (p *parser) parse(data []byte) {
	if len(data) >= largeFile {
		if head, chunks, ok := splitRules(data, rulesOfChunk); ok {
			p.parseChunks(head, chunks)
			return
		}
	}
	if in, ok := p.decode(data); ok {
		p.listOrGroups(in)
	}
}

func (p *parser) parseChunks(head []byte, chunks []chunk) {
	list := new(List) // of a file that is wrong all that is wrong is told
	if in, ok := p.decode(head); ok {
		list = p.list(in)
	}
	seen := map[string]int{}
	for _, p.chunk = range chunks {
		if part, ok := p.decode(p.chunk.data); ok {
			p.rules(list, part.Rules, seen)
		}
	}
}

// decode reads YAML, and says whether it could.
func (p *parser) decode(data []byte) (in *listYAML, ok bool) {
	in = new(listYAML)
	doc, err := strict.Decode(p.file, data, in)
	if err != nil {
		p.errs = append(p.errs, p.chunk.place(err))
		return nil, false
	}
	p.doc = doc
	return in, true
}

func (p *parser) listOrGroups(in *listYAML) {
	if in.List == "" && in.Label == "" && in.Rules == nil && in.Groups != nil {
		p.groups(p.set.Groups, in.Groups)
		return
	}
	list := p.list(in)
	if len(in.Rules) == 0 {
		p.fail("rules", "empty", "at least one rule")
	}
	p.rules(list, in.Rules, map[string]int{})
}

// list adds a list without its rules.
func (p *parser) list(in *listYAML) *List {
	list := &List{
		Name: in.List, Label: post.Label(in.Label), Description: in.Description, File: p.file,
		Line: p.line("list"), Groups: map[string][]Term{},
	}
	if !isName(in.List) {
		p.fail("list", quote(in.List), "a name of small letters, digits, - and _, such as support")
	}
	if !slices.Contains(post.Labels, list.Label) {
		p.fail("label", quote(in.Label), "%s", oneOf(in.Label, post.LabelNames()))
	}
	list.Languages = p.languages("languages", in.Languages)
	list.Period = p.period("", in.From, in.Until)
	p.groups(list.Groups, in.Groups)
	p.set.Lists = append(p.set.Lists, list)
	return list
}

// rules adds rules to a list; seen are the lines of the rules before, by id.
func (p *parser) rules(list *List, in []ruleYAML, seen map[string]int) {
	for i := range in {
		rule := p.rule(list, &in[i], fmt.Sprintf("rules[%d]", i))
		if first, ok := seen[rule.ID]; ok && rule.ID != "" {
			p.fail(fmt.Sprintf("rules[%d].id", i), quote(rule.ID), "an id that no other rule of the list has; line %d has it, too", first)
		}
		seen[rule.ID] = rule.Line
		list.Rules = append(list.Rules, rule)
	}
}

func (p *parser) rule(list *List, in *ruleYAML, path string) *Rule {
	rule := &Rule{
		List: list, ID: in.ID, Scope: Authored, Weight: DefaultWeight, Description: in.Description,
		Languages: list.Languages, Period: list.Period, Line: p.line(path + ".id"),
	}
	if !isName(in.ID) {
		p.fail(path+".id", quote(in.ID), "an id of small letters, digits, - and _, such as vote-for")
	}
	rule.Any = p.terms(path+".any", in.Any)
	rule.All = p.terms(path+".all", in.All)
	rule.None = p.terms(path+".none", in.None)
	rule.NoneAnywhere = p.terms(path+".none_anywhere", in.NoneAnywhere)
	if in.Any == nil && in.All == nil {
		p.fail(path, quote(in.ID), "any or all: words that the rule looks for")
	}
	rule.Near = p.nears(path+".near", in.Near)
	p.scope(path+".scope", in.Scope, rule)
	if in.Languages != nil {
		rule.Languages = p.languages(path+".languages", in.Languages)
	}
	if !in.From.IsZero() || !in.Until.IsZero() {
		rule.Period = p.period(path+".", in.From, in.Until)
	}
	if in.Weight != nil {
		rule.Weight = *in.Weight
		if !(rule.Weight > 0 && rule.Weight <= 1) {
			p.fail(path+".weight", fmt.Sprint(rule.Weight), "a number above 0, at most 1")
		}
	}
	rule.Flags = p.examples(path+".flags", in.Flags)
	rule.Passes = p.examples(path+".passes", in.Passes)
	return rule
}

// terms reads a list of phrases and groups, which may be missing, not empty.
func (p *parser) terms(path string, in []string) []Term {
	if in != nil && len(in) == 0 {
		p.fail(path, "[]", "at least one phrase, or leave the key out")
	}
	terms := make([]Term, 0, len(in))
	seen := make(map[string]bool, len(in))
	for i, s := range in {
		at := fmt.Sprintf("%s[%d]", path, i)
		if strings.TrimSpace(s) == "" {
			p.fail(at, quote(s), "a word, a phrase, a hashtag, an emoji or a group such as @contestant")
			continue
		}
		if seen[s] {
			p.fail(at, quote(s), "each phrase once")
			continue
		}
		seen[s] = true
		terms = append(terms, Term{Text: strings.TrimSpace(s), File: p.file, Line: p.line(at)})
	}
	return terms
}

func (p *parser) examples(path string, in []string) []Example {
	examples := make([]Example, 0, len(in))
	for i, s := range in {
		at := fmt.Sprintf("%s[%d]", path, i)
		if strings.TrimSpace(s) == "" {
			p.fail(at, quote(s), "the text of a post")
		}
		examples = append(examples, Example{Text: s, Line: p.line(at)})
	}
	return examples
}

func (p *parser) scope(path, in string, rule *Rule) {
	switch in {
	case "", "authored":
	case "quoted":
		rule.Scope = Quoted
	case "both":
		rule.Scope = Both
	default:
		p.fail(path, quote(in), "%s", oneOf(in, []string{"authored", "quoted", "both"}))
	}
}

func (p *parser) languages(path string, in []string) []string {
	if in != nil && len(in) == 0 {
		p.fail(path, "[]", "at least one language code, or leave the key out")
	}
	for i, code := range in {
		if !slices.Contains(languageCodes, code) {
			p.fail(fmt.Sprintf("%s[%d]", path, i), quote(code), "%s", oneOf(code, languageCodes))
		}
	}
	return in
}

func (p *parser) period(path string, from, until strict.Date) Period {
	var period Period
	period.From = from.Time
	if !until.IsZero() {
		period.Until = until.AddDate(0, 0, 1) // the day itself counts
	}
	if !from.IsZero() && !until.IsZero() && !period.From.Before(period.Until) {
		p.fail(path+"until", until.Format("2006-01-02"), "a date that is not before from (%s)", from.Format("2006-01-02"))
	}
	return period
}

func (p *parser) groups(into map[string][]Term, in map[string][]string) {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		path := "groups." + name
		full := "@" + strings.TrimPrefix(name, "@")
		switch {
		case !isName(full[1:]):
			p.fail(path, quote(name), "a name of small letters, digits, - and _")
		case specialGroup(full) != 0:
			p.fail(path, quote(name), "a name other than the built-in groups %s", strings.Join(specialNames(), ", "))
		case into[full] != nil:
			p.fail(path, quote(name), "a name that no other group has")
		}
		if len(in[name]) == 0 {
			p.fail(path, "[]", "at least one phrase")
		}
		into[full] = p.terms(path, in[name])
	}
}

// isName reports whether s can name a list, a rule or a group.
func isName(s string) bool {
	if s == "" || len(s) > 100 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		inner := i > 0 && (c == '-' || c == '_' || c == '.')
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !inner {
			return false
		}
	}
	return true
}

// oneOf names what is allowed and which of it was probably meant.
func oneOf(value string, allowed []string) string {
	message := "one of " + strings.Join(allowed, ", ")
	if near := strict.Nearest(value, allowed); near != "" {
		message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return message
}

func quote(s string) string {
	if s == "" {
		return "missing"
	}
	if r := []rune(s); len(r) > 80 {
		s = string(r[:80]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
