package ngrams

import "github.com/netra-id/netra/classifiers/wordbook"

// Scratch is the working memory of scoring one text. The zero value is ready;
// it may be used again for the next text, but by one goroutine at a time.
type Scratch struct {
	// reading is the text with its words.
	reading *wordbook.Reading
	// letters are, in a text that has others than a to z, the codes of all letters,
	// 1 to 26 or otherLetter, each word followed by a gap, with one gap before the
	// first. Else they are empty, and the words are those of the reading.
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

	seen seenGrams
	// others are the text's n-grams with a letter outside a to z.
	others []otherKey

	book wordbook.Book // for texts that nobody else has read
	own  wordbook.Reading
}

// otherKey is an n-gram with a letter outside a to z, and its letters.
type otherKey struct {
	key    gramKey
	letter [maxOrder]rune
	length int
}

// reset begins with another text.
func (s *Scratch) reset(r *wordbook.Reading) {
	s.reading = r
	s.letters, s.runes, s.others = s.letters[:0], s.runes[:0], s.others[:0]
	s.letterCount, s.words, s.japaneseWords = 0, 0, 0
	s.scriptWords = [noScript]int{}
}
