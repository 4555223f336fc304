package ngrams

import "slices"

// Scratch is the working memory of scoring one text. The zero value is ready;
// it may be used again for the next text, but by one goroutine at a time.
type Scratch struct {
	// letters are the codes of the text's letters, 1 to 26 or otherLetter, each
	// word followed by a gap, with one gap before the first.
	letters []byte
	// runes runs parallel to letters where any of them is an otherLetter, and is
	// empty where none is.
	runes       []rune
	letterCount int
	words       int
	// scriptWords counts the words all of one script; japaneseWords those that
	// mix Han and Kana.
	scriptWords   [noScript]int
	japaneseWords int

	seen   seenGrams
	caches [MaxLanguages / 2]wordCache
	// others are the text's n-grams with a letter outside a to z.
	others []otherKey
}

// otherKey is an n-gram with a letter outside a to z, and its letters.
type otherKey struct {
	key    gramKey
	letter [maxOrder]rune
	length int
}

// reset makes room for a text of so many bytes.
func (s *Scratch) reset(size int) {
	s.letters = append(slices.Grow(s.letters[:0], size+2), gap)
	s.runes = s.runes[:0]
	s.others = s.others[:0]
	s.letterCount, s.words, s.japaneseWords = 0, 0, 0
	s.scriptWords = [noScript]int{}
}
