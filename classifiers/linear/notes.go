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
	class uint8
	// squares is the squared inverse document frequency of the word, charSquares the
	// sum of those of its characters.
	squares            uint8
	chars, charSquares int32
	// hash is that of the canonical spelling.
	hash      uint64
	weights   [notedStride]uint64
	even, odd [notedStride]uint64 // of the characters: four sums of 16 bits each
}

// Where the small numbers of a note stand in its LinearMore: the class in the
// lowest bits, then the others. A word of wordbook.Longest letters has 47 features
// of characters.
const (
	classBits       = 4
	squaresAt       = classBits
	charsAt         = squaresAt + 8
	charsBits       = 6
	charSquaresAt   = charsAt + charsBits
	charSquaresBits = 14
)

// write puts the note into the book of words.
func (n *wordNote) write(to *wordbook.Note) {
	to.Linear = [7]uint64{n.hash, n.weights[0], n.weights[1], n.even[0], n.even[1], n.odd[0], n.odd[1]}
	to.LinearMore = uint32(n.class) | uint32(n.squares)<<squaresAt | uint32(n.chars)<<charsAt | uint32(n.charSquares)<<charSquaresAt
}

// notedSums are the sums over the noted words of a text.
type notedSums struct {
	squares, charSquares, words, chars int32
	// The sums of the words and of the characters, in lanes of 16 bits, and how many
	// features of characters are in these since they were drained.
	even, odd, charEven, charOdd [notedStride]uint64
	undrained                    int32
	wordModels, charModels       [notedStride * lanes]int32
}

// collect reads a text as extract does, but for the words of which there are
// notes only their pairs become features of scratch; what else they add goes to
// scratch.noted.
func (s *Set) collect(r *wordbook.Reading, targets []Span, scratch *Scratch) {
	scratch.reset()
	scratch.noted = notedSums{}
	r.Serve(wordbook.Linear, s)
	known, next, end := r.Words, 0, len(r.Text)
	for i := 0; i < end; {
		if next == len(known) || !known[next].Plain || int(known[next].From) > i {
			i = s.hasher.next(r.Text, i, end, &targets, scratch)
			for next < len(known) && int(known[next].Start) < i {
				next++
			}
			continue
		}
		w := &known[next]
		i, next = int(w.End), next+1
		if len(targets) > 0 && masked(&targets, int(w.Start), i) {
			s.hasher.emit(tokenTarget, int(w.Start), i, classTarget, scratch)
			continue
		}
		noted := r.Note(w)
		if !noted.Knows(wordbook.Linear) {
			note := s.note(r.Text[w.Start:w.End], scratch)
			note.write(noted)
		}
		scratch.noted.add(noted)
		s.hasher.addPairs(noted.Linear[0], uint8(noted.LinearMore&(1<<classBits-1)), scratch)
	}
}

// note works out what a word adds.
func (s *Set) note(word string, scratch *Scratch) wordNote {
	reader := words.Reader{Text: word, End: len(word), Buffer: &scratch.buffer}
	reader.Read()
	hash, class := s.hasher.canonical(scratch.buffer[1:1+reader.N], scratch)
	note := wordNote{hash: hash, class: class}
	bucket := int(hash * mixer >> s.hasher.wordShift)
	note.squares = s.words.squares[bucket]
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
	if t.stride == 2 {
		n.even[0], n.odd[0], n.even[1], n.odd[1], n.charSquares = t.sumTwo(buckets)
		return
	}
	for _, b := range buckets {
		n.charSquares += int32(t.squares[b])
	}
	for k := range t.stride {
		n.even[k], n.odd[k] = t.sumOne(k, buckets)
	}
}

// add adds a word.
func (n *notedSums) add(note *wordbook.Note) {
	l, more := &note.Linear, note.LinearMore
	n.even[0] += l[1] & evenBytes
	n.odd[0] += l[1] >> 8 & evenBytes
	n.even[1] += l[2] & evenBytes
	n.odd[1] += l[2] >> 8 & evenBytes
	chars := int32(more >> charsAt & (1<<charsBits - 1))
	if n.undrained += chars; n.undrained > mostAdded {
		n.drainChars()
		n.undrained = chars
	}
	n.charEven[0] += l[3]
	n.charEven[1] += l[4]
	n.charOdd[0] += l[5]
	n.charOdd[1] += l[6]
	n.chars += chars
	n.squares += int32(more >> squaresAt & 0xff)
	n.charSquares += int32(more >> charSquaresAt)
	if n.words++; n.words%mostAdded == 0 {
		n.drain()
	}
}

// drain makes room in the lanes of the words.
func (n *notedSums) drain() {
	for k := range notedStride {
		spill(n.wordModels[k*lanes:], n.even[k], n.odd[k])
		n.even[k], n.odd[k] = 0, 0
	}
}

// drainChars makes room in those of the characters.
func (n *notedSums) drainChars() {
	for k := range notedStride {
		spill(n.charModels[k*lanes:], n.charEven[k], n.charOdd[k])
		n.charEven[k], n.charOdd[k] = 0, 0
	}
}

// spill adds the sums to those of the other features of a text.
func (n *notedSums) spill(words, chars *tally) {
	n.drain()
	n.drainChars()
	words.features += n.words
	words.squares += n.squares
	chars.features += n.chars
	chars.squares += n.charSquares
	for i, sum := range n.wordModels {
		words.models[i] += sum
		chars.models[i] += n.charModels[i]
	}
}
