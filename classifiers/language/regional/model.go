// Package regional tells the languages of Indonesia apart by a linear model
// over words and parts of words: which regional language a text is written in,
// or that it is Indonesian, English or Malay. Package language joins its answer
// with lingua's; `netra train language` fits it.
package regional

import "math"

// MaxClasses is how many languages a model may have at most.
const MaxClasses = 23

// A row holds the weights of one bucket, a byte each with rowOffset added.
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

// Model holds the weights of a multinomial logistic regression. It is immutable
// and safe for concurrent use.
type Model struct {
	codes      []string
	bucketBits uint
	bias       []float32
	// unit is the value of a weight of 1.
	unit float32
	rows []row
}

// Codes are the model's languages, in the order of its scores.
func (m *Model) Codes() []string { return m.codes }

// scores are the unnormalised log-probabilities of the languages.
type scores [MaxClasses]float32

// wordWeights is what one word adds to the score of each language, and its
// number of features. It fills one cache line.
type wordWeights struct {
	key      word
	sums     [MaxClasses]int16
	features int16
}

// cacheSize is the number of words whose weights a Scratch keeps.
const cacheSize = 1 << 12

// Scratch is the working memory of scoring one text, and a cache of the weights
// of words. The zero value is ready. It serves one goroutine and one model.
type Scratch struct {
	buffer  [longestWord]byte
	buckets [maxFeatures]uint32
	cache   []wordWeights
}

// Answer is what the model says of one text.
type Answer struct {
	// Words is the number of words that were looked at.
	Words int
	// Best is the place in Codes of the likeliest language.
	Best int
	// Probabilities, in the order of Codes; all zero where there were no words.
	Probabilities [MaxClasses]float32
}

// Answer scores a text into answer.
func (m *Model) Answer(text string, scratch *Scratch, answer *Answer) {
	if scratch.cache == nil {
		scratch.cache = make([]wordWeights, cacheSize)
	}
	var sums [MaxClasses]int32
	words, count := 0, 0
	reader := wordReader{text: text}
	for {
		codes, packed := reader.next(scratch.buffer[:])
		if len(codes) == 0 {
			break
		}
		added := m.wordWeights(codes, packed, scratch)
		for i := range sums {
			sums[i] += int32(added.sums[i])
		}
		words++
		count += int(added.features)
	}
	*answer = Answer{Words: words}
	if words == 0 {
		return
	}
	var total scores
	factor := m.unit / float32(math.Sqrt(float64(count)))
	for i := range m.codes {
		total[i] = float32(sums[i])*factor + m.bias[i]
	}
	answer.Best = softmax(&total, len(m.codes), &answer.Probabilities)
}

func (m *Model) wordWeights(codes []byte, packed word, scratch *Scratch) *wordWeights {
	place := (packed.first ^ packed.second*0xC2B2AE3D27D4EB4F) * 0x9E3779B97F4A7C15 >> 52
	cached := &scratch.cache[place&(cacheSize-1)]
	if cached.key == packed {
		return cached
	}
	buckets := features(scratch.buckets[:0], codes, packed, m.bucketBits)
	*cached = wordWeights{key: packed, features: int16(len(buckets) + wordFactor - 1)}
	m.sum(buckets, &cached.sums)
	return cached
}

// sum adds the rows of the buckets up, eight weights at a time: each byte is a
// weight plus rowOffset, and even and odd bytes go to lanes of 16 bits, which
// maxFeatures of them cannot fill.
func (m *Model) sum(buckets []uint32, sums *[MaxClasses]int16) {
	const evenBytes = 0x00FF00FF00FF00FF
	var even, odd [rowWords]uint64
	for i, weights := range &m.rows[buckets[0]] {
		even[i] = weights & evenBytes * wordFactor
		odd[i] = weights >> 8 & evenBytes * wordFactor
	}
	for _, bucket := range buckets[1:] {
		row := &m.rows[bucket]
		even[0] += row[0] & evenBytes
		odd[0] += row[0] >> 8 & evenBytes
		even[1] += row[1] & evenBytes
		odd[1] += row[1] >> 8 & evenBytes
		even[2] += row[2] & evenBytes
		odd[2] += row[2] >> 8 & evenBytes
	}
	offset := rowOffset * (len(buckets) + wordFactor - 1)
	for i := range sums {
		lanes := even[i/8]
		if i&1 == 1 {
			lanes = odd[i/8]
		}
		sums[i] = int16(int(uint16(lanes>>(i%8/2*16))) - offset)
	}
}

// softmax fills the probabilities and returns the place of the largest.
func softmax(total *scores, count int, probabilities *[MaxClasses]float32) int {
	best := 0
	for i := range count {
		if total[i] > total[best] {
			best = i
		}
	}
	sum := float32(0)
	for i := range count {
		// What is e^-10 of the best is nothing.
		if behind := total[best] - total[i]; behind < 10 {
			probabilities[i] = float32(math.Exp(-float64(behind)))
			sum += probabilities[i]
		}
	}
	for i := range count {
		probabilities[i] /= sum
	}
	return best
}
