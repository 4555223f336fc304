package text

import "unicode/utf8"

// maxSigned bounds a word in which signs may stand for letters.
const maxSigned = 32

// oddWord is what scanOddWord has read into scanState.word and offsets.
type oddWord struct {
	end     int
	signAt  int // offset in word of the first sign, or -1
	letters int
	digits  int
	foreign bool // some character was folded or dropped
	upper   int
}

// scanOddWord reads a word with anything but ASCII letters in it.
func (a *Analyzer) scanOddWord(d *Doc, start int) int {
	w := a.collect(d, start, start >= d.state.signsTried)
	if w.signAt >= 0 {
		d.state.signsTried = w.end
		if a.emitUnmasked(d, start, w) {
			return w.end
		}
		if w.signAt == 0 {
			return a.scanPunct(d, start, start+1, d.Text[start])
		}
		w = a.collect(d, start, false)
	}
	if w.end == start {
		_, size := utf8.DecodeRuneInString(d.Text[start:])
		return start + size
	}
	switch {
	case w.letters == 0:
		a.emitDigits(d, start, w.end, d.state.word, 0)
	case w.digits == 0:
		a.emitOdd(d, start, w)
	default:
		return a.emitMixed(d, start, w)
	}
	return w.end
}

// collect folds the characters from start on into the scan's word buffer, as
// far as they make one word. With signs, marks that people put for letters
// count as letters where they stand inside the word.
func (a *Analyzer) collect(d *Doc, start int, signs bool) oddWord {
	st := &d.state
	st.word, st.offsets = st.word[:0], st.offsets[:0]
	w := oddWord{end: start, signAt: -1}
	s := d.Text
	for i := start; i < len(s); {
		c := s[i]
		if lower := asciiLower[c]; lower != 0 {
			if c != lower {
				w.upper++
			}
			st.word, st.offsets = append(st.word, lower), append(st.offsets, int32(i))
			w.letters++
			i++
		} else if c >= '0' && c <= '9' { //nolint:gocritic // in a switch, break would not leave the loop
			st.word, st.offsets = append(st.word, c), append(st.offsets, int32(i))
			w.digits++
			i++
		} else if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			f := a.fold.of(r)
			if f.class == runeNothing {
				w.foreign = true
				i += size
				if isCombining(r) && len(st.word) > 0 {
					w.end = i
				}
				continue
			}
			if f.class == runePunct && f.text == "'" && w.letters > 0 && a.letterAt(s, i+size) {
				i += size
				continue
			}
			if f.class != runeWord {
				break
			}
			w.foreign = true
			from := len(st.word)
			st.word = f.appendTo(st.word)
			for _, b := range st.word[from:] {
				st.offsets = append(st.offsets, int32(i))
				if isDigit(b) {
					w.digits++
				} else {
					w.letters++
				}
			}
			i += size
		} else if (c == '\'' || c == '`') && w.letters > 0 && a.letterAt(s, i+1) {
			i++
			continue
		} else if signs && isSign(c) && len(st.word) < maxSigned && i+1 < len(s) && (a.letterAt(s, i+1) || isSign(s[i+1])) {
			if w.signAt < 0 {
				w.signAt = len(st.word)
			}
			st.word, st.offsets = append(st.word, c), append(st.offsets, int32(i))
			i++
			continue
		} else {
			break
		}
		w.end = i
	}
	return w
}

// letterAt reports whether a letter or digit starts at i.
func (a *Analyzer) letterAt(s string, i int) bool {
	if i >= len(s) {
		return false
	}
	if s[i] < utf8.RuneSelf {
		return asciiClass[s[i]] == classLetter || asciiClass[s[i]] == classDigit
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return a.fold.of(r).class == runeWord
}

func isSign(c byte) bool { return c == '@' || c == '$' || c == '!' || c == '*' || c == '|' }

// emitOdd adds a word of folded letters.
func (a *Analyzer) emitOdd(d *Doc, start int, w oddWord) {
	a.emitForm(d, start, w.end, d.state.word, a.oddFlags(d, start, w))
}

func (a *Analyzer) oddFlags(d *Doc, start int, w oddWord) Flags {
	var flags Flags
	if w.foreign {
		flags |= Altered
	}
	if c := d.Text[start]; c >= 'A' && c <= 'Z' {
		flags |= Capital
		if w.upper == w.letters && w.letters > 1 {
			flags |= AllCaps
		}
	}
	return flags
}

// emitForm adds a word whose letters are form.
func (a *Analyzer) emitForm(d *Doc, start, end int, form []byte, flags Flags) {
	from := len(d.norm)
	d.norm = append(d.norm, form...)
	a.emitWord(d, start, end, from, hasRun(form), flags)
}

func hasRun(word []byte) bool {
	for i := 1; i < len(word); i++ {
		if word[i] == word[i-1] {
			return true
		}
	}
	return false
}

// emitUnmasked adds the word of the buffer if it is a known one once letters
// are put for its signs and digits.
func (a *Analyzer) emitUnmasked(d *Doc, start int, w oddWord) bool {
	form, ok := a.unmask(d, d.state.word)
	if ok {
		a.emitForm(d, start, w.end, form, a.oddFlags(d, start, w)|Altered)
	}
	return ok
}

// unmask puts letters for the digits and signs of word, in the ways that
// people mean them, until the vocabulary knows the result. Digits at either
// end count only when the result is itself a known word: "pilih1" is no
// spelling of "pilihi".
func (a *Analyzer) unmask(d *Doc, word []byte) ([]byte, bool) {
	if len(word) > maxSigned || len(word) < 3 {
		return nil, false
	}
	edge := isDigit(word[0]) || isDigit(word[len(word)-1])
	var space [maxSigned]byte
	for way := range 5 {
		form, more := unmasked(space[:0], word, way)
		if form == nil {
			return nil, false
		}
		r := a.resolve(d, form, hashBytes(form, a.vocabulary.seed), hasRun(form))
		if r.stem != 0 && (!edge || r.word != 0) {
			d.state.word = append(d.state.word[:0], form...)
			return d.state.word, true
		}
		if !more {
			break
		}
	}
	return nil, false
}

// unmasked writes word with letters for digits and signs; way chooses among
// the readings of those that have several. It returns nil for a digit that
// stands for no letter, and whether there are more ways.
func unmasked(dst, word []byte, way int) (form []byte, more bool) {
	for _, c := range word {
		switch c {
		case '0':
			c = 'o'
		case '1', '!', '|':
			c, more = "ilili"[way], true
		case '3':
			c = 'e'
		case '4', '@':
			c = 'a'
		case '5', '$':
			c = 's'
		case '6':
			c, more = "ggbgb"[way], true
		case '7':
			c = 't'
		case '8':
			c = 'b'
		case '9':
			c = 'g'
		case '*':
			c, more = "aiueo"[way], true
		case '2':
			return nil, false
		}
		dst = append(dst, c)
	}
	return dst, more && way < 4
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
