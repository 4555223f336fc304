// Package target finds whom a text is about: which contestants of the elections
// that count for its author's region and date are mentioned, by full name, an
// unambiguous part of it, alias, number in its many spellings, party, hashtag or
// hand sign. Of a weak mention (a bare "nomor 2", a first name, ✌) it says
// whether the text shows that it is about the vote.
//
// It says who is mentioned, not whether the author is for or against them.
package target

import (
	"slices"
	"time"

	"github.com/netra-id/netra/classifiers/text"
	"github.com/netra-id/netra/pipeline/roster"
)

// Kind says by what a contestant was mentioned.
type Kind uint8

// The kinds of mentions.
const (
	ByName Kind = iota
	ByAlias
	ByHashtag
	ByNumber
	ByParty
	ByPart
	ByHandSign
	ByIncumbency // "petahana"
)

// Mention is one mention of a contestant: tokens First to Last.
type Mention struct {
	First, Last int
	Kind        Kind
	// Contestant is the id of the contestant; empty where several share what is
	// mentioned (a party, or a number of two elections at once), and for the
	// incumbent where nobody said who that is.
	Contestant string
	Certainty  Certainty
	// Chosen is true for a number right behind a word for choosing or rejecting.
	Chosen bool
}

// Certainty says how sure it is that a mention means the contestant.
type Certainty uint8

const (
	// Possible is a first name, a bare number, a hand sign, a short alias in
	// small letters, without support in the text.
	Possible Certainty = iota
	// Supported is such a mention in a text that shows that it is about the vote.
	Supported
	// Clear is a full name, alias, hashtag, party, or a number with the office
	// ("paslon 2").
	Clear
)

// contestant is one contestant with the election it stands in.
type contestant struct {
	id        string
	number    int
	incumbent bool
	election  *roster.Election
}

// Resolver finds mentions. It is immutable and safe for concurrent use.
type Resolver struct {
	contestants []contestant
	phrases     []phrase
	names       []name
}

// name is what a phrase stands for.
type name struct {
	kind       Kind
	candidates []int // indexes into contestants
	strong     bool
	careful    bool // an ordinary word or short form: only in capitals or with evidence
	ordinary   bool // an alias of ordinary words alone
	part       bool
	short      bool // an alias of one given name
	addressed  bool // an alias of one given name behind an honorific, such as "Pak Budi"
}

// common reports whether many people may bear the name.
func (n *name) common() bool { return n.part || n.short }

// phrase is a phrase for the matcher with its meaning: a name, or a class of
// words from words.yaml.
type phrase struct {
	text  string
	class wordClass
	name  int // -1 where it is a word class
}

// Hit is one occurrence of a registered phrase.
type Hit struct {
	Payload     uint32
	First, Last int
}

// Scratch is the working memory of Resolve; use one per goroutine.
type Scratch struct {
	marks    []wordSet
	found    wordSet // in any token
	open     []bool  // by contestant
	mentions []Mention
	kept     []Mention
	names    []Hit
	// numbers are the tokens that have a number or show one.
	numbers []int
	// vote says whether the text is about the vote, voteIn which sentences are.
	vote   bool
	voteIn []bool
	// elsewhere says that the text is about an election of another kind.
	elsewhere bool
}

// Phrases calls add for every phrase that the matcher must find; Resolve takes
// the hits with the same payloads. A word of a phrase that begins with "=" is
// the word itself without its inflected forms, as in keyword lists.
func (r *Resolver) Phrases(add func(phrase string, payload uint32) error) error {
	for i, p := range r.phrases {
		if err := add(p.text, uint32(i)); err != nil && p.name < 0 {
			return err
		}
	}
	return nil
}

// Resolve returns the mentions in doc, in order, of contestants of the elections of
// the author's region at the given time. The result is valid until the scratch
// is used again.
func (r *Resolver) Resolve(doc *text.Doc, hits []Hit, region string, at time.Time, s *Scratch) []Mention {
	s.mentions = s.mentions[:0]
	if !r.openElections(region, at, s) {
		return nil
	}
	r.mark(doc, hits, s)
	r.named(doc, s)
	s.countable(doc)
	r.numbered(doc, s)
	r.signed(doc, s)
	if s.found.has(classIncumbent) {
		r.incumbents(doc, s)
	}
	if len(s.mentions) == 0 {
		return nil
	}
	slices.SortStableFunc(s.mentions, func(a, b Mention) int { return a.First - b.First })
	return s.weigh(doc)
}

func (r *Resolver) openElections(region string, at time.Time, s *Scratch) bool {
	s.open = slices.Grow(s.open[:0], len(r.contestants))[:len(r.contestants)]
	any, open := false, false
	for i := range r.contestants {
		// Those of one election stand side by side.
		if election := r.contestants[i].election; i == 0 || election != r.contestants[i-1].election {
			open = election.Covers(region, at)
		}
		s.open[i] = open
		any = any || open
	}
	return any
}

// mark notes the class of every token's words, and keeps the hits of names.
func (r *Resolver) mark(doc *text.Doc, hits []Hit, s *Scratch) {
	s.marks = slices.Grow(s.marks[:0], len(doc.Tokens))[:len(doc.Tokens)]
	clear(s.marks)
	s.names = s.names[:0]
	s.found, s.elsewhere = 0, false
	sentences := 0
	if n := len(doc.Tokens); n > 0 {
		sentences = int(doc.Tokens[n-1].Sentence) + 1
	}
	s.voteIn = slices.Grow(s.voteIn[:0], sentences)[:sentences]
	clear(s.voteIn)
	for _, hit := range hits {
		p := &r.phrases[hit.Payload]
		if p.name >= 0 {
			s.names = append(s.names, hit)
			continue
		}
		s.found.add(p.class)
		if first := &doc.Tokens[hit.First]; p.class == classElsewhere && first.Kind != text.Hashtag && !first.Is(text.InHashtag) {
			s.elsewhere = true
		}
		for i := hit.First; i <= hit.Last; i++ {
			s.marks[i].add(p.class)
			if p.class == classVote {
				s.voteIn[doc.Tokens[i].Sentence] = true
			}
		}
	}
	s.vote = s.found.has(classVote)
}

func (s *Scratch) voteInSentence(doc *text.Doc, at int) bool {
	return s.voteIn[doc.Tokens[at].Sentence]
}

// pick returns the one candidate whose election is open, or -1 where several
// are; ok is false where none is.
func (r *Resolver) pick(candidates []int, s *Scratch) (one int, ok bool) {
	one = -1
	for _, c := range candidates {
		if !s.open[c] {
			continue
		}
		if ok {
			return -1, true
		}
		one, ok = c, true
	}
	return one, ok
}

func (r *Resolver) mention(first, last int, kind Kind, candidate int, clear bool) Mention {
	m := Mention{First: first, Last: last, Kind: kind}
	if clear {
		m.Certainty = Clear
	}
	if candidate >= 0 {
		m.Contestant = r.contestants[candidate].id
	}
	return m
}
