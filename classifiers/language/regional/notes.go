package regional

import "github.com/netra-id/netra/classifiers/wordbook"

// noteOf gives the note of a plain word of the reading: what it adds to the score
// of each language, with how many features it has, 0 where it is passed over.
func (m *Model) noteOf(r *wordbook.Reading, w *wordbook.Word, scratch *Scratch) *wordbook.Note {
	note := r.Note(w)
	if !note.Knows(wordbook.Regional) {
		note.RegionalMore = 0
		reader := wordReader{text: r.Text[:w.End], at: int(w.Start)}
		if codes, packed := reader.step(scratch.buffer[:]); len(codes) > 0 {
			m.fill(note, codes, packed, scratch)
		}
	}
	return note
}

// noteOfCodes gives the note of a word that stands in the text in another form:
// of the letters a to z it has a place, too.
func (m *Model) noteOfCodes(r *wordbook.Reading, codes []byte, packed word, scratch *Scratch) *wordbook.Note {
	var letters [3]uint64
	for i, code := range codes {
		if code > 26 {
			m.fill(&scratch.note, codes, packed, scratch)
			return &scratch.note
		}
		letters[i>>3] |= uint64('a'-1+code) << (i & 7 * 8)
	}
	note := r.NoteOf(letters)
	if !note.Knows(wordbook.Regional) {
		m.fill(note, codes, packed, scratch)
	}
	return note
}
