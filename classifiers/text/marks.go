package text

import "unicode/utf8"

// scanPunct reads a run of the mark that starts at start and ends before end.
func (a *Analyzer) scanPunct(d *Doc, start, end int, mark byte) int {
	s := d.Text
	for end < len(s) && s[end] == s[start] && s[start] < utf8.RuneSelf {
		end++
	}
	if d.state.single >= 0 && !continuesSingles(mark, end-start) {
		a.endSingles(d)
	}
	from := len(d.norm)
	d.norm = append(d.norm, mark)
	ends := a.endsSentence(d, mark, start, end)
	t := d.add(Punct, start, end, from)
	st := &d.state
	switch mark {
	case '"':
		d.toggleQuote()
	case '-', '\'', '_', '`':
		if end-start == 1 {
			return end
		}
	}
	if mark == '.' && !ends && end-start == 1 {
		return end
	}
	st.clause++
	if ends {
		t.Flags |= EndsSentence
		st.sentence++
	}
	return end
}

// endsSentence judges the mark from start to end by what stands around it.
func (a *Analyzer) endsSentence(d *Doc, mark byte, start, end int) bool {
	switch mark {
	case '!', '?':
		return true
	case '.':
	default:
		return false
	}
	if end < len(d.Text) {
		switch asciiClass[d.Text[end]] {
		case classLetter, classDigit, classHash, classAt, classDollar:
			return false
		case classPunct:
			return d.Text[end] == '"' || d.Text[end] == ')'
		}
	}
	if len(d.Tokens) == 0 || end-start > 1 {
		return len(d.Tokens) > 0
	}
	before := &d.Tokens[len(d.Tokens)-1]
	switch before.Kind {
	case Word:
		return before.normEnd-before.normStart > 1 && !isAbbreviation(d.Norm(before))
	case Number:
		return !before.Is(LineStart)
	}
	return true
}

// isAbbreviation reports whether a full stop behind the word belongs to it.
func isAbbreviation(word []byte) bool {
	switch string(word) {
	case "no", "nmr", "nmer", "dr", "drs", "dra", "ir", "hj", "kh", "tgk", "prof", "jl", "jln", "kab", "kec", "kel",
		"prov", "bpk", "sdr", "sdri", "yth", "dll", "dsb", "dst", "tgl", "hlm", "rp", "st", "mr", "mrs", "ust", "tn", "ny", "pak":
		return true
	}
	return false
}

func (d *Doc) toggleQuote() {
	here := len(d.Tokens) - 1
	st := &d.state
	if st.quote < 0 {
		st.quote = here
		return
	}
	for i := st.quote + 1; i < here; i++ {
		d.Tokens[i].Flags |= InQuotes
	}
	st.quote = -1
}

// scanLineEnd reads line ends and the space between them. One ends the clause;
// an empty line ends the sentence, too, and any open quotation.
func (a *Analyzer) scanLineEnd(d *Doc, i int) int {
	s := d.Text
	lines := 0
	for i < len(s) {
		c := asciiClass[s[i]]
		if c != classLine && c != classSpace {
			break
		}
		if s[i] == '\n' || s[i] == '\r' && (i+1 >= len(s) || s[i+1] != '\n') {
			lines++
		}
		i++
	}
	d.endLine(lines)
	a.endSingles(d)
	return i
}

func (d *Doc) endLine(lines int) {
	st := &d.state
	st.lineStart = true
	st.clause++
	if lines > 1 {
		st.sentence++
		st.quote = -1
	}
}

// scanRune reads what starts with a character outside ASCII.
func (a *Analyzer) scanRune(d *Doc, i int) int {
	r, size := utf8.DecodeRuneInString(d.Text[i:])
	f := a.fold.of(r)
	switch f.class {
	case runeWord:
		return a.scanOddWord(d, i)
	case runePunct:
		if f.text == "#" {
			return a.scanHashtag(d, i, i+size)
		}
		return a.scanPunct(d, i, i+size, f.text[0])
	case runeEmoji:
		return a.scanEmoji(d, i)
	case runeLine:
		d.endLine(1)
	}
	return i + size
}

// scanEmoji reads one emoji with its modifiers, and the same one repeated.
func (a *Analyzer) scanEmoji(d *Doc, start int) int {
	a.endSingles(d)
	from := len(d.norm)
	end := a.oneEmoji(d, start)
	unit := d.Text[start:end]
	for len(d.Text)-end >= len(unit) && d.Text[end:end+len(unit)] == unit {
		end += len(unit)
	}
	word := d.norm[from:]
	id := ID(0)
	if len(word) <= maxWordLength {
		id = a.vocabulary.lookup(word)
	}
	t := d.add(Emoji, start, end, from)
	t.Word, t.Stem, t.Root = id, id, id
	return end
}

// oneEmoji appends the bare pictographs of one emoji to norm and returns where
// it ends. Joined pictographs are one emoji, as are the letters of a flag.
func (a *Analyzer) oneEmoji(d *Doc, i int) int {
	r, size := utf8.DecodeRuneInString(d.Text[i:])
	d.norm = utf8.AppendRune(d.norm, r)
	i += size
	flag := isRegional(r)
	joined := false
	for i < len(d.Text) {
		r, size = utf8.DecodeRuneInString(d.Text[i:])
		switch f := a.fold.of(r); {
		case f.class == runeModifier:
			joined = r == 0x200D
		case r >= 0xE0020 && r <= 0xE007F: // the tags of a region's flag
		case f.class == runeEmoji && (joined || flag && isRegional(r)):
			d.norm = utf8.AppendRune(d.norm, r)
			joined, flag = false, false
		default:
			return i
		}
		i += size
	}
	return i
}

func isRegional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }
