package wordbook

const (
	setBits = 14
	// Places is how many words a Book holds, in sets of two.
	Places = 2 << setBits
	// passing is how many words beside them are there for the time being: those
	// that were met for the first time. Most such words never come again.
	passing = 64
)

// Book remembers words, with a note of each. The zero value is an empty book,
// ready to use; one goroutine at a time may use it.
type Book struct {
	sets   []set
	notes  []Note
	owners [readers]any
	// passed counts the words that were met for the first time.
	passed uint32
	// touched keeps the compiler from leaving out the touching of notes.
	touched uint64
}

// set holds a part of the hash of two words and of the word that was last met
// and is neither, and which of the two was used longer ago.
type set struct {
	tags  [2]uint16
	met   uint16
	older uint8
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

// place finds the place of a word, in which it replaces another where it is new.
//
// It is written for memory: which of the two words it is, is computed and not
// asked, so that processors go on to the next words and wait for many notes at
// once; and all of a note is touched, so that it is there when the readers come.
func (b *Book) place(letters *[3]uint64) (place, stamp uint32) {
	hash := hashOf(letters)
	s := &b.sets[hash>>(64-setBits)]
	tag, way := uint16(hash>>32), uint32(0)
	if s.tags[1] == tag {
		way = 1
	}
	place = uint32(hash>>(64-setBits))<<1 | way
	note := &b.notes[place]
	b.touched += note.Regional[0] + note.Linear[6]
	if note.letters != *letters {
		return b.placeNew(letters, s, tag, place&^1)
	}
	s.older = uint8(way ^ 1)
	return place, note.stamp
}

// placeNew finds a place for a word that is not where place looked. It stays where
// it was met before.
func (b *Book) placeNew(letters *[3]uint64, s *set, tag uint16, first uint32) (place, stamp uint32) {
	if s.tags[0] == tag && b.notes[first].letters == *letters {
		s.older = 1
		return first, b.notes[first].stamp
	}
	if s.met == tag {
		way := s.older & 1
		s.tags[way], s.older, s.met = tag, way^1, 0
		place = first | uint32(way)
	} else {
		s.met = tag
		b.passed++
		place = Places + b.passed%passing
	}
	note := &b.notes[place]
	note.letters, note.known = *letters, 0
	note.stamp++
	return place, note.stamp
}

func (b *Book) begin() { b.sets, b.notes = make([]set, 1<<setBits), make([]Note, Places+passing) }
