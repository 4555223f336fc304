package keyword

import (
	"fmt"
	"slices"
	"strings"
)

// duplicates reports rules that do what another rule of the same label does.
// Rules are compared with those that share a phrase only, so that lists of
// thousands of rules stay quick to check.
func (c *checker) duplicates(rules []*Rule) {
	shapes := make([]*shape, len(rules))
	sharing := map[string][]int{}
	for i, rule := range rules {
		shapes[i] = c.shape(rule)
		for _, form := range shapes[i].any {
			sharing[form] = append(sharing[form], i)
		}
	}
	for i, rule := range rules {
		if len(shapes[i].any) == 0 {
			continue
		}
		for _, j := range c.rivals(sharing, shapes[i]) {
			if i == j || rule.List.Label != rules[j].List.Label {
				continue
			}
			same := shapes[i].equal(shapes[j])
			if same && j < i {
				c.report(Error, rule, rule.Line, "is the same as %s at %s:%d", rules[j].Source(), rules[j].List.File, rules[j].Line)
				break
			}
			if !same && shapes[j].covers(shapes[i]) {
				c.report(Warning, rule, rule.Line, "adds nothing: %s at %s:%d matches wherever it does, with no less weight",
					rules[j].Source(), rules[j].List.File, rules[j].Line)
				break
			}
		}
	}
}

// maxRivals bounds the rules that one rule is compared with.
const maxRivals = 1000

// rivals returns the rules that look for the first phrase of s; whoever makes s
// needless is among them.
func (c *checker) rivals(sharing map[string][]int, s *shape) []int {
	best := sharing[s.any[0]]
	for _, form := range s.any[1:] {
		if len(sharing[form]) < len(best) {
			best = sharing[form]
		}
	}
	return best[:min(len(best), maxRivals)]
}

// shape is what a rule matches, in comparable form.
type shape struct {
	any, none, noneAnywhere []string // sorted
	rest                    string   // all, near and conditions
	bare                    bool     // no all, no near
	scope                   Scope
	languages               []string
	period                  Period
	weight                  float64
}

func (c *checker) shape(rule *Rule) *shape {
	forms := func(terms []Term) []string {
		var out []string
		for _, term := range terms {
			out = append(out, c.quiet(rule, term)...)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	s := &shape{
		any: forms(rule.Any), none: forms(rule.None), noneAnywhere: forms(rule.NoneAnywhere), scope: rule.Scope,
		languages: rule.Languages, period: rule.Period, weight: rule.Weight,
		bare: len(rule.Near) == 0 && (len(rule.All) == 0 || len(rule.Any) == 0 && len(rule.All) == 1),
	}
	if len(rule.Any) == 0 && len(rule.All) > 0 {
		s.any = forms(rule.All[:1])
	}
	var rest strings.Builder
	for _, term := range rule.All {
		fmt.Fprintf(&rest, "all %q;", forms([]Term{term}))
	}
	for _, near := range rule.Near {
		fmt.Fprintf(&rest, "near %q %d %d;", forms(near.What), near.Within, near.Order)
	}
	s.rest = rest.String()
	return s
}

func (s *shape) equal(o *shape) bool {
	return s.rest == o.rest && s.scope == o.scope && s.period == o.period && slices.Equal(s.any, o.any) &&
		slices.Equal(s.none, o.none) && slices.Equal(s.noneAnywhere, o.noneAnywhere) && slices.Equal(s.languages, o.languages)
}

// covers reports whether s matches wherever o does, with no less weight.
func (s *shape) covers(o *shape) bool {
	return (s.bare || s.rest == o.rest) && s.weight >= o.weight && s.scope&o.scope == o.scope &&
		contains(o.any, s.any) && contains(s.none, o.none) && contains(s.noneAnywhere, o.noneAnywhere) &&
		(len(s.languages) == 0 || slices.Equal(s.languages, o.languages)) && s.period.contains(o.period)
}

func (p Period) contains(o Period) bool {
	from := p.From.IsZero() || !o.From.IsZero() && !o.From.Before(p.From)
	return from && (p.Until.IsZero() || !o.Until.IsZero() && !o.Until.After(p.Until))
}

// contains reports whether every one of part is in whole. Both are sorted.
func contains(part, whole []string) bool {
	for _, p := range part {
		if _, found := slices.BinarySearch(whole, p); !found {
			return false
		}
	}
	return true
}
