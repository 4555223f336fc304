package claims

import (
	"cmp"
	"slices"

	"github.com/netra-id/netra/classifiers/wordbook"
)

// Bounds of a search.
const (
	mostPostings   = 8192 // entries that one search looks at
	mostCandidates = 48   // claims that are compared in full
	candidateSlots = 512
	mostMatches    = 8
)

// Scratch holds the buffers of a search, so that it allocates nothing once they
// have grown. It must not be used by two goroutines at once; its zero value is
// ready.
type Scratch struct {
	terms      []term
	weights    []float32
	slots      [candidateSlots]candidate
	generation uint32
	found      []uint32 // slots in use
	places     []int8   // which term of the claim a term of the post is, or -1
	counts     [mostClaimTerms]uint16
	matches    []Match
	book       wordbook.Book // for texts that nobody else has read
	reading    wordbook.Reading
}

type candidate struct {
	claim      uint32
	generation uint32
	hits       uint32
}

// Match finds the claims that text repeats, the best first. The result is valid
// until the next call with the same scratch. The time is linear in the text up to
// 64 KB, and what lies beyond is not read.
func (x *Index) Match(text string, scratch *Scratch) []Match {
	scratch.book.Read(text, &scratch.reading)
	return x.MatchReading(&scratch.reading, scratch)
}

// MatchReading is Match for a text that was read for others, too.
func (x *Index) MatchReading(reading *wordbook.Reading, scratch *Scratch) []Match {
	s := scratch
	s.matches = s.matches[:0]
	s.terms = x.vocabulary.read(reading, s.terms[:0])
	if len(s.terms) < fewestTerms {
		return nil
	}
	x.collect(s)
	if len(s.found) == 0 {
		return nil
	}
	x.shortlist(s)
	s.weights = s.weights[:0]
	for _, t := range s.terms {
		s.weights = append(s.weights, x.weights.of(t.hash))
	}
	for _, i := range s.found {
		if m, ok := x.compare(int(s.slots[i].claim), s); ok {
			s.matches = append(s.matches, m)
		}
	}
	slices.SortStableFunc(s.matches, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Claim.ID, b.Claim.ID))
	})
	if len(s.matches) > mostMatches {
		s.matches = s.matches[:mostMatches]
	}
	return s.matches
}

// collect looks up the pairs of the post and counts the keys that claims share
// with it.
func (x *Index) collect(s *Scratch) {
	s.found = s.found[:0]
	s.generation++
	budget := mostPostings
	terms := s.terms
	for i, a := range terms {
		for j := i + 1; j < len(terms) && j <= i+postReach; j++ {
			key := pairKey(a.hash, terms[j].hash)
			word, mask := x.keys.filterBits(key)
			if x.keys.filter[word]&mask == mask {
				budget = x.hitAll(key, budget, s)
			}
		}
	}
}

// hitAll counts a key for the claims that have it, and returns what is left of the
// budget.
func (x *Index) hitAll(key uint64, budget int, s *Scratch) int {
	from, to := x.keys.bucket(key)
	for ; from < to && budget > 0; from++ {
		budget--
		if x.keys.checks[from] == uint16(key) {
			s.hit(x.keys.claims[from])
		}
	}
	return budget
}

// hit counts one shared key of a claim. When the table is full, further claims
// are passed over: a post cannot repeat that many.
func (s *Scratch) hit(claim uint32) {
	for i, tries := claim*2654435769>>23, 0; tries < 8; i, tries = (i+1)%candidateSlots, tries+1 {
		c := &s.slots[i]
		if c.generation != s.generation {
			*c = candidate{claim, s.generation, 1}
			s.found = append(s.found, i)
			return
		}
		if c.claim == claim {
			c.hits++
			return
		}
	}
}

// shortlist keeps the candidates that share enough keys, the best ones if there
// are too many.
func (x *Index) shortlist(s *Scratch) {
	short := len(s.terms) <= 6
	kept := s.found[:0]
	for _, i := range s.found {
		if c := s.slots[i]; short || c.hits >= uint32(x.needed[c.claim]) {
			kept = append(kept, i)
		}
	}
	s.found = kept
	if len(kept) > mostCandidates {
		slices.SortFunc(kept, func(a, b uint32) int {
			ca, cb := s.slots[a], s.slots[b]
			return cmp.Or(cmp.Compare(cb.hits, ca.hits), cmp.Compare(ca.claim, cb.claim))
		})
		s.found = kept[:mostCandidates]
	}
}

