package act

import "github.com/netra-id/netra/pipeline/post"

// Effects is a set of the ways in which cues weaken a match, by their place in
// EffectNames.
type Effects uint32

// Has reports whether the effect with the given place is in the set.
func (e Effects) Has(i int) bool { return e&(1<<i) != 0 }

// Outright reports whether an effect is among them that leaves no doubt: what
// matched is denied, forbidden or recited.
func (e Effects) Outright() bool { return e&outright != 0 }

var outright = func() (e Effects) {
	for i := range effects {
		switch effects[i].name {
		case "denied", "forbidden", "recited":
			e |= 1 << i
		}
	}
	return e
}()

// Force is how much of a match's weight stands: 1 when the author does it now,
// near 0 when the text only forbids, denies, reports … it. The factors multiply,
// since each cue is a reason of its own to doubt. It also says which effects
// there are.
func Force(label post.Label, c Context) (force float64, applied Effects) {
	force = 1.0
	for i := range effects {
		if effects[i].applies(label, c) {
			force *= effects[i].factor
			applied |= 1 << i
		}
	}
	return force, applied
}

// EffectCount is how many effects there are.
const EffectCount = 18

// EffectNames names the effects.
func EffectNames() []string {
	names := make([]string, len(effects))
	for i := range effects {
		names[i] = effects[i].name
	}
	return names
}

// effect is one way in which cues weaken a match.
type effect struct {
	name    string
	factor  float64
	applies func(post.Label, Context) bool
}

// own reports whether the author calls on others or speaks of himself or
// herself beside the match, so that what stands elsewhere in the post counts
// less.
func own(c Context) bool { return c.Clause.Any(Exhort, FirstPerson) }

// aboutVote is true for the labels that a contestant's campaign makes.
func aboutVote(l post.Label) bool { return l == post.Support || l == post.Attack }

var effects = [EffectCount]effect{
	{"denied", 0.05, func(l post.Label, c Context) bool {
		return c.Before.Has(Negation) && l != post.Intimidation && l != post.Hoax
	}},
	{"forbidden", 0.05, func(l post.Label, c Context) bool {
		switch l {
		case post.Intimidation:
			return false
		case post.Attack: // "jangan mau dipimpin pembohong" is itself an attack
			return c.Before.Has(Prohibition) && c.Sentence.Any(Norm, Institution)
		case post.HateSpeech:
			return c.Near.Has(Prohibition)
		case post.Hoax: // "jangan datang ke TPS, sebarkan" forbids something else
			return c.Before.Has(Prohibition) && c.Clause.Has(Prohibition)
		default:
			return c.Before.Has(Prohibition)
		}
	}},
	{"forbidden behind", 0.2, func(_ post.Label, c Context) bool {
		return c.Clause.Has(Prohibition) && c.Sentence.Any(Norm, Institution)
	}},
	{"refused", 0.1, func(l post.Label, c Context) bool {
		return c.Sentence.Has(Refusal) && !aboutVote(l)
	}},
	{"refused elsewhere", 0.4, func(l post.Label, c Context) bool {
		return c.Document.Has(Refusal) && !c.Sentence.Has(Refusal) && !aboutVote(l)
	}},
	{"reported", 0.3, func(l post.Label, c Context) bool { return c.Sentence.Has(Report) && l != post.Hoax }},
	{"quoted", 0.3, func(_ post.Label, c Context) bool { return c.Quoted }},
	{"by rule", 0.2, func(_ post.Label, c Context) bool { return c.Sentence.Has(Norm) }},
	{"by an agency", 0.35, func(l post.Label, c Context) bool {
		return c.Sentence.Has(Institution) && !own(c) && l != post.Hoax
	}},
	{"official text", 0.3, func(_ post.Label, c Context) bool {
		return c.Count[Norm]+c.Count[Institution] >= 3 && !c.Clause.Has(Exhort)
	}},
	{"news", 0.4, func(_ post.Label, c Context) bool {
		return c.Count[Report] >= 2 && c.Document.Any(Institution, Norm, ThirdParty) && !own(c)
	}},
	{"recited", 0.05, func(_ post.Label, c Context) bool { return c.Document.Has(Pledge) }},
	{"debunked", 0.1, func(l post.Label, c Context) bool {
		return l != post.Attack && (c.Sentence.Has(Debunk) || c.Document.Has(Debunk) && !aboutVote(l))
	}},
	{"asked", 0.3, func(l post.Label, c Context) bool {
		return c.Asked && c.Sentence.Has(Question) && l != post.Attack && l != post.HateSpeech && !c.Clause.Has(Exhort)
	}},
	{"supposed", 0.4, func(l post.Label, c Context) bool {
		return c.Before.Has(Hypothetical) && l != post.Intimidation && l != post.OfficePromise
	}},
	{"done by others", 0.4, func(_ post.Label, c Context) bool { return c.Near.Has(ThirdParty) && !c.Clause.Has(Exhort) }},
	{"listed", 0.4, func(l post.Label, c Context) bool {
		return c.Sentence.Has(Listing) && l == post.Support && !c.Clause.Has(Exhort)
	}},
	// What this is worth is left to those who weigh the effects one by one.
	{"everyday", 1, func(l post.Label, c Context) bool {
		return c.Sentence.Has(Everyday) && aboutVote(l) && !c.Sentence.Any(Institution, Turnout)
	}},
}
