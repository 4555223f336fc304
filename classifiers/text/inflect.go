package text

// stemLevel says how deep a form lies under the word.
type stemLevel uint8

const (
	levelStem stemLevel = iota // without voice prefixes and clitics
	levelRoot                  // without -kan, -i, -in … too
)

// stripper looks for the words that a word may be an inflection of. It is used
// again and again; found holds what the last word gave.
type stripper struct {
	vocabulary *Vocabulary
	roots      map[string]bool // asked instead where vocabulary is nil
	// The first found of each level: in the vocabulary, or among the roots.
	stem, root ID
	stemForm   string
	// bytes is the room for forms with a restored consonant.
	bytes [256]byte
	used  int
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

// run tries the forms that word may be an inflection of, the likeliest first.
func (st *stripper) run(word []byte) {
	st.used, st.stem, st.root, st.stemForm = 0, 0, 0, ""
	if len(word) < 4 || len(word) > maxStemLength {
		return
	}
	st.strip(word)
	for _, c := range clitics[word[len(word)-1]] {
		if hasSuffix(word, c.text) && len(word)-len(c.text) >= c.min {
			base := word[:len(word)-len(c.text)]
			st.try(base, levelStem, false)
			st.strip(base)
		}
	}
}

// strip tries the forms of base without a voice prefix, without a valency
// suffix, and without both.
func (st *stripper) strip(base []byte) {
	st.valencies(base, false)
	if c := base[0]; c == 'd' || c == 'k' || c == 'm' || c == 'n' {
		st.prefixes(base)
	}
}

// form tries a form without its voice prefix, as it is and without a valency
// suffix.
func (st *stripper) form(form []byte, verbsOnly bool) {
	st.try(form, levelStem, verbsOnly)
	st.valencies(form, verbsOnly)
}

func (st *stripper) valencies(form []byte, verbsOnly bool) {
	if len(form) < 4 {
		return
	}
	for _, a := range valency[form[len(form)-1]] {
		if hasSuffix(form, a.text) && len(form)-len(a.text) >= a.min {
			st.try(form[:len(form)-len(a.text)], levelRoot, verbsOnly)
		}
	}
}

// prefixes tries the forms without di-, ku-, kau-, me-, and the nasal prefixes
// of the regional languages, with the consonant that the nasal has swallowed.
func (st *stripper) prefixes(w []byte) {
	switch w[0] {
	case 'd':
		if hasPrefix(w, "di") && len(w) >= 5 {
			st.form(w[2:], len(w) == 5)
		}
	case 'k':
		if hasPrefix(w, "ku") && len(w) >= 7 {
			st.form(w[2:], false)
		}
		if hasPrefix(w, "kau") && len(w) >= 7 {
			st.form(w[3:], false)
		}
	case 'm':
		if len(w) >= 6 && (w[1] == 'e' || w[1] == 'a') {
			st.nasal(w[2:], w[1] == 'a')
		}
		st.nasal(w, true)
	case 'n':
		st.nasal(w, true)
	}
}

// Forms for verbs only hold for roots known to be verbs: too many words merely
// look like them (naik is not a form of taik).
//
// nasal tries what may stand behind m-, n-, ny-, ng- (rest starts with it).
func (st *stripper) nasal(rest []byte, verbsOnly bool) {
	if len(rest) < 4 {
		return
	}
	after := rest[1:]
	switch rest[0] {
	case 'm':
		if isVowel(after[0]) {
			st.join('p', after, verbsOnly)
			st.addLong(rest, verbsOnly)
		} else if after[0] == 'b' || after[0] == 'p' || after[0] == 'f' || after[0] == 'v' {
			st.addLong(after, verbsOnly)
		}
	case 'n':
		switch {
		case hasPrefix(rest, "nge"):
			st.addShort(rest[3:], verbsOnly)
			st.join('k', rest[2:], verbsOnly)
			st.addLong(rest[2:], verbsOnly)
		case hasPrefix(rest, "ng"):
			after = rest[2:]
			if isVowel(after[0]) {
				st.join('k', after, verbsOnly)
				if after[0] == 'a' {
					st.addLong(after[1:], true)
				}
			}
			if after[0] == 'r' || after[0] == 'l' {
				st.join('k', after, true)
			}
			st.addLong(after, verbsOnly)
		case hasPrefix(rest, "ny"):
			if isVowel(rest[2]) {
				st.join('s', rest[2:], verbsOnly)
				st.join('c', rest[2:], true)
				st.addLong(rest, verbsOnly)
			}
		case isVowel(after[0]):
			st.join('t', after, verbsOnly)
			st.addLong(rest, verbsOnly)
		case hasPrefix(after, "dh"):
			st.join('d', after[2:], verbsOnly)
		case after[0] == 'd' || after[0] == 'j' || after[0] == 'c' || after[0] == 't' || after[0] == 'z' || after[0] == 's':
			st.addLong(after, verbsOnly)
		}
	case 'l', 'r', 'w', 'y':
		if !verbsOnly {
			st.addLong(rest, false)
		}
	}
}

func (st *stripper) addLong(form []byte, verbsOnly bool) {
	if len(form) >= 4 {
		st.form(form, verbsOnly)
	}
}

func (st *stripper) addShort(form []byte, verbsOnly bool) {
	if len(form) >= 3 {
		st.form(form, verbsOnly)
	}
}

// join tries the form that starts with a restored consonant.
func (st *stripper) join(first byte, rest []byte, verbsOnly bool) {
	if len(rest) < 3 || st.used+len(rest)+1 > len(st.bytes) {
		return
	}
	form := st.bytes[st.used : st.used+len(rest)+1 : st.used+len(rest)+1]
	form[0] = first
	copy(form[1:], rest)
	st.used += len(form)
	st.form(form, verbsOnly)
}

// try notes form if it is a word and the first found of its level.
func (st *stripper) try(form []byte, level stemLevel, verbsOnly bool) {
	if st.vocabulary == nil {
		if level == levelStem && st.stemForm == "" && st.roots[string(form)] {
			st.stemForm = string(form)
		}
		return
	}
	if level == levelStem && st.stem != 0 || level == levelRoot && st.root != 0 || !st.vocabulary.begins(form) {
		return
	}
	slot := st.vocabulary.find(hashBytes(form, st.vocabulary.seed))
	if slot == nil || slot.number >= 0 || verbsOnly && !st.vocabulary.known[slot.word].verb {
		return
	}
	if level == levelStem {
		st.stem = slot.word
	} else {
		st.root = slot.word
	}
}

// derive returns the IDs of the stem and the root that word is a form of, each
// zero where the vocabulary holds none.
func (v *Vocabulary) derive(st *stripper, word []byte, data *wordData) (stem, root ID) {
	st.vocabulary = v
	st.run(word)
	if st.stem|st.root != 0 && data.unstemmed[string(word)] {
		return 0, 0
	}
	return st.stem, st.root
}

// rootOf returns the verb of the package's own list that word is a voice form
// of, or "".
func (data *wordData) rootOf(word string) string {
	st := stripper{roots: data.roots}
	st.run([]byte(word))
	if data.unstemmed[word] {
		return ""
	}
	return st.stemForm
}

func isVowel(c byte) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'
}

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

func hasSuffix(b []byte, s string) bool { return len(b) >= len(s) && string(b[len(b)-len(s):]) == s }
