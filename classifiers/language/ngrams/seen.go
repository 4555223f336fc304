package ngrams

// shortText is below how many letters lingua uses n-grams of all lengths; from
// there on it uses trigrams only.
const shortText = 120

// chainHeads is the size of the table of trigrams that have been seen.
const chainHeads = 1 << 10

// seenGrams remembers which n-grams occurred in the text so far, since lingua
// counts each one once.
type seenGrams struct {
	letters uint32
	bigrams [1 << (2 * letterBits) / 64]uint64
	// heads leads, by a hash of the trigram, to the last place where it began;
	// before leads on from there. grams are the five letters at each place. Place
	// 0 is none.
	heads  [chainHeads]uint8
	before [shortText + 1]uint8
	grams  [shortText + 1]uint32
	places uint8
	// word are the places of the word that was added last, which is in buffer.
	word   []place
	buffer [shortText]place
	// trigrams is used for long texts.
	trigrams [1 << (3 * letterBits) / 64]uint64
}

// place is a letter in a word: the n-gram of up to five letters that begins
// there, and how long a prefix of it occurred before in the text.
type place struct {
	gram         uint32
	length, seen uint8
}

func (g *seenGrams) resetShort() {
	g.letters, g.places = 0, 0
	g.bigrams = [len(g.bigrams)]uint64{}
	g.heads = [chainHeads]uint8{}
}

// addWord notes the n-grams of a word of letter codes or of ASCII letters, those
// without letters outside a to z, and says whether any of them is new.
func addWord[Letters []byte | string](g *seenGrams, word Letters) bool {
	anyNew := false
	count := 0
	packed, length := uint32(0), 0
	for at := len(word) - 1; at >= 0; at-- {
		code := word[at] & letterMask
		if code == otherLetter {
			packed, length = 0, 0
			continue
		}
		packed = uint32(code)<<(4*letterBits) | packed>>letterBits
		length = min(length+1, maxOrder)
		seen := g.add(packed, length)
		anyNew = anyNew || seen < length
		g.buffer[count] = place{gram: packed, length: uint8(length), seen: uint8(seen)}
		count++
	}
	g.word = g.buffer[:count]
	return anyNew
}

// add notes the n-gram, which has length letters, with all its prefixes, and
// returns how long a prefix of it occurred before.
func (g *seenGrams) add(packed uint32, length int) int {
	seen := g.addBigram(packed, length)
	if length < 3 {
		return seen
	}
	triple := packed >> (2 * letterBits)
	head := &g.heads[triple*0x9E3779B1>>22]
	for place := *head; place != 0; place = g.before[place] {
		differ := g.grams[place] ^ packed
		if differ>>(2*letterBits) != 0 {
			continue
		}
		common := 3
		if differ == 0 {
			common = 5
		} else if differ>>letterBits == 0 {
			common = 4
		}
		seen = max(seen, min(common, length))
	}
	g.places++
	g.before[g.places], g.grams[g.places] = *head, packed
	*head = g.places
	return seen
}

// addBigram notes the first letter and the first two.
func (g *seenGrams) addBigram(packed uint32, length int) int {
	seen := 0
	letter := uint32(1) << (packed >> (4 * letterBits))
	if g.letters&letter != 0 {
		seen = 1
	}
	g.letters |= letter
	if length < 2 {
		return seen
	}
	double := packed >> (3 * letterBits)
	word, bit := &g.bigrams[double>>6&15], uint64(1)<<(double&63)
	if *word&bit != 0 {
		seen = 2
	}
	*word |= bit
	return seen
}
