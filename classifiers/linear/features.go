package linear

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/netra-id/netra/classifiers/linear/words"
	"github.com/netra-id/netra/classifiers/wordbook"
)

// Bounds that keep the time linear in the text and small for any text.
const (
	headBytes    = 3072 // of a longer text, this much of its beginning is read
	tailBytes    = 1024 // and this much of its end
	minBlockBits = 10
	maxBlockBits = 18
)

// Tokens that stand for what must not be learned by heart.
const (
	tokenUser   = "\x02u"
	tokenURL    = "\x02l"
	tokenNumber = "\x02n"
	tokenTarget = "\x02t"
)

// wordSpan is a word of the text and where its features end in the blocks.
type wordSpan struct {
	start, end       int32
	wordEnd, charEnd int32
	pairs            int32 // 1 when its second word feature is shared with the word before
}

// Scratch holds the buffers of one Score call, so that scoring allocates
// nothing. It must not be used by two goroutines at once; its zero value is
// ready.
type Scratch struct {
	words, chars []uint32 // buckets, one an occurrence
	spans        []wordSpan
	buffer       [words.Size]byte
	window       uint64 // classes of the last words, a byte each
	last         uint64 // hash of the word before
	noted        notedSums
	book         wordbook.Book // for texts that nobody else has read
	reading      wordbook.Reading
}

// hasher turns texts into buckets.
type hasher struct {
	wordShift, charShift uint
	lexicon              *lexicon
}

func newHasher(wordBits, charBits int) hasher {
	return hasher{
		wordShift: uint(64 - wordBits), charShift: uint(64 - charBits),
		lexicon: newLexicon(),
	}
}

// extract fills s with the features of text. Targets must be sorted; a word
// that overlaps one is read as a target and nothing else.
func (h *hasher) extract(text string, targets []Span, s *Scratch) {
	s.reset()
	if len(text) <= headBytes+tailBytes {
		h.extractPart(text, 0, len(text), targets, s)
		return
	}
	h.extractPart(text, 0, runeStart(text, headBytes), targets, s)
	h.extractPart(text, runeStart(text, len(text)-tailBytes), len(text), targets, s)
}

// reset forgets the text before.
func (s *Scratch) reset() {
	s.words, s.chars, s.spans = s.words[:0], s.chars[:0], s.spans[:0]
	s.last, s.window = 0, 0
}

// runeStart moves i back to the beginning of a rune, by at most three bytes.
func runeStart(text string, i int) int {
	for back := 0; back < 3 && i > 0 && !utf8.RuneStart(text[i]); back++ {
		i--
	}
	return i
}

func (h *hasher) extractPart(text string, i, end int, targets []Span, s *Scratch) {
	for i < end {
		i = h.next(text, i, end, &targets, s)
	}
}

// next reads what begins at i, and returns where it ends.
func (h *hasher) next(text string, i, end int, targets *[]Span, s *Scratch) int {
	switch words.Kinds[text[i]] {
	case words.Space, words.Hash: // a hashtag is read as its word
		return i + 1
	case words.Letter, words.Digit, words.High:
		return h.word(text, i, end, targets, s)
	case words.At:
		return h.mention(text, i, end, targets, s)
	default:
		return h.punctuation(text, i, end, s)
	}
}

// mention reads "@name" as a user, and a lone @ as nothing.
func (h *hasher) mention(text string, i, end int, targets *[]Span, s *Scratch) int {
	j := i + 1
	for j < end && isHandle(text[j]) {
		j++
	}
	if j > i+1 {
		if masked(targets, i, j) {
			h.emit(tokenTarget, i, j, classTarget, s)
		} else {
			h.emit(tokenUser, i, j, classNone, s)
		}
	}
	return j
}

func isHandle(c byte) bool {
	k := words.Kinds[c]
	return k == words.Letter || k == words.Digit || c == '_'
}

