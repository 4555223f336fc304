// Package similar tells texts that are nearly the same: copied, shortened by a
// word, in another case, with another link. A text has a fingerprint: a hash of
// its normalised words, which is the same for exact copies, and a MinHash
// signature with bands, by which near ones are looked up and compared. Texts
// whose numbers or negations differ are never near, since "nomor 1" and "nomor
// 2", "mendukung" and "tidak mendukung" are opposites in nearly the same words;
// short texts have no signature, since a word more or less is much of them.
//
// It keeps nothing and knows no database. It is called by the review, which
// keeps the fingerprints.
package similar

import (
	"encoding/binary"
	"slices"
	"sync"

	"github.com/netra-id/netra/classifiers/text"
)

// Near is the similarity from which texts are near-duplicates: they share this
// part of all runs of four letters that either has.
const Near = 0.7

const (
	runLength    = 4        // letters of a run
	fewestWords  = 8        // a shorter text has no signature
	mostText     = 16 << 10 // bytes that are looked at
	permutations = 64
	bands        = 8
	rows         = 3 // hashes of a band
)

// Fingerprint is what a text is compared by. It is the same in every process and
// version of the program, so that it can be kept.
type Fingerprint struct {
	// Exact is the same for texts of the same normalised words, 0 for a text
	// without any.
	Exact uint64
	// Signature and Bands are empty for short texts. Texts that are near share a
	// band nearly always: 96 of 100 at a similarity of 0.7, 99.7 at 0.8.
	Signature []byte
	Bands     []uint64
}

// Reader makes fingerprints. It is safe for concurrent use.
type Reader struct {
	analyzer *text.Analyzer
	seeds    [permutations]uint64
	scratch  sync.Pool
}

type scratch struct {
	doc     text.Doc
	letters []byte
	runs    []uint64
}

// NewReader returns a reader.
func NewReader() *Reader {
	r := &Reader{analyzer: text.NewAnalyzer(text.NewVocabularyBuilder().Freeze())}
	for i := range r.seeds {
		r.seeds[i] = mix(uint64(i)+1) | 1
	}
	r.scratch.New = func() any { return new(scratch) }
	return r
}

// Read makes the fingerprint of a text. Any string is allowed.
func (r *Reader) Read(s string) Fingerprint {
	sc := r.scratch.Get().(*scratch)
	defer r.scratch.Put(sc)
	if len(s) > mostText {
		s = s[:mostText]
	}
	r.analyzer.Analyze(&sc.doc, s)
	words, turns := sc.read()
	if len(sc.letters) == 0 {
		return Fingerprint{}
	}
	f := Fingerprint{Exact: hash(sc.letters, 0)}
	if words < fewestWords {
		return f
	}
	sc.cut()
	var least [permutations]uint64
	for i, seed := range r.seeds {
		least[i] = leastOf(sc.runs, seed)
	}
	f.Signature = make([]byte, permutations)
	for i, l := range least {
		f.Signature[i] = byte(l >> 32)
	}
	f.Bands = make([]uint64, bands)
	for i := range f.Bands {
		f.Bands[i] = bandOf(least[i*rows:(i+1)*rows], turns+uint64(i))
	}
	return f
}

// read puts the normalised words of the analysed text into letters, and returns
// how many there are and a hash of those that turn the meaning: numbers and
// negations in their order.
func (sc *scratch) read() (words int, turns uint64) {
	sc.letters = sc.letters[:0]
	for i := range sc.doc.Tokens {
		t := &sc.doc.Tokens[i]
		if t.Kind == text.URL || t.Kind == text.Punct || t.Is(text.InHashtag) {
			continue
		}
		norm := sc.doc.Norm(t)
		if len(sc.letters) > 0 {
			sc.letters = append(sc.letters, ' ')
		}
		sc.letters = append(sc.letters, norm...)
		if t.Kind != text.Emoji {
			words++
		}
		switch {
		case t.Number != text.NoNumber:
			turns = mix(turns + uint64(t.Number) + 1)
		case t.Kind == text.Number:
			turns = mix(turns + hash(norm, 1))
		case slices.Contains(negations, string(norm)):
			turns = mix(turns + hash([]byte("tidak"), 2))
		}
	}
	return words, turns
}

// negations in the languages of the posts, as people write them.
var negations = []string{
	"tidak", "tdk", "tak", "tidaklah", "bukan", "bkn", "jangan", "jgn", "gak", "ga", "gk", "nggak", "ngga", "enggak", "engga", "kagak",
	"belum", "blm", "tanpa", "anti", "tolak", "menolak", "dilarang",
	"kada", "kadada", "jangan", "dia", "diak", "ela", "ora", "ojo", "aja", "mboten", "dudu", "teu", "henteu", "ulah", "sanes",
	"indak", "ndak", "bukan", "not", "no", "never", "don't", "dont",
}

// cut puts the hashes of the runs of letters into runs, each once.
func (sc *scratch) cut() {
	sc.runs = sc.runs[:0]
	for i := 0; i+runLength <= len(sc.letters); i++ {
		sc.runs = append(sc.runs, mix(uint64(binary.LittleEndian.Uint32(sc.letters[i:]))))
	}
	slices.Sort(sc.runs)
	sc.runs = slices.Compact(sc.runs)
}

func leastOf(runs []uint64, seed uint64) uint64 {
	least := ^uint64(0)
	for _, run := range runs {
		least = min(least, mix(run^seed))
	}
	return least
}

func bandOf(least []uint64, seed uint64) uint64 {
	h := mix(seed)
	for _, l := range least {
		h = mix(h ^ l)
	}
	return h
}

// Similarity estimates from two signatures which part of all their runs two
// texts share, give or take 0.06; 0 where one has none.
func Similarity(a, b []byte) float64 {
	if len(a) != permutations || len(b) != permutations {
		return 0
	}
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	const byChance = 1.0 / 256
	return max(0, (float64(same)/permutations-byChance)/(1-byChance))
}

// hash is FNV-1a with a better end.
func hash(data []byte, seed uint64) uint64 {
	h := uint64(14695981039346656037) ^ mix(seed)
	for _, c := range data {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return max(1, mix(h))
}

// mix spreads all bits over all bits: the finisher of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
