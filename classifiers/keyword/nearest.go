package keyword

import "sort"

// nearby is the best place that nearest has found so far.
type nearby struct {
	part    Part
	special int32 // index of the built-in group's hit that stands there, or -1
	score   int32
}

// nearest returns the nearest place within the distance of near. Of two that
// are as near, it takes the one in the same clause, then the one behind: the
// object follows its verb.
func (e *evaluation) nearest(near *compiledNear, at candidate) (Part, int32) {
	best := nearby{nowhere, -1, unreachable}
	if len(near.what.phrases) > 0 {
		i := sort.Search(len(e.matches), func(i int) bool { return e.side(e.matches[i].First, at.first, near.within) <= 0 })
		for ; i < len(e.matches) && e.side(e.matches[i].First, at.last, near.within) == 0; i++ {
			if m := &e.matches[i]; m.Space == e.c.space && near.what.has(m.Payload) {
				e.consider(&best, near, at, Part{m.First, m.Last}, -1)
			}
		}
	}
	if near.what.special != 0 {
		specials := e.ctx.Specials
		i := sort.Search(len(specials), func(i int) bool { return e.side(specials[i].First, at.first, near.within) <= 0 })
		for ; i < len(specials) && e.side(specials[i].First, at.last, near.within) == 0; i++ {
			if special := &specials[i]; special.Groups&near.what.special != 0 {
				e.consider(&best, near, at, Part{special.First, special.Last}, int32(i))
			}
		}
	}
	return best.part, best.special
}

// side says on which side of token at, out of reach, token first lies: 1 before
// it, -1 behind it, 0 within reach.
func (e *evaluation) side(first, at, within int32) int {
	gap := e.doc.Tokens[at].Pos - e.doc.Tokens[first].Pos
	switch {
	case gap > within+reach:
		return 1
	case gap < -within-reach:
		return -1
	}
	return 0
}

// consider takes part as the best if it is nearer than what there is.
func (e *evaluation) consider(best *nearby, near *compiledNear, at candidate, part Part, special int32) {
	distance := e.distance(near.order, at, part)
	if distance > near.within {
		return
	}
	score := 4 * distance
	if e.doc.Tokens[part.First].Clause != e.doc.Tokens[at.last].Clause {
		score += 2
	}
	if part.First < at.first {
		score++
	}
	if score < best.score {
		*best = nearby{part, special, score}
	}
}

// unreachable is a distance that is never near.
const unreachable = 1 << 28

// distance counts the tokens from the candidate to part: 1 for neighbours, 0
// where they overlap, more across a sentence end.
func (e *evaluation) distance(order Order, at candidate, part Part) int32 {
	tokens := e.doc.Tokens
	switch {
	case part.First == at.first && part.Last == at.last:
		return unreachable // a word is not near itself
	case part.First > at.last && order != Before:
		from, to := &tokens[at.last], &tokens[part.First]
		return to.Pos - from.Pos + sentenceTokens*(to.Sentence-from.Sentence)
	case part.Last < at.first && order != After:
		from, to := &tokens[part.Last], &tokens[at.first]
		return to.Pos - from.Pos + sentenceTokens*(to.Sentence-from.Sentence)
	case part.First > at.last || part.Last < at.first:
		return unreachable
	}
	return 0
}
