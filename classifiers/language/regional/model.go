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
	note    wordbook.Note // of a word that has no place in the book
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
	words, count := 0, 0
	reader, known, next := wordReader{text: r.Text}, r.Words, 0
	for words < maxWords && reader.at < len(r.Text) {
		var note *wordbook.Note
		if next < len(known) && known[next].Plain && int(known[next].From) <= reader.at {
			note = m.noteOf(r, &known[next], scratch)
			reader.at, next = int(known[next].End), next+1
		} else {
			codes, packed := reader.step(scratch.buffer[:])
			for next < len(known) && int(known[next].Start) < reader.at {
				next++
			}
			if len(codes) == 0 {
				continue
			}
			note = m.noteOfCodes(r, codes, packed, scratch)
		}
		if features := int(note.RegionalMore); features > 0 {
			sums.add(&note.Regional, features)
			words++
			count += features
		}
	}
	*answer = Answer{Words: words}
	if words > 0 {
		m.weigh(&sums, count, answer)
	}
}

// weigh makes probabilities of the sums over count features.
func (m *Model) weigh(sums *textSums, count int, answer *Answer) {
	sums.drain()
	var total scores
	factor := m.unit / float32(math.Sqrt(float64(count)))
	for i, bias := range m.bias[:min(len(m.codes), MaxClasses)] {
		total[i] = float32(sums.languages[i]-rowOffset*count)*factor + bias
	}
	answer.Best = softmax(&total, len(m.codes), &answer.Probabilities)
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
	best, highest := 0, total[0]
	for i, score := range total[:count] {
		if score > highest {
			best, highest = i, score
		}
	}
	sum := float32(0)
	for i, score := range total[:count] {
		if behind := highest - score; behind < farBehind {
			probabilities[i] = power(behind)
			sum += probabilities[i]
		}
	}
	scale := 1 / sum
	for i := range probabilities[:count] {
		probabilities[i] *= scale
	}
	return best
}
