package keyword

import (
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// List is one keyword list: the rules of one label.
type List struct {
	Name  string
	Label post.Label
	// Languages, From and Until hold for every rule that does not say otherwise.
	Languages []string
	Period
	Description Words
	// Groups are the groups of this list, by name with its @.
	Groups map[string][]Term
	Rules  []*Rule
	File   string
	Line   int
}

// Rule is one rule of a list. It holds at a place in a post where one of Any
// stands (or, without Any, the first of All), if everything in All is in the
// text, every Near stands within its distance of that place, and nothing of
// None or NoneAnywhere is in the way.
type Rule struct {
	List *List
	ID   string
	Any  []Term
	All  []Term
	// None are words that must not stand in the sentence of what matched;
	// @negation among them must not cover what matched.
	None []Term
	// NoneAnywhere are words that must not stand in the text at all.
	NoneAnywhere []Term
	Near         []Near
	Scope        Scope
	// Languages are the languages whose texts the rule is for; empty for all.
	Languages []string
	Period
	// Weight is how much a hit counts, above 0, at most 1.
	Weight      float64
	Flags       []Example
	Passes      []Example
	Description Words
	Line        int
}

// Source names the rule as reasons do: "support/vote-for".
func (r *Rule) Source() string { return r.List.Name + "/" + r.ID }

// DefaultWeight is the weight of a rule that gives none.
const DefaultWeight = 0.6

// Term is a phrase or a group (@contestant) with the place where it stands,
// which for members of a shared group is another file than the rule's.
type Term struct {
	Text string
	File string
	Line int
}

// Group returns the name of the group that the term stands for, or "".
func (t Term) Group() string {
	if len(t.Text) > 1 && t.Text[0] == '@' {
		return t.Text
	}
	return ""
}

// Near asks for one of What within Within tokens of the place.
type Near struct {
	What   []Term
	Within int
	Order  Order
	Line   int
}

// Order says on which side of the place the other must stand.
type Order uint8

// The orders. "ordered: true" in a list is After: first the word, then what is
// near it.
const (
	AnyOrder Order = iota
	After
	Before
)

// Scope says in which of a post's texts a rule is looked for.
type Scope uint8

// The scopes: what the author wrote, what he or she quotes or shares, or both.
const (
	Authored Scope = 1 << iota
	Quoted
	Both = Authored | Quoted
)

// Period is the time in which a rule holds, of the post's own date: from From
// on, before Until. Zero times are open ends.
type Period struct {
	From, Until time.Time
}

// Holds reports whether t is in the period. A zero t is in every period.
func (p Period) Holds(t time.Time) bool {
	if t.IsZero() {
		return true
	}
	return (p.From.IsZero() || !t.Before(p.From)) && (p.Until.IsZero() || t.Before(p.Until))
}

// Words say in Indonesian and English what a rule is for.
type Words struct {
	ID string `yaml:"id"`
	EN string `yaml:"en"`
}

// Example is a text that a rule must flag or pass.
type Example struct {
	Text string
	Line int
}

// Set is all lists that are used together, in the order of their names.
type Set struct {
	Lists []*List
	// Groups are shared by all lists (from files that have groups and no list).
	Groups map[string][]Term
}

// Rules returns all rules of all lists, in order.
func (s *Set) Rules() []*Rule {
	var rules []*Rule
	for _, list := range s.Lists {
		rules = append(rules, list.Rules...)
	}
	return rules
}
