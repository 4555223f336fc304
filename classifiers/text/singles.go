package text

// maxSingles bounds a run of letters spaced out that is read as words.
const maxSingles = 64

// startSingle notes that a word of one letter starts at start.
func (a *Analyzer) startSingle(d *Doc, start int) {
	st := &d.state
	if st.single >= 0 {
		last := &d.Tokens[len(d.Tokens)-1]
		if start-int(last.End) <= 2 && len(d.Tokens)-st.single < 2*maxSingles {
			return
		}
		a.endSingles(d)
	}
	st.single = len(d.Tokens)
}

// isSpacedDigit reports whether the digit from start to end may stand for a
// letter in a run of letters spaced out: c 0 b l 0 s.
func (d *Doc) isSpacedDigit(start, end int) bool {
	if end-start != 1 || digitLetter[d.Text[start]] == 0 {
		return false
	}
	last := &d.Tokens[len(d.Tokens)-1]
	return start-int(last.End) <= 2 && start > int(last.End) && len(d.Tokens)-d.state.single < 2*maxSingles
}

// digitLetter holds the letters that digits stand for.
var digitLetter = [256]byte{'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't'}

// continuesSingles reports whether a mark may stand between letters spaced out.
func continuesSingles(mark byte, length int) bool {
	if length != 1 {
		return false
	}
	switch mark {
	case '.', '-', '_', '*', '/', '~', '|', ',', '+':
		return true
	}
	return false
}

// endSingles joins the run of lone letters before here to the words that they
// spell, if the vocabulary knows these: d u k u n g, d.u.k.u.n.g.
func (a *Analyzer) endSingles(d *Doc) {
	st := &d.state
	first := st.single
	if first < 0 {
		return
	}
	st.single = -1
	if len(d.Tokens)-first < 3 {
		return
	}
	st.spaced, st.spacedAt = st.spaced[:0], st.spacedAt[:0]
	last, letters := first, 0
	for i := first; i < len(d.Tokens); i++ {
		t := &d.Tokens[i]
		switch t.Kind {
		case Word:
			st.spaced = append(st.spaced, d.norm[t.normStart:t.normEnd]...)
			st.spacedAt = append(st.spacedAt, t.Start)
			last, letters = i, len(st.spaced)
		case Number:
			st.spaced = append(st.spaced, digitLetter[d.Text[t.Start]])
			st.spacedAt = append(st.spacedAt, t.Start)
		}
	}
	if letters != len(st.spaced) { // digits behind the last letter are numbers
		st.spaced, st.spacedAt = st.spaced[:min(letters, len(st.spacedAt))], st.spacedAt[:min(letters, len(st.spacedAt))]
	}
	if len(st.spaced) < 3 || len(st.spaced) != len(st.spacedAt) {
		return
	}
	pieces := st.segments.split(a, st.spaced, nil)
	longest := 0
	for _, p := range pieces {
		if !p.known {
			return
		}
		longest = max(longest, p.end-p.start)
	}
	if longest < 3 {
		return
	}
	a.replaceSingles(d, first, last, pieces)
}

// replaceSingles puts the words of pieces in the place of the lone letters.
func (a *Analyzer) replaceSingles(d *Doc, first, last int, pieces []piece) {
	st := &d.state
	head, tail := d.Tokens[first], d.Tokens[last]
	st.kept = append(st.kept[:0], d.Tokens[last+1:]...)
	d.Tokens = d.Tokens[:first]
	st.pos = head.Pos
	st.lineStart = head.Is(LineStart)
	sentence, clause := st.sentence, st.clause
	st.sentence, st.clause = head.Sentence, head.Clause
	for _, p := range pieces {
		end := int(tail.End)
		if p.end < len(st.spacedAt) {
			end = d.letterEnd(int(st.spacedAt[p.end-1]))
		}
		from := len(d.norm)
		d.norm = append(d.norm, st.spaced[p.start:p.end]...)
		a.emitWord(d, int(st.spacedAt[p.start]), end, from, hasRun(st.spaced[p.start:p.end]), Altered)
	}
	st.sentence, st.clause = sentence, clause
	for _, t := range st.kept {
		if t.Pos = st.pos - 1; t.Kind == Number {
			t.Pos = st.pos
			st.pos++
		}
		d.Tokens = append(d.Tokens, t)
	}
}

// letterEnd returns where the character at start ends.
func (d *Doc) letterEnd(start int) int {
	end := start + 1
	for end < len(d.Text) && d.Text[end]&0xC0 == 0x80 {
		end++
	}
	return end
}
