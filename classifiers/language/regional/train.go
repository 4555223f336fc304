package regional

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
)

// Sample is one text of a known language.
type Sample struct {
	Text string
	// Language is an ISO 639-1 code where there is one, else 639-3.
	Language string
	// Source names where the text is from.
	Source string
	// Assumed says that nobody looked at the language: all texts of the source
	// were taken to be in it, though some are not.
	Assumed bool
	// Doubted says that the language is likely wrong: of texts that lingua's data
	// calls Malay most are Indonesian.
	Doubted bool
	// Written says that the text was written for this project.
	Written bool
}

// TrainingOptions say how weights are fitted.
type TrainingOptions struct {
	// BucketBits is the binary logarithm of the number of buckets.
	BucketBits uint
	Epochs     int
	// Rate is the step of AdaGrad; Decay pulls weights to zero.
	Rate, Decay float64
	// ShortestPiece and LongestPiece bound, in words, the pieces of samples that
	// are learned beside the whole ones, so that short posts are known too.
	ShortestPiece, LongestPiece int
	// Balance is the exponent by which rare languages weigh more: 0 not at all, 1
	// until all languages weigh the same.
	Balance float64
	// Doubt is the probability of its language below which an assumed sample is
	// left out.
	Doubt float64
	// Sure is the probability from which Indonesian that was not written for this
	// project is taken for Malay, and below which doubted samples are left out.
	Sure float64
	Seed uint64
}

// DefaultTrainingOptions are those of the shipped model.
func DefaultTrainingOptions() TrainingOptions {
	return TrainingOptions{
		BucketBits: 16, Epochs: 6, Rate: 0.3, Decay: 5e-4,
		ShortestPiece: 2, LongestPiece: 8, Balance: 0.5, Doubt: 0.15, Sure: 0.6, Seed: 1,
	}
}

// Train fits a model. The same samples in the same order and the same options
// give the same model.
func Train(samples []Sample, options TrainingOptions) (*Model, error) {
	t, err := newTrainer(samples, options)
	if err != nil {
		return nil, err
	}
	t.reconsider()
	t.fit(options.Epochs)
	return t.model(), nil
}

// fit goes over the samples epochs times, in ever smaller steps.
func (t *trainer) fit(epochs int) {
	for epoch := range epochs {
		t.epoch(t.options.Rate * (1 - float64(epoch)/float64(epochs)))
	}
}

// forget starts anew.
func (t *trainer) forget() {
	clear(t.weights)
	clear(t.squares)
	t.bias, t.biasSum = [MaxClasses]float32{}, [MaxClasses]float32{}
}

// trainer holds the weights as they are fitted, and the samples as word numbers.
type trainer struct {
	options TrainingOptions
	random  *rand.Rand
	codes   []string
	// classWeights are what one sample of each language weighs.
	classWeights []float32
	// buckets are the features of each distinct word.
	buckets  [][]uint32
	examples []example
	weights  []float32
	squares  []float32
	bias     [MaxClasses]float32
	biasSum  [MaxClasses]float32
}

type example struct {
	words  []int32
	class  int
	weight float32

	assumed, doubted, written bool
}

func newTrainer(samples []Sample, options TrainingOptions) (*trainer, error) {
	t := &trainer{options: options, random: rand.New(rand.NewPCG(options.Seed, 0))}
	counts := map[string]int{}
	for _, sample := range samples {
		counts[sample.Language]++
	}
	for code := range counts {
		t.codes = append(t.codes, code)
	}
	slices.Sort(t.codes)
	if len(t.codes) < 2 || len(t.codes) > MaxClasses {
		return nil, errors.New("train: the samples must be of 2 to 23 languages")
	}
	size := MaxClasses << options.BucketBits
	t.weights, t.squares = make([]float32, size), make([]float32, size)
	t.addExamples(samples, counts)
	return t, nil
}

