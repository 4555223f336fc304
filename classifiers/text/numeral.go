package text

import "unicode/utf8"

// scanNumber reads what starts with an ASCII digit: 2, 02, 50.000, 08,5, and
// words such as 2x or 10rb.
func (a *Analyzer) scanNumber(d *Doc, start int) int {
	s := d.Text
	i := numberEnd(s, start)
	if i < len(s) {
		if end := keycapEnd(s, start, i); end > 0 {
			return a.emitKeycap(d, start, end)
		}
		if asciiLower[s[i]] != 0 || s[i] >= utf8.RuneSelf && a.goesOn(s, i) {
			return a.scanOddNumber(d, start, i)
		}
	}
	from := len(d.norm)
	d.norm = append(d.norm, s[start:i]...)
	a.emitNumber(d, start, i, from, 0)
	return i
}

// numberEnd reads digits in groups: 50.000, 08,5.
func numberEnd(s string, i int) int {
	for i < len(s) {
		switch {
		case isDigit(s[i]):
			i++
		case (s[i] == '.' || s[i] == ',') && i+1 < len(s) && isDigit(s[i+1]):
			i += 2
		default:
			return i
		}
	}
	return i
}

// scanOddNumber reads digits that letters follow. A grouped number (50.000rb)
// stands by itself.
func (a *Analyzer) scanOddNumber(d *Doc, start, end int) int {
	for i := start; i < end; i++ {
		if !isDigit(d.Text[i]) {
			from := len(d.norm)
			d.norm = append(d.norm, d.Text[start:end]...)
			a.emitNumber(d, start, end, from, 0)
			return end
		}
	}
	return a.scanOddWord(d, start)
}

func (a *Analyzer) emitDigits(d *Doc, start, end int, digits []byte, flags Flags) {
	from := len(d.norm)
	d.norm = append(d.norm, digits...)
	a.emitNumber(d, start, end, from, flags)
}

// emitNumber adds a number whose digits are d.norm[from:].
func (a *Analyzer) emitNumber(d *Doc, start, end, from int, flags Flags) {
	to := len(d.norm) // what is joined now has its letters behind
	if d.state.single >= 0 && !d.isSpacedDigit(start, end) {
		a.endSingles(d)
	}
	t := d.add(Number, start, end, from)
	t.normEnd = int32(to)
	digits := d.Norm(t)
	t.Number = numeralValue(digits)
	if len(digits) <= maxWordLength {
		if t.Word = a.vocabulary.lookup(digits); t.Word != 0 {
			k := a.vocabulary.known[t.Word]
			t.Stem, t.Root = k.stem, k.root
		}
		t.Prefix = a.vocabulary.prefixes.find(digits, len(digits))
	}
	t.Flags |= flags
	if d.afterKe(start) {
		t.Flags |= Ordinal
	}
	t.Pos = d.state.pos
	d.state.pos++
}

// afterKe reports whether the last token but one is the ke of ke-2 or ke 2.
func (d *Doc) afterKe(start int) bool {
	for i := len(d.Tokens) - 2; i >= 0; i-- {
		t := &d.Tokens[i]
		if t.Kind == Punct && d.norm[t.normStart] == '-' {
			continue
		}
		return t.Kind == Word && start-int(t.End) <= 1 && string(d.Norm(t)) == "ke"
	}
	return false
}

// keycapEnd returns where a keycap emoji ends whose digits are s[start:i], or
// zero.
func keycapEnd(s string, start, i int) int {
	if i-start != 1 {
		return 0
	}
	if i < len(s) && s[i] < utf8.RuneSelf {
		return 0
	}
	r, size := utf8.DecodeRuneInString(s[i:])
	if r == 0xFE0F {
		i += size
		r, size = utf8.DecodeRuneInString(s[i:])
	}
	if r == 0x20E3 {
		return i + size
	}
	return 0
}

// emitKeycap adds 2️⃣ as an emoji that counts as the number.
func (a *Analyzer) emitKeycap(d *Doc, start, end int) int {
	from := len(d.norm)
	d.norm = append(d.norm, d.Text[start])
	a.emitNumber(d, start, end, from, 0)
	t := &d.Tokens[len(d.Tokens)-1]
	t.Kind = Emoji
	return end
}
