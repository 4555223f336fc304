package keyword

import "github.com/netra-id/netra/classifiers/text"

// Missed says why a rule does not hold where its trigger stands.
type Missed string

// The reasons, in the order in which they are looked for.
const (
	MissedScope        Missed = "scope"
	MissedPeriod       Missed = "period"
	MissedLanguage     Missed = "language"
	MissedNoneAnywhere Missed = "none_anywhere"
	MissedAll          Missed = "all"
	MissedNear         Missed = "near"
	MissedNone         Missed = "none"
)

// Miss is a rule whose trigger stands in a text and which yet does not hold.
type Miss struct {
	Rule *Rule
	// At is the trigger.
	At  Part
	Why Missed
	// Terms are what is missing, as the rule has it, for all and near; Within is
	// the distance that near asks for.
	Terms  []Term
	Within int
	// Other is what is in the way (none), or what near asks for where it stands
	// elsewhere in the text; First is -1 where there is nothing to show.
	Other Part
}

// mostMisses bounds the misses in one text.
const mostMisses = 64

// Misses tells which rules nearly hold: their trigger stands in the text, and
// something else keeps them from it. It is for people who look at one text; the
// workers do not call it. The arguments are those of Evaluate.
func (c *Compiled) Misses(doc *text.Doc, matches []Match, ctx *Context) []Miss {
	s := &Scratch{}
	c.gather(matches, ctx, s)
	e := evaluation{c: c, doc: doc, matches: matches, ctx: ctx, s: s}
	var misses []Miss
	for i := 0; i < len(s.candidates) && len(misses) < mostMisses; {
		j := i + 1
		for j < len(s.candidates) && s.candidates[j].rule == s.candidates[i].rule {
			j++
		}
		r := &c.rules[s.candidates[i].rule]
		if len(e.rule(r, s.candidates[i:j], nil)) == 0 {
			misses = append(misses, e.miss(r, s.candidates[i]))
		}
		i = j
	}
	return misses
}

// miss says why a rule does not hold at a place; it is known not to.
func (e *evaluation) miss(r *compiledRule, at candidate) Miss {
	m := Miss{Rule: r.rule, At: Part{at.first, at.last}, Other: nowhere}
	switch {
	case r.rule.Scope&e.ctx.Scope == 0:
		m.Why = MissedScope
		return m
	case !r.rule.Holds(e.ctx.When):
		m.Why = MissedPeriod
		return m
	case !speaks(r.rule.Languages, e.ctx.Language, e.ctx.Confidence):
		m.Why = MissedLanguage
		return m
	}
	if other := e.anywhere(&r.noneAnywhere); other.First >= 0 {
		m.Why, m.Other = MissedNoneAnywhere, other
		return m
	}
	for i := range r.all {
		if e.anywhere(&r.all[i]).First < 0 {
			m.Why, m.Terms = MissedAll, r.rule.All[i:i+1]
			return m
		}
	}
	for i := range r.near {
		if part, _ := e.nearest(&r.near[i], at); part.First < 0 {
			m.Why, m.Terms, m.Within = MissedNear, r.rule.Near[i].What, r.rule.Near[i].Within
			m.Other = e.anywhere(&r.near[i].what)
			return m
		}
	}
	m.Why, m.Other = MissedNone, e.blocker(r, at)
	return m
}

// blocker is what of none stands in the trigger's sentence, or covers it.
func (e *evaluation) blocker(r *compiledRule, at candidate) Part {
	sentence := e.doc.Tokens[at.first].Sentence
	for i := range e.matches {
		if m := &e.matches[i]; m.Space == e.c.space && r.none.has(m.Payload) && e.doc.Tokens[m.First].Sentence == sentence {
			return Part{m.First, m.Last}
		}
	}
	for i := range e.ctx.Specials {
		if special := &e.ctx.Specials[i]; special.Groups&r.none.special != 0 && e.doc.Tokens[special.First].Sentence == sentence {
			return Part{special.First, special.Last}
		}
	}
	return nowhere
}
