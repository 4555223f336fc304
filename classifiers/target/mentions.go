package target

import (
	"github.com/netra-id/netra/classifiers/text"
)

// named adds the mentions by name, alias, party and hashtag.
func (r *Resolver) named(doc *text.Doc, s *Scratch) {
	for _, hit := range s.names {
		n := &r.names[r.phrases[hit.Payload].name]
		candidate, ok := r.pick(n.candidates, s)
		if !ok || n.part && candidate < 0 {
			continue // a part of several names names nobody
		}
		m := r.mention(hit.First, hit.Last, n.kind, candidate, n.strong)
		if n.common() && s.namesake(doc, m) {
			continue
		}
		switch {
		case n.part:
			if m.Certainty, ok = s.partCertainty(doc, m, n); !ok {
				continue
			}
		case n.ordinary && (!capitalised(doc, m) || opening(doc, m)) && !s.isBefore(doc, m.First, classChoose):
			continue // "pemimpin yang berani", "Damai itu indah"
		case n.careful:
			m.Certainty = s.carefulCertainty(doc, m)
		case n.addressed && !s.vote && !written(doc, m):
			m.Certainty = Supported // many are called so
		}
		s.mentions = append(s.mentions, m)
	}
}

// namesake reports whether the words around a name that many people bear say
// that it is somebody else: "warung Pak Budi", "Pak Budi tukang cukur". In talk
// about the vote it is the contestant.
func (s *Scratch) namesake(doc *text.Doc, m Mention) bool {
	if s.voteInSentence(doc, m.First) || written(doc, m) {
		return false
	}
	if previous := before(doc, m.First); previous >= 0 && (s.marks[previous].has(classKin) || s.marks[previous].has(classTrade)) {
		return true
	}
	next := m.Last + 1
	if next < len(doc.Tokens) && doc.Tokens[next].Kind == text.Punct && doc.Text[doc.Tokens[next].Start] == ',' {
		next++ // "Rini, sahabatku"
	}
	if next < len(doc.Tokens) && doc.Tokens[next].Sentence == doc.Tokens[m.Last].Sentence && isFiller(string(doc.Norm(&doc.Tokens[next]))) {
		next++
	}
	return next < len(doc.Tokens) && doc.Tokens[next].Sentence == doc.Tokens[m.Last].Sentence && s.marks[next].has(classTrade)
}

// isFiller tells a word that may stand between a name and what its bearer is.
func isFiller(word string) bool {
	return word == "si" || word == "itu" || word == "yang" || word == "adalah"
}

// carefulCertainty judges an alias or party that is also an ordinary word.
func (s *Scratch) carefulCertainty(doc *text.Doc, m Mention) Certainty {
	switch {
	case written(doc, m):
		return Clear
	case s.voteInSentence(doc, m.First):
		return Supported
	default:
		return Possible
	}
}

// isBefore reports whether a word of the class stands right before a token: one for
// choosing in "dukung berani".
func (s *Scratch) isBefore(doc *text.Doc, at int, class wordClass) bool {
	previous := before(doc, at)
	return previous >= 0 && s.marks[previous].has(class)
}

// written reports whether a mention is written as a name: in capitals, or
// within a hashtag.
func written(doc *text.Doc, m Mention) bool {
	for i := m.First; i <= m.Last; i++ {
		token := &doc.Tokens[i]
		if !token.Is(text.AllCaps) && !token.Is(text.InHashtag) && token.Kind != text.Hashtag {
			return false
		}
	}
	return true
}

// capitalised reports whether a word of a mention is written as names are.
func capitalised(doc *text.Doc, m Mention) bool {
	for i := m.First; i <= m.Last; i++ {
		if token := &doc.Tokens[i]; token.Is(text.Capital) || token.Is(text.AllCaps) || token.Is(text.InHashtag) || token.Kind == text.Hashtag {
			return true
		}
	}
	return false
}

// opening reports whether a mention is one word that begins a sentence and has
// its capital from there: "Damai itu indah".
func opening(doc *text.Doc, m Mention) bool {
	if m.First != m.Last || written(doc, m) {
		return false
	}
	for i := m.First - 1; i >= 0 && doc.Tokens[i].Sentence == doc.Tokens[m.First].Sentence; i-- {
		if kind := doc.Tokens[i].Kind; kind == text.Word || kind == text.Number {
			return false
		}
	}
	return true
}

