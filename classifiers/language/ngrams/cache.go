package ngrams

// cacheSets is the number of pairs of words whose totals a Scratch keeps. Words
// of posts repeat, and the n-grams of one are spread over much memory.
const cacheSets = 1 << 14

// longestCached is the length in letters of the longest word that is kept.
const longestCached = 24

// wordKey is a word of the letters a to z, five bits each, twelve to a half.
type wordKey struct{ first, second uint64 }

type cachedWord struct {
	key   wordKey
	total pair
}

// wordCache keeps the totals of words by one tables. The zero value is empty.
type wordCache struct {
	owner *tables
	// sets hold two words each; older says which of them was used longer ago.
	sets  [][2]cachedWord
	older []uint8
}

// serve empties the cache where it was filled by other tables.
func (c *wordCache) serve(t *tables) {
	if c.owner != t {
		c.owner, c.sets, c.older = t, make([][2]cachedWord, cacheSets), make([]uint8, cacheSets)
	}
}

// find returns the entry of the word, or the one that it shall replace.
func (c *wordCache) find(key wordKey) *cachedWord {
	hash := (key.first ^ key.second*0xC2B2AE3D27D4EB4F) * 0x9E3779B97F4A7C15
	place := hash >> 50 & (cacheSets - 1)
	set := &c.sets[place]
	for way := range set {
		if set[way].key == key {
			c.older[place] = uint8(1 - way)
			return &set[way]
		}
	}
	replaced := &set[c.older[place]&1]
	c.older[place] ^= 1
	return replaced
}

// keyOfWord packs a word that can be kept: not too long, and of the letters a to
// z alone.
func keyOfWord(word []byte) (wordKey, bool) {
	if len(word) > longestCached {
		return wordKey{}, false
	}
	var halves [2]uint64
	for i, code := range word {
		if code == otherLetter {
			return wordKey{}, false
		}
		halves[i/12] = halves[i/12]<<letterBits | uint64(code)
	}
	return wordKey{halves[0], halves[1]}, true
}
