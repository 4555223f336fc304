package keyword

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/strict"
)

// Group is a set of the built-in groups, whose hits the caller of Evaluate
// supplies.
type Group uint8

// The built-in groups. A contestant is meant by whatever names one: name,
// number, party or hashtag; the caller sets all the groups that fit.
const (
	Contestant Group = 1 << iota
	Number
	Party
	HashtagOf
	// Negation covers what is negated or forbidden, not the word that does so.
	Negation
)

var specialGroups = []struct {
	name  string
	group Group
}{
	{"@contestant", Contestant}, {"@number", Number}, {"@party", Party}, {"@hashtag", HashtagOf}, {"@negation", Negation},
}

func specialGroup(name string) Group {
	for _, special := range specialGroups {
		if special.name == name {
			return special.group
		}
	}
	return 0
}

func specialNames() []string {
	names := make([]string, len(specialGroups))
	for i, special := range specialGroups {
		names[i] = special.name
	}
	return names
}

// resolveGroups checks that every group that is used exists, and that groups
// do not go round in circles.
func (s *Set) resolveGroups() []error {
	var errs []error
	check := func(list *List, key string, terms []Term) {
		for _, term := range terms {
			if err := s.checkTerm(list, key, term); err != nil {
				errs = append(errs, err)
			}
		}
	}
	for _, list := range s.Lists {
		for _, name := range slices.Sorted(maps.Keys(list.Groups)) {
			check(list, "groups."+name, list.Groups[name])
		}
		for _, rule := range list.Rules {
			check(list, "any", rule.Any)
			check(list, "all", rule.All)
			check(list, "none", rule.None)
			check(list, "none_anywhere", rule.NoneAnywhere)
			for _, near := range rule.Near {
				check(list, "near.what", near.What)
			}
		}
	}
	return errs
}

func (s *Set) checkTerm(list *List, key string, term Term) error {
	name := term.Group()
	if name == "" || specialGroup(name) != 0 {
		return nil
	}
	fail := func(allowed string) error {
		return &strict.Error{File: term.File, Line: term.Line, Key: key, Value: quote(name), Allowed: allowed}
	}
	if s.group(list, name) == nil {
		return fail(oneOf(name, append(specialNames(), s.groupNames(list)...)))
	}
	if s.circular(list, name, nil) {
		return fail("a group that does not contain itself")
	}
	return nil
}

// group returns the terms of a group of the list, or of all lists.
func (s *Set) group(list *List, name string) []Term {
	if terms, ok := list.Groups[name]; ok {
		return terms
	}
	return s.Groups[name]
}

func (s *Set) groupNames(list *List) []string {
	names := slices.Collect(maps.Keys(list.Groups))
	names = slices.AppendSeq(names, maps.Keys(s.Groups))
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *Set) circular(list *List, name string, above []string) bool {
	if slices.Contains(above, name) {
		return true
	}
	above = append(above, name)
	for _, term := range s.group(list, name) {
		if inner := term.Group(); inner != "" && specialGroup(inner) == 0 && s.circular(list, inner, above) {
			return true
		}
	}
	return false
}

// expand returns the phrases that terms stand for, and the built-in groups
// among them.
func (s *Set) expand(list *List, terms []Term) (phrases []Term, special Group, err error) {
	for _, term := range terms {
		name := term.Group()
		switch {
		case name == "":
			phrases = append(phrases, term)
		case specialGroup(name) != 0:
			special |= specialGroup(name)
		default:
			members := s.group(list, name)
			if members == nil {
				return nil, 0, fmt.Errorf("%s:%d: group %s is not known; allowed: %s", term.File, term.Line, name,
					strings.Join(append(specialNames(), s.groupNames(list)...), ", "))
			}
			inner, innerSpecial, err := s.expand(list, members)
			if err != nil {
				return nil, 0, err
			}
			phrases = append(phrases, inner...)
			special |= innerSpecial
		}
	}
	return phrases, special, nil
}
