package ngrams

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

	seen seenGrams
	// others are the text's n-grams with a letter outside a to z.
	others []otherKey
}

// otherKey is an n-gram with a letter outside a to z, and its letters.
type otherKey struct {
	key    gramKey
	letter [maxOrder]rune
	length int
}

func (s *Scratch) reset() {
	s.letters = append(s.letters[:0], gap)
	s.runes = s.runes[:0]
	s.others = s.others[:0]
	s.letterCount, s.words, s.japaneseWords = 0, 0, 0
	s.scriptWords = [noScript]int{}
}

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
	// trigrams is used for long texts.
	trigrams [1 << (3 * letterBits) / 64]uint64
}

func (g *seenGrams) resetShort() {
	g.letters, g.places = 0, 0
	g.bigrams = [len(g.bigrams)]uint64{}
	g.heads = [chainHeads]uint8{}
}

// longestSeen returns how long a prefix of the n-gram, which has length
// letters, occurred before, and notes the n-gram with all its prefixes.
func (g *seenGrams) longestSeen(packed uint32, length int) int {
	longest := 0
	letter := uint32(1) << (packed >> (4 * letterBits))
	if g.letters&letter != 0 {
		longest = 1
	}
	g.letters |= letter
	if length < 2 {
		return longest
	}
	double := packed >> (3 * letterBits)
	word, bit := &g.bigrams[double>>6&15], uint64(1)<<(double&63)
	if *word&bit != 0 {
		longest = 2
	}
	*word |= bit
	if length < 3 {
		return longest
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
		longest = max(longest, min(common, length))
	}
	g.places++
	g.before[g.places], g.grams[g.places] = *head, packed
	*head = g.places
	return longest
}
