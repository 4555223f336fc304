package wordbook

import "math/bits"

const (
	setBits = 13
	wayBits = 2
	ways    = 1 << wayBits
	// Places is how many words a Book holds, in sets of four.
	Places = ways << setBits
)

// Book remembers words, with a note of each. The zero value is an empty book,
// ready to use; one goroutine at a time may use it.
type Book struct {
	sets   *[1 << setBits]set
	notes  *[Places]Note
	owners [readers]any
}

// set says which words are in the places of a set.
type set struct {
	// tags are parts of the hashes of its words, 16 bits each.
	tags uint64
	// used marks the words that were met since hand, which goes round, last passed
	// them; a new word takes the place of the first that was not.
	used, hand uint8
}

// Reader is one of those that note something of words.
type Reader uint8

// The readers.
const (
	Text Reader = iota
	Claims
	Ngrams
	Regional
	Linear
	readers
)

// Note is what the readers know of a word, together, so that it comes from memory
// at once: it fills three cache lines. Only a part's own reader knows what it
// means.
type Note struct {
	letters [3]uint64
	stamp   uint32
	known   uint32 // a bit each reader

	Text     [3]uint64
	Claims   uint64
	Ngrams   [2]uint64
	Regional [6]uint64
	Linear   [7]uint64
	// RegionalMore and LinearMore did not fit above.
	RegionalMore, LinearMore uint32
}

// Knows says whether a reader's part is filled, and takes it for filled from then
// on.
func (n *Note) Knows(reader Reader) bool {
	known := n.known&(1<<reader) != 0
	n.known |= 1 << reader
	return known
}

// Lower gives the letters in lower case, eight to a number from the lowest byte
// on, zero behind the last.
func (n *Note) Lower() [3]uint64 { return n.letters }

// hashOf spreads the letters of a word over all bits.
func hashOf(letters *[3]uint64) uint64 {
	hash := (letters[0] ^ letters[1]*0xC2B2AE3D27D4EB4F ^ letters[2]*0xD6E8FEB86659FD93) * 0x9E3779B97F4A7C15
	return (hash ^ hash>>32) * 0xFF51AFD7ED558CCD
}

// setOf is the number of the set that a hash belongs to, tagOf its tag there.
func setOf(hash uint64) uint32 { return uint32(hash >> (64 - setBits)) }
func tagOf(hash uint64) uint64 { return hash >> 16 & 0xFFFF }

// likelyPlace is where a word is if the book has it, and mostly not where it is
// not. Memory is asked for the note there, and nobody waits for it.
func (b *Book) likelyPlace(letters *[3]uint64) uint32 {
	hash := hashOf(letters)
	// A lane is zero where the tag is the same.
	same := b.sets[setOf(hash)].tags ^ tagOf(hash)*lanes16
	way := uint32(bits.TrailingZeros64((same-lanes16)&^same&(lanes16<<15))) >> 4 % ways
	place := setOf(hash)<<wayBits | way
	prefetch(&b.notes[place])
	return place
}

// lanes16 has a one in every lane of 16 bits.
const lanes16 = 0x0001_0001_0001_0001

// place gives the place of a word with its stamp, where likely is what likelyPlace
// says.
func (b *Book) place(letters *[3]uint64, likely uint32) (place, stamp uint32) {
	note := &b.notes[likely]
	if note.letters != *letters {
		return b.placeNew(letters)
	}
	b.sets[likely>>wayBits].used |= 1 << (likely % ways)
	return likely, note.stamp
}

// placeNew gives a word a place that is not where it likely was.
func (b *Book) placeNew(letters *[3]uint64) (place, stamp uint32) {
	hash := hashOf(letters)
	s, first := &b.sets[setOf(hash)], setOf(hash)<<wayBits
	for way := range uint32(ways) { // two may have the same tag
		if s.tags>>(16*way)&0xFFFF != tagOf(hash) {
			continue
		}
		if note := &b.notes[first|way]; note.letters == *letters {
			return first | way, note.stamp
		}
	}
	for s.used&(1<<s.hand) != 0 {
		s.used &^= 1 << s.hand
		s.hand = (s.hand + 1) % ways
	}
	way := s.hand
	s.hand = (way + 1) % ways
	s.tags = s.tags&^(0xFFFF<<(16*way)) | tagOf(hash)<<(16*way)
	note := &b.notes[first|uint32(way)]
	note.letters, note.known = *letters, 0
	note.stamp++
	return first | uint32(way), note.stamp
}

// find gives a word the place that it has or a new one.
func (b *Book) find(letters *[3]uint64) (place, stamp uint32) {
	return b.place(letters, b.likelyPlace(letters))
}

func (b *Book) begin() { b.sets, b.notes = new([1 << setBits]set), new([Places]Note) }
