package linear

import (
	"math"
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
	s.hasher.extract(text, targets, scratch)
	var words, chars [MaxModels + 1]int32
	gather(s.words, s.stride, scratch.words, &words)
	gather(s.chars, s.stride, scratch.chars, &chars)
	scores := s.raw(&words, &chars, scratch)
	s.join(&scores, lengthInput(len(scratch.words)))
	for i := range s.models {
		m := &s.models[i]
		scores[i] = sigmoid(m.slope*scores[i] + m.shift)
	}
	return scores
}

// raw gives the raw score of every model, before any head.
func (s *Set) raw(words, chars *[MaxModels + 1]int32, scratch *Scratch) Scores {
	wordUnit, charUnit := unit(words[0]), unit(chars[0])
	var scores Scores
	for i := range s.models {
		m := &s.models[i]
		scores[i] = m.bias + float32(float32(words[i+1]-128*int32(len(scratch.words)))*m.wordScale)*wordUnit +
			float32(float32(chars[i+1]-128*int32(len(scratch.chars)))*m.charScale)*charUnit
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

// String names the models, for logs.
func (s *Set) String() string {
	names := make([]string, len(s.models))
	for i := range s.models {
		names[i] = s.models[i].info.Name
	}
	return strings.Join(names, ", ")
}
