package regional

import "github.com/netra-id/netra/classifiers/wordbook"

// Weights are added up several at a time in the lanes of 64-bit numbers. So that
// lanes do not borrow from each other, a weight is stored with rowOffset added,
// and what came in so is taken off at the end.

// A row holds the weights of one bucket, a byte a language.
const (
	rowWords  = 3
	rowOffset = 128
)

type row [rowWords]uint64

func (r *row) set(class int, weight int8) {
	r[class/8] |= uint64(uint8(int(weight)+rowOffset)) << (class % 8 * 8)
}

func (r *row) weight(class int) int8 {
	return int8(int(uint8(r[class/8]>>(class%8*8))) - rowOffset)
}

// mostAdded is how many bytes a lane of 16 bits holds. A word has fewer features.
const mostAdded = 257

// textSums are the sums over the words of one text.
type textSums struct {
	// even and odd are those of the even and odd bytes of the rows, in lanes of 16
	// bits, and pending how many features are in them.
	even, odd [rowWords]uint64
	pending   int
	// languages are the sums that were in the lanes before, by language.
	languages [rowWords * 8]int
}

// add adds a word, of which the note has the sums, with its number of features.
func (t *textSums) add(note *[2 * rowWords]uint64, features int) {
	if t.pending += features; t.pending > mostAdded {
		t.drain()
		t.pending = features
	}
	t.even[0] += note[0]
	t.even[1] += note[1]
	t.even[2] += note[2]
	t.odd[0] += note[3]
	t.odd[1] += note[4]
	t.odd[2] += note[5]
}

// drain makes room in the lanes.
func (t *textSums) drain() {
	for i := range rowWords {
		even, odd, sums := t.even[i], t.odd[i], t.languages[8*i:8*i+8]
		for k := range uint(4) {
			sums[2*k] += int(even >> (16 * k) & 0xFFFF)
			sums[2*k+1] += int(odd >> (16 * k) & 0xFFFF)
		}
	}
	t.even, t.odd = [rowWords]uint64{}, [rowWords]uint64{}
}

// fill notes the sums of a word: those of its buckets, the first wordFactor times.
func (m *Model) fill(note *wordbook.Note, codes []byte, packed word, scratch *Scratch) {
	note.RegionalMore = uint32(featureCounts[len(codes)])
	buckets := features(scratch.buckets[:0], codes, packed, m.bucketBits)
	const evenBytes = 0x00FF00FF00FF00FF
	first := &m.rows[buckets[0]]
	even0, odd0 := first[0]&evenBytes*wordFactor, first[0]>>8&evenBytes*wordFactor
	even1, odd1 := first[1]&evenBytes*wordFactor, first[1]>>8&evenBytes*wordFactor
	even2, odd2 := first[2]&evenBytes*wordFactor, first[2]>>8&evenBytes*wordFactor
	for _, bucket := range buckets[1:] {
		row := &m.rows[bucket]
		even0 += row[0] & evenBytes
		odd0 += row[0] >> 8 & evenBytes
		even1 += row[1] & evenBytes
		odd1 += row[1] >> 8 & evenBytes
		even2 += row[2] & evenBytes
		odd2 += row[2] >> 8 & evenBytes
	}
	note.Regional = [2 * rowWords]uint64{even0, even1, even2, odd0, odd1, odd2}
}
