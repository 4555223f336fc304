package linear

import (
	"math"
	"sort"
	"strings"
)

// lanes is how many bytes of a table word there are: the first word's lane 0
// holds the squared inverse document frequency, the others a model each.
const lanes = 8

// Set is a number of models that share one reading of the text. It is safe for
// concurrent use; each goroutine needs a Scratch of its own.
type Set struct {
	version string
	models  []model
	hasher  hasher
	stride  int // table words a bucket: 1 to 3
	words   []uint64
	chars   []uint64
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
	s.hasher.extract(text, targets, scratch)
	var words, chars [MaxModels + 1]int32
	gather(s.words, s.stride, scratch.words, &words)
	gather(s.chars, s.stride, scratch.chars, &chars)
	wordUnit, charUnit := unit(words[0]), unit(chars[0])
	var scores Scores
	for i := range s.models {
		m := &s.models[i]
		raw := m.bias + float32(float32(words[i+1]-128*int32(len(scratch.words)))*m.wordScale)*wordUnit +
			float32(float32(chars[i+1]-128*int32(len(scratch.chars)))*m.charScale)*charUnit
		scores[i] = sigmoid(m.slope*raw + m.shift)
	}
	return scores
}

// unit is one over the length of a block whose squared weights add up to sum.
func unit(sum int32) float32 {
	if sum == 0 {
		return 0
	}
	return float32(1 / math.Sqrt(float64(sum)/idfScale))
}

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

// gather adds up the table's lanes over all buckets. Eight bytes are added at
// once as two words of four 16-bit sums, which hold 256 of them.
func gather(table []uint64, stride int, buckets []uint32, sums *[MaxModels + 1]int32) {
	for len(buckets) > 0 {
		part := buckets[:min(len(buckets), 256)]
		buckets = buckets[len(part):]
		switch stride {
		case 1:
			gather1(table, part, sums)
		case 2:
			gather2(table, part, sums)
		default:
			gather3(table, part, sums)
		}
	}
}

const evenBytes = 0x00ff00ff00ff00ff

func gather1(table []uint64, buckets []uint32, sums *[MaxModels + 1]int32) {
	var even, odd uint64
	for _, b := range buckets {
		x := table[b]
		even += x & evenBytes
		odd += x >> 8 & evenBytes
	}
	spill(even, odd, sums[0:8])
}

func gather2(table []uint64, buckets []uint32, sums *[MaxModels + 1]int32) {
	var even0, odd0, even1, odd1 uint64
	for _, b := range buckets {
		x := table[2*b : 2*b+2 : 2*b+2]
		even0 += x[0] & evenBytes
		odd0 += x[0] >> 8 & evenBytes
		even1 += x[1] & evenBytes
		odd1 += x[1] >> 8 & evenBytes
	}
	spill(even0, odd0, sums[0:8])
	spill(even1, odd1, sums[8:16])
}

func gather3(table []uint64, buckets []uint32, sums *[MaxModels + 1]int32) {
	var even0, odd0, even1, odd1, even2, odd2 uint64
	for _, b := range buckets {
		x := table[3*b : 3*b+3 : 3*b+3]
		even0 += x[0] & evenBytes
		odd0 += x[0] >> 8 & evenBytes
		even1 += x[1] & evenBytes
		odd1 += x[1] >> 8 & evenBytes
		even2 += x[2] & evenBytes
		odd2 += x[2] >> 8 & evenBytes
	}
	spill(even0, odd0, sums[0:8])
	spill(even1, odd1, sums[8:16])
	spill(even2, odd2, sums[16:24])
}

func spill(even, odd uint64, sums []int32) {
	for i := range 4 {
		sums[2*i] += int32(even >> (16 * i) & 0xffff)
		sums[2*i+1] += int32(odd >> (16 * i) & 0xffff)
	}
}

// weight is the biased weight byte of a model in a bucket, as a number around 0.
func weight(table []uint64, stride int, bucket uint32, model int) float64 {
	lane := model + 1
	return float64(uint8(table[int(bucket)*stride+lane/lanes]>>(8*(lane%lanes)))) - 128
}

// Explain says which words of text carried the raw score of the named model,
// the heaviest first. It gives nothing for an unknown model. The pair of two
// words is shared between them. It allocates: call it for what was flagged.
func (s *Set) Explain(text string, targets []Span, name string) []Contribution {
	index := s.Index(name)
	if index < 0 {
		return nil
	}
	var scratch Scratch
	s.hasher.extract(text, targets, &scratch)
	var words, chars [MaxModels + 1]int32
	gather(s.words, s.stride, scratch.words, &words)
	gather(s.chars, s.stride, scratch.chars, &chars)
	m := &s.models[index]
	wordUnit := float64(m.wordScale * unit(words[0]))
	charUnit := float64(m.charScale * unit(chars[0]))
	result := make([]Contribution, len(scratch.spans))
	word, char := 0, 0
	for i, span := range scratch.spans {
		c := &result[i]
		c.Span = Span{int(span.start), int(span.end)}
		for first := word; word < int(span.wordEnd); word++ {
			v := wordUnit * weight(s.words, s.stride, scratch.words[word], index)
			if i > 0 && word == first+1 && span.pairs > 0 {
				result[i-1].Weight += v / 2
				v /= 2
			}
			c.Weight += v
		}
		for ; char < int(span.charEnd); char++ {
			c.Weight += charUnit * weight(s.chars, s.stride, scratch.chars[char], index)
		}
	}
	sort.SliceStable(result, func(i, j int) bool {
		return math.Abs(result[i].Weight) > math.Abs(result[j].Weight)
	})
	return result
}

// String names the models, for logs.
func (s *Set) String() string {
	names := make([]string, len(s.models))
	for i := range s.models {
		names[i] = s.models[i].info.Name
	}
	return strings.Join(names, ", ")
}
