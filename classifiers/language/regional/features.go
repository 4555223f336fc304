package regional

// A word's features are the word itself and the n-grams of 2 to 5 characters in
// it, with its edges as characters. Each one is a bucket of the weights.
const (
	shortestGram = 2
	longestGram  = 5
	// wordFactor is how many times the word itself, the first feature, counts.
	wordFactor = 3
	// maxFeatures bounds the features of one word.
	maxFeatures = 1 + (longestWord+2)*(longestGram-shortestGram+1)
)

// features appends the buckets of a word's features, the word itself first.
func features(buckets []uint32, codes []byte, packed word, bucketBits uint) []uint32 {
	shift := 64 - bucketBits
	whole := (packed.first*hashFactor ^ (packed.second+1)*0xC2B2AE3D27D4EB4F) * 0xD6E8FEB86659FD93 >> shift
	buckets = append(buckets, uint32(whole))
	// The last five characters, the newest in the lowest bits.
	window := uint64(wordEdge)
	for i := range len(codes) + 1 {
		code := uint64(wordEdge)
		if i < len(codes) {
			code = uint64(codes[i])
		}
		window = window<<codeBits | code
		switch i {
		case 0:
			buckets = append(buckets, bucketOf(window, 2, shift))
		case 1:
			buckets = append(buckets, bucketOf(window, 2, shift), bucketOf(window, 3, shift))
		case 2:
			buckets = append(buckets, bucketOf(window, 2, shift), bucketOf(window, 3, shift), bucketOf(window, 4, shift))
		default:
			buckets = append(buckets, bucketOf(window, 2, shift), bucketOf(window, 3, shift), bucketOf(window, 4, shift), bucketOf(window, 5, shift))
		}
	}
	return buckets
}

const hashFactor = 0x9E3779B97F4A7C15

// bucketOf is the bucket of the last characters of a window, as many as length.
func bucketOf(window uint64, length, shift uint) uint32 {
	gram := window&(1<<(length*codeBits)-1) | uint64(length)<<(longestGram*codeBits)
	return uint32(gram * hashFactor >> (shift & 63))
}

// featureCounts is the number of features of a word by its length, the word
// itself counted wordFactor times.
var featureCounts = func() (counts [longestWord + 1]int) {
	for length := range counts {
		word := make([]byte, length)
		counts[length] = len(features(nil, word, packWord(word), 1)) + wordFactor - 1
	}
	return counts
}()
