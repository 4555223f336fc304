package regional

// cacheSets is the number of pairs of words whose sums a Scratch keeps: of a
// stream of tweets it knows five words of six.
const cacheSets = 1 << 13

// wordCache keeps the sums of words by one model, since words repeat and the
// features of one are spread over much memory. The zero value is empty.
type wordCache struct {
	owner *Model
	// sets hold two words each; older says which of them was used longer ago.
	sets  [][2]cachedWord
	older []uint8
}

// cachedWord fills one cache line.
type cachedWord struct {
	key  word
	sums wordSums
}

// serve empties the cache where it was filled by another model.
func (c *wordCache) serve(m *Model) {
	if c.owner != m {
		c.owner, c.sets, c.older = m, make([][2]cachedWord, cacheSets), make([]uint8, cacheSets)
	}
}

// find returns the sums of the word, or those to be filled for it.
func (c *wordCache) find(key word) (sums *wordSums, hit bool) {
	hash := (key.first ^ key.second*0xC2B2AE3D27D4EB4F) * 0x9E3779B97F4A7C15
	place := hash >> 51 & (cacheSets - 1)
	set := &c.sets[place]
	for way := range set {
		if set[way].key == key {
			c.older[place] = uint8(1 - way)
			return &set[way].sums, true
		}
	}
	replaced := &set[c.older[place]&1]
	c.older[place] ^= 1
	replaced.key = key
	return &replaced.sums, false
}
