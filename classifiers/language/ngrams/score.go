package ngrams

import (
	"math/bits"
	"slices"
)

// sums are, a language each, the negated fixed-point logarithms of the n-grams
// of a text, and how many of its letters the language knows.
type sums struct {
	logarithms pair
	letters    [2]int
}

// scoreShort sums over the n-grams of all lengths of the scanned text.
func (t *tables) scoreShort(s *Scratch, cache *wordCache) sums {
	s.seen.resetShort()
	cache.serve(t)
	found := sums{}
	for rest := s.letters[1:]; len(rest) > 0; {
		end := 0
		for rest[end] != gap {
			end++
		}
		if s.seen.addWord(rest[:end]) {
			total := t.totalOfWord(rest[:end], &s.seen, cache)
			found.logarithms = found.logarithms.plus(total).minus(t.totalOfSeen(&s.seen))
		}
		rest = rest[end+1:]
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

// totalOfWord is what the word added by itself would add: the sum of the totals
// of all its places.
func (t *tables) totalOfWord(word []byte, seen *seenGrams, cache *wordCache) pair {
	key, ok := keyOfWord(word)
	if !ok {
		return t.sumTotals(seen)
	}
	cached := cache.find(key)
	if cached.key != key {
		*cached = cachedWord{key: key, total: t.sumTotals(seen)}
	}
	return cached.total
}

func (t *tables) sumTotals(seen *seenGrams) pair {
	var sum pair
	for _, at := range seen.word {
		sum = sum.plus(t.total(at.gram, int(at.length)))
	}
	return sum
}

// totalOfSeen is what of it was added before, by the prefixes seen before.
func (t *tables) totalOfSeen(seen *seenGrams) pair {
	var sum pair
	for _, at := range seen.word {
		switch at.seen {
		case 0:
		case 1:
			sum = sum.plus(t.unigrams[at.gram>>(4*letterBits)&(1<<letterBits-1)])
		case 2:
			sum = sum.plus(t.bigrams[at.gram>>(3*letterBits)&(1<<(2*letterBits)-1)])
		default:
			sum = sum.plus(t.total(at.gram, int(at.seen)))
		}
	}
	return sum
}

// scoreLong sums over the trigrams of the scanned text.
func (t *tables) scoreLong(s *Scratch) sums {
	seen := &s.seen.trigrams
	*seen = [len(seen)]uint64{}
	var first, second int64
	letters := s.letters
	packed := uint32(0)
	length := 0
	for _, code := range letters[1:] {
		packed = packed<<letterBits&(1<<(3*letterBits)-1) | uint32(code)
		length++
		if code == gap || code == otherLetter {
			length = 0
			continue
		}
		if length < 3 {
			continue
		}
		word, bit := &seen[packed>>6&(uint32(len(seen))-1)], uint64(1)<<(packed&63)
		if *word&bit != 0 {
			continue
		}
		*word |= bit
		three, two := t.trigrams[packed], t.bigrams[packed>>letterBits]
		first += three.first - two.first
		second += three.second - two.second
	}
	found := sums{logarithms: pair{first, second}}
	if len(s.runes) > 0 {
		t.collectOthers(s, 3, 3)
		t.addOthers(s, &found)
	}
	return found
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
