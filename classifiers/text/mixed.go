package text

// emitMixed adds a word of letters and digits: a disguised word (c0bl0s), a
// doubled one (teman2), a word and its number (no2, paslon02), or, where it is
// none of these (u19, 2x), itself.
func (a *Analyzer) emitMixed(d *Doc, start int, w oddWord) int {
	flags := a.oddFlags(d, start, w)
	if a.isNumbered(d, d.state.word) {
		return a.emitParts(d, start, w.end, flags)
	}
	if form, ok := a.unmask(d, d.state.word); ok {
		a.emitForm(d, start, w.end, form, flags|Altered)
		return w.end
	}
	if a.emitDoubled(d, start, w, flags) {
		return w.end
	}
	if a.looksMasked(d, d.state.word) {
		form, _ := unmasked(d.state.word[:0], d.state.word, 0)
		a.emitForm(d, start, w.end, form, flags)
		return w.end
	}
	if splits(d.state.word) {
		return a.emitParts(d, start, w.end, flags)
	}
	a.emitForm(d, start, w.end, d.state.word, flags)
	return w.end
}

// isNumbered reports whether word is one that stands before numbers, and a
// number: no1 is not a spelling of nol.
func (a *Analyzer) isNumbered(d *Doc, word []byte) bool {
	at := 0
	for at < len(word) && !isDigit(word[at]) {
		at++
	}
	for _, c := range word[at:] {
		if !isDigit(c) {
			return false
		}
	}
	return at >= 2 && at < len(word) && a.isNumberCue(d, word[:at])
}

// emitDoubled adds words that are written with a 2 for "twice": teman2,
// teman2nya. A 2 behind a word that stands before numbers is a number.
func (a *Analyzer) emitDoubled(d *Doc, start int, w oddWord, flags Flags) bool {
	word := d.state.word
	at := 0
	for at < len(word) && !isDigit(word[at]) {
		at++
	}
	if at < 3 || at >= len(word) || word[at] != '2' || len(word)-at > 6 {
		return false
	}
	for _, c := range word[at+1:] {
		if isDigit(c) {
			return false
		}
	}
	if a.isNumberCue(d, word[:at]) {
		return false
	}
	from := len(d.norm)
	d.norm = append(append(d.norm, word[:at]...), word[at+1:]...)
	a.emitWord(d, start, w.end, from, false, flags|Reduplicated)
	t := &d.Tokens[len(d.Tokens)-1]
	d.norm = append(append(append(d.norm[:from], word[:at]...), '-'), word[:at]...)
	d.norm = append(d.norm, word[at+1:]...)
	t.normEnd = int32(len(d.norm))
	a.knowDoubled(d, t)
	return true
}

// isNumberCue reports whether the number of a ballot may follow the word.
func (a *Analyzer) isNumberCue(d *Doc, word []byte) bool {
	r := a.resolve(d, word, hashBytes(word, a.vocabulary.seed), hasRun(word))
	if r.stem == 0 {
		return false
	}
	spelling := a.vocabulary.words[r.stem]
	for _, cue := range a.data.numberCues {
		if cue == spelling {
			return true
		}
	}
	return false
}

// looksMasked reports whether single digits between letters stand for letters
// in a word that the vocabulary does not hold.
func (a *Analyzer) looksMasked(d *Doc, word []byte) bool {
	if isDigit(word[0]) || isDigit(word[len(word)-1]) {
		return false
	}
	first := 0
	for i, c := range word {
		if !isDigit(c) {
			continue
		}
		if isDigit(word[i+1]) || c == '2' || c == '6' || c == '8' || c == '9' {
			return false
		}
		if first == 0 {
			first = i
		}
	}
	return first < 2 || !a.isNumberCue(d, word[:first])
}

// splits reports whether the letters between the digits are words long enough
// to stand alone.
func splits(word []byte) bool {
	run := 0
	for i, c := range word {
		if !isDigit(c) {
			run++
		}
		if isDigit(c) || i == len(word)-1 {
			if run == 1 {
				return false
			}
			run = 0
		}
	}
	return true
}

// emitParts adds the runs of letters and of digits of the word buffer as
// tokens of their own, and the groups of three behind the digits (Rp50.000).
func (a *Analyzer) emitParts(d *Doc, start, end int, flags Flags) int {
	flags &^= AllCaps
	word, offsets := d.state.word, d.state.offsets
	for i := 0; i < len(word); {
		j := i + 1
		for j < len(word) && isDigit(word[j]) == isDigit(word[i]) {
			j++
		}
		from, to := start, end
		if i > 0 {
			from = int(offsets[i])
		}
		if j < len(word) {
			to = int(offsets[j])
		}
		if from < to { // two folded from one character stay one
			switch {
			case !isDigit(word[i]):
				a.emitForm(d, from, to, word[i:j], flags)
			case j == len(word):
				end = a.emitGrouped(d, from, end, word[i:j], flags)
			default:
				a.emitDigits(d, from, to, word[i:j], flags)
			}
			flags |= Glued
		}
		i = j
	}
	return end
}

// emitGrouped adds the last digits of a word and what belongs to them.
func (a *Analyzer) emitGrouped(d *Doc, start, end int, digits []byte, flags Flags) int {
	from := len(d.norm)
	d.norm = append(d.norm, digits...)
	long := numberEnd(d.Text, end)
	d.norm = append(d.norm, d.Text[end:long]...)
	a.emitNumber(d, start, long, from, flags)
	return long
}
