package claims

import (
	_ "embed"
	"strings"

	"github.com/netra-id/netra/classifiers/linear/words"
	"github.com/netra-id/netra/classifiers/wordbook"
)

// term is one word that tells something: the hash of its stem and its place.
type term struct {
	hash       uint32
	start, end int32
}

// mostTerms bounds the work on one text.
const mostTerms = 4096

// mostBytes is how much of a text is read: longer texts are dumps.
const mostBytes = 64 << 10

//go:embed vocabulary.txt
var vocabularyText string

// vocabulary knows the stop words, the topic words and the synonyms.
type vocabulary struct {
	slots []slot
	mask  uint32
}

type slot struct {
	hash, canonical uint32
	kind            uint8
}

const (
	kindPlain uint8 = iota
	kindStop
	kindTopic
)

func newVocabulary() *vocabulary {
	v := &vocabulary{slots: make([]slot, 4096), mask: 4095}
	for line := range strings.Lines(vocabularyText) {
		name, list, found := strings.Cut(strings.TrimSpace(line), ":")
		if !found || strings.HasPrefix(name, "#") {
			continue
		}
		canonical, synonyms := strings.CutPrefix(name, "=")
		for _, word := range strings.Fields(list) {
			switch {
			case synonyms:
				// Both the spelling and its stem mean the canonical word's stem.
				v.set(wordHash(word, false), kindPlain, wordHash(canonical, true))
				v.set(wordHash(word, true), kindPlain, wordHash(canonical, true))
			case name == "stop":
				v.set(wordHash(word, false), kindStop, 0)
			case name == "topic":
				v.set(wordHash(word, true), kindTopic, wordHash(word, true))
			}
		}
	}
	return v
}

func (v *vocabulary) set(hash uint32, kind uint8, canonical uint32) {
	s := v.find(hash)
	if s.hash == 0 {
		*s = slot{hash: hash, canonical: canonical, kind: kind}
	}
}

// find gives the slot of a hash, or the empty slot where it would be.
func (v *vocabulary) find(hash uint32) *slot {
	for i := hash & v.mask; ; i = (i + 1) & v.mask {
		if s := &v.slots[i]; s.hash == hash || s.hash == 0 {
			return s
		}
	}
}

// wordHash is the hash of a word's normal form, stemmed or not.
func wordHash(word string, stemmed bool) uint32 {
	var buffer [words.Size]byte
	r := words.Reader{Text: word, End: len(word), Buffer: &buffer}
	r.Read()
	if r.Letters == 0 {
		return hashOf([]byte(word))
	}
	normal := buffer[1 : 1+r.N]
	if stemmed {
		normal = stem(normal)
	}
	return hashOf(normal)
}

// read appends the terms of a text to terms.
func (v *vocabulary) read(r *wordbook.Reading, terms []term) []term {
	r.Serve(wordbook.Claims, v)
	known, next, text := r.Words, 0, r.Text
	end := min(len(text), mostBytes)
	for i := 0; i < end && len(terms) < mostTerms; {
		if next == len(known) || !known[next].Plain || int(known[next].From) > i || int(known[next].End) > end {
			i, terms = v.next(text, i, end, terms)
			for next < len(known) && int(known[next].Start) < i {
				next++
			}
			continue
		}
		w := &known[next]
		i, next = int(w.End), next+1
		note := r.Note(w)
		if !note.Knows(wordbook.Claims) {
			note.Claims = v.note(text[w.Start:w.End])
		}
		if note.Claims != 0 {
			terms = append(terms, term{uint32(note.Claims), w.Start, w.End})
		}
	}
	return terms
}

// note is the term of a word, which is never 0, or 0 for a stop word.
func (v *vocabulary) note(word string) uint64 {
	var buffer [words.Size]byte
	r := words.Reader{Text: word, End: len(word), Buffer: &buffer}
	r.Read()
	if hash, kept := v.term(buffer[1 : 1+r.N]); kept {
		return uint64(hash)
	}
	return 0
}