// partCertainty judges one word of a name; ok is false beside words of kinship,
// shops, sport …, and for what is not written as a name. An ordinary word needs
// an honorific; any is supported only where the text is about the vote.
func (s *Scratch) partCertainty(doc *text.Doc, m Mention, n *name) (certainty Certainty, ok bool) {
	marks := wordSet(0)
	if previous := before(doc, m.First); previous >= 0 {
		marks = s.marks[previous]
		if further := before(doc, previous); further >= 0 && s.marks[further].has(classKin) {
			return Possible, false
		}
	}
	if marks.has(classKin) {
		return Possible, false
	}
	addressed := marks.has(classHonorific) || marks.has(classRole)
	capital := doc.Tokens[m.First].Is(text.Capital) || doc.Tokens[m.First].Is(text.InHashtag)
	vote := s.voteInSentence(doc, m.First)
	switch {
	case !addressed && (n.careful || !capital):
		return Possible, false
	case vote || addressed && !n.careful && s.vote:
		return Supported, true
	default:
		return Possible, true
	}
}

// countable notes the tokens that numbered and signed look at.
func (s *Scratch) countable(doc *text.Doc) {
	s.numbers = s.numbers[:0]
	for i := range doc.Tokens {
		if token := &doc.Tokens[i]; token.Number >= 1 || token.Kind == text.Emoji {
			s.numbers = append(s.numbers, i)
		}
	}
}

// numbered adds the mentions by number: no 2, nomor urut dua, paslon 02, 02, 2️⃣.
func (r *Resolver) numbered(doc *text.Doc, s *Scratch) {
	for _, i := range s.numbers {
		token := &doc.Tokens[i]
		if token.Number < 1 || token.Kind == text.Hashtag {
			continue
		}
		candidate, ok := r.numberOf(int(token.Number), s)
		if !ok || s.rejected(doc, i) {
			continue
		}
		first, strong, numbered := s.numberCue(doc, i)
		switch {
		case numbered:
		case zeroForm(doc, token) && !datelike(doc, i, s):
		case token.Kind == text.Emoji:
		case s.adjacentVote(doc, i):
		default:
			continue
		}
		if s.elsewhere && !strong {
			continue
		}
		m := r.mention(first, i, ByNumber, candidate, strong)
		m.Chosen = s.isBefore(doc, first, classChoose)
		s.mentions = append(s.mentions, m)
	}
}

// numberOf returns the contestant with a number in the open elections, -1 where
// there are several.
func (r *Resolver) numberOf(number int, s *Scratch) (one int, ok bool) {
	one = -1
	for c := range r.contestants {
		if !s.open[c] || r.contestants[c].number != number {
			continue
		}
		if ok {
			return -1, true
		}
		one, ok = c, true
	}
	return one, ok
}

// numberCue looks for "nomor urut", "paslon" before a number; first is the
// first token of the mention, strong is true where an office is named.
func (s *Scratch) numberCue(doc *text.Doc, number int) (first int, strong, found bool) {
	first = number
	for range 3 {
		previous := before(doc, first)
		if previous < 0 || doc.Tokens[number].Pos-doc.Tokens[previous].Pos > 3 {
			break
		}
		marks := s.marks[previous]
		if !marks.has(classNumber) && !marks.has(classRole) {
			break
		}
		strong = strong || marks.has(classRole)
		found = true
		first = previous
	}
	return first, strong, found
}

// rejected reports whether the words around a number say that it counts or
// ranks something else.
func (s *Scratch) rejected(doc *text.Doc, i int) bool {
	token := &doc.Tokens[i]
	if token.Is(text.Ordinal) && !zeroForm(doc, token) {
		return true
	}
	if next := behind(doc, i); next >= 0 {
		if s.marks[next].has(classOther) || doc.Tokens[next].Kind == text.Number {
			return true
		}
	}
	first, strong, _ := s.numberCue(doc, i)
	if strong {
		return false
	}
	return s.isBefore(doc, first, classOther)
}

// zeroForm reports whether a number is written 01 to 09.
func zeroForm(doc *text.Doc, token *text.Token) bool {
	return token.End-token.Start == 2 && doc.Text[token.Start] == '0'
}

// datelike reports whether a zero form is part of a date, a time or a longer
// number.
func datelike(doc *text.Doc, i int, s *Scratch) bool {
	if next := behind(doc, i); next >= 0 && s.marks[next].has(classMonth) {
		return true
	}
	token := &doc.Tokens[i]
	return digitBehind(doc.Text, int(token.End)) || digitBefore(doc.Text, int(token.Start))
}

func digitBehind(t string, at int) bool {
	return at+1 < len(t) && isJoin(t[at]) && isDigit(t[at+1]) || at < len(t) && t[at] == '%'
}

func digitBefore(t string, at int) bool {
	return at >= 2 && isJoin(t[at-1]) && isDigit(t[at-2])
}

