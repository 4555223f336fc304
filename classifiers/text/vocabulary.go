package text

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// VocabularyBuilder collects the words that an Analyzer is to know. It is used
// at start only and may allocate.
type VocabularyBuilder struct {
	ids      map[string]ID
	words    []string // by ID; words[0] is empty
	prefixes map[string]ID
	data     *wordData
}

// NewVocabularyBuilder returns a builder that knows numbers and number words.
func NewVocabularyBuilder() *VocabularyBuilder {
	b := &VocabularyBuilder{
		ids:      map[string]ID{},
		words:    []string{""},
		prefixes: map[string]ID{},
		data:     sharedWordData(),
	}
	for word := range b.data.numbers {
		b.Add(word)
	}
	for _, word := range b.data.numberCues {
		b.Add(word)
	}
	return b
}

// Add makes a word known, given as Doc.Norm spells it, and returns its ID. The
// same word has the same ID.
func (b *VocabularyBuilder) Add(word string) ID {
	if word == "" {
		return 0
	}
	if id, ok := b.ids[word]; ok {
		return id
	}
	id := ID(len(b.words))
	b.ids[word] = id
	b.words = append(b.words, word)
	return id
}

// AddPrefix makes words that start with prefix known as such; Token.Prefix
// will hold the returned ID. Prefixes have IDs of their own kind.
func (b *VocabularyBuilder) AddPrefix(prefix string) ID {
	if prefix == "" {
		return 0
	}
	if id, ok := b.prefixes[prefix]; ok {
		return id
	}
	id := ID(len(b.prefixes) + 1)
	b.prefixes[prefix] = id
	return id
}

// AddTerm makes a word of a rule known and returns the ID under which tokens
// will carry it as Stem or Root: that of the word behind slang, voice prefixes
// and clitics (mendukung: that of dukung), or of the numeral for one of the
// common number words (dua: 2).
func (b *VocabularyBuilder) AddTerm(word string) ID {
	id := b.Add(word)
	if value, ok := b.data.numbers[word]; ok && value.core {
		return b.Add(numeral(value.value))
	}
	if full, ok := b.data.slang[word]; ok {
		return b.AddTerm(full)
	}
	if root := b.data.rootOf(word); root != "" {
		return b.Add(root)
	}
	return id
}

// Freeze returns the vocabulary of what was added so far.
func (b *VocabularyBuilder) Freeze() *Vocabulary {
	for word, full := range b.data.slang {
		if _, ok := b.ids[full]; ok {
			b.Add(word)
		}
	}
	v := &Vocabulary{
		words: append([]string(nil), b.words...),
		known: make([]known, len(b.words)),
		seed:  rand.Uint64() | 1,
	}
	v.prefixes = newPrefixSet(b.prefixes)
	v.index()
	for id := range v.words {
		v.known[id].verb = b.data.roots[v.words[id]]
	}
	for id := range v.words {
		verb := v.known[id].verb
		v.known[id] = b.know(v, ID(id))
		v.known[id].verb = verb
	}
	for id := range v.words { // a root may itself have a root only by now
		k := &v.known[id]
		if k.root == k.stem && k.stem != 0 {
			k.root = v.known[k.stem].root
		}
	}
	v.fillSlots()
	return v
}

// know works out what a token that is exactly this word carries.
func (b *VocabularyBuilder) know(v *Vocabulary, id ID) known {
	if id == 0 {
		return known{number: NoNumber}
	}
	word := v.words[id]
	k := known{stem: id, root: id, number: NoNumber}
	if value, ok := b.data.numbers[word]; ok {
		k.number = value.value
		numeralID := v.lookup([]byte(numeral(value.value)))
		if value.core {
			k.stem = numeralID
		}
		k.root = numeralID
		return k
	}
	if full, ok := b.data.slang[word]; ok {
		if fullID := v.lookup([]byte(full)); fullID != 0 {
			inner := b.know(v, fullID)
			return known{stem: inner.stem, root: inner.root, number: inner.number}
		}
	}
	stem, root := v.derive(new(stripper), []byte(word), b.data)
	if stem != 0 {
		k.stem, k.root = stem, stem
	}
	if root != 0 {
		k.root = root
	}
	return k
}

// Vocabulary is the frozen set of words that an Analyzer knows. It is safe for
// concurrent use.
type Vocabulary struct {
	words []string
	known []known // by ID
	slots []slot
	mask  uint64
	// filter has a bit set for every word, by its hash; it keeps the many words
	// that are unknown away from the much larger slots.
	filter      []uint64
	filterShift uint
	seed        uint64
	// starts has a bit for every three letters that a word starts with.
	starts   [1 << 15 / 64]uint64
	prefixes *prefixSet
}