// punctuation reads a run of one mark; only ! and ? tell something.
func (h *hasher) punctuation(text string, i, end int, s *Scratch) int {
	c, j := text[i], i+1
	for j < end && text[j] == c {
		j++
	}
	if c == '!' || c == '?' {
		token := [2]byte{0x03, c}
		h.wordFeature(hashBytes(token[:]), s)
		s.spans = append(s.spans, wordSpan{int32(i), int32(j), int32(len(s.words)), int32(len(s.chars)), 0})
	}
	return j
}

// word reads one word that begins at i, normalised into the buffer, and emits
// its features. It returns where the word ends.
func (h *hasher) word(text string, i, end int, targets *[]Span, s *Scratch) int {
	w := words.Reader{Text: text, At: i, End: end, Buffer: &s.buffer}
	w.Read()
	if w.At == i { // a symbol: an emoji or another sign
		return h.symbol(text, i, end, s)
	}
	if masked(targets, i, w.At) {
		h.emit(tokenTarget, i, w.At, classTarget, s)
		return w.At
	}
	if w.Letters == 0 {
		if w.Digits > 0 {
			h.emit(tokenNumber, i, w.At, classNone, s)
		}
		return w.At
	}
	switch name := text[i:w.At]; {
	case text[i]|0x20 != 'u' && text[i]|0x20 != 'h' && text[i]|0x20 != 'w': // most words
	case name == "USER":
		h.emit(tokenUser, i, w.At, classNone, s)
		return w.At
	case name == "URL":
		h.emit(tokenURL, i, w.At, classNone, s)
		return w.At
	case isScheme(name) && w.At < end && (text[w.At] == ':' || text[w.At] == '.'):
		j := w.At
		for j < end && words.Kinds[text[j]] != words.Space {
			j++
		}
		h.emit(tokenURL, i, j, classNone, s)
		return j
	}
	h.emitWord(s.buffer[1:1+w.N], i, w.At, s)
	return w.At
}

func isScheme(name string) bool {
	switch name {
	case "http", "https", "www", "HTTP", "HTTPS", "Https", "Http", "WWW":
		return true
	}
	return false
}

// masked says whether [start, end) overlaps a target, and drops the targets
// that lie before it.
func masked(targets *[]Span, start, end int) bool {
	for len(*targets) > 0 && (*targets)[0].End <= start {
		*targets = (*targets)[1:]
	}
	return len(*targets) > 0 && (*targets)[0].Start < end
}

// symbol reads a run of one non-letter rune, such as an emoji, as one token.
func (h *hasher) symbol(text string, i, end int, s *Scratch) int {
	r, size := utf8.DecodeRuneInString(text[i:end])
	j := i + size
	if r == utf8.RuneError || !words.IsTellingSymbol(r) {
		return j
	}
	for j+size <= end && text[j:j+size] == text[i:i+size] {
		j += size
	}
	var token [5]byte
	token[0] = 0x04
	n := utf8.EncodeRune(token[1:], r)
	h.emit(string(token[:1+n]), i, j, classNone, s)
	return j
}

// emit adds a token that has no characters of interest.
func (h *hasher) emit(token string, start, end int, class uint8, s *Scratch) {
	h.addWord(hashBytes(s.copied(token)), start, end, class, s)
}

// copied puts a short token into the buffer.
func (s *Scratch) copied(token string) []byte {
	return s.buffer[:copy(s.buffer[:], token)]
}

// emitWord adds a normalised word: its characters and itself. word is a part of
// the buffer with a free byte on either side.
func (h *hasher) emitWord(word []byte, start, end int, s *Scratch) {
	n := len(word)
	h.charFeatures(s.padded(n), s)
	canonical, class := h.canonical(word, s)
	h.addWord(canonical, start, end, class, s)
}

// padded is the word of n bytes in the buffer with a mark on either side.
func (s *Scratch) padded(n int) []byte {
	s.buffer[0], s.buffer[n+1] = 1, 1
	return s.buffer[:n+2]
}

