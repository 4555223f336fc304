package keyword

import (
	"fmt"
	"slices"
)

// Compiled is a set of lists made ready for one matcher. It is immutable and
// safe for concurrent use; each goroutine has a Scratch of its own.
type Compiled struct {
	set     *Set
	space   Space
	version string
	rules   []compiledRule
	// anchors[anchorFrom[p]:anchorFrom[p+1]] are the rules that the phrase with
	// payload p may set off.
	anchorFrom []int32
	anchors    []int32
	// specialAnchors are the rules that hits of built-in groups may set off.
	specialAnchors []specialAnchor
}

type specialAnchor struct {
	group Group
	rule  int32
}

type compiledRule struct {
	rule         *Rule
	all          []alternatives
	near         []compiledNear
	none         alternatives
	noneAnywhere alternatives
}

// alternatives are phrases and groups of which one is enough.
type alternatives struct {
	phrases []uint32 // payloads, sorted
	special Group
}

func (a *alternatives) has(payload uint32) bool {
	if len(a.phrases) <= 8 {
		return slices.Contains(a.phrases, payload)
	}
	_, found := slices.BinarySearch(a.phrases, payload)
	return found
}

func (a *alternatives) empty() bool { return len(a.phrases) == 0 && a.special == 0 }

type compiledNear struct {
	what   alternatives
	within int32
	order  Order
}

// Compile registers the phrases of all rules with b. The result may be used
// with the matcher that b becomes.
func Compile(set *Set, b *Builder) (*Compiled, error) {
	c := &compiler{
		out:      &Compiled{set: set, space: b.NewSpace(), version: set.Version()},
		builder:  b,
		payloads: map[string]uint32{},
	}
	for _, rule := range set.Rules() {
		if err := c.rule(rule); err != nil {
			return nil, fmt.Errorf("compile rule %s: %w", rule.Source(), err)
		}
	}
	c.index()
	return c.out, nil
}

type compiler struct {
	out      *Compiled
	builder  *Builder
	payloads map[string]uint32 // by phrase
	anchors  [][]int32         // by payload
}

func (c *compiler) rule(rule *Rule) error {
	var err error
	compiled := compiledRule{rule: rule}
	if compiled.none, err = c.alternatives(rule, rule.None); err != nil {
		return err
	}
	if compiled.noneAnywhere, err = c.alternatives(rule, rule.NoneAnywhere); err != nil {
		return err
	}
	for _, term := range rule.All {
		one, err := c.alternatives(rule, []Term{term})
		if err != nil {
			return err
		}
		compiled.all = append(compiled.all, one)
	}
	for _, near := range rule.Near {
		what, err := c.alternatives(rule, near.What)
		if err != nil {
			return err
		}
		compiled.near = append(compiled.near, compiledNear{what, int32(near.Within), near.Order})
	}
	anchors := rule.Any
	if len(anchors) == 0 {
		anchors = rule.All[:1]
	}
	what, err := c.alternatives(rule, anchors)
	if err != nil {
		return err
	}
	c.anchor(int32(len(c.out.rules)), what)
	c.out.rules = append(c.out.rules, compiled)
	return nil
}

func (c *compiler) anchor(rule int32, what alternatives) {
	for _, payload := range what.phrases {
		c.anchors[payload] = append(c.anchors[payload], rule)
	}
	if what.special != 0 {
		c.out.specialAnchors = append(c.out.specialAnchors, specialAnchor{what.special, rule})
	}
}

func (c *compiler) alternatives(rule *Rule, terms []Term) (alternatives, error) {
	phrases, special, err := c.out.set.expand(rule.List, terms)
	if err != nil {
		return alternatives{}, err
	}
	a := alternatives{special: special, phrases: make([]uint32, 0, len(phrases))}
	for _, term := range phrases {
		payload, err := c.payload(term.Text)
		if err != nil {
			return alternatives{}, fmt.Errorf("%s:%d: %w", term.File, term.Line, err)
		}
		a.phrases = append(a.phrases, payload)
	}
	slices.Sort(a.phrases)
	a.phrases = slices.Compact(a.phrases)
	return a, nil
}

func (c *compiler) payload(phrase string) (uint32, error) {
	if payload, ok := c.payloads[phrase]; ok {
		return payload, nil
	}
	payload := uint32(len(c.payloads))
	if err := c.builder.Add(c.out.space, phrase, payload); err != nil {
		return 0, err
	}
	c.payloads[phrase] = payload
	c.anchors = append(c.anchors, nil)
	return payload, nil
}

func (c *compiler) index() {
	c.out.anchorFrom = make([]int32, 0, len(c.anchors)+1)
	for _, rules := range c.anchors {
		c.out.anchorFrom = append(c.out.anchorFrom, int32(len(c.out.anchors)))
		c.out.anchors = append(c.out.anchors, rules...)
	}
	c.out.anchorFrom = append(c.out.anchorFrom, int32(len(c.out.anchors)))
}

// Set returns the lists that were compiled.
func (c *Compiled) Set() *Set { return c.set }

// Version returns "sha256:" and the digest of all that bears on verdicts.
func (c *Compiled) Version() string { return c.version }
