package text

// urlEnd returns where the address ends whose first letters are s[start:i], or
// zero where it is none.
func urlEnd(s string, start, i int) int {
	word := s[start:i]
	switch s[i] {
	case ':':
		if len(s) > i+3 && s[i+1] == '/' && s[i+2] == '/' && len(word) <= 8 {
			return addressEnd(s, i+3)
		}
	case '.':
		if len(s) > i+1 && asciiClass[s[i+1]] == classLetter && len(word) > 1 {
			return domainEnd(s, i)
		}
	}
	return 0
}

// addressEnd reads to the next space, less the punctuation before it.
func addressEnd(s string, i int) int {
	for i < len(s) && s[i] > ' ' && s[i] != '"' && s[i] != '<' && s[i] != '>' && s[i] < 0x80 {
		i++
	}
	for i > 0 {
		switch s[i-1] {
		case '.', ',', '!', '?', ';', ':', ')', '\'', ']', '*':
			i--
			continue
		}
		break
	}
	return i
}

// maxDomain bounds how far ahead a domain name is looked for.
const maxDomain = 60

// domainEnd reads an address without a scheme, such as kompas.com or bit.ly/x;
// i is at its first dot.
func domainEnd(s string, i int) int {
	label, stop := i+1, min(len(s), i+maxDomain)
	end := i + 1
	for end < stop {
		c := asciiClass[s[end]]
		if s[end] == '.' && end+1 < stop && asciiClass[s[end+1]] == classLetter {
			label = end + 1
		} else if c != classLetter && c != classDigit && s[end] != '-' {
			break
		}
		end++
	}
	path := end < len(s) && s[end] == '/'
	if end-label > 5 || !isTopLevel(s[label:end], path) {
		return 0
	}
	if path {
		return addressEnd(s, end)
	}
	if end < len(s) && s[end] >= 0x80 {
		return 0
	}
	return end
}

// isTopLevel knows the common endings; those that are words, too, need a path
// behind them.
func isTopLevel(label string, path bool) bool {
	switch label {
	case "com", "id", "net", "org", "gov", "edu", "info", "ly", "tv", "io", "xyz", "app", "link", "news", "COM", "ID":
		return true
	case "co", "me", "to", "be", "my", "gl", "gg", "cc", "site", "page", "blog", "in", "us":
		return path
	}
	return false
}

func (a *Analyzer) emitURL(d *Doc, start, end int) int {
	a.endSingles(d)
	from := len(d.norm)
	for _, c := range []byte(d.Text[start:end]) {
		if lower := asciiLower[c]; lower != 0 {
			c = lower
		}
		d.norm = append(d.norm, c)
	}
	t := d.add(URL, start, end, from)
	if word := d.Norm(t); len(word) <= maxWordLength {
		t.Word = a.vocabulary.lookup(word)
		t.Stem, t.Root = t.Word, t.Word
	}
	t.Pos = d.state.pos
	d.state.pos++
	return end
}

// scanMention reads @handle and @handle@server; any other @ is a mark.
func (a *Analyzer) scanMention(d *Doc, start int) int {
	s := d.Text
	end := handleEnd(s, start+1)
	if end-start < 3 {
		return a.scanPunct(d, start, start+1, '@')
	}
	if end < len(s) && s[end] == '@' {
		if server := handleEnd(s, end+1); server > end+3 {
			end = server
		}
	}
	a.endSingles(d)
	from := len(d.norm)
	for _, c := range []byte(s[start:end]) {
		if lower := asciiLower[c]; lower != 0 {
			c = lower
		}
		d.norm = append(d.norm, c)
	}
	t := d.add(Mention, start, end, from)
	if word := d.Norm(t); len(word) <= maxWordLength {
		t.Word = a.vocabulary.lookup(word)
		t.Stem, t.Root = t.Word, t.Word
		t.Prefix = a.vocabulary.prefixes.find(word, len(word))
	}
	t.Pos = d.state.pos
	d.state.pos++
	return end
}

func handleEnd(s string, i int) int {
	for i < len(s) {
		c := s[i]
		if class := asciiClass[c]; class != classLetter && class != classDigit && c != '_' && c != '.' && c != '-' {
			break
		}
		i++
	}
	for i > 0 && (s[i-1] == '.' || s[i-1] == '-') {
		i--
	}
	return i
}

// scanDollar reads $ as the s of a known word, or as a mark.
func (a *Analyzer) scanDollar(d *Doc, i int) int {
	if i+1 < len(d.Text) && asciiLower[d.Text[i+1]] != 0 {
		return a.scanOddWord(d, i)
	}
	return a.scanPunct(d, i, i+1, '$')
}