// canonical is the hash of the spelling by which a word in the buffer counts,
// and its class: those of the word itself, or of its stem.
func (h *hasher) canonical(word []byte, s *Scratch) (hash uint64, class uint8) {
	own := hashAt(&s.buffer, 1, len(word))
	hash, class = h.lexicon.find(own)
	if hash == own && class == classNone {
		if from, to := stem(word); to-from < len(word) {
			return h.lexicon.find(hashAt(&s.buffer, 1+from, to-from))
		}
	}
	return hash, class
}

// charFeatures adds every three and four characters of a padded word: a gram
// is short enough to be its own hash before mixing.
func (h *hasher) charFeatures(padded []byte, s *Scratch) {
	shift := h.charShift & 63
	if len(padded) < 3 {
		return
	}
	grams := uint64(padded[0])<<16 | uint64(padded[1])<<8 | uint64(padded[2])
	s.chars = append(s.chars, uint32((grams|3<<40)*mixer>>shift))
	for _, c := range padded[3:] {
		grams = grams<<8 | uint64(c)
		s.chars = append(s.chars,
			uint32((grams&0xffffff|3<<40)*mixer>>shift), uint32((grams&0xffffffff|4<<40)*mixer>>shift))
	}
}

// addWord adds the word features of a token: itself, with the word before, and
// the pairs of its class with the classes close before it.
func (h *hasher) addWord(hash uint64, start, end int, class uint8, s *Scratch) {
	h.wordFeature(hash, s)
	pairs := int32(0)
	if s.last != 0 {
		pairs++
	}
	h.addPairs(hash, class, s)
	s.spans = append(s.spans, wordSpan{int32(start), int32(end), int32(len(s.words)), int32(len(s.chars)), pairs})
}

// addPairs adds the features of a token with those before it.
func (h *hasher) addPairs(hash uint64, class uint8, s *Scratch) {
	if s.last != 0 {
		h.wordFeature(s.last*31+hash, s)
	}
	s.last = hash
	h.classFeatures(class, s)
}

func (h *hasher) classFeatures(class uint8, s *Scratch) {
	if class != classNone {
		h.wordFeature(0xc1a55<<20|uint64(class), s)
		seen := uint32(1) // no pair with no class
		for window := s.window; window != 0; window >>= 8 {
			other := uint8(window)
			if seen&(1<<other) != 0 {
				continue
			}
			seen |= 1 << other
			low, high := min(other, class), max(other, class)
			h.wordFeature(0xc1a55<<28|uint64(low)<<8|uint64(high), s)
		}
	}
	s.window = (s.window<<8 | uint64(class)) & (1<<(8*classWindow) - 1)
}

func (h *hasher) wordFeature(hash uint64, s *Scratch) {
	s.words = append(s.words, uint32(hash*mixer>>h.wordShift))
}

// mixer is 2^64 divided by the golden ratio, odd: Fibonacci hashing.
const mixer = 0x9e3779b97f4a7c15

// hashAt hashes the n bytes of a buffer that begin at start, eight at a time.
func hashAt(buffer *[words.Size]byte, start, n int) uint64 {
	hash := uint64(n) * mixer
	for ; n > 8; n -= 8 {
		hash = blend(hash ^ binary.LittleEndian.Uint64(buffer[start&31:]))
		start += 8
	}
	tail := binary.LittleEndian.Uint64(buffer[start&31:]) << uint(64-8*n)
	return blend(hash ^ tail)
}

// hashBytes hashes a short token as hashAt does.
func hashBytes(token []byte) uint64 {
	var buffer [words.Size]byte
	return hashAt(&buffer, 0, copy(buffer[:words.Longest], token))
}

func blend(hash uint64) uint64 {
	hash *= 0xff51afd7ed558ccd
	return hash ^ hash>>32
}
