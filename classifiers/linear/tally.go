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
	for _, b := range buckets {
		s.squares += int32(t.squares[b])
	}
	for len(buckets) > 0 {
		part := buckets[:min(len(buckets), mostAdded)]
		buckets = buckets[len(part):]
		if t.stride == 2 {
			s.addTwo(t.weights, part)
			continue
		}
		for word := range t.stride {
			s.addOne(t, word, part)
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

// addTwo is addOne for both words of tables that have two.
func (s *tally) addTwo(weights []uint64, buckets []uint32) {
	even0, odd0, even1, odd1 := sumTwo(weights, buckets)
	spill(s.models[0:], even0, odd0)
	spill(s.models[lanes:], even1, odd1)
}

// sumTwo is sumOne for both words of tables that have two.
func sumTwo(weights []uint64, buckets []uint32) (even0, odd0, even1, odd1 uint64) {
	for _, b := range buckets {
		x := weights[2*b : 2*b+2 : 2*b+2]
		even0 += x[0] & evenBytes
		odd0 += x[0] >> 8 & evenBytes
		even1 += x[1] & evenBytes
		odd1 += x[1] >> 8 & evenBytes
	}
	return even0, odd0, even1, odd1
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
