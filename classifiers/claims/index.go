package claims

import (
	"math"
	"math/bits"
	"slices"
)

// Bounds of the index.
const (
	pairReach      = 3  // stems of a claim that stand this close are a pair
	postReach      = 2  // of a post this close: a word more or less may stand between
	keysOfClaim    = 14 // a claim is kept under this many of its rarest pairs
	keysWhenSmall  = 64 // under more while the library is small
	smallLibrary   = 20_000
	commonPair     = 192 // a pair of more claims than this is no key
	topicWeight    = 0.4
	fewestTerms    = 3 // a claim of fewer stems cannot be told from the topic
	mostClaimTerms = 64
)

// Index is a library of claims made ready for search. It is safe for concurrent
// use; each goroutine needs a Scratch of its own.
type Index struct {
	claims     []Claim
	vocabulary *vocabulary
	weights    weights
	// terms of claim i are terms[starts[i]:starts[i+1]], without repetition.
	terms  []uint32
	starts []uint32
	totals []float32 // the weights of a claim's terms added up
	keys   keyTable
	needed []uint8 // how many keys a candidate must share
}

// Len is the number of claims, including those that cannot match.
func (x *Index) Len() int { return len(x.claims) }

// Build indexes claims. Claims with the verdict true, and those too short or too
// common to be told apart, are kept but never match; Check names them.
func Build(claims []Claim) *Index {
	x := &Index{claims: claims, vocabulary: newVocabulary(), starts: make([]uint32, 1, len(claims)+1)}
	var scratch Scratch
	for i := range claims {
		scratch.book.Read(claims[i].Text, &scratch.reading)
		scratch.terms = x.vocabulary.read(&scratch.reading, scratch.terms[:0])
		x.addTerms(scratch.terms)
	}
	x.terms = slices.Clip(x.terms)
	x.weights = x.countWeights()
	x.totals = make([]float32, len(claims))
	for i := range claims {
		for _, hash := range x.termsOf(i) {
			x.totals[i] += x.weights.of(hash)
		}
	}
	x.buildKeys()
	return x
}

// addTerms appends the distinct terms of one claim in their order.
func (x *Index) addTerms(terms []term) {
	first := len(x.terms)
	for _, t := range terms {
		if len(x.terms)-first == mostClaimTerms {
			break
		}
		if !slices.Contains(x.terms[first:], t.hash) {
			x.terms = append(x.terms, t.hash)
		}
	}
	x.starts = append(x.starts, uint32(len(x.terms)))
}

func (x *Index) termsOf(claim int) []uint32 { return x.terms[x.starts[claim]:x.starts[claim+1]] }

// countWeights weighs every term by how few claims it is in.
func (x *Index) countWeights() weights {
	sorted := slices.Clone(x.terms)
	slices.Sort(sorted)
	distinct := 0
	for i, hash := range sorted {
		if i == 0 || hash != sorted[i-1] {
			distinct++
		}
	}
	w := newWeights(distinct)
	// A small library does not tell which words are common: it is filled up with
	// claims that share nothing.
	all := float64(len(x.claims) + 500)
	highest := math.Log(all / 2)
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		weight := math.Log(all/float64(j-i+1)) / highest
		if x.vocabulary.isTopic(sorted[i]) {
			weight *= topicWeight
		}
		w.put(sorted[i], uint8(max(1, math.Round(weight*255))))
		i = j
	}
	return w
}

// pairKey is the same for both orders of two terms.
func pairKey(a, b uint32) uint64 {
	low, high := min(a, b), max(a, b)
	key := (uint64(low)<<32 | uint64(high)) * 0x9e3779b97f4a7c15
	return key ^ key>>32
}

