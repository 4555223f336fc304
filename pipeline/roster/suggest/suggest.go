// Package suggest ranks which accounts of platforms are likely those of which
// persons, by names, handles and what profiles say of agencies and offices, with
// the reasons. It only suggests: an operator looks at the profile and confirms,
// by writing the roster's row; nothing here changes the roster. The command
// netra roster suggest calls it.
package suggest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/post"
)

// Suggestion is that a candidate may be the account of a person.
type Suggestion struct {
	Candidate Candidate
	Person    post.Person
	// Score is from 0 to 1. It orders suggestions; it is no probability.
	Score float64
	// Reasons say for people what speaks for it, and what against.
	Reasons []string
}

// Ranker knows the persons.
type Ranker struct {
	persons []person
	byWord  map[string][]int32 // of folded words of names
	places  map[string]place
}

type person struct {
	post.Person
	words []string
}

// New builds a ranker of persons. One who is there more than once, with several
// accounts, counts once.
func New(persons []post.Person) *Ranker {
	r := &Ranker{byWord: map[string][]int32{}, places: map[string]place{}}
	seen := map[string]bool{}
	for _, p := range persons {
		key := strings.ToLower(strings.Join([]string{p.PersonID, p.Name, p.Agency, p.Unit}, "\x00"))
		words := nameWords(p.Name)
		if seen[key] || len(words) == 0 {
			continue
		}
		seen[key] = true
		for _, word := range words {
			if with := r.byWord[word]; len(with) == 0 || with[len(with)-1] != int32(len(r.persons)) {
				r.byWord[word] = append(with, int32(len(r.persons)))
			}
		}
		for _, name := range []string{p.Agency, p.Unit} {
			if _, ok := r.places[name]; !ok && name != "" {
				r.places[name] = placeOf(name)
			}
		}
		r.persons = append(r.persons, person{Person: p, words: words})
	}
	return r
}

// profile is a candidate as it is compared.
type profile struct {
	*Candidate
	words  []string // of the name
	handle string   // letters only, folded
	text   string   // words of name, handle and bio, with a space around each
	bio    string
}

func profileOf(c *Candidate) *profile {
	p := &profile{Candidate: c, words: nameWords(c.Name)}
	handle, _, _ := strings.Cut(strings.TrimPrefix(c.Handle, "@"), "@")
	for _, word := range wordsOf(handle) {
		p.handle += fold(strings.Trim(word, "0123456789"))
	}
	p.bio = " " + strings.Join(wordsOf(c.Bio+" "+c.Name), " ") + " "
	p.text = p.bio + strings.Join(wordsOf(handle), " ") + " "
	return p
}

// Suggest ranks the persons for one candidate, most likely first, at most so
// many, those from the least score on.
func (r *Ranker) Suggest(c Candidate, least float64, most int) []Suggestion {
	p := profileOf(&c)
	var found []Suggestion
	for _, index := range r.near(p) {
		if s := r.score(p, &r.persons[index]); s.Score > 0 {
			found = append(found, s)
		}
	}
	byScore(found)
	r.doubt(found)
	byScore(found)
	found = slices.DeleteFunc(found, func(s Suggestion) bool { return s.Score < least })
	return found[:min(len(found), most)]
}

func byScore(found []Suggestion) {
	slices.SortStableFunc(found, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Person.Name, b.Person.Name), cmp.Compare(a.Person.Agency, b.Person.Agency))
	})
}

// near finds the persons who share a word of the name with the profile, or whose
// name's word stands in its handle.
func (r *Ranker) near(p *profile) []int32 {
	found := map[int32]bool{}
	add := func(word string) {
		for _, index := range r.byWord[word] {
			found[index] = true
		}
	}
	for _, word := range p.words {
		add(word)
	}
	for from := range p.handle {
		for until := from + 4; until <= min(len(p.handle), from+20); until++ {
			add(p.handle[from:until])
		}
	}
	near := make([]int32, 0, len(found))
	for index := range found {
		near = append(near, index)
	}
	slices.Sort(near)
	return near
}

// weight is how much a word of a name tells: one that few people have tells more.
func (r *Ranker) weight(word string) float64 {
	return math.Log(2 + float64(len(r.persons))/float64(1+len(r.byWord[word])))
}

// The parts of a score. A name alone is never enough for a high one.
const (
	partName   = 0.55
	partHandle = 0.15
	partPlace  = 0.2
	partOffice = 0.1
)

