package keyword

import (
	"fmt"
	"slices"
	"strings"

	"github.com/netra-id/netra/classifiers/text"
)

// Severity says whether a finding makes the lists unfit for use.
type Severity uint8

// The severities: an Error makes a rule useless or wrong, a Warning is likely
// a mistake, a Note says what would make the list better.
const (
	Note Severity = iota
	Warning
	Error
)

// String returns the word that is shown.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	default:
		return "note"
	}
}

// Finding is one thing that Check found.
type Finding struct {
	Severity Severity
	File     string
	Line     int
	Rule     string // such as "support/vote-for"
	Message  string
}

// String writes the finding as compilers do.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s: rule %s: %s", f.File, f.Line, f.Severity, f.Rule, f.Message)
}

// Check looks through lists that Parse has accepted for rules that can never
// match, that another rule makes needless, phrases of which normalisation
// leaves nothing, words too common to say anything, and missing examples. The
// findings are in the order of the lists.
func Check(set *Set) []Finding {
	c := &checker{set: set, builder: NewBuilder(), common: commonWords(), byAny: map[string][]*Rule{}}
	for _, rule := range set.Rules() {
		c.rule(rule)
	}
	c.duplicates(set.Rules())
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	return c.findings
}

type checker struct {
	set      *Set
	builder  *Builder
	common   map[string]bool
	byAny    map[string][]*Rule
	findings []Finding
}

func (c *checker) report(severity Severity, rule *Rule, line int, message string, args ...any) {
	c.findings = append(c.findings, Finding{severity, rule.List.File, line, rule.Source(), fmt.Sprintf(message, args...)})
}

func (c *checker) reportTerm(severity Severity, rule *Rule, term Term, message string, args ...any) {
	c.findings = append(c.findings, Finding{severity, term.File, term.Line, rule.Source(), fmt.Sprintf(message, args...)})
}

func (c *checker) rule(rule *Rule) {
	anchors := c.usable(rule, "any", rule.Any)
	if len(rule.Any) > 0 && len(anchors) == 0 {
		c.report(Error, rule, rule.Line, "can never match: no phrase of any is left after normalisation")
	}
	for _, term := range rule.All {
		if len(c.usable(rule, "all", []Term{term})) == 0 {
			c.reportTerm(Error, rule, term, "can never match: %q of all is nothing after normalisation", term.Text)
		}
	}
	for _, near := range rule.Near {
		if len(c.usable(rule, "near", near.What)) == 0 {
			c.report(Error, rule, near.Line, "can never match: no phrase of near is left after normalisation")
		}
	}
	none := map[string]bool{}
	for _, form := range append(c.usable(rule, "none", rule.None), c.usable(rule, "none_anywhere", rule.NoneAnywhere)...) {
		none[form] = true
	}
	c.contradiction(rule, anchors, none)
	c.misplaced(rule)
	c.commonness(rule)
	c.synonyms(rule)
	if len(rule.Flags) == 0 {
		c.report(Note, rule, rule.Line, "has no example under flags; one that must flag shows what it is for")
	}
	if len(rule.Passes) == 0 {
		c.report(Note, rule, rule.Line, "has no example under passes; one that must not flag keeps it precise")
	}
	if rule.Description == (Words{}) {
		c.report(Note, rule, rule.Line, "has no description; analysts see it as the reason of a flag")
	}
}

// usable returns the normal forms of the terms that can match, and reports the
// others. A group is a form of its own.
func (c *checker) usable(rule *Rule, key string, terms []Term) []string {
	phrases, special, err := c.set.expand(rule.List, terms)
	if err != nil {
		c.report(Error, rule, rule.Line, "%s: %v", key, err)
		return nil
	}
	var forms []string
	for _, name := range specialNames() {
		if special&specialGroup(name) != 0 {
			forms = append(forms, name)
		}
	}
	for _, term := range phrases {
		form, err := c.form(term.Text)
		if err != nil {
			c.reportTerm(Error, rule, term, "%s: %v", key, err)
			continue
		}
		forms = append(forms, form)
	}
	return forms
}

// form returns a spelling that two phrases share if and only if they match the
// same.
func (c *checker) form(phrase string) (string, error) {
	symbols, err := c.builder.symbols(phrase, false)
	if err != nil {
		return "", err
	}
	return formOf(symbols), nil
}

func formOf(symbols []symbol) string {
	var form strings.Builder
	for _, s := range symbols {
		fmt.Fprintf(&form, "%d ", s)
	}
	return form.String()
}

