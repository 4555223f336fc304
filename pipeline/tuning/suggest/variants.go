package suggest

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/netra-id/netra/classifiers/keyword"
)

// Variant is another spelling of a phrase that the data holds.
type Variant struct {
	Phrase string `json:"phrase"`
	// How says how it differs: "letters" or "vowels" (left out or changed).
	How string `json:"how"`
	// Distance is how many letters were added, left out, changed or swapped.
	Distance int `json:"distance"`
	// Context is how alike the words around it are to those around the phrase, from
	// 0 to 1.
	Context  float64  `json:"context"`
	Posts    int      `json:"posts"`
	Examples []string `json:"examples"`
}

// Variants finds spellings of a phrase in posts that a rule with the phrase would
// not find: alike in letters, or in consonants where people leave vowels out, and
// standing among the same words. Where the phrase itself stands in none of the
// posts, nothing is known of its surroundings, and only the letters count.
func Variants(cfg Configuration, phrase string, posts []Post) ([]Variant, error) {
	r := newReader(cfg, nil, []string{phrase})
	own := r.units(phrase)
	if len(own) == 0 {
		return nil, keyword.ErrNothing
	}
	if len(own) > mostVariantWords {
		return nil, errors.New("the phrase has too many words: allowed: at most 4")
	}
	s := &search{reader: r, own: spelled(own), words: len(own), context: map[string]float64{}, found: map[string]*spelling{}}
	for _, p := range posts {
		s.look(p)
	}
	return s.variants(cfg), nil
}

const (
	mostVariantWords = 4
	// contextWords is how many words on each side are surroundings.
	contextWords = 3
)

type search struct {
	*reader
	own     string
	words   int
	context map[string]float64 // of the phrase
	found   map[string]*spelling
}

type spelling struct {
	how      string
	distance int
	posts    []string
	context  map[string]float64
}

func spelled(units []unit) string {
	words := make([]string, len(units))
	for i, u := range units {
		words[i] = u.word
	}
	return strings.Join(words, " ")
}

// look looks for spellings in a post, also those of a word more or less: words
// are written together and apart.
func (s *search) look(p Post) {
	units := s.units(p.Text)
	for i := range units {
		if units[i].known {
			if i == 0 || !units[i-1].known {
				surroundings(s.context, units, i, knownEnd(units, i))
			}
			continue
		}
		for n := max(1, s.words-1); n <= s.words+1 && i+n <= len(units); n++ {
			part := units[i : i+n]
			if slices.ContainsFunc(part, func(u unit) bool { return u.known || u.sentence != part[0].sentence }) {
				break
			}
			s.consider(p, units, i, i+n)
		}
	}
}

func knownEnd(units []unit, from int) int {
	for from < len(units) && units[from].known {
		from++
	}
	return from
}

func (s *search) consider(p Post, units []unit, from, to int) {
	phrase := spelled(units[from:to])
	f := s.found[phrase]
	if f == nil {
		how, distance, alike := likeness(s.own, phrase)
		if !alike {
			return
		}
		f = &spelling{how: how, distance: distance, context: map[string]float64{}}
		s.found[phrase] = f
	}
	if len(f.posts) == 0 || f.posts[len(f.posts)-1] != p.ID {
		f.posts = append(f.posts, p.ID)
	}
	surroundings(f.context, units, from, to)
}

// surroundings counts the words around a part.
func surroundings(counts map[string]float64, units []unit, from, to int) {
	for i := max(0, from-contextWords); i < min(len(units), to+contextWords); i++ {
		if i < from || i >= to {
			counts[units[i].word]++
		}
	}
}

func (s *search) variants(cfg Configuration) []Variant {
	variants := []Variant{}
	for phrase, f := range s.found {
		v := Variant{
			Phrase: phrase, How: f.how, Distance: f.distance, Posts: len(f.posts), Examples: f.posts[:min(len(f.posts), mostExamples)],
			Context: math.Round(100*cosine(s.context, f.context)) / 100,
		}
		if len(s.context) > 0 && v.Context < cfg.LeastContext {
			continue
		}
		variants = append(variants, v)
	}
	slices.SortFunc(variants, func(a, b Variant) int {
		return cmp.Or(cmp.Compare(b.Context, a.Context), cmp.Compare(a.Distance, b.Distance), cmp.Compare(b.Posts, a.Posts), cmp.Compare(a.Phrase, b.Phrase))
	})
	return variants[:min(len(variants), cfg.Most)]
}

// cosine is how alike two counts of words are.
func cosine(a, b map[string]float64) float64 {
	var dot, aa, bb float64
	for word, n := range a {
		dot += n * b[word]
		aa += n * n
	}
	for _, n := range b {
		bb += n * n
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return dot / math.Sqrt(aa*bb)
}

// likeness says whether one phrase may be another spelling of the other: a letter
// in four may differ, or all vowels.
func likeness(phrase, other string) (how string, distance int, alike bool) {
	a, b := joined(phrase), joined(other)
	if slices.Equal(a, b) {
		return "letters", 0, phrase != other
	}
	allowed := max(1, len(a)/4)
	if len(a) < 4 {
		allowed = 0
	}
	distance = editDistance(a, b, len(a))
	if distance <= allowed {
		return "letters", distance, true
	}
	bare := consonants(a)
	if len(bare) >= 3 && slices.Equal(bare, consonants(b)) {
		return "vowels", distance, true
	}
	return "", distance, false
}

func joined(phrase string) []rune { return []rune(strings.ReplaceAll(phrase, " ", "")) }

func consonants(letters []rune) []rune {
	var rest []rune
	for _, r := range letters {
		if !strings.ContainsRune("aeiou", r) {
			rest = append(rest, r)
		}
	}
	return rest
}

// editDistance is the least number of letters added, left out, changed or swapped
// with their neighbour (Damerau and Levenshtein, optimal string alignment); most
// + 1 where it is more than most.
func editDistance(a, b []rune, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return min(last[len(b)], most+1)
}
