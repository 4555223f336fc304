package keyword

import (
	"slices"
	"time"

	"github.com/netra-id/netra/classifiers/text"
)

// Special is one hit of built-in groups: tokens First to Last. A hit of
// Negation covers what is negated.
type Special struct {
	Groups      Group
	First, Last int32
}

// Context is what the rules need to know of a post besides its words.
type Context struct {
	// Scope says which text the Doc is: Authored or Quoted.
	Scope Scope
	// Language and Confidence are of that text; "" or "und" where unknown.
	Language   string
	Confidence float64
	// When is the post's own date; zero where unknown.
	When time.Time
	// Specials are in the order of First.
	Specials []Special
	// Blocked asks for the hits, too, that none keeps from holding.
	Blocked bool
}

// Part is one of the places on which a hit rests: tokens First to Last.
type Part struct{ First, Last int32 }

// Hit is one place where a rule holds.
type Hit struct {
	Rule *Rule
	// Parts are the places that matched: first the word of any (or the first of
	// all), then one for each near, then those of all. They are valid until the
	// Scratch is used for another text.
	Parts []Part
	// Special is the index in Context.Specials of the first built-in group's
	// hit among the parts (which contestant, which number), or -1.
	Special int32
	Weight  float64
	// Blocked says that the rule would hold but for its none: what its author
	// excepts. Such hits are given only where the Context asks for them.
	Blocked bool
}

// First and Last are the tokens of the word that set the rule off.
func (h *Hit) First() int32 { return h.Parts[0].First }

// Last is the last token of the word that set the rule off.
func (h *Hit) Last() int32 { return h.Parts[0].Last }

// Scratch is the working memory of Evaluate. The zero value is ready; use one
// per goroutine.
type Scratch struct {
	candidates []candidate
	parts      []Part
	blocked    []int32 // sentences, ascending
	negated    []int32 // number of negated tokens before each token
	counted    bool    // whether negated is filled
}

// candidate is a place that may set off a rule.
type candidate struct {
	rule        int32
	first, last int32
	special     int32 // index, or -1
}

const (
	// sentenceTokens is what a sentence end between two places adds to their
	// distance.
	sentenceTokens = 2
	// maxHits bounds the hits of one rule in one text.
	maxHits = 32
	// reach bounds the length in tokens of what near looks at.
	reach = 64
)

// Evaluate appends to dst a hit for every place where a rule holds, ordered by
// rule, and returns it. The matches must be of doc and in the order of First,
// as Matcher.Match gives them; matches of other spaces are ignored.
func (c *Compiled) Evaluate(doc *text.Doc, matches []Match, ctx *Context, s *Scratch, dst []Hit) []Hit {
	c.gather(matches, ctx, s)
	if len(s.candidates) == 0 {
		return dst
	}
	s.parts, s.counted = s.parts[:0], false
	e := evaluation{c: c, doc: doc, matches: matches, ctx: ctx, s: s}
	for i := 0; i < len(s.candidates); {
		j := i + 1
		for j < len(s.candidates) && s.candidates[j].rule == s.candidates[i].rule {
			j++
		}
		dst = e.rule(&c.rules[s.candidates[i].rule], s.candidates[i:j], dst)
		i = j
	}
	return dst
}

// gather collects the places that may set off a rule.
func (c *Compiled) gather(matches []Match, ctx *Context, s *Scratch) {
	s.candidates = s.candidates[:0]
	for i := range matches {
		m := &matches[i]
		if m.Space != c.space {
			continue
		}
		for _, rule := range c.anchors[c.anchorFrom[m.Payload]:c.anchorFrom[m.Payload+1]] {
			s.candidates = append(s.candidates, candidate{rule, m.First, m.Last, -1})
		}
	}
	for i := range ctx.Specials {
		for _, anchor := range c.specialAnchors {
			if special := &ctx.Specials[i]; special.Groups&anchor.group != 0 {
				s.candidates = append(s.candidates, candidate{anchor.rule, special.First, special.Last, int32(i)})
			}
		}
	}
	if len(s.candidates) > 1 {
		slices.SortFunc(s.candidates, compareCandidates)
	}
}

func compareCandidates(a, b candidate) int {
	if a.rule != b.rule {
		return int(a.rule - b.rule)
	}
	if a.first != b.first {
		return int(a.first - b.first)
	}
	return int(b.last - a.last) // the longest first
}

// evaluation is the evaluation of one text.
type evaluation struct {
	c       *Compiled
	doc     *text.Doc
	matches []Match
	ctx     *Context
	s       *Scratch
}

