package worker

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/netra-id/netra/pipeline/post"
)

// window remembers the posts of the last offsets of one partition, so that a
// repeat is recognised. Whether a record is a repeat depends on the log alone:
// a batch that is rebuilt has the same repeats.
type window struct {
	size int64
	seed maphash.Seed
	// newest holds, by the hash of a post's id, its newest record.
	newest map[uint64]sighting
	// order holds the hashes by offset, for forgetting; head is the oldest.
	order []ordered
	head  int
}

type sighting struct {
	offset  int64
	content uint64
}

type ordered struct {
	offset int64
	id     uint64
}

// repeat says what a record is in respect of those before it.
type repeat int

const (
	notRepeat repeat = iota
	// sameRepeat has the content of the newest record of the post.
	sameRepeat
	// editRepeat is the same post with other content.
	editRepeat
)

func newWindow(size int) *window {
	return &window{size: int64(size), seed: maphash.MakeSeed(), newest: map[uint64]sighting{}}
}

// see says whether the post at offset repeats one of the size offsets before
// it, and remembers it. Offsets must grow.
func (w *window) see(offset int64, p *post.Post) repeat {
	if w.size == 0 {
		return notRepeat
	}
	w.forget(offset - w.size)
	id, content := maphash.String(w.seed, p.ID), w.content(p)
	before, known := w.newest[id]
	w.newest[id] = sighting{offset, content}
	w.order = append(w.order, ordered{offset, id})
	switch {
	case !known:
		return notRepeat
	case before.content == content:
		return sameRepeat
	default:
		return editRepeat
	}
}

// forget drops what lies before the oldest offset.
func (w *window) forget(oldest int64) {
	for w.head < len(w.order) && w.order[w.head].offset < oldest {
		entry := w.order[w.head]
		if w.newest[entry.id].offset == entry.offset {
			delete(w.newest, entry.id)
		}
		w.head++
	}
	if w.head > len(w.order)/2 {
		w.order = append(w.order[:0], w.order[w.head:]...)
		w.head = 0
	}
}

// content hashes what a person reads and what a verdict rests on. When and by
// whom the post was collected is not part of it.
func (w *window) content(p *post.Post) uint64 {
	var h maphash.Hash
	h.SetSeed(w.seed)
	text := func(s string) {
		var length [8]byte
		binary.LittleEndian.PutUint64(length[:], uint64(len(s)))
		_, _ = h.Write(length[:]) // a Hash never fails
		_, _ = h.WriteString(s)
	}
	for _, s := range []string{
		p.Platform, string(p.Kind), p.Account.ID, p.URL, p.Text, p.Quoted, p.InReplyTo,
	} {
		text(s)
	}
	for _, media := range p.Media {
		text(media.Type)
		text(media.URL)
		text(media.Alt)
		text(media.SHA256)
	}
	var at [8]byte
	binary.LittleEndian.PutUint64(at[:], uint64(p.CreatedAt.UnixNano()))
	_, _ = h.Write(at[:])
	return h.Sum64()
}
