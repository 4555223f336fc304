package linear

import (
	"github.com/netra-id/netra/classifiers/linear/words"
	"github.com/netra-id/netra/classifiers/wordbook"
)

// notedStride is the largest stride of tables for which words are noted.
const notedStride = 2

// wordNote is what a word adds wherever it stands: its own weights, the sums of
// those of its characters, and by what its pairs are made.
type wordNote struct {
	class       uint8
	chars       int32
	charSquares int32
	// hash is that of the canonical spelling.
	hash      uint64
	weights   [notedStride]uint64
	even, odd [notedStride]uint64 // of the characters: four sums of 16 bits each
}

// write puts the note into the book of words.
func (n *wordNote) write(to *wordbook.Note) {
	to.Linear = [7]uint64{n.hash, n.weights[0], n.weights[1], n.even[0], n.even[1], n.odd[0], n.odd[1]}
	to.LinearMore = uint32(n.class) | uint32(n.chars)<<8 | uint32(n.charSquares)<<16
}

func (n *wordNote) read(from *wordbook.Note) {
	l, more := &from.Linear, from.LinearMore
	n.class, n.chars, n.charSquares = uint8(more), int32(more>>8&0xff), int32(more>>16)
	n.hash = l[0]
	n.weights, n.even, n.odd = [notedStride]uint64{l[1], l[2]}, [notedStride]uint64{l[3], l[4]}, [notedStride]uint64{l[5], l[6]}
}

// notedSums are the sums over the noted words of a text.
type notedSums struct {
	squares, charSquares, words, chars int32
	even, odd                          [notedStride]uint64 // of the words, in lanes of 16 bits
	models                             [notedStride * lanes]int32
	// The sums of the characters are in lanes of 32 bits: the lowest lane of 16 of
	// each pair, and the highest.
	evenLow, evenHigh, oddLow, oddHigh [notedStride]uint64
}

// collect reads a text as extract does, but for the words of which there are
// notes only their pairs become features of scratch; what else they add goes to
// scratch.noted.
func (s *Set) collect(r *wordbook.Reading, targets []Span, scratch *Scratch) {
	scratch.reset()
	scratch.noted = notedSums{}
	r.Serve(wordbook.Linear, s)
	known, end := r.Words, len(r.Text)
	var note wordNote
	for i := 0; i < end; {
		for len(known) > 0 && int(known[0].Start) < i {
			known = known[1:]
		}
		if len(known) == 0 || !known[0].Plain || int(known[0].From) > i {
			i = s.hasher.next(r.Text, i, end, &targets, scratch)
			continue
		}
		w := &known[0]
		i = int(w.End)
		if masked(&targets, int(w.Start), i) {
			s.hasher.emit(tokenTarget, int(w.Start), i, classTarget, scratch)
			continue
		}
		noted := r.Note(w)
		if !noted.Knows(wordbook.Linear) {
			note = s.note(r.Text[w.Start:w.End], scratch)
			note.write(noted)
		} else {
			note.read(noted)
		}
		scratch.noted.add(&note, &s.words, uint32(note.hash*mixer>>s.hasher.wordShift))
		s.hasher.addPairs(note.hash, note.class, scratch)
	}
}

// note works out what a word adds.
func (s *Set) note(word string, scratch *Scratch) wordNote {
	reader := words.Reader{Text: word, End: len(word), Buffer: &scratch.buffer}
	reader.Read()
	hash, class := s.hasher.canonical(scratch.buffer[1:1+reader.N], scratch)
	note := wordNote{hash: hash, class: class}
	bucket := int(hash * mixer >> s.hasher.wordShift)
	copy(note.weights[:], s.words.weights[bucket*s.words.stride:(bucket+1)*s.words.stride])
	before := len(scratch.chars)
	s.hasher.charFeatures(scratch.padded(reader.N), scratch)
	note.chars = int32(len(scratch.chars) - before)
	note.addChars(&s.chars, scratch.chars[before:])
	scratch.chars = scratch.chars[:before]
	return note
}

// addChars adds the buckets of a word's characters.
func (n *wordNote) addChars(t *table, buckets []uint32) {
	squares := int32(0)
	for _, b := range buckets {
		squares += int32(t.squares[b])
	}
	n.charSquares = squares
	if t.stride == 2 {
		n.even[0], n.odd[0], n.even[1], n.odd[1] = sumTwo(t.weights, buckets)
		return
	}
	for k := range t.stride {
		n.even[k], n.odd[k] = t.sumOne(k, buckets)
	}
}

// add adds a word, which has the given bucket of the table of words.
func (n *notedSums) add(note *wordNote, t *table, bucket uint32) {
	const low = 0x0000ffff0000ffff
	for k := range notedStride {
		n.even[k] += note.weights[k] & evenBytes
		n.odd[k] += note.weights[k] >> 8 & evenBytes
		n.evenLow[k] += note.even[k] & low
		n.evenHigh[k] += note.even[k] >> 16 & low
		n.oddLow[k] += note.odd[k] & low
		n.oddHigh[k] += note.odd[k] >> 16 & low
	}
	n.squares += int32(t.squares[bucket])
	n.charSquares += note.charSquares
	n.chars += note.chars
	if n.words++; n.words%mostAdded == 0 {
		n.drain()
	}
}

// drain makes room in the lanes of 16 bits.
func (n *notedSums) drain() {
	for k := range notedStride {
		spill(n.models[k*lanes:], n.even[k], n.odd[k])
		n.even[k], n.odd[k] = 0, 0
	}
}

// spill adds the sums to those of the other features of a text.
func (n *notedSums) spill(words, chars *tally) {
	n.drain()
	words.features += n.words
	words.squares += n.squares
	chars.features += n.chars
	chars.squares += n.charSquares
	for i, sum := range n.models {
		words.models[i] += sum
	}
	for k := range notedStride {
		sums := chars.models[k*lanes : k*lanes+lanes]
		for half := range 2 {
			sums[4*half] += int32(uint32(n.evenLow[k] >> (32 * half)))
			sums[4*half+1] += int32(uint32(n.oddLow[k] >> (32 * half)))
			sums[4*half+2] += int32(uint32(n.evenHigh[k] >> (32 * half)))
			sums[4*half+3] += int32(uint32(n.oddHigh[k] >> (32 * half)))
		}
	}
}
