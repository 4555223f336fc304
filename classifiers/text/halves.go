package text

// mergeHalves joins the last word to the one before where only a mark stands
// between them and they are one: teman-teman, cob-los.
func (a *Analyzer) mergeHalves(d *Doc) {
	n := len(d.Tokens)
	if n < 3 {
		return
	}
	first, mark, second := &d.Tokens[n-3], &d.Tokens[n-2], &d.Tokens[n-1]
	if mark.Kind != Punct || first.Kind != Word || first.End != mark.Start || mark.End != second.Start || mark.End-mark.Start != 1 {
		return
	}
	if d.Text[mark.Start] == '-' && a.mergeReduplication(d, first, second) {
		return
	}
	if first.Stem == 0 && second.Stem == 0 {
		a.mergeParted(d, first, second)
	}
}

// mergeReduplication joins the halves of teman-teman to one token.
func (a *Analyzer) mergeReduplication(d *Doc, first, second *Token) bool {
	one, two := d.Norm(first), d.Norm(second)
	if len(one) < 2 || len(two) < len(one) || string(two[:len(one)]) != string(one) {
		return false
	}
	merged := *second // its ending may hold a clitic
	merged.normStart = first.normStart
	merged.Flags |= Reduplicated
	if merged.Stem == 0 {
		merged.Word, merged.Stem, merged.Root = first.Word, first.Stem, first.Root
	}
	a.knowDoubled(d, d.replaceHalves(merged))
	return true
}

// knowDoubled recognises a doubled word that is a word of its own (mata-mata);
// its half is the root then.
func (a *Analyzer) knowDoubled(d *Doc, t *Token) {
	whole := d.Norm(t)
	if len(whole) > maxWordLength {
		return
	}
	if r := a.resolve(d, whole, hashBytes(whole, a.vocabulary.seed), false); r.stem != 0 {
		half := t.Root
		t.Word, t.Stem, t.Root = r.word, r.stem, r.root
		if half != 0 {
			t.Root = half
		}
	}
}

// minParted is the length of the shortest word that is read out of two parts.
const minParted = 5

// mergeParted joins two unknown parts that make a known word.
func (a *Analyzer) mergeParted(d *Doc, first, second *Token) {
	st := &d.state
	st.folded = append(append(st.folded[:0], d.Norm(first)...), d.Norm(second)...)
	if len(st.folded) < minParted || len(st.folded) > maxWordLength {
		return
	}
	r := *a.resolve(d, st.folded, hashBytes(st.folded, a.vocabulary.seed), false)
	if r.stem == 0 {
		return
	}
	merged := *second
	merged.normStart = int32(len(d.norm))
	d.norm = append(d.norm, st.folded...)
	merged.normEnd = int32(len(d.norm))
	merged.Word, merged.Stem, merged.Root, merged.Prefix, merged.Number = r.word, r.stem, r.root, r.prefix, r.number
	merged.Flags |= Altered
	d.replaceHalves(merged)
}

// replaceHalves puts merged in the place of the last three tokens.
func (d *Doc) replaceHalves(merged Token) *Token {
	n := len(d.Tokens)
	first := &d.Tokens[n-3]
	merged.Start, merged.Pos, merged.Sentence, merged.Clause = first.Start, first.Pos, first.Sentence, first.Clause
	merged.Flags |= first.Flags
	d.Tokens[n-3] = merged
	d.Tokens = d.Tokens[:n-2]
	d.state.pos = merged.Pos + 1
	return &d.Tokens[n-3]
}