func isJoin(c byte) bool { return c == '.' || c == '/' || c == ':' || c == '-' || c == ',' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// adjacentVote reports whether a bare number stands right behind a word for
// voting in a text about the vote: "coblos 2".
func (s *Scratch) adjacentVote(doc *text.Doc, i int) bool {
	previous := before(doc, i)
	return previous >= 0 && previous == i-1 && s.marks[previous].has(classAdjacent) && s.marks[previous].has(classVote) &&
		!digitBehind(doc.Text, int(doc.Tokens[i].End))
}

// fingers are the hand signs by the number that they show.
var fingers = map[string]int{"☝": 1, "👆": 1, "✌": 2, "🤟": 3, "🖐": 5, "✋": 5}

// signed adds hand signs and "salam dua jari".
func (r *Resolver) signed(doc *text.Doc, s *Scratch) {
	for _, i := range s.numbers {
		token := &doc.Tokens[i]
		number := 0
		switch {
		case token.Kind == text.Emoji:
			number = fingers[string(doc.Norm(token))]
		case token.Number > 0:
			if next := behind(doc, i); next >= 0 && s.marks[next].has(classFinger) {
				number = int(token.Number)
			}
		}
		if number == 0 {
			continue
		}
		if candidate, ok := r.numberOf(number, s); ok {
			s.mentions = append(s.mentions, r.mention(i, i, ByHandSign, candidate, false))
		}
	}
}

// incumbents adds the mentions of whoever holds the office, but where the name or
// the number follows.
func (r *Resolver) incumbents(doc *text.Doc, s *Scratch) {
	for i := range s.marks {
		if !s.marks[i].has(classIncumbent) || s.namedBehind(doc, i) {
			continue
		}
		m := r.mention(i, i, ByIncumbency, r.incumbent(s), false)
		m.Certainty = Supported
		s.mentions = append(s.mentions, m)
	}
}

// namedBehind reports whether one of the next tokens of the clause begins another
// mention: "petahana, Pak Budi" is not, "petahana H. Budi Santoso" is.
func (s *Scratch) namedBehind(doc *text.Doc, at int) bool {
	const window = 3
	for _, m := range s.mentions {
		if m.First > at && m.First-at <= window && doc.Tokens[m.First].Clause == doc.Tokens[at].Clause {
			return true
		}
	}
	return false
}

// incumbent returns the one incumbent of the open elections, or -1.
func (r *Resolver) incumbent(s *Scratch) int {
	one := -1
	for c := range r.contestants {
		if !s.open[c] || !r.contestants[c].incumbent {
			continue
		}
		if one >= 0 {
			return -1
		}
		one = c
	}
	return one
}

// weigh drops what lies inside a longer mention, and says which of the weak
// mentions the text supports.
func (s *Scratch) weigh(doc *text.Doc) []Mention {
	clear := false
	for _, m := range s.mentions {
		clear = clear || m.Certainty == Clear
	}
	s.kept = s.kept[:0]
	for i, m := range s.mentions {
		if inside(doc, s.mentions, i) {
			continue
		}
		if m.Certainty == Possible && m.Kind != ByPart {
			switch {
			case s.supported(doc, m, clear):
				m.Certainty = Supported
			case m.Kind == ByAlias && !capitalised(doc, m):
				continue // a short word where nothing is about the vote
			}
		}
		s.kept = append(s.kept, m)
	}
	return s.kept
}

// inside reports whether mention i lies in a longer one, or repeats the one
// before. Mentions are sorted by their first token, so only neighbours matter.
func inside(doc *text.Doc, mentions []Mention, i int) bool {
	const window = 8
	m := mentions[i]
	for j := max(i-window, 0); j < min(i+window, len(mentions)); j++ {
		o := mentions[j]
		if j == i || start(doc, o) > start(doc, m) || end(doc, o) < end(doc, m) {
			continue
		}
		if start(doc, o) != start(doc, m) || end(doc, o) != end(doc, m) || j < i {
			return true
		}
	}
	return false
}

func start(doc *text.Doc, m Mention) int32 { return doc.Tokens[m.First].Start }

func end(doc *text.Doc, m Mention) int32 { return doc.Tokens[m.Last].End }

// supported reports whether a weak mention is likely: beside a word for voting or
// what a person is called, or in a text that is about the vote.
func (s *Scratch) supported(doc *text.Doc, m Mention, clear bool) bool {
	if m.Kind == ByHandSign {
		return clear || s.vote
	}
	if clear || s.vote {
		return true
	}
	if s.isBefore(doc, m.First, classAdjacent) {
		return true
	}
	next := behind(doc, m.Last)
	return next >= 0 && s.marks[next].has(classCalled)
}
