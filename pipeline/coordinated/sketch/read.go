package sketch

import (
	"unicode"
	"unicode/utf8"
)

// reading is what one pass over a text gives.
type reading struct {
	words    int
	exact    uint64
	turns    uint64
	harmless Harmless
	least    [Places]uint32 // 0 where no run fell: the least value is kept inverted

	run     uint32 // the last four letters
	letters int
	word    uint64
	inWord  bool
	phrases phraseState
}

// classes of bytes.
const (
	isOther = iota
	isLetter
	isDigit
	isSpace
	isHigh // a part of a character outside ASCII
)

var classOf = func() (table [256]uint8) {
	for c := range table {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			table[c] = isLetter
		case c >= '0' && c <= '9':
			table[c] = isDigit
		case c == ' ', c == '\n', c == '\t', c == '\r', c == '\v', c == '\f':
			table[c] = isSpace
		case c >= 0x80:
			table[c] = isHigh
		}
	}
	return table
}()

// likeLetter are digits that people write for letters.
var likeLetter = [10]byte{'o', 'i', 0, 'e', 'a', 's', 0, 't', 0, 0}

// read reads a text. Links, mentions and hashtags are passed over, as are emoji and
// marks: they are what copies differ in.
func (m *Maker) read(r *reading, s string) {
	if len(s) > mostText {
		s = s[:mostText]
	}
	for i := 0; i < len(s); {
		c := s[i]
		switch classOf[c] {
		case isLetter:
			if !r.inWord && (c == 'h' || c == 'H' || c == 'w' || c == 'W') && isLink(s[i:]) {
				i = pastToken(s, i)
				continue
			}
			r.letter(m, c|0x20)
			i++
		case isDigit:
			i = r.digits(m, s, i)
		case isHigh:
			c, size := utf8.DecodeRuneInString(s[i:])
			r.rune(m, c)
			i += size
		case isSpace:
			r.end()
			i++
		default:
			if !r.inWord && (c == '#' || c == '@') {
				i = pastToken(s, i)
				continue
			}
			if c != '\'' && c != '-' { // part of a word: don't, kupu-kupu
				r.end()
			}
			i++
		}
	}
	r.end()
}

func isLink(s string) bool {
	if len(s) < 5 {
		return false
	}
	switch s[:4] {
	case "http", "HTTP", "Http":
		return len(s) > 7 && (s[4] == ':' || (s[4]|0x20 == 's' && s[5] == ':'))
	case "www.", "WWW.", "Www.":
		return true
	}
	return false
}

func pastToken(s string, i int) int {
	for i < len(s) && classOf[s[i]] != isSpace {
		i++
	}
	return i
}

// letter takes one small letter. Repeated ones count once: dukunggg is dukung.
func (r *reading) letter(m *Maker, c byte) {
	if r.inWord && byte(r.run) == c {
		return
	}
	if !r.inWord {
		r.begin(m)
	}
	r.word = (r.word ^ uint64(c)) * prime
	r.push(m, c)
}

func (r *reading) begin(m *Maker) {
	r.inWord, r.word = true, offset
	if r.words > 0 {
		r.push(m, ' ')
	}
}

const (
	offset = 14695981039346656037
	prime  = 1099511628211
)

// push takes a letter of the text and the run of four that ends with it.
func (r *reading) push(m *Maker, c byte) {
	r.run = r.run<<8 | uint32(c)
	if r.letters++; r.letters < 4 {
		return
	}
	h := (uint64(r.run) + m.salt) * m.factor
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	place, value := h>>58, ^uint32(h>>20)|1
	if value > r.least[place] {
		r.least[place] = value
	}
}

// end ends a word.
func (r *reading) end() {
	if !r.inWord {
		return
	}
	r.inWord = false
	r.words++
	h := mix(r.word)
	r.exact = mix(r.exact*prime ^ h)
	if known := wordsByHash.find(r.word); known != nil {
		if known.turn != 0 {
			r.turns = mix(r.turns + known.turn)
		}
		r.phrases.word(r, known.id)
		return
	}
	r.phrases.word(r, 0)
}

