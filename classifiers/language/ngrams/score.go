package ngrams

import (
	"math/bits"
	"slices"

	"github.com/netra-id/netra/classifiers/wordbook"
)

// sums are, a language each, the negated fixed-point logarithms of the n-grams
// of a text, and how many of its letters the language knows.
type sums struct {
	logarithms pair
	letters    [2]int
}

// scoreShort sums over the n-grams of all lengths of the scanned text.
func (t *tables) scoreShort(s *Scratch) sums {
	s.seen.resetShort()
	found := sums{}
	if len(s.letters) == 0 {
		t.scoreWords(s, &found)
	} else {
		t.scoreLetters(s, &found)
	}
	for rest := s.seen.letters; rest != 0; rest &= rest - 1 {
		found.logarithms = found.logarithms.plus(t.unigrams[bits.TrailingZeros32(rest)])
	}
	for which := range found.letters {
		found.letters[which] = bits.OnesCount32(s.seen.letters & t.known[which])
	}
	if len(s.runes) > 0 {
		t.collectOthers(s, 1, maxOrder)
		t.addOthers(s, &found)
	}
	return found
}

// scoreWords sums over the words of the reading, but for single letters.
func (t *tables) scoreWords(s *Scratch, found *sums) {
	r := s.reading
	for i := range r.Words {
		w := &r.Words[i]
		word := r.Text[w.Start:w.End]
		var total pair
		if w.HasPlace() && t.noted {
			total = t.totalOfWord(r.Note(w), &s.seen, word)
		} else {
			total = sumTotals(t, &s.seen, word)
		}
		repeated := addWord(t, &s.seen, word)
		found.logarithms.first += total.first - repeated.first
		found.logarithms.second += total.second - repeated.second
	}
}

// scoreLetters sums over the words in s.letters, but for single letters.
func (t *tables) scoreLetters(s *Scratch, found *sums) {
	for rest := s.letters[1:]; len(rest) > 0; {
		end := 0
		for rest[end] != gap {
			end++
		}
		var total pair
		if letters, ok := lettersOf(rest[:end]); ok && t.noted {
			note := s.reading.NoteOf(letters)
			if !note.Knows(wordbook.Ngrams) {
				note.Ngrams = sumTotals(t, &s.seen, rest[:end]).pack()
			}
			total = unpackPair(note.Ngrams)
		} else {
			total = sumTotals(t, &s.seen, rest[:end])
		}
		found.logarithms = found.logarithms.plus(total).minus(addWord(t, &s.seen, rest[:end]))
		rest = rest[end+1:]
	}
}

// totalOfWord is what a word adds by itself: the sum of the totals of all its
// places.
func (t *tables) totalOfWord(note *wordbook.Note, g *seenGrams, word string) pair {
	if !note.Knows(wordbook.Ngrams) {
		note.Ngrams = sumTotals(t, g, word).pack()
	}
	return unpackPair(note.Ngrams)
}

// pack writes a pair for the book of words.
func (p pair) pack() [2]uint64 { return [2]uint64{uint64(p.first), uint64(p.second)} }

func unpackPair(packed [2]uint64) pair { return pair{int64(packed[0]), int64(packed[1])} }

// lettersOf gives a word of letter codes as the book has it, if it may have a
// place there.
func lettersOf(codes []byte) (letters [3]uint64, ok bool) {
	if len(codes) > wordbook.Longest {
		return letters, false
	}
	for i, code := range codes {
		if code == otherLetter {
			return letters, false
		}
		letters[i>>3] |= uint64('a'-1+code) << (i & 7 * 8)
	}
	return letters, true
}

// sumTotals sums the totals of all places of a word.
func sumTotals[Letters []byte | string](t *tables, g *seenGrams, word Letters) pair {
	var sum pair
	g.touched += touch(t, word)
	packed, length := uint32(0), 0
	for at := len(word) - 1; at >= 0; at-- {
		code := word[at] & letterMask
		if code == otherLetter {
			packed, length = 0, 0
			continue
		}
		packed = uint32(code)<<(4*letterBits) | packed>>letterBits
		length = min(length+1, maxOrder)
		sum = sum.plus(t.total(packed, length))
	}
	return sum
}

