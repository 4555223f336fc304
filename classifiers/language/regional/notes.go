package regional

import "github.com/netra-id/netra/classifiers/wordbook"

// wordNote is what a word adds to the score of each language.
type wordNote struct {
	// features is how many features the word has, 0 where it is passed over.
	features int
	sums     wordSums
}

// noteOf gives the note of a plain word of the reading.
func (m *Model) noteOf(r *wordbook.Reading, w *wordbook.Word, scratch *Scratch, into *wordNote) {
	note := r.Note(w)
	if !note.Knows(wordbook.Regional) {
		note.RegionalMore = 0
		reader := wordReader{text: r.Text[:w.End], at: int(w.Start)}
		if codes, packed := reader.step(scratch.buffer[:]); len(codes) > 0 {
			m.fill(note, codes, packed, scratch)
		}
	}
	into.read(note)
}

// noteOfCodes gives the note of a word that stands in the text in another form:
// of the letters a to z it has a place, too.
func (m *Model) noteOfCodes(r *wordbook.Reading, codes []byte, packed word, scratch *Scratch, into *wordNote) {
	var letters [3]uint64
	for i, code := range codes {
		if code > 26 {
			var note wordbook.Note
			m.fill(&note, codes, packed, scratch)
			into.read(&note)
			return
		}
		letters[i>>3] |= uint64('a'-1+code) << (i & 7 * 8)
	}
	note := r.NoteOf(letters)
	if !note.Knows(wordbook.Regional) {
		m.fill(note, codes, packed, scratch)
	}
	into.read(note)
}

func (m *Model) fill(note *wordbook.Note, codes []byte, packed word, scratch *Scratch) {
	note.RegionalMore = uint32(featureCounts[len(codes)])
	var sums wordSums
	m.sum(features(scratch.buckets[:0], codes, packed, m.bucketBits), &sums)
	note.Regional = [6]uint64{sums.even[0], sums.even[1], sums.even[2], sums.odd[0], sums.odd[1], sums.odd[2]}
}

func (n *wordNote) read(note *wordbook.Note) {
	n.features = int(note.RegionalMore)
	sums := &note.Regional
	n.sums = wordSums{even: [rowWords]uint64{sums[0], sums[1], sums[2]}, odd: [rowWords]uint64{sums[3], sums[4], sums[5]}}
}