// digits takes a run of digits from i on and returns where it ends. Between
// letters they stand for letters (c0bl0s), else they are a number, which turns the
// meaning: nomor 1 is not nomor 2.
func (r *reading) digits(m *Maker, s string, i int) int {
	end := i
	value := uint64(0)
	for end < len(s) && classOf[s[end]] == isDigit {
		value = value*10 + uint64(s[end]-'0')
		end++
	}
	if r.inWord && end-i <= 2 && end < len(s) && classOf[s[end]] == isLetter {
		for _, d := range []byte(s[i:end]) {
			if like := likeLetter[d-'0']; like != 0 {
				r.letter(m, like)
			} else {
				r.letter(m, d)
			}
		}
		return end
	}
	r.end()
	r.number(m, value)
	return end
}

// number takes a number, in digits or in words.
func (r *reading) number(m *Maker, value uint64) {
	r.begin(m)
	for v := value; ; v /= 10 {
		r.push(m, '0'+byte(v%10))
		if v < 10 {
			break
		}
	}
	r.inWord = false
	r.words++
	r.turns = mix(r.turns + numberTurn(value))
	r.exact = mix(r.exact*prime ^ numberTurn(value))
	r.phrases.word(r, 0)
}

func numberTurn(value uint64) uint64 { return mix(value + 0x6e756d) }

// rune takes a character outside ASCII: letters as the small ASCII letter that they
// look like, or as they are; joiners as nothing; the rest ends the word.
func (r *reading) rune(m *Maker, c rune) {
	switch {
	case c == 0x200b, c == 0x200c, c == 0x200d, c == 0x2060, c == 0xfeff, c == 0xad, c >= 0xfe00 && c <= 0xfe0f,
		c >= 0x300 && c <= 0x36f:
		return
	case c >= 0xff21 && c <= 0xff3a:
		r.letter(m, byte(c-0xff21)+'a')
		return
	case c >= 0xff41 && c <= 0xff5a:
		r.letter(m, byte(c-0xff41)+'a')
		return
	case c >= 0x1d400 && c <= 0x1d6a3:
		r.letter(m, byte((c-0x1d400)%26)+'a')
		return
	case c == 0x2019 || c == 0x2018 || c == 0x2bc || c == 0x2010 || c == 0x2011:
		return
	}
	if like, ok := looksLike[c]; ok {
		r.letter(m, like)
		return
	}
	if !unicode.IsLetter(c) {
		r.end()
		return
	}
	var encoded [utf8.UTFMax]byte
	for _, b := range encoded[:utf8.EncodeRune(encoded[:], unicode.ToLower(c))] {
		r.letter(m, b)
	}
}

// looksLike are letters of other alphabets that are written for Latin ones, and
// Latin ones with marks.
var looksLike = map[rune]byte{
	'а': 'a', 'А': 'a', 'е': 'e', 'Е': 'e', 'о': 'o', 'О': 'o', 'р': 'p', 'Р': 'p', 'с': 'c', 'С': 'c', 'у': 'y', 'х': 'x', 'Х': 'x',
	'і': 'i', 'І': 'i', 'ѕ': 's', 'ј': 'j', 'В': 'b', 'Н': 'h', 'К': 'k', 'к': 'k', 'М': 'm', 'Т': 't', 'ԁ': 'd', 'ո': 'n', 'ս': 'u',
	'ο': 'o', 'Ο': 'o', 'α': 'a', 'Α': 'a', 'ι': 'i', 'ν': 'v', 'ρ': 'p', 'Ρ': 'p', 'τ': 't', 'Τ': 't', 'κ': 'k', 'Κ': 'k', 'ı': 'i',
	'à': 'a', 'á': 'a', 'â': 'a', 'ä': 'a', 'è': 'e', 'é': 'e', 'ê': 'e', 'ë': 'e', 'È': 'e', 'É': 'e', 'ì': 'i', 'í': 'i', 'î': 'i', 'ï': 'i',
	'ò': 'o', 'ó': 'o', 'ô': 'o', 'ö': 'o', 'ù': 'u', 'ú': 'u', 'û': 'u', 'ü': 'u', 'ç': 'c', 'ñ': 'n',
}
