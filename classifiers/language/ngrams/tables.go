package ngrams

import "math"

const (
	maxOrder = 5
	// letterBits are what one of the letters a to z takes in a packed n-gram: 1
	// to 26, where 0 stands for the end of the word.
	letterBits = 5
	// letterMask makes a letter's code of its ASCII letter in either case.
	letterMask = 1<<letterBits - 1
	// scale turns natural logarithms into fixed point with a resolution of
	// 4.5e-13. Sums are then exact and do not depend on their order.
	scale = 1 << 41
)

// pair holds one value for each of two languages, as negated fixed-point
// logarithms of probabilities.
type pair struct{ first, second int64 }

func (p pair) plus(q pair) pair  { return pair{p.first + q.first, p.second + q.second} }
func (p pair) minus(q pair) pair { return pair{p.first - q.first, p.second - q.second} }

// with replaces the value of one of the two languages.
func (p pair) with(which int, value int64) pair {
	if which == 0 {
		return pair{value, p.second}
	}
	return pair{p.first, value}
}

// gramKey is an n-gram of any letters: its runes, 21 bits each, three in high
// and two in low, zero behind the last.
type gramKey struct{ high, low uint64 }

// tables hold the n-grams of two languages in the form that scoring needs.
//
// lingua looks an n-gram up and, where a language does not know it, the n-gram
// without its last letter, and so on: call the outcome the n-gram's resolved
// logarithm. A position in a word contributes the resolved logarithms of the
// n-grams of length 2 to 5 that begin there; single letters are added apart, at
// the end. The tables keep the sum over them (the *total* of the n-gram that
// begins there and is as long as it can be), for every n-gram that either language
// knows. So a position costs one look-up, less the total of that prefix which
// occurred in the text before.
type tables struct {
	unigrams [1 << letterBits]pair
	bigrams  [1 << (2 * letterBits)]pair
	trigrams []pair // indexed by three packed letters
	fours    slots
	fives    slots
	// noted says that the book of words keeps the totals of words: it has room for
	// two languages.
	noted bool
	// known marks, a language each, the letters that the language knows.
	known [2]uint32
	// others resolves the n-grams with a letter outside a to z.
	others map[gramKey]otherGram
}

// otherGram is the resolved logarithm of one n-gram that has letters outside a
// to z, and for a single letter which of the languages know it.
type otherGram struct {
	resolved pair
	known    [2]bool
}

// total is the sum of resolved logarithms over the n-gram's prefixes of two
// letters and more; the n-gram has length letters, packed from the highest of 25
// bits downwards.
func (t *tables) total(packed uint32, length int) pair {
	switch length {
	case 2:
		return t.bigrams[packed>>(3*letterBits)&(1<<(2*letterBits)-1)]
	case 3:
		return t.trigrams[packed>>(2*letterBits)]
	case 4:
		return t.totalOfFour(packed)
	case 5:
		if total, ok := t.fives.get(packed); ok {
			return total
		}
		// Neither language knows it: it resolves to what its first four do.
		four := t.totalOfFour(packed)
		return four.plus(four.minus(t.trigrams[packed>>(2*letterBits)]))
	}
	return pair{}
}

func (t *tables) totalOfFour(packed uint32) pair {
	if total, ok := t.fours.get(packed &^ (1<<letterBits - 1)); ok {
		return total
	}
	three := t.trigrams[packed>>(2*letterBits)]
	return three.plus(three.minus(t.bigrams[packed>>(3*letterBits)&(1<<(2*letterBits)-1)]))
}

// resolved is the resolved logarithm of one n-gram.
func (t *tables) resolved(packed uint32, length int) pair {
	if length == 1 {
		return t.unigrams[packed>>(4*letterBits)&(1<<letterBits-1)]
	}
	return t.total(packed, length).minus(t.total(packed, length-1))
}

func fixed(frequency float64) int64 {
	return int64(math.Round(-math.Log(frequency) * scale))
}
