package regional

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

// wordSums are the sums over the features of one word, of even and odd bytes of
// the rows, in lanes of 16 bits. A word has too few features to fill them.
type wordSums struct{ even, odd [rowWords]uint64 }

// textSums are the sums over the words of one text in lanes of 32 bits, which
// maxWords words cannot fill: the lowest lane of 16 of each pair, and the highest.
type textSums struct{ evenLow, evenHigh, oddLow, oddHigh [rowWords]uint64 }

func (t *textSums) add(w *wordSums) {
	const low = 0x0000FFFF0000FFFF
	for i := range rowWords {
		t.evenLow[i] += w.even[i] & low
		t.evenHigh[i] += w.even[i] >> 16 & low
		t.oddLow[i] += w.odd[i] & low
		t.oddHigh[i] += w.odd[i] >> 16 & low
	}
}

// of is the sum of the weights of a language over count features.
func (t *textSums) of(class, count int) int {
	lanes := [4]*[rowWords]uint64{&t.evenLow, &t.oddLow, &t.evenHigh, &t.oddHigh}[class%4]
	return int(uint32(lanes[class/8]>>(class%8/4*32))) - rowOffset*count
}
