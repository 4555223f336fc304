package ngrams

// shortText is below how many letters lingua uses n-grams of all lengths; from
// there on it uses trigrams only.
const shortText = 120

const (
	// gramBits is the size of the table of n-grams that have been seen, which is at
	// most half full.
	gramBits = 8
	gramMask = 1<<gramBits - 1
)

// seenGrams remembers which n-grams occurred in the text so far, since lingua
// counts each one once.
type seenGrams struct {
	letters uint32
	bigrams [1 << (2 * letterBits) / 64]uint64
	// grams are the n-grams of three to five letters, by a hash of their first three;
	// what follows from there on up to a zero has the same hash or stood in the way.
	grams [1 << gramBits]uint32
	// touched keeps the compiler from leaving out touch.
	touched uint64
	// trigrams is used for long texts.
	trigrams [1 << (3 * letterBits) / 64]uint64
}

func (g *seenGrams) resetShort() {
	g.letters = 0
	g.bigrams = [len(g.bigrams)]uint64{}
	g.grams = [len(g.grams)]uint32{}
}

// addWord notes the n-grams of a word of letter codes or of ASCII letters, those
// without letters outside a to z, and returns the totals of those that had been
// noted before.
func addWord[Letters []byte | string](t *tables, g *seenGrams, word Letters) pair {
	repeated, letters := pair{}, g.letters
	packed, length := uint32(0), 0
	for at := len(word) - 1; at >= 0; at-- {
		code := word[at] & letterMask
		if code == otherLetter {
			packed, length = 0, 0
			continue
		}
		letters |= 1 << code
		packed = uint32(code)<<(4*letterBits) | packed>>letterBits
		if length++; length < 2 {
			continue
		}
		// Which of two letters were seen is hard to foresee, so nobody is asked.
		double := packed >> (3 * letterBits) & (1<<(2*letterBits) - 1)
		part, two := &g.bigrams[double>>6], &t.bigrams[double]
		again := -int64(*part >> (double & 63) & 1)
		*part |= 1 << (double & 63)
		repeated.first += two.first & again
		repeated.second += two.second & again
		if length < 3 {
			continue
		}
		if seen := g.add(packed); seen > 0 {
			repeated = repeated.plus(t.total(packed, min(seen, length))).minus(*two)
		}
	}
	g.letters = letters
	return repeated
}

// add notes an n-gram of three letters and more, and returns how long a prefix of
// it occurred before, 0 for less than three letters. An end of a word counts as a
// letter.
func (g *seenGrams) add(packed uint32) int {
	seen := 0
	i := packed >> (2 * letterBits) * 0x9E3779B1 >> (32 - gramBits)
	for ; g.grams[i&gramMask] != 0; i++ {
		differ := g.grams[i&gramMask] ^ packed
		switch {
		case differ == 0:
			return 5
		case differ>>letterBits == 0:
			seen = 4
		case differ>>(2*letterBits) == 0:
			seen = max(seen, 3)
		}
	}
	g.grams[i&gramMask] = packed
	return seen
}
