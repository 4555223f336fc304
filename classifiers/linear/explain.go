package linear

import (
	"math"
	"sort"
)

// Explain says which words of text carried the raw score of the named model,
// the heaviest first. It gives nothing for an unknown model. The pair of two
// words is shared between them. Where a head joins several models, a word's
// weight is what a little more of it would add. It allocates: call it for what
// was flagged.
func (s *Set) Explain(text string, targets []Span, name string) []Contribution {
	index := s.Index(name)
	if index < 0 {
		return nil
	}
	var scratch Scratch
	s.hasher.extract(text, targets, &scratch)
	var words, chars tally
	words.add(&s.words, scratch.words)
	chars.add(&s.chars, scratch.chars)
	result := make([]Contribution, len(scratch.spans))
	for i, span := range scratch.spans {
		result[i].Span = Span{int(span.start), int(span.end)}
	}
	raw := s.raw(&words, &chars)
	for _, part := range s.parts(index, &raw, lengthInput(len(scratch.words))) {
		m := &s.models[part.model]
		wordUnit := part.share * float64(m.wordScale*unit(words.squares))
		charUnit := part.share * float64(m.charScale*unit(chars.squares))
		s.attribute(&scratch, part.model, wordUnit, charUnit, result)
	}
	sort.SliceStable(result, func(i, j int) bool {
		return math.Abs(result[i].Weight) > math.Abs(result[j].Weight)
	})
	return result
}

// part is a model that speaks in a score, and how much.
type part struct {
	model int
	share float64
}

func (s *Set) parts(index int, raw *Scores, length float32) []part {
	for _, h := range s.heads {
		if h.target != index {
			continue
		}
		var parts []part
		for k, slope := range h.slopes(raw, length) {
			parts = append(parts, part{h.inputs[k], slope})
		}
		return parts
	}
	return []part{{index, 1}}
}

// attribute adds one model's weights to the words that carried them.
func (s *Set) attribute(scratch *Scratch, model int, wordUnit, charUnit float64, result []Contribution) {
	word, char := 0, 0
	for i, span := range scratch.spans {
		c := &result[i]
		for first := word; word < int(span.wordEnd); word++ {
			v := wordUnit * s.words.weight(scratch.words[word], model)
			if i > 0 && word == first+1 && span.pairs > 0 {
				result[i-1].Weight += v / 2
				v /= 2
			}
			c.Weight += v
		}
		for ; char < int(span.charEnd); char++ {
			c.Weight += charUnit * s.chars.weight(scratch.chars[char], model)
		}
	}
}
