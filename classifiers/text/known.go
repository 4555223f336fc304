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

// pack writes what a word was recognised as for the book of words.
func (r *resolved) pack() [3]uint64 {
	more := uint64(uint8(r.number))
	if r.altered {
		more |= 1 << 8
	}
	return [3]uint64{uint64(r.word) | uint64(r.stem)<<32, uint64(r.root) | uint64(r.prefix)<<32, more}
}

func unpackResolved(packed [3]uint64) resolved {
	return resolved{
		word: ID(packed[0]), stem: ID(packed[0] >> 32), root: ID(packed[1]), prefix: ID(packed[1] >> 32),
		number: int8(packed[2]), altered: packed[2]>>8&1 == 1,
	}
}
