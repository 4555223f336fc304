package ngrams

import (
	"unicode"
	"unicode/utf8"

	"github.com/netra-id/netra/classifiers/wordbook"
)

const (
	// gap parts words in Scratch.letters.
	gap = 0
	// otherLetter stands in Scratch.letters for a letter outside a to z, which is
	// in Scratch.runes at the same place.
	otherLetter = 27
)

// asciiLetters maps an ASCII byte to its letter code in either case, or gap.
var asciiLetters = func() (table [256]byte) {
	for i := range byte(26) {
		table['a'+i], table['A'+i] = i+1, i+1
	}
	return table
}()

// scripts are the alphabets that lingua tells apart.
var scripts = [...]*unicode.RangeTable{
	unicode.Latin, unicode.Arabic, unicode.Armenian, unicode.Bengali, unicode.Cyrillic, unicode.Devanagari,
	unicode.Georgian, unicode.Greek, unicode.Gujarati, unicode.Gurmukhi, unicode.Han, unicode.Hangul, unicode.Hebrew,
	unicode.Hiragana, unicode.Katakana, unicode.Tamil, unicode.Telugu, unicode.Thai,
}

// Places in scripts, and what is in none of them.
const (
	latin    = 0
	han      = 10
	hangul   = 11
	hiragana = 13
	katakana = 14
	noScript = len(scripts)
)

// wordState is what is known of the word that is being read.
type wordState struct {
	letters int
	// script is that of all letters so far, or noScript where they differ.
	script    int
	han, kana bool
}

// scan finds the words of a text: lower-cased runs of letters. Where all letters
// are ASCII these are the words of the reading; else they are read into letters.
func (s *Scratch) scan(r *wordbook.Reading) {
	s.reset(r)
	if !r.ASCII && !onlySigns(r.Text) {
		s.scanMixed(r.Text)
		return
	}
	s.words = len(r.Words)
	for i := range r.Words {
		s.letterCount += int(r.Words[i].End - r.Words[i].Start)
	}
	s.scriptWords[latin] = s.words
}

// onlySigns says whether all that is not ASCII in the text is surely no letter.
func onlySigns(text string) bool {
	for _, r := range text {
		if r >= utf8.RuneSelf && !isNeverLetter(r) {
			return false
		}
	}
	return true
}

// scanMixed reads a text with other letters than those of ASCII into letters. As
// in lingua, a Han, Hangul or Kana letter that does not follow a letter of another
// script is a word by itself.
func (s *Scratch) scanMixed(text string) {
	s.letters = append(s.letters, gap)
	word := wordState{script: latin}
	for _, r := range text {
		if r >= utf8.RuneSelf {
			r = unicode.ToLower(r)
		}
		if r < utf8.RuneSelf {
			if code := asciiLetters[r]; code != gap {
				s.addLetter(&word, code, runeOf(code), latin)
			} else {
				s.endWord(&word)
			}
			continue
		}
		if isNeverLetter(r) {
			s.endWord(&word)
			continue
		}
		s.addOther(&word, r)
	}
	s.endWord(&word)
	s.letterCount = len(s.letters) - 1 - s.words
}

// isNeverLetter quickly rules out most of what is not ASCII in posts:
// punctuation, symbols and emoji.
func isNeverLetter(r rune) bool {
	return r >= 0x2000 && r < 0x2071 || r >= 0x2190 && r < 0x2C00 || r >= 0x1F000 && r < 0x20000 || r == utf8.RuneError
}

// addOther adds a rune outside ASCII, which may still be no letter.
func (s *Scratch) addOther(word *wordState, r rune) {
	script := scriptOf(r)
	alone := script == han || script == hangul || script == hiragana || script == katakana
	isLetter := unicode.IsLetter(r)
	if alone && (word.letters == 0 || !isLetter) {
		s.endWord(word)
		s.addLetter(word, otherLetter, r, script)
		s.endWord(word)
		return
	}
	if !isLetter {
		s.endWord(word)
		return
	}
	s.addLetter(word, otherLetter, r, script)
}

func scriptOf(r rune) int {
	for i, script := range scripts {
		if unicode.Is(script, r) {
			return i
		}
	}
	return noScript
}

func (s *Scratch) addLetter(word *wordState, code byte, r rune, script int) {
	if code == otherLetter && len(s.runes) == 0 {
		s.copyRunes()
	}
	s.letters = append(s.letters, code)
	if len(s.runes) > 0 {
		s.runes = append(s.runes, r)
	}
	if word.letters == 0 {
		word.script = script
	} else if word.script != script {
		word.script = noScript
	}
	word.letters++
	word.han = word.han || script == han
	word.kana = word.kana || script == hiragana || script == katakana
}

// copyRunes makes runes run parallel to letters from the first letter outside a
// to z on.
func (s *Scratch) copyRunes() {
	for _, code := range s.letters {
		s.runes = append(s.runes, runeOf(code))
	}
}

func runeOf(code byte) rune {
	if code == gap {
		return 0
	}
	return 'a' - 1 + rune(code)
}

func (s *Scratch) endWord(word *wordState) {
	if word.letters == 0 {
		return
	}
	s.letters = append(s.letters, gap)
	if len(s.runes) > 0 {
		s.runes = append(s.runes, 0)
	}
	s.words++
	if word.han && word.kana {
		s.japaneseWords++
	}
	if word.script != noScript {
		s.scriptWords[word.script]++
	}
	*word = wordState{}
}
