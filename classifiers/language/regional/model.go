// Package regional tells the languages of Indonesia apart by a linear model
// over words and parts of words: which regional language a text is written in,
// or that it is Indonesian, English or Malay. Package language joins its answer
// with lingua's; `netra train language` fits it.
package regional

import (
	"math"

	"github.com/netra-id/netra/classifiers/wordbook"
)

// MaxClasses is how many languages a model may have at most.
const MaxClasses = 23

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

// Scratch is the working memory of scoring one text. The zero value is
// ready. It serves one goroutine at a time.
type Scratch struct {
	buffer  [longestWord]byte
	buckets [maxFeatures]uint32
	book    wordbook.Book // for texts that nobody else has read
	reading wordbook.Reading
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

// maxWords is how many words of a text are looked at.
const maxWords = 1 << 16

// Answer scores a text into answer.
func (m *Model) Answer(text string, scratch *Scratch, answer *Answer) {
	scratch.book.Read(text, &scratch.reading)
	m.AnswerReading(&scratch.reading, scratch, answer)
}

// AnswerReading is Answer for a text that was read for others, too.
func (m *Model) AnswerReading(r *wordbook.Reading, scratch *Scratch, answer *Answer) {
	r.Serve(wordbook.Regional, m)
	var sums textSums
	var note wordNote
	words, count := 0, 0
	reader, known := wordReader{text: r.Text}, r.Words
	for words < maxWords && reader.at < len(r.Text) {
		for len(known) > 0 && int(known[0].Start) < reader.at {
			known = known[1:]
		}
		note.features = 0
		if len(known) > 0 && known[0].Plain && int(known[0].From) <= reader.at {
			m.noteOf(r, &known[0], scratch, &note)
			reader.at = int(known[0].End)
		} else if codes, packed := reader.step(scratch.buffer[:]); len(codes) > 0 {
			m.noteOfCodes(r, codes, packed, scratch, &note)
		}
		if note.features == 0 {
			continue
		}
		sums.add(&note.sums)
		words++
		count += note.features
	}
	*answer = Answer{Words: words}
	if words == 0 {
		return
	}
	var total scores
	factor := m.unit / float32(math.Sqrt(float64(count)))
	for i := range m.codes {
		total[i] = float32(sums.of(i, count))*factor + m.bias[i]
	}
	answer.Best = softmax(&total, len(m.codes), &answer.Probabilities)
}

// sum adds the rows of the buckets up, the first wordFactor times.
func (m *Model) sum(buckets []uint32, sums *wordSums) {
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
	*sums = wordSums{even: even, odd: odd}
}

const (
	// farBehind is the distance in logarithms from which nothing is left: e^-10.
	farBehind = 10
	// powerSteps is how finely powers are tabled between whole numbers.
	powerSteps = 256
)

// powers holds e^-x in steps of 1/powerSteps; between them a straight line is
// right to 2e-6.
var powers = func() (table [farBehind*powerSteps + 2]float32) {
	for i := range table {
		table[i] = float32(math.Exp(-float64(i) / powerSteps))
	}
	return table
}()

// power is e^-x for x from 0 to farBehind.
func power(x float32) float32 {
	place := x * powerSteps
	step := int(place)
	return powers[step] + (powers[step+1]-powers[step])*(place-float32(step))
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
		if behind := total[best] - total[i]; behind < farBehind {
			probabilities[i] = power(behind)
			sum += probabilities[i]
		}
	}
	scale := 1 / sum
	for i := range count {
		probabilities[i] *= scale
	}
	return best
}
