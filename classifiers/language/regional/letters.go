package regional

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// combining is the code of a mark above or below the letter before it, which is
// left out.
const combining = 255

// folded maps the Latin letters with diacritics below foldedEnd to the code of
// their base letter.
const foldedEnd = 0x250

var folded = foldTable(0, foldedEnd)

// vietnameseStart is the block of Latin letters with further diacritics.
const vietnameseStart, vietnameseEnd = 0x1E00, 0x1F00

var foldedVietnamese = foldTable(vietnameseStart, vietnameseEnd)

func foldTable(from, to rune) []byte {
	table := make([]byte, to-from)
	for r := from; r < to; r++ {
		base, _ := utf8.DecodeRuneInString(norm.NFD.String(string(unicode.ToLower(r))))
		switch {
		case base < utf8.RuneSelf:
			table[r-from] = asciiCodes[base]
		case unicode.IsLetter(r):
			table[r-from] = foreign
		}
	}
	return table
}

// decodeCode is the letter code of the first character of text, which is not
// ASCII, and its length in bytes.
func decodeCode(text string) (code byte, size int) {
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case r < foldedEnd:
		return folded[r], size
	case r >= 0x300 && r <= 0x36F:
		return combining, size
	case r == '’' || r == '‘' || r == 'ʼ' || r == 'ʻ':
		return apostrophe, size
	case r >= vietnameseStart && r < vietnameseEnd:
		return foldedVietnamese[r-vietnameseStart], size
	case r >= 0x2000 && r < 0x2C00 || r >= 0x1F000 && r < 0x20000:
		return 0, size
	case unicode.IsLetter(r):
		return foreign, size
	}
	return 0, size
}
