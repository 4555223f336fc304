package linear

import (
	"math"
	"strings"

	"github.com/netra-id/netra/classifiers/wordbook"
)

// Set is a number of models that share one reading of the text. It is safe for
// concurrent use; each goroutine needs a Scratch of its own.
type Set struct {
	version string
	models  []model
	hasher  hasher
	words   table
	chars   table
	heads   []*head
}

// model is what Score needs of one model beside its lane in the tables.
type model struct {
	info Info
	// scale turns a lane's sum into the raw score, a block each.
	wordScale, charScale float32
	bias                 float32
	// slope and shift calibrate: probability = sigmoid(slope*raw + shift).
	slope, shift float32
}

// Version is "sha256:" and the digest of the weights file.
func (s *Set) Version() string { return s.version }

// Models describes the models, in the order of Scores.
func (s *Set) Models() []Info {
	infos := make([]Info, len(s.models))
	for i := range s.models {
		infos[i] = s.models[i].info
	}
	return infos
}

// Index is the place of a model in Scores, -1 where there is none of that name.
func (s *Set) Index(name string) int {
	for i := range s.models {
		if s.models[i].info.Name == name {
			return i
		}
	}
	return -1
}

// Score gives every model's probability for text. Targets are the places in
// text where a contestant, a party or a number is named, sorted and apart from
// each other; they are read as "somebody". The time is linear in the text up to
// about 4 KB and constant beyond; nothing is allocated once scratch has grown.
func (s *Set) Score(text string, targets []Span, scratch *Scratch) Scores {
	scratch.book.Read(text, &scratch.reading)
	return s.ScoreReading(&scratch.reading, targets, scratch)
}

// ScoreReading is Score for a text that was read for others, too.
func (s *Set) ScoreReading(reading *wordbook.Reading, targets []Span, scratch *Scratch) Scores {
	scores := Scores(s.LogitsReading(reading, targets, scratch))
	for i := range s.models {
		scores[i] = sigmoid(scores[i])
	}
	return scores
}

// Logits holds one calibrated log-odds a model, in the order of Set.Models.
type Logits [MaxModels]float32

// Probability is the probability that ScoreReading gives for one of the log-odds
// that LogitsReading gives.
func Probability(logit float32) float32 { return sigmoid(logit) }

// LogitsReading is ScoreReading for those who do not need all probabilities.
func (s *Set) LogitsReading(reading *wordbook.Reading, targets []Span, scratch *Scratch) Logits {
	var words, chars tally
	if len(reading.Text) <= headBytes+tailBytes && s.words.stride <= notedStride {
		s.collect(reading, targets, scratch)
		scratch.noted.spill(&words, &chars)
	} else {
		s.hasher.extract(reading.Text, targets, scratch)
	}
	words.add(&s.words, scratch.words)
	chars.add(&s.chars, scratch.chars)
	scores := s.raw(&words, &chars)
	s.join(&scores, lengthInput(int(words.features)))
	for i := range s.models {
		m := &s.models[i]
		scores[i] = float32(m.slope*scores[i]) + m.shift
	}
	return Logits(scores)
}

// raw gives the raw score of every model, before any head.
func (s *Set) raw(words, chars *tally) Scores {
	wordUnit, charUnit := unit(words.squares), unit(chars.squares)
	wordOffset, charOffset := 128*words.features, 128*chars.features
	var scores Scores
	for i := range s.models[:min(len(s.models), MaxModels)] {
		m := &s.models[i]
		scores[i] = m.bias + float32(float32(words.models[i]-wordOffset)*m.wordScale)*wordUnit +
			float32(float32(chars.models[i]-charOffset)*m.charScale)*charUnit
	}
	return scores
}

// join replaces the scores that have a head by the head's.
func (s *Set) join(scores *Scores, length float32) {
	if len(s.heads) == 0 {
		return
	}
	raw := *scores
	for _, h := range s.heads {
		scores[h.target] = h.raw(&raw, length)
	}
}

// unit is one over the length of a block whose squared weights add up to sum.
func unit(sum int32) float32 {
	if sum == 0 {
		return 0
	}
	return float32(1 / math.Sqrt(float64(sum)/idfScale))
}

// sigmoid is 1/(1+e^-x), right to about 1e-6: 2 to the power of a whole number
// comes from the bits of a float, the rest from a polynomial.
func sigmoid(x float32) float32 {
	const most = 80
	x = max(-most, min(most, x))
	power := float32(x * -math.Log2E)
	whole := float32(int32(power+1024) - 1024) // rounds down
	f := (power - whole) * math.Ln2
	e := 1 + f*(1+f*(0.5+f*(1./6+f*(1./24+f*(1./120+f*(1./720))))))
	return 1 / (1 + e*math.Float32frombits(uint32(int32(whole)+127)<<23))
}

// String names the models, for logs.
func (s *Set) String() string {
	names := make([]string, len(s.models))
	for i := range s.models {
		names[i] = s.models[i].info.Name
	}
	return strings.Join(names, ", ")
}
