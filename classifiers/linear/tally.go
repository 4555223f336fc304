package linear

// tally adds up what the features of one block weigh in a text. Eight bytes are
// added at once, as two words of four sums of 16 bits.
type tally struct {
	features int32
	squares  int32
	models   [maxStride * lanes]int32
}

const (
	evenBytes = 0x00ff00ff00ff00ff
	// mostAdded is how many bytes a sum of 16 bits holds.
	mostAdded = 256
)

// add adds the buckets of a table.
func (s *tally) add(t *table, buckets []uint32) {
	s.features += int32(len(buckets))
	for len(buckets) > 0 {
		part := buckets[:min(len(buckets), mostAdded)]
		buckets = buckets[len(part):]
		if t.stride == 2 {
			s.addTwo(t, part)
			continue
		}
		for word := range t.stride {
			s.addOne(t, word, part)
		}
		for _, b := range part {
			s.squares += int32(t.squares[b])
		}
	}
}

func (s *tally) addOne(t *table, word int, buckets []uint32) {
	even, odd := t.sumOne(word, buckets)
	spill(s.models[word*lanes:], even, odd)
}

// sumOne sums one word of the buckets, the even bytes and the odd ones.
func (t *table) sumOne(word int, buckets []uint32) (even, odd uint64) {
	for _, b := range buckets {
		x := t.weights[int(b)*t.stride+word]
		even += x & evenBytes
		odd += x >> 8 & evenBytes
	}
	return even, odd
}

// addTwo is add for up to mostAdded buckets of tables that have two words.
func (s *tally) addTwo(t *table, buckets []uint32) {
	even0, odd0, even1, odd1, squares := t.sumTwo(buckets)
	s.squares += squares
	spill(s.models[0:], even0, odd0)
	spill(s.models[lanes:], even1, odd1)
}

// sumTwo is sumOne for both words of tables that have two, with the sum of the
// squares.
func (t *table) sumTwo(buckets []uint32) (even0, odd0, even1, odd1 uint64, squares int32) {
	for _, b := range buckets {
		x, y := t.weights[2*int(b)], t.weights[2*int(b)+1]
		even0 += x & evenBytes
		odd0 += x >> 8 & evenBytes
		even1 += y & evenBytes
		odd1 += y >> 8 & evenBytes
		squares += int32(t.squares[b])
	}
	return even0, odd0, even1, odd1, squares
}

// spill adds lanes of 16 bits, of even and odd bytes, to the sums of a table's
// word.
func spill(sums []int32, even, odd uint64) {
	sums = sums[:lanes]
	for i := range 4 {
		sums[2*i] += int32(even >> (16 * i) & 0xffff)
		sums[2*i+1] += int32(odd >> (16 * i) & 0xffff)
	}
}