// score compares a profile with a person.
func (r *Ranker) score(p *profile, who *person) Suggestion {
	s := Suggestion{Candidate: *p.Candidate, Person: who.Person}
	name := r.nameScore(p, who, &s)
	handle := r.handleScore(p, who, &s)
	if name < 0.5 && handle < 0.8 {
		return Suggestion{}
	}
	s.Score = partName*max(name, 0.8*handle) + partHandle*handle + r.placeScore(p, who, &s) + officeScore(p, who, &s)
	return s
}

func (r *Ranker) nameScore(p *profile, who *person, s *Suggestion) float64 {
	var got, all float64
	used := make([]bool, len(p.words))
	matched := 0
	for _, word := range who.words {
		weight := r.weight(word)
		all += weight
		best, at := 0.0, -1
		for n, other := range p.words {
			if likeness := alike(word, other); !used[n] && likeness > best {
				best, at = likeness, n
			}
		}
		if at >= 0 {
			used[at] = true
			matched++
		}
		got += weight * best
	}
	if matched == 0 {
		return 0
	}
	score := got / all
	if extra := len(p.words) - matched; extra > 0 {
		score *= 1 - 0.1*float64(min(extra, 3))
	}
	if matched == 1 && len(who.words) == 1 && len(p.words) > 1 {
		score *= 0.7
	}
	switch {
	case score >= 0.95:
		s.Reasons = append(s.Reasons, fmt.Sprintf("the name %q is the same", p.Name))
	case score > 0:
		s.Reasons = append(s.Reasons, fmt.Sprintf("the name %q is like %q: %d of %d words", p.Name, who.Name, matched, len(who.words)))
	}
	return score
}

// handleScore is the part of the handle that is made of the person's name.
func (r *Ranker) handleScore(p *profile, who *person, s *Suggestion) float64 {
	if len(p.handle) < 4 {
		return 0
	}
	covered, parts := 0, 0
	rest := p.handle
	for _, word := range who.words {
		if len(word) >= 3 && strings.Contains(rest, word) {
			rest = strings.Replace(rest, word, " ", 1)
			covered += len(word)
			parts++
		}
	}
	score := float64(covered) / float64(len(p.handle))
	if parts < min(2, len(who.words)) {
		score *= 0.6
	}
	if score > 0.4 {
		s.Reasons = append(s.Reasons, fmt.Sprintf("the handle %s is made of the name", p.Handle))
	}
	return score
}

func (r *Ranker) placeScore(p *profile, who *person, s *Suggestion) float64 {
	score := 0.0
	for _, name := range []string{who.Unit, who.Agency} {
		if name == "" {
			continue
		}
		place := r.places[name]
		form, own := place.on(p.text), place.ownOn(p.text)
		switch {
		case form != "" && own != "":
			score += partPlace
			s.Reasons = append(s.Reasons, fmt.Sprintf("the profile names %q and %q, of %s", form, own, name))
		case form != "":
			score += 0.6 * partPlace
			s.Reasons = append(s.Reasons, fmt.Sprintf("the profile names %q, as %s", form, name))
		case own != "":
			score += 0.4 * partPlace
			s.Reasons = append(s.Reasons, fmt.Sprintf("the profile names %q, of %s", own, name))
		}
	}
	return min(score, partPlace)
}

func officeScore(p *profile, who *person, s *Suggestion) float64 {
	score := 0.0
	for _, word := range wordsOf(who.Position) {
		if len(word) > 3 && !commonWords[word] && strings.Contains(p.bio, " "+word+" ") {
			score += 0.6 * partOffice
			s.Reasons = append(s.Reasons, fmt.Sprintf("the profile says %q, as the office", word))
			break
		}
	}
	for word := range strings.FieldsSeq(p.bio) {
		if staffWords[word] {
			score += 0.6 * partOffice
			s.Reasons = append(s.Reasons, fmt.Sprintf("the profile says %q", word))
			break
		}
	}
	return min(score, partOffice)
}

// doubt lowers the scores of a candidate that several persons could be: who has
// a common name needs more than the name.
func (r *Ranker) doubt(found []Suggestion) {
	if len(found) < 2 {
		return
	}
	best := found[0].Score
	rivals := 0
	for n := range found {
		if best-found[n].Score < 0.03 {
			rivals++
		}
	}
	if rivals < 2 {
		return
	}
	for n := range rivals {
		found[n].Score *= 1 - 0.1*float64(min(rivals-1, 5))
		found[n].Reasons = append(found[n].Reasons, fmt.Sprintf("against it: %d persons fit as well", rivals))
	}
}