// next reads what begins at i, and returns where it ends.
func (v *vocabulary) next(text string, i, end int, terms []term) (int, []term) {
	switch words.Kinds[text[i]] {
	case words.Letter, words.Digit, words.High:
	case words.At:
		return skipHandle(text, i+1, end), terms
	default:
		return i + 1, terms
	}
	var buffer [words.Size]byte
	r := words.Reader{Text: text, At: i, End: end, Buffer: &buffer}
	r.Read()
	switch {
	case r.At == i: // a symbol
		for i++; i < end && words.Kinds[text[i]] == words.High && text[i]&0xc0 == 0x80; i++ {
		}
		return i, terms
	case r.Letters == 0:
		return r.At, v.number(text, i, r.At, terms)
	case isLink(text[i:r.At]) && r.At < end && (text[r.At] == ':' || text[r.At] == '.'):
		for i = r.At; i < end && words.Kinds[text[i]] != words.Space; i++ {
		}
		return i, terms
	}
	if hash, kept := v.term(buffer[1 : 1+r.N]); kept {
		terms = append(terms, term{hash, int32(i), int32(r.At)})
	}
	return r.At, terms
}

func skipHandle(text string, i, end int) int {
	for i < end && (words.Kinds[text[i]] == words.Letter || words.Kinds[text[i]] == words.Digit || text[i] == '_') {
		i++
	}
	return i
}

func isLink(word string) bool {
	switch word {
	case "http", "https", "www", "HTTP", "HTTPS", "WWW", "Https", "Http":
		return true
	}
	return false
}

// number reads digits as they stand, so that 7 and 70 differ.
func (v *vocabulary) number(text string, start, end int, terms []term) []term {
	hash := uint32(2166136261)
	for i := start; i < end; i++ {
		if words.Kinds[text[i]] == words.Digit {
			hash = (hash ^ uint32(text[i])) * 16777619
		}
	}
	return append(terms, term{mix(hash), int32(start), int32(end)})
}

// term gives the hash of a word, or false for a stop word.
func (v *vocabulary) term(word []byte) (hash uint32, kept bool) {
	if len(word) < 2 {
		return 0, false
	}
	hash = hashOf(word)
	if s := v.find(hash); s.hash == hash {
		return s.canonical, s.kind != kindStop
	}
	hash = hashOf(stem(word))
	if s := v.find(hash); s.hash == hash && s.kind != kindStop {
		return s.canonical, true
	}
	return hash, true
}

// isTopic says whether a term is a topic word.
func (v *vocabulary) isTopic(hash uint32) bool {
	s := v.find(hash)
	return s.hash == hash && s.kind == kindTopic
}

func hashOf(word []byte) uint32 {
	hash := uint32(2166136261)
	for _, c := range word {
		hash = (hash ^ uint32(c)) * 16777619
	}
	return mix(hash)
}

// mix spreads a hash over all bits, and never gives 0, which marks a free slot.
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	h ^= h >> 16
	return h | 1
}

// stem takes off the commonest affixes of Indonesian and Malay, and a first
// letter that a nasal prefix would swallow or be: memilih, pilihan, dipilih and
// milih all become "ilih". It errs, but alike for the claim and for the post.
func stem(word []byte) []byte {
	word = withoutSuffix(word)
	if len(word) >= 2+leastStem {
		for _, prefix := range prefixes[word[0]] {
			if len(word) >= len(prefix)+leastStem && string(word[:len(prefix)]) == prefix {
				word = word[len(prefix):]
				break
			}
		}
	}
	if len(word) >= 5 {
		switch {
		case word[0] == 'n' && (word[1] == 'y' || word[1] == 'g'): // nyamar, ngirim
			word = word[2:]
		case word[0] == 'k' || word[0] == 'p' || word[0] == 's' || word[0] == 't' || word[0] == 'n' || word[0] == 'm':
			word = word[1:]
		}
	}
	return word
}

// leastStem is how many letters must be left of a word.
const leastStem = 4

// withoutSuffix takes off one of -nya, -lah, -kah, -pun, and one of -kan, -an, -i.
func withoutSuffix(word []byte) []byte {
	if n := len(word); n >= 3+leastStem {
		switch string(word[n-3:]) {
		case "nya", "lah", "kah", "pun":
			word = word[:n-3]
		}
	}
	n := len(word)
	switch {
	case n >= 3+leastStem && string(word[n-3:]) == "kan":
		return word[:n-3]
	case n >= 2+leastStem && string(word[n-2:]) == "an":
		return word[:n-2]
	case n >= 1+leastStem && word[n-1] == 'i':
		return word[:n-1]
	}
	return word
}

// prefixes are those that are taken off, by their first letter, the longer ones
// first.
var prefixes = [256][]string{
	'm': {"meny", "meng", "mem", "men", "me"},
	'p': {"peny", "peng", "pem", "pen", "per", "pe"},
	'b': {"ber"}, 't': {"ter"}, 'd': {"di"}, 'k': {"ke"}, 's': {"se"},
}
