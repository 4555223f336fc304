// Package words reads a text word by word in one normal form: lower case,
// repeated letters squeezed, digits and look-alikes that stand for letters
// folded, accents and invisible characters dropped. A word keeps its place in
// the original text. It is the quick reading that the linear models and the
// claims share; the rules read texts with classifiers/text, which keeps more.
package words

import (
	"unicode"
	"unicode/utf8"
)

// Kinds of bytes.
const (
	Other uint8 = iota
	Space
	Letter
	Digit
	High // a byte of a rune that is not ASCII
	At
	Hash
)

var (
	// Kinds is the kind of every byte.
	Kinds = makeKinds()
	// leetLetters is what a digit within a word stands for; 0 where it stands for
	// nothing. A 2 repeats a word ("orang2") and is dropped.
	leetLetters = [10]byte{'o', 'i', 0, 'e', 'a', 's', 'g', 't', 'b', 'g'}
)

func makeKinds() (kinds [256]uint8) {
	for c := range 256 {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			kinds[c] = Letter
		case c >= '0' && c <= '9':
			kinds[c] = Digit
		case c >= utf8.RuneSelf:
			kinds[c] = High
		case c <= ' ', c == 0x7f:
			kinds[c] = Space
		case c == '@':
			kinds[c] = At
		case c == '#':
			kinds[c] = Hash
		}
	}
	return kinds
}

// Longest is how many bytes of a normalised word are kept, Size that of the
// buffer for one.
const (
	Longest = 32
	Size    = 64
)

// Reader reads one word: lower case, repeats squeezed, leet folded, look-alikes
// and accents folded, invisible characters dropped.
type Reader struct {
	// Text is read from At, which moves on, up to End.
	Text    string
	At, End int
	// Buffer receives the word, at index 1, of N bytes. Bytes above 0x7f stand for
	// letters of other scripts.
	Buffer *[Size]byte
	N      int
	// Letters and Digits count what was read. A word without letters is a number;
	// digits that end a word are read but not written.
	Letters, Digits int
}

// Read reads the word that begins at At. It reads nothing, and At stays, where
// no word begins.
func (w *Reader) Read() {
	w.plain()
	for w.At < w.End {
		c := w.Text[w.At]
		switch Kinds[c] {
		case Letter:
			if w.Digits > 1 && w.Letters == 0 {
				return // "2019ganti": a number, then a word
			}
			w.Letters++
			w.put(c | 0x20)
			w.At++
		case Digit:
			if w.Letters > 0 && w.skipTrailingDigits() {
				continue
			}
			w.digit(c)
			w.At++
		case High:
			if !w.rune() {
				return
			}
		case At:
			if w.Letters == 0 || !w.letterFollows() {
				return
			}
			w.put('a') // b@ngsat
			w.At++
		default:
			if c == '\'' && w.Letters > 0 && w.letterFollows() {
				w.At++ // jum'at
				continue
			}
			return
		}
	}
}

// plain reads the letters of ASCII with which most words begin and end.
func (w *Reader) plain() {
	text, i := w.Text[:w.End], w.At
	n, last := w.N, w.Buffer[w.N]
	if n == 0 {
		last = 0
	}
	for ; i < len(text); i++ {
		c := text[i] | 0x20
		if c-'a' > 'z'-'a' {
			break
		}
		if c != last && n < Longest {
			n++
			w.Buffer[n&63] = c
			last = c
		}
	}
	w.Letters += i - w.At
	w.At, w.N = i, n
}

func (w *Reader) letterFollows() bool {
	return w.At+1 < w.End && Kinds[w.Text[w.At+1]] == Letter
}

// skipTrailingDigits passes over digits that end the word ("coblos01"): they are
// no letters in disguise.
func (w *Reader) skipTrailingDigits() bool {
	j := w.At
	for j < w.End && Kinds[w.Text[j]] == Digit {
		j++
	}
	if j < w.End && Kinds[w.Text[j]] == Letter {
		return false
	}
	w.Digits += j - w.At
	w.At = j
	return true
}

func (w *Reader) digit(c byte) {
	w.Digits++
	if letter := leetLetters[c-'0']; letter != 0 {
		w.put(letter)
	}
}

// put adds a byte unless it repeats the one before.
func (w *Reader) put(c byte) {
	if w.N > 0 && w.Buffer[w.N] == c || w.N >= Longest {
		return
	}
	w.N++
	w.Buffer[w.N] = c
}

