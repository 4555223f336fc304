package linear

import (
	"math"
	"slices"
)

// matrix holds the features of many texts: a row a text, its buckets and their
// values. Buckets of the character block come behind those of the word block.
type matrix struct {
	starts  []int
	buckets []uint32
	values  []float32
	width   int
}

func (m *matrix) row(i int) ([]uint32, []float32) {
	a, b := m.starts[i], m.starts[i+1]
	return m.buckets[a:b], m.values[a:b]
}

// counts holds the occurrences of buckets in each text, before any weighting.
type counts struct {
	starts     []int
	buckets    []uint32
	times      []uint16
	wordBucket int // number of buckets of the word block
	width      int
}

func (c *counts) rows() int { return len(c.starts) - 1 }

// count reads all texts. It also gives how many word features each has.
func (h *hasher) count(texts []string, targets [][]Span) (*counts, []int) {
	lengths := make([]int, len(texts))
	wordBuckets := 1 << (64 - h.wordShift)
	c := &counts{starts: []int{0}, wordBucket: wordBuckets, width: wordBuckets + 1<<(64-h.charShift)}
	var s Scratch
	var all []uint32
	for i, text := range texts {
		h.extract(text, targets[i], &s)
		lengths[i] = len(s.words)
		all = append(all[:0], s.words...)
		for _, b := range s.chars {
			all = append(all, b+uint32(wordBuckets))
		}
		slices.Sort(all)
		for k := 0; k < len(all); {
			j := k
			for j < len(all) && all[j] == all[k] {
				j++
			}
			c.buckets = append(c.buckets, all[k])
			c.times = append(c.times, uint16(min(j-k, math.MaxUint16)))
			k = j
		}
		c.starts = append(c.starts, len(c.buckets))
	}
	return c, lengths
}

// inverseFrequencies returns a quantised weight for every bucket: byte b stands
// for the squared weight b/idfScale, so that the scorer can add them up.
func (c *counts) inverseFrequencies(rows []int) []uint8 {
	documents := make([]int, c.width)
	for _, i := range rows {
		for _, b := range c.buckets[c.starts[i]:c.starts[i+1]] {
			documents[b]++
		}
	}
	squares := make([]uint8, c.width)
	for b, df := range documents {
		idf := 1 + math.Log(float64(1+len(rows))/float64(1+df))
		squares[b] = uint8(min(255, max(1, math.Round(idf*idf*idfScale))))
	}
	return squares
}

// idfScale is how many steps a squared inverse frequency of one has.
const idfScale = 2

// weigh turns counts into features: each block has length one under the norm
// that counts every occurrence by itself, as the scorer does.
func (c *counts) weigh(squares []uint8, wordShare float64) *matrix {
	m := &matrix{starts: c.starts, buckets: c.buckets, values: make([]float32, len(c.buckets)), width: c.width}
	roots := make([]float64, 256)
	for i := range roots {
		roots[i] = math.Sqrt(float64(i) / idfScale)
	}
	for i := range c.rows() {
		a, z := c.starts[i], c.starts[i+1]
		var sums [2]float64
		for k := a; k < z; k++ {
			sums[c.block(k)] += float64(float64(c.times[k]) * float64(squares[c.buckets[k]]) / idfScale)
		}
		for k := a; k < z; k++ {
			block := c.block(k)
			share := 1.0
			if block == 0 {
				share = wordShare
			}
			m.values[k] = float32(share * float64(c.times[k]) * roots[squares[c.buckets[k]]] / math.Sqrt(sums[block]))
		}
	}
	return m
}

func (c *counts) block(k int) int {
	if int(c.buckets[k]) < c.wordBucket {
		return 0
	}
	return 1
}