// pairsOf lists the distinct keys of a claim's pairs.
func pairsOf(terms []uint32, keys []uint64) []uint64 {
	for i := range terms {
		for j := i + 1; j < len(terms) && j <= i+pairReach; j++ {
			keys = append(keys, pairKey(terms[i], terms[j]))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// buildKeys counts how many claims have each pair, in a table of counters that
// pairs may share, and keeps every claim under its rarest.
func (x *Index) buildKeys() {
	logSize := max(10, bits.Len(uint(len(x.terms)*pairReach)))
	counters := make([]uint32, 1<<logSize)
	shift := 64 - logSize
	var keys []uint64
	for i := range x.claims {
		keys = pairsOf(x.termsOf(i), keys[:0])
		for _, key := range keys {
			counters[key*mixer>>shift]++
		}
	}
	most := keysOfClaim
	if len(x.claims) <= smallLibrary {
		most = keysWhenSmall
	}
	x.needed = make([]uint8, len(x.claims))
	var entries []keyEntry
	for i := range x.claims {
		if !x.matchable(i) {
			continue
		}
		keys = pairsOf(x.termsOf(i), keys[:0])
		slices.SortFunc(keys, func(a, b uint64) int {
			ca, cb := counters[a*mixer>>shift], counters[b*mixer>>shift]
			if ca != cb {
				return int(ca) - int(cb)
			}
			if a < b {
				return -1
			}
			return 1
		})
		kept := 0
		for _, key := range keys {
			if kept == most || counters[key*mixer>>shift] > commonPair {
				break
			}
			entries = append(entries, keyEntry{key, uint32(i)})
			kept++
		}
		x.needed[i] = 1
		if kept > 4 {
			x.needed[i] = 2
		}
	}
	x.keys = newKeyTable(entries)
}

// matchable says whether a claim can be told apart at all.
func (x *Index) matchable(i int) bool {
	return x.claims[i].Verdict != "true" && len(x.termsOf(i)) >= fewestTerms
}

const mixer = 0xff51afd7ed558ccd

// weights maps a term to its weight in 255ths: an open hash table.
type weights struct {
	hashes []uint32
	values []uint8
	mask   uint32
}

func newWeights(n int) weights {
	size := 1 << bits.Len(uint(2*n+16))
	return weights{hashes: make([]uint32, size), values: make([]uint8, size), mask: uint32(size - 1)}
}

func (w *weights) put(hash uint32, value uint8) {
	i := hash & w.mask
	for w.hashes[i] != 0 && w.hashes[i] != hash {
		i = (i + 1) & w.mask
	}
	w.hashes[i], w.values[i] = hash, value
}

// unknownWeight is the weight of a term that no claim has.
const unknownWeight = 0.7

func (w *weights) of(hash uint32) float32 {
	for i := hash & w.mask; ; i = (i + 1) & w.mask {
		switch w.hashes[i] {
		case hash:
			return float32(w.values[i]) / 255
		case 0:
			return unknownWeight
		}
	}
}

// keyEntry is one claim under one key.
type keyEntry struct {
	key   uint64
	claim uint32
}

// keyTable finds the claims under a key. A bit set in front of it answers for
// nearly all keys that no claim has.
type keyTable struct {
	filter []uint64
	starts []uint32 // of a bucket in claims and checks
	claims []uint32
	checks []uint16 // some more bits of the key
	shift  uint
}

func newKeyTable(entries []keyEntry) keyTable {
	logSize := uint(max(8, bits.Len(uint(len(entries)))))
	t := keyTable{
		filter: make([]uint64, max(64, 1<<logSize/4)),
		starts: make([]uint32, 1<<logSize+1),
		claims: make([]uint32, len(entries)),
		checks: make([]uint16, len(entries)),
		shift:  64 - logSize,
	}
	for _, e := range entries {
		t.starts[e.key*mixer>>t.shift+1]++
		word, mask := t.filterBits(e.key)
		t.filter[word] |= mask
	}
	for i := 1; i < len(t.starts); i++ {
		t.starts[i] += t.starts[i-1]
	}
	next := slices.Clone(t.starts)
	for _, e := range entries {
		b := e.key * mixer >> t.shift
		t.claims[next[b]], t.checks[next[b]] = e.claim, uint16(e.key)
		next[b]++
	}
	return t
}

// filterBits gives the word and the two bits of a key in the bit set.
func (t *keyTable) filterBits(key uint64) (word, mask uint64) {
	return key >> 12 & uint64(len(t.filter)-1), 1<<(key&63) | 1<<(key>>6&63)
}

// bucket gives the range in which the claims of a key are.
func (t *keyTable) bucket(key uint64) (from, to uint32) {
	b := key * mixer >> t.shift
	return t.starts[b], t.starts[b+1]
}