// contradiction reports rules all of whose places are ruled out by none.
func (c *checker) contradiction(rule *Rule, anchors []string, none map[string]bool) {
	if len(rule.Any) > 0 && len(anchors) > 0 {
		ruledOut := 0
		for _, anchor := range anchors {
			if blocked(anchor, none) {
				ruledOut++
			}
		}
		if ruledOut == len(anchors) {
			c.report(Error, rule, rule.Line, "can never match: none holds every phrase of any")
		} else if ruledOut > 0 {
			c.report(Warning, rule, rule.Line, "%d of %d phrases of any can never match, since none holds them, too", ruledOut, len(anchors))
		}
	}
	for _, term := range rule.All {
		if forms := c.quiet(rule, term); len(forms) == 1 && blocked(forms[0], none) {
			c.reportTerm(Error, rule, term, "can never match: %q is in all and in none", term.Text)
		}
	}
	for _, near := range rule.Near {
		ruledOut := 0
		for _, term := range near.What {
			if forms := c.quiet(rule, term); len(forms) == 1 && blocked(forms[0], none) {
				ruledOut++
			}
		}
		if ruledOut > 0 && ruledOut == len(near.What) {
			c.report(Error, rule, near.Line, "can never match: none holds everything that near asks for")
		}
	}
}

// quiet is usable without reports.
func (c *checker) quiet(rule *Rule, term Term) []string {
	before := c.findings
	forms := c.usable(rule, "", []Term{term})
	c.findings = before
	return forms
}

// blocked reports whether one of none stands wherever form does: it is the same
// phrase, or some of its words side by side.
func blocked(form string, none map[string]bool) bool {
	words := strings.Fields(form)
	for i := range words {
		for j := i + 1; j <= len(words); j++ {
			part := strings.Join(words[i:j], " ")
			if none[part] || none[part+" "] {
				return true
			}
		}
	}
	return false
}

func (c *checker) commonness(rule *Rule) {
	if len(rule.Near) > 0 || len(rule.All) > 1 || len(rule.All) == 1 && len(rule.Any) > 0 {
		return
	}
	terms := rule.Any
	if len(terms) == 0 {
		terms = rule.All
	}
	for _, term := range terms {
		words := strings.Fields(strings.ToLower(strings.TrimPrefix(term.Text, "=")))
		if len(words) == 1 && c.common[words[0]] {
			c.reportTerm(Warning, rule, term, "%q stands in most posts; add near or all, or take a phrase", term.Text)
		}
	}
}

// everywhere are words that no rule can do without in the posts that it is for.
var everywhere = []string{"yang", "dan", "di", "ke", "dari", "untuk", "dengan", "ini", "itu", "ada", "saya", "kita", "kami"}

// misplaced reports what is in a key where it has no use.
func (c *checker) misplaced(rule *Rule) {
	terms := slices.Concat(rule.Any, rule.All)
	for _, near := range rule.Near {
		terms = append(terms, near.What...)
	}
	for _, term := range terms {
		if term.Text == "@negation" {
			c.reportTerm(Warning, rule, term, "@negation covers what is negated, it is no word to look for; it belongs under none")
		}
	}
	for _, term := range slices.Concat(rule.None, rule.NoneAnywhere) {
		if slices.Contains(everywhere, strings.ToLower(term.Text)) {
			c.reportTerm(Warning, rule, term, "none holds %q, which stands in most posts: the rule will hardly ever match", term.Text)
		}
	}
}

// synonyms reports phrases of one key that match the same.
func (c *checker) synonyms(rule *Rule) {
	for _, key := range []struct {
		name  string
		terms []Term
	}{{"any", rule.Any}, {"none", rule.None}, {"none_anywhere", rule.NoneAnywhere}} {
		seen := map[string]string{}
		for _, term := range key.terms {
			if term.Group() != "" {
				continue
			}
			form, err := c.form(term.Text)
			if err != nil {
				continue
			}
			if first, ok := seen[form]; ok {
				c.reportTerm(Warning, rule, term, "%s: %q matches the same as %q; one of them is enough", key.name, term.Text, first)
				continue
			}
			seen[form] = term.Text
		}
	}
}

// commonWords returns the words that stand in most posts, in their own
// spelling.
func commonWords() map[string]bool {
	words := map[string]bool{}
	for _, word := range text.CommonWords() {
		words[word] = true
	}
	return words
}
