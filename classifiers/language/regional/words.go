package regional

import (
	"unicode/utf8"
)

// Letter codes: 1 to 26 for a to z, then:
const (
	apostrophe  = 27 // a letter in Madurese, Buginese, Acehnese, Toba Batak
	foreign     = 28 // a letter that is not Latin
	wordEdge    = 31 // before the first letter and behind the last in an n-gram
	codeBits    = 5
	longestWord = 24 // letters of a word that count; what follows is ignored
)

// word is a word's letter codes, five bits each, twelve to a half. Equal words
// are equal values, so a word is its own key.
type word struct{ first, second uint64 }

// wordReader takes the words of a text one by one: lower case, without
// diacritics, letters written three times or more taken as one; without
// addresses, user names, hashtags, what data sets put in their place, and words in
// other scripts.
type wordReader struct {
	text string
	at   int
}

// asciiCodes maps ASCII to letter codes in either case, 0 for what is no letter.
var asciiCodes = func() (table [256]byte) {
	for i := range byte(26) {
		table['a'+i], table['A'+i] = i+1, i+1
	}
	table['\''], table['`'] = apostrophe, apostrophe
	return table
}()

// What a byte may begin, where no word has begun.
const (
	separator = iota
	letter
	maybeAddress // a letter, too
	special
	notASCII
)

var kinds = func() (table [256]byte) {
	for c := range table {
		switch {
		case c >= utf8.RuneSelf:
			table[c] = notASCII
		case c == 'h' || c == 'H' || c == 'w' || c == 'W':
			table[c] = maybeAddress
		case c == '@' || c == '#' || c == '\\' || c == '&':
			table[c] = special
		case asciiCodes[c] != 0 && asciiCodes[c] != apostrophe:
			table[c] = letter
		}
	}
	return table
}()

// next returns the codes of the next word, in buffer, and the word; no codes
// are the end.
func (r *wordReader) next(buffer []byte) ([]byte, word) {
	for r.at < len(r.text) {
		if codes, packed := r.step(buffer); len(codes) > 0 {
			return codes, packed
		}
	}
	return nil, word{}
}

// step reads what begins at the reader's place: a word, or something that is
// passed over, which has no codes.
func (r *wordReader) step(buffer []byte) ([]byte, word) {
	switch kinds[r.text[r.at]] {
	case separator:
		r.at++
		return nil, word{}
	case special:
		r.skipSpecial()
		return nil, word{}
	case maybeAddress:
		if r.startsAddress() {
			r.skipToSpace()
			return nil, word{}
		}
	}
	codes, latin := r.readWord(buffer[:0])
	if len(codes) == 0 || !latin {
		return nil, word{}
	}
	packed := packWord(codes)
	if packed.second == 0 && isPlaceholder(packed) {
		return nil, word{}
	}
	return codes, packed
}

// skipSpecial passes over what is not written in any language: user names,
// hashtags, and escaped bytes and entities that data sets leave behind.
func (r *wordReader) skipSpecial() {
	switch r.text[r.at] {
	case '\\':
		r.skipEscape()
	case '&':
		r.skipEntity()
	default:
		r.skipToSpace()
	}
}

func (r *wordReader) startsAddress() bool {
	rest := r.text[r.at:]
	if len(rest) < 4 || rest[1]|0x20 != 't' && rest[1]|0x20 != 'w' {
		return false
	}
	return hasPrefixFold(rest, "http://") || hasPrefixFold(rest, "https://") || hasPrefixFold(rest, "www.")
}

func hasPrefixFold(s, lower string) bool {
	if len(s) < len(lower) {
		return false
	}
	for i := range len(lower) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func (r *wordReader) skipToSpace() {
	for r.at < len(r.text) && r.text[r.at] > ' ' {
		r.at++
	}
}

// skipEscape passes over \n, \t and \xf0 written out.
func (r *wordReader) skipEscape() {
	r.at++
	if r.at >= len(r.text) {
		return
	}
	switch r.text[r.at] {
	case 'x':
		r.at = min(r.at+3, len(r.text))
	case 'n', 'r', 't':
		r.at++
	}
}

// skipEntity passes over &amp; and its like.
func (r *wordReader) skipEntity() {
	r.at++
	for end := r.at; end < len(r.text) && end < r.at+6; end++ {
		c := r.text[end]
		if c == ';' {
			r.at = end + 1
			return
		}
		if asciiCodes[c] == 0 {
			return
		}
	}
}

// readWord appends the codes of the word at the reader's place, or passes over
// one character that is no letter. It says whether all letters are Latin ones.
func (r *wordReader) readWord(codes []byte) (letters []byte, latin bool) {
	text, at := r.text, r.at
	latin = true
	last, run := byte(0), 0
	for at < len(text) {
		// Most letters are ASCII, and other than the letter before.
		if code := asciiCodes[text[at]]; code-1 < 26 && code != last && len(codes) < longestWord {
			codes = append(codes, code)
			last, run = code, 1
			at++
			continue
		}
		code, size := asciiCodes[text[at]], 1
		if text[at] >= utf8.RuneSelf {
			code, size = decodeCode(text[at:])
		}
		if code == combining {
			at += size
			continue
		}
		if code == 0 || code == apostrophe && last == 0 {
			if last == 0 {
				at += size
			}
			break
		}
		at += size
		if code != last {
			last, run = code, 0
		}
		run++
		latin = latin && code != foreign
		switch {
		case run > 3 || len(codes) == longestWord:
		case run == 3 && len(codes) > 1 && codes[len(codes)-2] == code:
			codes = codes[:len(codes)-1]
		default:
			codes = append(codes, code)
		}
	}
	r.at = at
	return codes, latin
}

// Placeholders stand in data sets for what was masked, and in posts for reposts.
var (
	maskedUser     = packWord([]byte{'u' & 31, 's' & 31, 'e' & 31, 'r' & 31})
	maskedUserName = packWord([]byte{'u' & 31, 's' & 31, 'e' & 31, 'r' & 31, 'n' & 31, 'a' & 31, 'm' & 31, 'e' & 31})
	maskedAddress  = packWord([]byte{'u' & 31, 'r' & 31, 'l' & 31})
	repost         = packWord([]byte{'r' & 31, 't' & 31})
)

func isPlaceholder(w word) bool {
	return w == maskedUser || w == maskedUserName || w == maskedAddress || w == repost
}

func packWord(codes []byte) word {
	var w word
	for i, code := range codes {
		if i < longestWord/2 {
			w.first |= uint64(code) << (i * codeBits)
		} else {
			w.second |= uint64(code) << ((i - longestWord/2) * codeBits)
		}
	}
	return w
}