type known struct {
	stem, root ID
	number     int8
	verb       bool
}

// slot holds what a known word resolves to. Words are told apart by their
// seeded 64-bit hashes alone.
type slot struct {
	hash uint64
	resolved
}

// Word returns the spelling of an ID.
func (v *Vocabulary) Word(id ID) string { return v.words[id] }

// Len is one more than the highest ID.
func (v *Vocabulary) Len() int { return len(v.words) }

// Prefixes is one more than the highest ID of a prefix.
func (v *Vocabulary) Prefixes() int { return len(v.prefixes.parent) }

// Lookup returns the ID of a normalised word, or zero.
func (v *Vocabulary) Lookup(word string) ID { return v.lookup([]byte(word)) }

// PrefixParent returns the next shorter prefix term that a word starting with
// prefix id starts with, too, or zero.
func (v *Vocabulary) PrefixParent(id ID) ID { return v.prefixes.parent[id] }

func (v *Vocabulary) index() {
	size := 1 << bits.Len(uint(len(v.words)*2))
	v.slots, v.mask = make([]slot, size), uint64(size-1)
	filterBits := max(bits.Len(uint(len(v.words)))+3, 12)
	v.filter, v.filterShift = make([]uint64, 1<<(filterBits-6)), uint(64-filterBits)
	for id := 1; id < len(v.words); id++ {
		h := hashBytes([]byte(v.words[id]), v.seed)
		at := h & v.mask
		for v.slots[at].word != 0 {
			at = (at + 1) & v.mask
		}
		v.slots[at] = slot{h, resolved{word: ID(id), number: NoNumber}}
		bit := h >> v.filterShift
		v.filter[bit>>6] |= 1 << (bit & 63)
		if word := v.words[id]; len(word) >= 3 {
			start := startOf(word[0], word[1], word[2])
			v.starts[start>>6] |= 1 << (start & 63)
		}
	}
}

func startOf(a, b, c byte) uint32 { return uint32(a&31)<<10 | uint32(b&31)<<5 | uint32(c&31) }

// begins reports whether some word may start as form does, which has at least
// three letters.
func (v *Vocabulary) begins(form []byte) bool {
	start := startOf(form[0], form[1], form[2])
	return v.starts[start>>6]&(1<<(start&63)) != 0
}

// fillSlots completes the slots with what is known of their words.
func (v *Vocabulary) fillSlots() {
	for i := range v.slots {
		s := &v.slots[i]
		if s.word == 0 {
			continue
		}
		k, word := &v.known[s.word], v.words[s.word]
		s.stem, s.root, s.number = k.stem, k.root, k.number
		s.prefix = v.prefixes.find([]byte(word), len(word))
	}
}

func (v *Vocabulary) lookup(word []byte) ID {
	if s := v.find(hashBytes(word, v.seed)); s != nil {
		return s.word
	}
	return 0
}

// find returns the slot of the word with the given hash, or nil.
func (v *Vocabulary) find(h uint64) *slot {
	bit := h >> v.filterShift
	if v.filter[bit>>6]&(1<<(bit&63)) == 0 {
		return nil
	}
	for at := h & v.mask; ; at = (at + 1) & v.mask {
		s := &v.slots[at]
		if s.hash == h {
			return s
		}
		if s.word == 0 {
			return nil
		}
	}
}

// The multipliers of the hash.
const (
	hashStep = 0xD1B54A32D192ED03
	hashEnd  = 0x9E3779B97F4A7C15
)

// hashBytes mixes eight bytes at a time by multiplication, as scanWord does
// while it reads. The seed is random, so nobody can prepare words that collide.
func hashBytes(b []byte, seed uint64) uint64 {
	h, n := seed, len(b)
	for len(b) >= 8 {
		h = mix(h^binary.LittleEndian.Uint64(b), hashStep)
		b = b[8:]
	}
	return mix(h^padded(b), hashEnd^uint64(n))
}

// padded reads up to seven bytes as a little-endian number.
func padded(b []byte) uint64 {
	switch n := len(b); {
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<(8*(n-4))
	case n > 0:
		return uint64(b[0]) | uint64(b[n/2])<<(8*(n/2)) | uint64(b[n-1])<<(8*(n-1))
	}
	return 0
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}
