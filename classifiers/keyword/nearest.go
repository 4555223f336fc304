package keyword

import "sort"

// nearest returns the nearest place within the distance of near, and the index
// of the built-in group's hit that stands there, or -1.
func (e *evaluation) nearest(near *compiledNear, at candidate) (Part, int32) {
	best, bestDistance, bestSpecial := nowhere, near.within+1, int32(-1)
	if len(near.what.phrases) > 0 {
		i := sort.Search(len(e.matches), func(i int) bool { return e.tooFar(e.matches[i].First, at.first, near.within) <= 0 })
		for ; i < len(e.matches) && e.tooFar(e.matches[i].First, at.last, near.within) == 0; i++ {
			m := &e.matches[i]
			if m.Space != e.c.space || !near.what.has(m.Payload) {
				continue
			}
			if distance := e.distance(near.order, at, m.First, m.Last); distance < bestDistance {
				best, bestDistance, bestSpecial = Part{m.First, m.Last}, distance, -1
			}
		}
	}
	if near.what.special != 0 {
		specials := e.ctx.Specials
		i := sort.Search(len(specials), func(i int) bool { return e.tooFar(specials[i].First, at.first, near.within) <= 0 })
		for ; i < len(specials) && e.tooFar(specials[i].First, at.last, near.within) == 0; i++ {
			special := &specials[i]
			if special.Groups&near.what.special == 0 {
				continue
			}
			if distance := e.distance(near.order, at, special.First, special.Last); distance < bestDistance {
				best, bestDistance, bestSpecial = Part{special.First, special.Last}, distance, int32(i)
			}
		}
	}
	return best, bestSpecial
}

// tooFar says on which side of token at, out of reach, token first lies: 1
// before it, -1 behind it, 0 within reach.
func (e *evaluation) tooFar(first, at, within int32) int {
	gap := e.doc.Tokens[at].Pos - e.doc.Tokens[first].Pos
	switch {
	case gap > within+reach:
		return 1
	case gap < -within-reach:
		return -1
	}
	return 0
}

// unreachable is a distance that is never near.
const unreachable = 1 << 30

// distance counts the tokens from the candidate to first..last: 1 for
// neighbours, 0 where they overlap, more across a sentence end.
func (e *evaluation) distance(order Order, at candidate, first, last int32) int32 {
	if first == at.first && last == at.last {
		return unreachable // a word is not near itself
	}
	tokens := e.doc.Tokens
	switch {
	case first > at.last:
		if order == Before {
			return unreachable
		}
		return tokens[first].Pos - tokens[at.last].Pos + sentenceTokens*(tokens[first].Sentence-tokens[at.last].Sentence)
	case last < at.first:
		if order == After {
			return unreachable
		}
		return tokens[at.first].Pos - tokens[last].Pos + sentenceTokens*(tokens[at.first].Sentence-tokens[last].Sentence)
	}
	return 0
}