// compare scores one claim against the post.
func (x *Index) compare(claim int, s *Scratch) (Match, bool) {
	terms := x.termsOf(claim)
	s.places = s.places[:0]
	for _, t := range s.terms {
		s.places = append(s.places, int8(slices.Index(terms, t.hash)))
	}
	w := x.bestWindow(terms, s)
	if w.distinct < fewestTerms {
		return Match{}, false
	}
	score := w.score(x.totals[claim], postWeight(s))
	if score < Possible {
		return Match{}, false
	}
	return Match{
		Claim: &x.claims[claim], Score: score,
		Start: int(s.terms[w.first].start), End: int(s.terms[w.last].end),
	}, true
}

func postWeight(s *Scratch) float32 {
	var sum float32
	for _, w := range s.weights {
		sum += w
	}
	return sum
}

// window is a part of the post and what it has of a claim.
type window struct {
	first, last int
	distinct    int     // terms of the claim
	telling     int     // of them, those that are no topic words
	covered     float32 // their weight
	other       float32 // weight of the terms between that the claim does not have
	neighbours  int     // terms whose neighbour in the claim stands close by
}

// bestWindow finds the stretch of the post that has most of the claim's weight.
// It may be about twice as long as the claim.
func (x *Index) bestWindow(terms []uint32, s *Scratch) window {
	s.counts = [mostClaimTerms]uint16{}
	length := 2*len(terms) + 4
	best := window{}
	var covered float32
	for i, place := range s.places {
		if place >= 0 {
			if s.counts[place]++; s.counts[place] == 1 {
				covered += s.weights[i]
			}
		}
		if j := i - length; j >= 0 {
			if old := s.places[j]; old >= 0 {
				if s.counts[old]--; s.counts[old] == 0 {
					covered -= s.weights[j]
				}
			}
		}
		if place >= 0 && covered > best.covered+1e-5 {
			best.covered, best.last = covered, i
		}
	}
	best.first = max(0, best.last-length+1)
	s.measure(&best)
	return best
}

// measure trims the window to the claim's terms and counts what is in it.
func (s *Scratch) measure(w *window) {
	s.counts = [mostClaimTerms]uint16{}
	w.first = trimStart(s, w.first, w.last)
	w.covered = 0
	for i := w.first; i <= w.last; i++ {
		place := s.places[i]
		if place < 0 {
			w.other += s.weights[i]
			continue
		}
		if s.counts[place]++; s.counts[place] > 1 {
			continue
		}
		w.distinct++
		w.covered += s.weights[i]
		if s.weights[i] > 0.45 {
			w.telling++
		}
		for j := max(w.first, i-3); j < i; j++ {
			if other := s.places[j]; other >= 0 && other != place && other-place <= 2 && place-other <= 2 {
				w.neighbours++
				break
			}
		}
	}
}

// trimStart passes over terms at the window's start that the claim does not
// have, or that come again later in it.
func trimStart(s *Scratch, first, last int) int {
	for ; first < last; first++ {
		place := s.places[first]
		if place >= 0 && !slices.Contains(s.places[first+1:last+1], place) {
			break
		}
	}
	return first
}

// score is from 0 to 1. What counts is the share of the claim that is there
// (containment), or, for a post that is a part of the claim, the share of the
// post; then how little stands between, and how much of the order is kept.
func (w *window) score(total, post float32) float64 {
	if w.telling < 1 || total <= 0 {
		return 0
	}
	containment := float64(w.covered / total)
	purity := float64(w.covered / (w.covered + w.other))
	order := float64(w.neighbours) / float64(max(1, w.distinct-1))
	whole := containment * (0.65 + 0.2*purity + 0.15*order)
	// Shortened: nearly all of the post, and a good part of the claim.
	share := float64(w.covered / post)
	part := 0.0
	if w.distinct >= 4 {
		part = share * share * (0.4 + 0.6*min(1, containment/0.6)) * (0.85 + 0.15*order)
	}
	enough := min(1, (float64(w.telling)+0.4*float64(w.distinct-w.telling))/3)
	return min(1, max(whole, part)*enough)
}
