package coordinated

import (
	"cmp"
	"slices"

	"github.com/netra-id/netra/pipeline/coordinated/sketch"
	"github.com/netra-id/netra/pipeline/store"
)

// family is a number of texts that are near copies of one, its leader.
type family struct {
	leader *store.SketchForm
	forms  []*store.SketchForm
	// accounts is at most how many there are, since one may have several texts.
	accounts uint64
}

const (
	// heads is how many of the most copied texts of a band the others are compared
	// with.
	heads = 4
	// looser is how much less than near a text may be to the leader of the texts by
	// which it was joined: without a bound, a chain of small changes would lead
	// from any text to any other.
	looser = 0.15
)

// families puts forms together that are near copies. Each shares a band with one
// of the most copied ones of that band, has the same numbers and negations, and
// is like it and nearly as like the family's leader.
func families(forms []store.SketchForm, near float64) []family {
	sets := newSets(len(forms))
	for _, band := range bandsOf(forms) {
		for at, i := range band {
			for _, j := range band[:min(at, heads)] {
				a, b := &forms[i], &forms[j]
				if !sets.together(i, j) && a.Turns == b.Turns && similarity(a, b) >= near {
					sets.join(i, j)
				}
			}
		}
	}
	var all []family
	for _, members := range sets.all() {
		chosen := make([]*store.SketchForm, len(members))
		for at, i := range members {
			chosen[at] = &forms[i]
		}
		all = append(all, split(chosen, near)...)
	}
	return all
}

// bandsOf lists the forms that share a band, for each band that several share, the
// most copied first.
func bandsOf(forms []store.SketchForm) [][]int {
	byBand := map[uint32][]int{}
	for i := range forms {
		for _, band := range forms[i].Bands {
			byBand[band] = append(byBand[band], i)
		}
	}
	var lists [][]int
	for _, list := range byBand {
		if len(list) < 2 {
			continue
		}
		slices.SortFunc(list, func(a, b int) int {
			return cmp.Or(cmp.Compare(forms[b].Accounts, forms[a].Accounts), cmp.Compare(forms[a].Exact, forms[b].Exact))
		})
		lists = append(lists, list)
	}
	return lists
}

func similarity(a, b *store.SketchForm) float64 {
	return sketch.SimilarityOf([]byte(a.Signature), []byte(b.Signature))
}

// split takes a leader, the texts that are like it, and goes on with the rest.
func split(forms []*store.SketchForm, near float64) []family {
	slices.SortFunc(forms, func(a, b *store.SketchForm) int {
		return cmp.Or(cmp.Compare(b.Accounts, a.Accounts), cmp.Compare(a.Exact, b.Exact))
	})
	var all []family
	for len(forms) > 0 {
		f := family{leader: leaderOf(forms)}
		var rest []*store.SketchForm
		for _, form := range forms {
			if form == f.leader || similarity(form, f.leader) >= near-looser {
				f.forms, f.accounts = append(f.forms, form), f.accounts+form.Accounts
			} else {
				rest = append(rest, form)
			}
		}
		all, forms = append(all, f), rest
	}
	return all
}

// mostLeaders is how many texts are tried as the leader.
const mostLeaders = 8

// leaderOf is the text that is like most others, among the most copied ones.
func leaderOf(forms []*store.SketchForm) *store.SketchForm {
	best, most := forms[0], -1.0
	for _, candidate := range forms[:min(len(forms), mostLeaders)] {
		sum := 0.0
		for _, other := range forms[:min(len(forms), 64)] {
			sum += similarity(candidate, other) * float64(other.Accounts)
		}
		if sum > most {
			best, most = candidate, sum
		}
	}
	return best
}

// sets are disjoint sets of numbers (union-find).
type sets struct{ parent []int }

func newSets(n int) *sets {
	s := &sets{parent: make([]int, n)}
	for i := range s.parent {
		s.parent[i] = i
	}
	return s
}

func (s *sets) root(i int) int {
	for s.parent[i] != i {
		s.parent[i] = s.parent[s.parent[i]]
		i = s.parent[i]
	}
	return i
}

func (s *sets) together(i, j int) bool { return s.root(i) == s.root(j) }

func (s *sets) join(i, j int) { s.parent[s.root(i)] = s.root(j) }

// all lists the sets in the order of their first members.
func (s *sets) all() [][]int {
	place := map[int]int{}
	var lists [][]int
	for i := range s.parent {
		root := s.root(i)
		at, known := place[root]
		if !known {
			at = len(lists)
			place[root], lists = at, append(lists, nil)
		}
		lists[at] = append(lists[at], i)
	}
	return lists
}
