package text

import "unicode/utf8"

// scanHashtag reads a hashtag whose sign ends before i, and the words in it.
func (a *Analyzer) scanHashtag(d *Doc, start, i int) int {
	if !a.letterAt(d.Text, i) {
		return a.scanPunct(d, start, i, '#')
	}
	a.endSingles(d)
	end := a.collectHashtag(d, i)
	st := &d.state
	from := len(d.norm)
	d.norm = append(d.norm, '#')
	for _, c := range st.word {
		if c != '_' {
			d.norm = append(d.norm, c)
		}
	}
	t := d.add(Hashtag, start, end, from)
	t.Pos = st.pos
	if norm := d.Norm(t); len(norm) <= maxWordLength {
		t.Word = a.vocabulary.lookup(norm)
		t.Stem, t.Root = t.Word, t.Word
		t.Prefix = a.vocabulary.prefixes.find(norm, len(norm))
	}
	a.emitHashtagWords(d, end)
	return end
}

// collectHashtag folds the tag's characters into the scan's buffers and marks
// where the author's spelling starts new words. It returns the tag's end.
func (a *Analyzer) collectHashtag(d *Doc, i int) int {
	st := &d.state
	st.word, st.offsets, st.upper = st.word[:0], st.offsets[:0], st.upper[:0]
	s, end := d.Text, i
	for i < len(s) {
		c, size := s[i], 1
		switch class := asciiClass[c]; {
		case class == classLetter:
			st.take(asciiLower[c], i, c&0x20 == 0)
		case class == classDigit, c == '_':
			st.take(c, i, false)
		case c >= utf8.RuneSelf:
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			f := a.fold.of(r)
			if f.class == runeNothing {
				i += size
				continue
			}
			if f.class != runeWord {
				return end
			}
			st.folded = f.appendTo(st.folded[:0])
			for _, b := range st.folded {
				st.take(b, i, false)
			}
		default:
			return end
		}
		i += size
		end = i
	}
	return end
}

func (st *scanState) take(c byte, offset int, upper bool) {
	st.word, st.offsets, st.upper = append(st.word, c), append(st.offsets, int32(offset)), append(st.upper, upper)
}

// emitHashtagWords adds the words of the tag in the buffers, a run between
// underscores at a time.
func (a *Analyzer) emitHashtagWords(d *Doc, end int) {
	st := &d.state
	st.markBoundaries()
	for i := 0; i < len(st.word); {
		if st.word[i] == '_' {
			i++
			continue
		}
		j := i
		for j < len(st.word) && st.word[j] != '_' {
			j++
		}
		a.emitHashtagRun(d, i, j, end)
		i = j
	}
}

// markBoundaries turns upper-case marks into marks of the starts of words:
// GunaMa, Pilih02. Where capitals end (GUNAMAmenang, KPUJatim) the author's
// spelling does not say which word the last of them belongs to.
func (st *scanState) markBoundaries() {
	previous := false
	for i, c := range st.word {
		upper := st.upper[i]
		st.upper[i] = i == 0 || st.word[i-1] == '_' || isDigit(c) != isDigit(st.word[i-1]) || upper && !previous
		previous = upper
	}
}

func (a *Analyzer) emitHashtagRun(d *Doc, i, j, end int) {
	st := &d.state
	pieces := st.segments.splitCached(a, d.cache, st.word[i:j], st.upper[i:j])
	for _, p := range pieces {
		from, to := int(st.offsets[i+p.start]), end
		if i+p.end < len(st.offsets) {
			to = int(st.offsets[i+p.end])
		}
		if from >= to {
			continue
		}
		word := st.word[i+p.start : i+p.end]
		if isDigit(word[0]) {
			a.emitDigits(d, from, to, word, InHashtag)
		} else {
			a.emitForm(d, from, to, word, InHashtag)
		}
	}
}