// rule appends the places among candidates where r holds.
func (e *evaluation) rule(r *compiledRule, candidates []candidate, dst []Hit) []Hit {
	if r.rule.Scope&e.ctx.Scope == 0 || !r.rule.Holds(e.ctx.When) ||
		!speaks(r.rule.Languages, e.ctx.Language, e.ctx.Confidence) {
		return dst
	}
	if e.anywhere(&r.noneAnywhere).First >= 0 {
		return dst
	}
	for i := range r.all {
		if e.anywhere(&r.all[i]).First < 0 {
			return dst
		}
	}
	e.block(&r.none)
	covered, hits := int32(-1), 0
	for _, at := range candidates {
		if at.last <= covered || hits == maxHits {
			continue // inside what has already matched
		}
		if hit, ok := e.hit(r, at); ok {
			dst = append(dst, hit)
			covered = at.last
			hits++
		}
	}
	return dst
}

// hit tries the rule at one place.
func (e *evaluation) hit(r *compiledRule, at candidate) (Hit, bool) {
	from := len(e.s.parts)
	hit := Hit{Rule: r.rule, Special: at.special, Weight: r.rule.Weight}
	e.s.parts = append(e.s.parts, Part{at.first, at.last})
	for i := range r.near {
		part, special := e.nearest(&r.near[i], at)
		if part.First < 0 {
			e.s.parts = e.s.parts[:from]
			return Hit{}, false
		}
		if hit.Special < 0 {
			hit.Special = special
		}
		e.s.parts = append(e.s.parts, part)
	}
	if hit.Blocked = e.isBlocked(&r.none, e.s.parts[from:]); hit.Blocked && !e.ctx.Blocked {
		e.s.parts = e.s.parts[:from]
		return Hit{}, false
	}
	for i := range r.all {
		if len(r.rule.Any) > 0 || i > 0 {
			e.s.parts = append(e.s.parts, e.anywhere(&r.all[i]))
		}
	}
	hit.Parts = e.s.parts[from:len(e.s.parts):len(e.s.parts)]
	return hit, true
}

var nowhere = Part{-1, -1}

// anywhere returns the first place in the text where one of a stands.
func (e *evaluation) anywhere(a *alternatives) Part {
	if len(a.phrases) > 0 {
		for i := range e.matches {
			if m := &e.matches[i]; m.Space == e.c.space && a.has(m.Payload) {
				return Part{m.First, m.Last}
			}
		}
	}
	if a.special != 0 {
		for i := range e.ctx.Specials {
			if special := &e.ctx.Specials[i]; special.Groups&a.special != 0 {
				return Part{special.First, special.Last}
			}
		}
	}
	return nowhere
}

// block notes the sentences that hold one of none.
func (e *evaluation) block(none *alternatives) {
	e.s.blocked = e.s.blocked[:0]
	if len(none.phrases) > 0 {
		for i := range e.matches {
			if m := &e.matches[i]; m.Space == e.c.space && none.has(m.Payload) {
				e.s.blocked = append(e.s.blocked, e.doc.Tokens[m.First].Sentence)
			}
		}
	}
	if none.special&^Negation != 0 {
		for i := range e.ctx.Specials {
			if special := &e.ctx.Specials[i]; special.Groups&none.special&^Negation != 0 {
				e.s.blocked = append(e.s.blocked, e.doc.Tokens[special.First].Sentence)
			}
		}
		slices.Sort(e.s.blocked)
	}
}

// isBlocked reports whether none stands in the sentences of parts, or covers
// one of them where it is a negation.
func (e *evaluation) isBlocked(none *alternatives, parts []Part) bool {
	if none.empty() {
		return false
	}
	for _, part := range parts {
		first, last := e.doc.Tokens[part.First].Sentence, e.doc.Tokens[part.Last].Sentence
		at, _ := slices.BinarySearch(e.s.blocked, first)
		if at < len(e.s.blocked) && e.s.blocked[at] <= last {
			return true
		}
		if none.special&Negation != 0 && e.isNegated(part) {
			return true
		}
	}
	return false
}

func (e *evaluation) isNegated(part Part) bool {
	if !e.s.counted {
		e.countNegated()
	}
	return e.s.negated[part.Last+1] > e.s.negated[part.First]
}

// countNegated fills the running count of tokens that a negation covers.
func (e *evaluation) countNegated() {
	n := len(e.doc.Tokens) + 1
	e.s.negated = slices.Grow(e.s.negated[:0], n)[:n]
	clear(e.s.negated)
	until, count := int32(-1), int32(0)
	specials := e.ctx.Specials
	for i := range int32(n - 1) {
		for len(specials) > 0 && specials[0].First <= i {
			if specials[0].Groups&Negation != 0 {
				until = max(until, specials[0].Last)
			}
			specials = specials[1:]
		}
		if i <= until {
			count++
		}
		e.s.negated[i+1] = count
	}
	e.s.counted = true
}