func (t *trainer) addExamples(samples []Sample, counts map[string]int) {
	numbers := map[word]int32{}
	mean := float64(len(samples)) / float64(len(t.codes))
	for _, code := range t.codes {
		weight := math.Pow(mean/float64(counts[code]), t.options.Balance)
		t.classWeights = append(t.classWeights, float32(weight))
	}
	var buffer [longestWord]byte
	for _, sample := range samples {
		class, _ := slices.BinarySearch(t.codes, sample.Language)
		added := example{class: class, weight: t.classWeights[class],
			assumed: sample.Assumed, doubted: sample.Doubted, written: sample.Written}
		reader := wordReader{text: sample.Text}
		for {
			codes, packed := reader.next(buffer[:])
			if len(codes) == 0 {
				break
			}
			number, ok := numbers[packed]
			if !ok {
				number = int32(len(t.buckets))
				numbers[packed] = number
				found := features(nil, codes, packed, t.options.BucketBits)
				t.buckets = append(t.buckets, append(found, slices.Repeat(found[:1], wordFactor-1)...))
			}
			added.words = append(added.words, number)
		}
		if len(added.words) > 0 {
			t.examples = append(t.examples, added)
		}
	}
}

// epoch goes once over all samples in a new order, each as a whole and as one
// piece.
func (t *trainer) epoch(rate float64) {
	order := t.random.Perm(len(t.examples))
	for _, number := range order {
		sample := &t.examples[number]
		t.step(sample.words, sample, rate)
		length := t.options.ShortestPiece + t.random.IntN(t.options.LongestPiece-t.options.ShortestPiece+1)
		if length < len(sample.words) {
			start := t.random.IntN(len(sample.words) - length + 1)
			t.step(sample.words[start:start+length], sample, rate)
		}
	}
}

// predict returns the probabilities of the languages, and what the sum of the
// weights of a text was multiplied by.
func (t *trainer) predict(words []int32) (probabilities [MaxClasses]float32, factor float32) {
	var total scores
	count := 0
	for _, number := range words {
		for _, bucket := range t.buckets[number] {
			row := t.weights[int(bucket)*MaxClasses:][:MaxClasses]
			for i, weight := range row {
				total[i] += weight
			}
		}
		count += len(t.buckets[number])
	}
	factor = float32(1 / math.Sqrt(float64(count)))
	for i := range t.codes {
		total[i] = total[i]*factor + t.bias[i]
	}
	softmax(&total, len(t.codes), &probabilities)
	return probabilities, factor
}

// step moves the weights along the gradient of the logarithmic loss of one text.
func (t *trainer) step(words []int32, sample *example, rate float64) {
	gradient, factor := t.predict(words)
	gradient[sample.class]--
	for i := range gradient {
		gradient[i] *= sample.weight
		t.biasSum[i] += gradient[i] * gradient[i]
		if gradient[i] != 0 {
			t.bias[i] -= float32(rate) * 0.1 * gradient[i] / float32(math.Sqrt(float64(t.biasSum[i])))
		}
		gradient[i] *= factor
	}
	t.descend(words, &gradient, float32(rate))
}

func (t *trainer) descend(words []int32, gradient *[MaxClasses]float32, rate float32) {
	decay := float32(t.options.Decay)
	for i := range t.codes {
		if step := gradient[i]; step < 1e-5 && step > -1e-5 {
			continue
		}
		for _, number := range words {
			for _, bucket := range t.buckets[number] {
				place := int(bucket)*MaxClasses + i
				step := gradient[i] + decay*t.weights[place]
				t.squares[place] += step * step
				t.weights[place] -= rate * step / float32(math.Sqrt(float64(t.squares[place])))
			}
		}
	}
}

// model rounds the weights to eight bits.
func (t *trainer) model() *Model {
	largest := float32(0)
	magnitudes := make([]float32, 0, len(t.weights))
	for _, weight := range t.weights {
		if weight != 0 {
			magnitudes = append(magnitudes, max(weight, -weight))
		}
	}
	slices.Sort(magnitudes)
	if len(magnitudes) > 0 {
		largest = magnitudes[len(magnitudes)-1-len(magnitudes)/2000]
	}
	m := &Model{codes: t.codes, bucketBits: t.options.BucketBits, unit: largest / 127}
	m.bias = slices.Clone(t.bias[:len(t.codes)])
	m.rows = make([]row, 1<<t.options.BucketBits)
	for i, weight := range t.weights {
		m.rows[i/MaxClasses].set(i%MaxClasses, int8(math.Round(float64(min(max(weight/m.unit, -127), 127)))))
	}
	return m
}
