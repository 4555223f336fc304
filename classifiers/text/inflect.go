package text

// stemLevel says how deep a form lies under the word.
type stemLevel uint8

const (
	levelStem stemLevel = iota // without voice prefixes and clitics
	levelRoot                  // without -kan, -i, -in … too
)

// candidate is a form that a word may be an inflection of.
type candidate struct {
	form  []byte
	level stemLevel
	// verbsOnly forms hold only for roots known to be verbs: too many words
	// merely look like them (naik is not a form of taik).
	verbsOnly bool
}

// stemBuffer is the room in which candidates are built.
type stemBuffer struct {
	list  [96]candidate
	bytes [1024]byte
	used  int
	n     int
}

// maxStemLength bounds the words that are looked at: longer ones are no words.
const maxStemLength = 40

type affix struct {
	text string
	min  int // letters that must remain
}

// clitics and valency are endings by their last letter.
var clitics = [256][]affix{
	'a': {{"nya", 3}, {"na", 4}},
	'h': {{"lah", 3}, {"kah", 3}},
	'n': {{"pun", 3}},
	'u': {{"ku", 4}, {"mu", 4}},
	'o': {{"nyo", 4}},
	'e': {{"ne", 4}, {"e", 4}},
}

var valency = [256][]affix{
	'n': {{"akan", 4}, {"kan", 3}, {"keun", 4}, {"in", 4}},
	'i': {{"i", 4}},
	'e': {{"ake", 4}},
	'o': {{"no", 4}},
	'g': {{"ang", 4}},
}

// candidates lists the forms that word may be an inflection of, the likeliest
// first. The result lives in buf.
func candidates(buf *stemBuffer, word []byte) []candidate {
	buf.n, buf.used = 0, 0
	if len(word) < 4 || len(word) > maxStemLength {
		return nil
	}
	buf.strip(word)
	for _, c := range clitics[word[len(word)-1]] {
		if hasSuffix(word, c.text) && len(word)-len(c.text) >= c.min {
			base := word[:len(word)-len(c.text)]
			buf.add(base, levelStem, false)
			buf.strip(base)
		}
	}
	return buf.list[:buf.n]
}

// strip adds the forms of base without a voice prefix, without a valency
// suffix, and without both.
func (buf *stemBuffer) strip(base []byte) {
	first := buf.n
	buf.prefixes(base)
	last := buf.n
	buf.valencies(base, false)
	for i := first; i < last; i++ {
		buf.valencies(buf.list[i].form, buf.list[i].verbsOnly)
	}
}

func (buf *stemBuffer) valencies(form []byte, verbsOnly bool) {
	if len(form) < 4 {
		return
	}
	for _, a := range valency[form[len(form)-1]] {
		if hasSuffix(form, a.text) && len(form)-len(a.text) >= a.min {
			buf.add(form[:len(form)-len(a.text)], levelRoot, verbsOnly)
		}
	}
}

// prefixes adds the forms without di-, ku-, kau-, me-, and the nasal prefixes
// of the regional languages, with the consonant that the nasal has swallowed.
func (buf *stemBuffer) prefixes(w []byte) {
	switch w[0] {
	case 'd':
		if hasPrefix(w, "di") && len(w) >= 6 {
			buf.add(w[2:], levelStem, false)
		}
	case 'k':
		if hasPrefix(w, "ku") && len(w) >= 7 {
			buf.add(w[2:], levelStem, false)
		}
		if hasPrefix(w, "kau") && len(w) >= 7 {
			buf.add(w[3:], levelStem, false)
		}
	case 'm':
		if len(w) >= 6 && (w[1] == 'e' || w[1] == 'a') {
			buf.nasal(w[2:], w[1] == 'a')
		}
		buf.nasal(w, true)
	case 'n':
		buf.nasal(w, true)
	}
}

// nasal adds what may stand behind m-, n-, ny-, ng- (rest starts with it).
func (buf *stemBuffer) nasal(rest []byte, verbsOnly bool) {
	if len(rest) < 4 {
		return
	}
	after := rest[1:]
	switch rest[0] {
	case 'm':
		if isVowel(after[0]) {
			buf.join('p', after, verbsOnly)
			buf.addLong(rest, verbsOnly)
		} else if after[0] == 'b' || after[0] == 'p' || after[0] == 'f' || after[0] == 'v' {
			buf.addLong(after, verbsOnly)
		}
	case 'n':
		switch {
		case hasPrefix(rest, "nge"):
			buf.addShort(rest[3:], verbsOnly)
			buf.join('k', rest[2:], verbsOnly)
			buf.addLong(rest[2:], verbsOnly)
		case hasPrefix(rest, "ng"):
			after = rest[2:]
			if isVowel(after[0]) {
				buf.join('k', after, verbsOnly)
				if after[0] == 'a' {
					buf.addLong(after[1:], true)
				}
			}
			buf.addLong(after, verbsOnly)
		case hasPrefix(rest, "ny"):
			if isVowel(rest[2]) {
				buf.join('s', rest[2:], verbsOnly)
				buf.join('c', rest[2:], true)
				buf.addLong(rest, verbsOnly)
			}
		case isVowel(after[0]):
			buf.join('t', after, verbsOnly)
			buf.addLong(rest, verbsOnly)
		case hasPrefix(after, "dh"):
			buf.join('d', after[2:], verbsOnly)
		case after[0] == 'd' || after[0] == 'j' || after[0] == 'c' || after[0] == 't' || after[0] == 'z' || after[0] == 's':
			buf.addLong(after, verbsOnly)
		}
	case 'l', 'r', 'w', 'y':
		if !verbsOnly {
			buf.addLong(rest, false)
		}
	}
}

func (buf *stemBuffer) addLong(form []byte, verbsOnly bool) {
	if len(form) >= 4 {
		buf.add(form, levelStem, verbsOnly)
	}
}

func (buf *stemBuffer) addShort(form []byte, verbsOnly bool) {
	if len(form) >= 3 {
		buf.add(form, levelStem, verbsOnly)
	}
}

// join adds the form that starts with a restored consonant.
func (buf *stemBuffer) join(first byte, rest []byte, verbsOnly bool) {
	if len(rest) < 3 || buf.used+len(rest)+1 > len(buf.bytes) {
		return
	}
	form := buf.bytes[buf.used : buf.used+len(rest)+1 : buf.used+len(rest)+1]
	form[0] = first
	copy(form[1:], rest)
	buf.used += len(form)
	buf.add(form, levelStem, verbsOnly)
}

func (buf *stemBuffer) add(form []byte, level stemLevel, verbsOnly bool) {
	if buf.n < len(buf.list) {
		buf.list[buf.n] = candidate{form, level, verbsOnly}
		buf.n++
	}
}

// derive returns the IDs of the stem and the root that word is a form of, each
// zero where the vocabulary holds none.
func (v *Vocabulary) derive(buf *stemBuffer, word []byte, data *wordData) (stem, root ID) {
	for _, c := range candidates(buf, word) {
		if c.level == levelRoot && root != 0 || c.level == levelStem && stem != 0 {
			continue
		}
		id := v.lookup(c.form)
		if id == 0 || c.verbsOnly && !v.known[id].verb {
			continue
		}
		if data.unstemmed[string(word)] {
			return 0, 0
		}
		if c.level == levelStem {
			stem = id
		} else {
			root = id
		}
	}
	return stem, root
}

func isVowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'
}

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

func hasSuffix(b []byte, s string) bool { return len(b) >= len(s) && string(b[len(b)-len(s):]) == s }
