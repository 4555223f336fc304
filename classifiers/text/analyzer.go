package text

import (
	"slices"
	"unicode/utf8"

	"github.com/netra-id/netra/classifiers/wordbook"
)

// Analyzer turns texts into tokens by one vocabulary. It is safe for concurrent
// use; the Docs are not.
type Analyzer struct {
	vocabulary *Vocabulary
	data       *wordData
	fold       *foldTable
}

// NewAnalyzer returns an analyzer that recognises the words of v.
func NewAnalyzer(v *Vocabulary) *Analyzer {
	return &Analyzer{vocabulary: v, data: sharedWordData(), fold: sharedFold()}
}

// Vocabulary returns the words that the analyzer recognises.
func (a *Analyzer) Vocabulary() *Vocabulary { return a.vocabulary }

// scanState is what the scan carries from token to token.
type scanState struct {
	pos, sentence, clause int32
	lineStart             bool
	quote                 int // index of the open quotation mark, or -1
	signsTried            int // no signs for letters are looked for before this offset
	single                int // index of the first of a run of lone letters, or -1
	word                  []byte
	offsets               []int32 // of each byte of word in the text
	upper                 []bool
	folded                []byte // one character
	spaced                []byte // letters spaced out
	spacedAt              []int32
	kept                  []Token
	segments              segmenter
	stems                 stripper
}

// Analyze fills d with the tokens of s. What d held before is gone. Any string
// is allowed, valid UTF-8 or not; the time is linear in its length.
func (a *Analyzer) Analyze(d *Doc, s string) { a.analyze(d, s, new(wordbook.Reading)) }

// AnalyzeReading is Analyze for a text that was read for others, too.
func (a *Analyzer) AnalyzeReading(d *Doc, r *wordbook.Reading) {
	r.Serve(wordbook.Text, a)
	a.analyze(d, r.Text, r)
}

func (a *Analyzer) analyze(d *Doc, s string, words *wordbook.Reading) {
	d.reset(a, s)
	known, next := words.Words, 0
	for i := 0; i < len(s); {
		switch asciiClass[s[i]] {
		case classSpace:
			i++
		case classLetter:
			for next < len(known) && int(known[next].Start) < i {
				next++
			}
			if next < len(known) && known[next].Plain && int(known[next].Start) == i {
				a.emitKnown(d, words, &known[next])
				i, next = int(known[next].End), next+1
			} else {
				i = a.scanWord(d, i)
			}
			if i < len(s) && s[i] == ' ' {
				i++
			}
		case classDigit:
			i = a.scanNumber(d, i)
		case classPunct:
			i = a.scanPunct(d, i, i+1, s[i])
		case classLine:
			i = a.scanLineEnd(d, i)
		case classHash:
			i = a.scanHashtag(d, i, i+1)
		case classAt:
			i = a.scanMention(d, i)
		case classDollar:
			i = a.scanDollar(d, i)
		default:
			i = a.scanRune(d, i)
		}
	}
	a.endSingles(d)
}

func (d *Doc) reset(a *Analyzer, s string) {
	if d.cache == nil {
		d.cache = new(cache)
	}
	if d.cache.owner != a {
		*d.cache = cache{owner: a}
	}
	d.Text = s
	d.Tokens = d.Tokens[:0]
	d.norm = d.norm[:0]
	if cap(d.norm) < len(s)+64 {
		d.norm = make([]byte, 0, len(s)*2+256)
	}
	st := &d.state
	st.pos, st.sentence, st.clause, st.signsTried = 0, 0, 0, 0
	st.lineStart, st.quote, st.single = true, -1, -1
}

// scanWord reads a word that starts with an ASCII letter. Plain words take the
// fast way; whatever goes on with anything unusual takes the other.
func (a *Analyzer) scanWord(d *Doc, start int) int {
	from := len(d.norm)
	if need := from + len(d.Text) - start + 8; cap(d.norm) < need {
		d.norm = slices.Grow(d.norm, need-from)
	}
	w := readWord(d.Text, start, d.norm[from:cap(d.norm)], a.vocabulary.seed)
	i := start + w.length
	if i < len(d.Text) && asciiGoesOn[d.Text[i]] {
		if end := urlEnd(d.Text, start, i); end > 0 {
			return a.emitURL(d, start, end)
		}
		if a.goesOn(d.Text, i) {
			return a.scanOddWord(d, start)
		}
	}
	d.norm = d.norm[:from+w.length]
	var flags Flags
	if d.Text[start]&0x20 == 0 {
		flags = Capital
		if w.allCaps && w.length > 1 {
			flags |= AllCaps
		}
	}
	a.emitHashed(d, start, i, from, w.hash, w.repeated, flags)
	return i
}

