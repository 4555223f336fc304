package regional

// cacheSets is the number of pairs of words whose sums a Scratch keeps: of a
// stream of tweets it knows five words of six.
const cacheSets = 1 << 13

// wordCache keeps the sums of words by one model, since words repeat and the
// features of one are spread over much memory. The zero value is empty.
type wordCache struct {
	owner *Model
	// sets hold two words each. tags holds, a set each, eight bits of the hash of
	// either word, so that only the right one is touched, and in olderBit which of
	// them was used longer ago.
	sets [][2]cachedWord
	tags []uint32
}

const (
	tagMask  = 0xFF
	olderBit = 16
)

// cachedWord fills one cache line.
type cachedWord struct {
	key  word
	sums wordSums
}

// serve empties the cache where it was filled by another model.
func (c *wordCache) serve(m *Model) {
	if c.owner != m {
		c.owner, c.sets, c.tags = m, make([][2]cachedWord, cacheSets), make([]uint32, cacheSets)
	}
}

// find returns the sums of the word, or those to be filled for it.
func (c *wordCache) find(key word) (sums *wordSums, hit bool) {
	hash := (key.first ^ key.second*0xC2B2AE3D27D4EB4F) * 0x9E3779B97F4A7C15
	place := hash >> 51 & (cacheSets - 1)
	tag, tags := uint32(hash>>40&tagMask), c.tags[place]
	set := &c.sets[place]
	if tags&tagMask == tag && set[0].key == key {
		c.tags[place] = tags | 1<<olderBit
		return &set[0].sums, true
	}
	if tags>>8&tagMask == tag && set[1].key == key {
		c.tags[place] = tags &^ (1 << olderBit)
		return &set[1].sums, true
	}
	way := tags >> olderBit & 1
	tags = tags&^(tagMask<<(8*way)) | tag<<(8*way)
	c.tags[place] = tags ^ 1<<olderBit
	set[way].key = key
	return &set[way].sums, false
}
