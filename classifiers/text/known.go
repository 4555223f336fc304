package text

import (
	"encoding/binary"
	"slices"

	"github.com/netra-id/netra/classifiers/wordbook"
)

// emitKnown adds a plain word of the reading: what scanWord would find.
func (a *Analyzer) emitKnown(d *Doc, words *wordbook.Reading, w *wordbook.Word) {
	from, length := len(d.norm), int(w.End-w.Start)
	if cap(d.norm) < from+wordbook.Longest {
		d.norm = slices.Grow(d.norm, len(d.Text)+wordbook.Longest)
	}
	note := words.Note(w)
	letters := note.Lower()
	norm := d.norm[from : from+wordbook.Longest]
	binary.LittleEndian.PutUint64(norm[0:], letters[0])
	binary.LittleEndian.PutUint64(norm[8:], letters[1])
	binary.LittleEndian.PutUint64(norm[16:], letters[2])
	d.norm = d.norm[:from+length]
	if !note.Knows(wordbook.Text) {
		r := a.recognise(&d.state.stems, d.norm[from:], hashBytes(d.norm[from:], a.vocabulary.seed), w.Repeated)
		note.Text = r.pack()
	}
	if length > 1 && !w.Repeated && !w.AllCaps && d.state.single < 0 {
		a.addKnown(d, w, from, &note.Text)
		return
	}
	r := unpackResolved(note.Text)
	var flags Flags
	if w.Capital {
		flags = Capital
		if w.AllCaps && length > 1 {
			flags |= AllCaps
		}
	}
	a.emitResolved(d, int(w.Start), int(w.End), from, &r, w.Repeated, flags)
}

// addKnown is emitResolved for a word of two letters and more that has nothing
// unusual.
func (a *Analyzer) addKnown(d *Doc, w *wordbook.Word, from int, packed *[3]uint64) {
	st, t := &d.state, d.grow()
	flags := Flags(0)
	if w.Capital {
		flags = Capital
	}
	if packed[2]&packedAltered != 0 {
		flags |= Altered
	}
	if st.lineStart {
		flags |= LineStart
		st.lineStart = false
	}
	t.Start, t.End, t.normStart, t.normEnd = w.Start, w.End, int32(from), int32(len(d.norm))
	t.Word, t.Stem, t.Root, t.Prefix = ID(packed[0]), ID(packed[0]>>32), ID(packed[1]), ID(packed[1]>>32)
	t.Pos, t.Sentence, t.Clause = st.pos, st.sentence, st.clause
	t.Flags, t.Kind, t.Number = flags, Word, int8(packed[2])
	st.pos++
	if w.Start > 0 && asciiJoins[d.Text[w.Start-1]] {
		a.mergeHalves(d)
	}
}

// packedAltered is the bit of a packed word that was altered.
const packedAltered = 1 << 8

// pack writes what a word was recognised as for the book of words.
func (r *resolved) pack() [3]uint64 {
	more := uint64(uint8(r.number))
	if r.altered {
		more |= packedAltered
	}
	return [3]uint64{uint64(r.word) | uint64(r.stem)<<32, uint64(r.root) | uint64(r.prefix)<<32, more}
}

func unpackResolved(packed [3]uint64) resolved {
	return resolved{
		word: ID(packed[0]), stem: ID(packed[0] >> 32), root: ID(packed[1]), prefix: ID(packed[1] >> 32),
		number: int8(packed[2]), altered: packed[2]&packedAltered != 0,
	}
}
