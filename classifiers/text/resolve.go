package text

// resolved is what a word was recognised as.
type resolved struct {
	word, stem, root, prefix ID
	number                   int8
	altered                  bool
}

// cacheSize is the number of words whose resolution a Doc remembers; few words
// make up most of any language.
const cacheSize = 1 << 11

// cache remembers resolutions by the hash of the word, and how hashtags were
// split, for one vocabulary.
type cache struct {
	owner   *Analyzer
	entries [cacheSize]slot
	splits  [splitCacheSize]splitEntry
}

// resolve recognises a lower-case word of letters by its hash. repeated says
// that some letter stands twice in a row. The result lives until the next call.
func (a *Analyzer) resolve(d *Doc, word []byte, hash uint64, repeated bool) *resolved {
	entry := &d.cache.entries[hash>>32&(cacheSize-1)]
	if entry.hash == hash {
		return &entry.resolved
	}
	*entry = slot{hash, a.recognise(&d.state.stems, word, hash, repeated)}
	return &entry.resolved
}

func (a *Analyzer) recognise(st *stripper, word []byte, hash uint64, repeated bool) resolved {
	v := a.vocabulary
	if len(word) > maxWordLength {
		return resolved{number: NoNumber}
	}
	r := a.lookup(st, word, hash)
	if r.stem == 0 && repeated {
		if squeezed := a.squeezed(st, word); squeezed.stem != 0 {
			squeezed.altered = true
			r = squeezed
		}
	}
	if r.prefix == 0 {
		r.prefix = v.prefixes.find(word, len(word))
	}
	return r
}

// maxWordLength bounds what can be a word of the vocabulary.
const maxWordLength = 64

// lookup recognises a word as itself or as a form of another.
func (a *Analyzer) lookup(st *stripper, word []byte, hash uint64) resolved {
	v := a.vocabulary
	if s := v.find(hash); s != nil {
		return s.resolved
	}
	stem, root := v.derive(st, word, a.data)
	switch {
	case stem != 0:
		k := v.known[stem]
		if k.root != stem && k.root != 0 {
			root = k.root
		} else if root == 0 {
			root = k.stem
		}
		return resolved{stem: k.stem, root: root, number: NoNumber}
	case root != 0:
		k := v.known[root]
		return resolved{stem: k.stem, root: k.root, number: NoNumber}
	}
	return resolved{number: NoNumber}
}

// squeezed tries the word with its repeated letters written twice and once.
// Where no letter stands more than twice, the word may as well be another that
// is spelled so, and more is asked of what it is taken for.
func (a *Analyzer) squeezed(st *stripper, word []byte) resolved {
	var space [maxWordLength]byte
	long := longestRun(word) > 2
	for keep := 2; keep >= 1; keep-- {
		form := squeeze(space[:0], word, keep, !long)
		if len(form) == len(word) || len(form) < 2 {
			continue
		}
		r := a.lookup(st, form, hashBytes(form, a.vocabulary.seed))
		if r.stem != 0 && (long || len(form) >= 5 || len(form) == 4 && r.word == r.stem) {
			return r
		}
	}
	return resolved{number: NoNumber}
}

func longestRun(word []byte) int {
	longest, run := 0, 0
	for i, c := range word {
		if i > 0 && c == word[i-1] {
			run++
		} else {
			run = 1
		}
		longest = max(longest, run)
	}
	return longest
}

// squeeze appends word to dst with every run of a letter cut to keep letters.
// With careful, doubles that Indonesian spelling has are kept.
func squeeze(dst, word []byte, keep int, careful bool) []byte {
	run := 0
	for i, c := range word {
		if i > 0 && c == word[i-1] && c < 0x80 {
			run++
		} else {
			run = 1
		}
		if run <= keep || careful && isSpelledDouble(word, i) {
			dst = append(dst, c)
		}
	}
	return dst
}

// isSpelledDouble reports whether the letter before i is doubled at i by the
// rules of spelling: menggali, jalannya, gerakkan, kerjaan.
func isSpelledDouble(word []byte, i int) bool {
	next := byte(0)
	if i+1 < len(word) {
		next = word[i+1]
	}
	switch word[i] {
	case 'g':
		return i >= 2 && word[i-2] == 'n' && next != 0
	case 'n':
		return next == 'y'
	case 'k':
		return next == 'a' && i+2 < len(word) && word[i+2] == 'n'
	case 'a':
		return next == 'n'
	}
	return false
}

// squeezeLong cuts runs of three and more letters to one, in place.
func squeezeLong(word []byte) []byte {
	out := word[:0]
	for i := 0; i < len(word); {
		end := i + 1
		for end < len(word) && word[end] == word[i] && word[i] < 0x80 {
			end++
		}
		out = append(out, word[i])
		if end-i == 2 {
			out = append(out, word[i])
		}
		i = end
	}
	return out
}