// touch reads where the n-grams of four and five letters of a word likely are, and
// asks nothing of it, so that memory answers for all of them at once.
func touch[Letters []byte | string](t *tables, word Letters) (sum uint64) {
	packed := uint32(0)
	for at := len(word) - 1; at >= 0; at-- {
		packed = uint32(word[at]&letterMask)<<(4*letterBits) | packed>>letterBits
		if at <= len(word)-4 {
			sum += t.fives.touch(packed) + t.fours.touch(packed&^letterMask)
		}
	}
	return sum
}

// scoreLong sums over the trigrams of the scanned text.
func (t *tables) scoreLong(s *Scratch) sums {
	s.seen.trigrams = [len(s.seen.trigrams)]uint64{}
	found := sums{}
	if len(s.letters) == 0 {
		for i := range s.reading.Words {
			w := &s.reading.Words[i]
			addTrigrams(t, s.reading.Text[w.Start:w.End], &s.seen, &found.logarithms)
		}
	} else {
		addTrigrams(t, s.letters[1:], &s.seen, &found.logarithms)
	}
	if len(s.runes) > 0 {
		t.collectOthers(s, 3, 3)
		t.addOthers(s, &found)
	}
	return found
}

// addTrigrams adds the trigrams of letters that are new.
func addTrigrams[Letters []byte | string](t *tables, letters Letters, seen *seenGrams, sum *pair) {
	packed, length := uint32(0), 0
	for i := range len(letters) {
		code := letters[i] & letterMask
		packed = packed<<letterBits&(1<<(3*letterBits)-1) | uint32(code)
		length++
		if code == gap || code == otherLetter {
			length = 0
			continue
		}
		if length < 3 {
			continue
		}
		word, bit := &seen.trigrams[packed>>6&(uint32(len(seen.trigrams))-1)], uint64(1)<<(packed&63)
		if *word&bit != 0 {
			continue
		}
		*word |= bit
		three, two := &t.trigrams[packed], &t.bigrams[packed>>letterBits]
		sum.first += three.first - two.first
		sum.second += three.second - two.second
	}
}

// collectOthers gathers the distinct n-grams with a letter outside a to z, but
// not those that begin with a letter that neither language knows.
func (t *tables) collectOthers(s *Scratch, shortest, longest int) {
	for start, first := range s.runes {
		if first == 0 || !t.knows(first) {
			continue
		}
		gram := otherKey{}
		other := false
		for length := 1; length <= longest && s.runes[start+length-1] != 0; length++ {
			letter := s.runes[start+length-1]
			other = other || letter < 'a' || letter > 'z'
			gram.letter[length-1] = letter
			gram.length = length
			if other && length >= shortest {
				gram.key = keyOf(gram.letter[:length])
				s.others = append(s.others, gram)
			}
		}
	}
	slices.SortFunc(s.others, compareOther)
	s.others = slices.CompactFunc(s.others, func(a, b otherKey) bool { return a.key == b.key })
}

func (t *tables) knows(letter rune) bool {
	if letter >= 'a' && letter <= 'z' {
		return true
	}
	_, ok := t.others[gramKey{high: uint64(letter) << 42}]
	return ok
}

func compareOther(a, b otherKey) int {
	switch {
	case a.key.high != b.key.high:
		if a.key.high < b.key.high {
			return -1
		}
		return 1
	case a.key.low != b.key.low:
		if a.key.low < b.key.low {
			return -1
		}
		return 1
	}
	return 0
}

func (t *tables) addOthers(s *Scratch, found *sums) {
	for i := range s.others {
		gram := &s.others[i]
		found.logarithms = found.logarithms.plus(t.resolvedOther(gram.letter[:gram.length]))
		if gram.length > 1 {
			continue
		}
		known := t.others[gram.key].known
		for which := range known {
			if known[which] {
				found.letters[which]++
			}
		}
	}
}