// rune reads a rune that is not ASCII; false where it does not belong to a word.
func (w *Reader) rune() bool {
	r, size := utf8.DecodeRuneInString(w.Text[w.At:w.End])
	folded := foldRune(r)
	switch {
	case folded == foldSkip:
		if w.N == 0 && w.Letters+w.Digits == 0 {
			return false
		}
	case folded == foldStop:
		return false
	case folded >= '0' && folded <= '9':
		w.digit(byte(folded))
	default:
		w.Letters++
		w.put(byte(folded))
	}
	w.At += size
	return true
}

const (
	foldStop = -1 // the rune ends a word
	foldSkip = -2 // the rune is invisible within a word
)

// foldRune gives the byte that stands for r in a word: a letter of ASCII where r
// looks like one, else a byte above 0x80.
func foldRune(r rune) int {
	switch {
	case r < 0x250:
		return foldLatin(r)
	case r >= 0x300 && r <= 0x36f, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e,
		r >= 0x2060 && r <= 0x2064, r == 0xfeff, r >= 0xfe00 && r <= 0xfe0f:
		return foldSkip
	case r >= 0xff10 && r <= 0xff19:
		return int('0' + r - 0xff10)
	case r >= 0xff21 && r <= 0xff3a:
		return int('a' + r - 0xff21)
	case r >= 0xff41 && r <= 0xff5a:
		return int('a' + r - 0xff41)
	case r >= 0x1d400 && r <= 0x1d6a3:
		return int('a' + (r-0x1d400)%26)
	case r >= 0x370 && r <= 0x52f:
		return foldGreekOrCyrillic(r)
	}
	if !unicode.IsLetter(r) {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Mc, r) {
			return foldSkip
		}
		return foldStop
	}
	return 0x80 | int(uint32(r)*0x9e3779b1>>25)
}

// latinFolds holds the base letter of U+00C0 to U+024F, '.' where there is none.
const latinFolds = "aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuyty" +
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"

func foldLatin(r rune) int {
	switch {
	case r == 0xad:
		return foldSkip
	case r == 0xb2: // a superscript 2 repeats a word: "antek²"
		return '2'
	case r == 0xaa:
		return 'a'
	case r == 0xba:
		return 'o'
	case r < 0xc0:
		return foldStop
	}
	if i := int(r - 0xc0); i < len(latinFolds) {
		if latinFolds[i] == '.' {
			return foldStop
		}
		return int(latinFolds[i])
	}
	return 0x80 | int(uint32(r)*0x9e3779b1>>25)
}

func foldGreekOrCyrillic(r rune) int {
	switch r {
	case 'а', 'А', 'α', 'Α':
		return 'a'
	case 'в', 'В', 'β', 'Β':
		return 'b'
	case 'с', 'С':
		return 'c'
	case 'е', 'Е', 'ё', 'Ё', 'ε', 'Ε':
		return 'e'
	case 'н', 'Н', 'Η':
		return 'h'
	case 'і', 'І', 'ι', 'Ι':
		return 'i'
	case 'ј', 'Ј':
		return 'j'
	case 'к', 'К', 'κ', 'Κ':
		return 'k'
	case 'м', 'М', 'Μ':
		return 'm'
	case 'п', 'η', 'Ν':
		return 'n'
	case 'о', 'О', 'ο', 'Ο':
		return 'o'
	case 'р', 'Р', 'ρ', 'Ρ':
		return 'p'
	case 'ѕ', 'Ѕ', 'σ':
		return 's'
	case 'т', 'Т', 'τ', 'Τ':
		return 't'
	case 'у', 'У', 'υ', 'Υ':
		return 'y'
	case 'х', 'Х', 'χ', 'Χ':
		return 'x'
	case 'г', 'Г':
		return 'r'
	}
	if !unicode.IsLetter(r) {
		return foldStop
	}
	return 0x80 | int(uint32(r)*0x9e3779b1>>25)
}

// IsTellingSymbol says whether a rune outside words is worth a feature: emoji
// and other pictures, not marks that only change the one before.
func IsTellingSymbol(r rune) bool {
	switch {
	case r >= 0x1f3fb && r <= 0x1f3ff: // skin tones
		return false
	case r >= 0x1f000, r >= 0x2190 && r <= 0x2bff:
		return true
	}
	return false
}
