package ngrams

// cacheSize is the number of words whose totals a Scratch keeps. Words of posts
// repeat, and looking the n-grams of one up goes through much memory.
const cacheSize = 1 << 12

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
	owner   *tables
	entries []cachedWord
}

// serve empties the cache where it was filled by other tables.
func (c *wordCache) serve(t *tables) {
	if c.owner != t {
		c.owner, c.entries = t, make([]cachedWord, cacheSize)
	}
}

// entry is the only place where the word may be.
func (c *wordCache) entry(key wordKey) *cachedWord {
	hash := (key.first ^ key.second*0xC2B2AE3D27D4EB4F) * 0x9E3779B97F4A7C15
	return &c.entries[hash>>52&(cacheSize-1)]
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