// goesOn reports whether the word that ended before i may go on there: with a
// digit, a sign in a letter's place, a letter outside ASCII.
func (a *Analyzer) goesOn(s string, i int) bool {
	c := s[i]
	if c >= utf8.RuneSelf {
		r, _ := utf8.DecodeRuneInString(s[i:])
		class := a.fold.of(r).class
		return class == runeWord || class == runeNothing || class == runePunct
	}
	if c >= '0' && c <= '9' {
		return true
	}
	if i+1 >= len(s) || c == '.' || c == ':' || c == '-' {
		return false
	}
	next := s[i+1]
	return asciiLower[next] != 0 || next >= '0' && next <= '9' || next >= utf8.RuneSelf || asciiClass[next] == classAt || next == '$'
}

// emitWord adds a word whose lower-case letters are d.norm[from:].
func (a *Analyzer) emitWord(d *Doc, start, end, from int, repeated bool, flags Flags) {
	a.emitHashed(d, start, end, from, hashBytes(d.norm[from:], a.vocabulary.seed), repeated, flags)
}

// emitHashed is emitWord for a word whose hash is known.
func (a *Analyzer) emitHashed(d *Doc, start, end, from int, hash uint64, repeated bool, flags Flags) {
	r := *a.resolve(d, d.norm[from:], hash, repeated)
	a.emitResolved(d, start, end, from, &r, repeated, flags)
}

// emitResolved is emitWord for a word of which it is known what it is.
func (a *Analyzer) emitResolved(d *Doc, start, end, from int, r *resolved, repeated bool, flags Flags) {
	if repeated {
		d.norm = d.norm[:from+len(squeezeLong(d.norm[from:]))]
	}
	to := len(d.norm)
	if r.altered {
		flags |= Altered
	}
	number := r.number
	if to-from == 1 && flags&InHashtag == 0 {
		a.startSingle(d, start)
	} else {
		if d.state.single >= 0 {
			a.endSingles(d)
		}
		if flags&AllCaps != 0 && number < 0 {
			number = romanValue(d.norm[from:to])
		}
	}
	st := &d.state
	if st.lineStart {
		flags |= LineStart
		st.lineStart = false
	}
	*d.grow() = Token{
		Kind: Word, Start: int32(start), End: int32(end), normStart: int32(from), normEnd: int32(to),
		Word: r.word, Stem: r.stem, Root: r.root, Prefix: r.prefix, Number: number, Flags: flags,
		Sentence: st.sentence, Clause: st.clause, Pos: st.pos,
	}
	st.pos++
	if start > 0 && asciiJoins[d.Text[start-1]] {
		a.mergeHalves(d)
	}
}

// add appends a token whose normalised spelling is d.norm[from:].
func (d *Doc) add(kind Kind, start, end, from int) *Token {
	st, t := &d.state, d.grow()
	*t = Token{
		Kind: kind, Start: int32(start), End: int32(end), normStart: int32(from), normEnd: int32(len(d.norm)),
		Sentence: st.sentence, Clause: st.clause, Pos: st.pos - 1, Number: NoNumber,
	}
	if st.lineStart {
		t.Flags = LineStart
		st.lineStart = false
	}
	return t
}

// grow appends room for a token.
func (d *Doc) grow() *Token {
	n := len(d.Tokens)
	if n == cap(d.Tokens) {
		d.Tokens = slices.Grow(d.Tokens, max(n, 64))
	}
	d.Tokens = d.Tokens[:n+1]
	return &d.Tokens[n]
}

// romanValue reads II to IV; a single I or V is a letter more often.
func romanValue(word []byte) int8 {
	switch string(word) {
	case "ii":
		return 2
	case "iii":
		return 3
	case "iv":
		return 4
	}
	return NoNumber
}
