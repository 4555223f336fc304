// Package act reads the speech act of a post: whether its author does a thing
// now (endorses, attacks, offers, threatens) or reports, forbids, denies, asks,
// debunks, recites or lists it. Most posts with trigger words are innocent, and
// this is what tells them apart.
//
// The design: words of the file cues.yaml belong to classes (negation,
// prohibition, report …). A class acts within a scope: some only on what
// follows in the clause, some on the sentence, some on the whole post. For a
// match of a rule, Context says which classes reach it, and in which scope;
// Force turns that into one factor from 0 (the author does not do it) to 1.
// Package judge calls it for every match; it knows nothing of labels' lists.
package act

import (
	"fmt"
	"slices"

	"github.com/netra-id/netra/classifiers/text"
)

// Class is a class of cues.
type Class uint8

// The classes; what each holds is told in cues.yaml.
const (
	Negation Class = iota
	Affirming
	Turn
	Prohibition
	Refusal
	Report
	Institution
	Norm
	Pledge
	Debunk
	Question
	Hypothetical
	FirstPerson
	Exhort
	ThirdParty
	Turnout
	Listing
	Campaign
	Kin
	Everyday
	Affairs
	Ballot
	Condemnation
	Classes // how many there are
)

var classNames = [Classes]string{
	"negation", "affirming", "turn", "prohibition", "refusal", "report", "institution", "norm", "pledge", "debunk",
	"question", "hypothetical", "first_person", "exhort", "third_party", "turnout", "listing", "campaign", "kin", "everyday", "affairs", "ballot", "condemnation",
}

// String returns the class's name in cues.yaml.
func (c Class) String() string { return classNames[c] }

func classOf(name string) (Class, error) {
	for i, known := range classNames {
		if known == name {
			return Class(i), nil
		}
	}
	return 0, fmt.Errorf("class %q of cues is not known; allowed: %v", name, classNames)
}

// Set is a set of classes.
type Set uint32

// Has reports whether the class is in the set.
func (s Set) Has(c Class) bool { return s&(1<<c) != 0 }

// Any reports whether one of the classes is in the set.
func (s Set) Any(classes ...Class) bool {
	for _, c := range classes {
		if s.Has(c) {
			return true
		}
	}
	return false
}

func (s *Set) add(c Class) { *s |= 1 << c }

// Cue is one occurrence of a cue: tokens First to Last of the text.
type Cue struct {
	Class       Class
	First, Last int
}

// Context says which classes reach one range of tokens.
type Context struct {
	// Before holds the classes of cues before the range that reach it: in the
	// same sentence, no turn between, at most reach words away.
	Before Set
	// Clause, Sentence and Document hold the classes found anywhere in each.
	Clause, Sentence, Document Set
	// Near holds the classes right before the range, at most three words away.
	Near Set
	// Asked is true when the sentence ends with a question mark.
	Asked bool
	// Quoted is true when the range stands between quotation marks.
	Quoted bool
	// Count is how many cues of each class the whole text has, at most 255.
	Count *[Classes]uint8
}

const (
	reach     = 12 // words over which a prohibition reaches forward
	nearReach = 3
	negReach  = 5 // words over which a negation reaches forward

	// maxCues and overlapWindow bound the work on a text that is nothing but cues.
	maxCues       = 1024
	overlapWindow = 12
)

// Reading is the reading of one text. The zero value is ready; use one again
// and again from one goroutine.
type Reading struct {
	doc      *text.Doc
	cues     []Cue
	sentence []Set
	asked    []bool
	document Set
	denied   []Range
	count    [Classes]uint8
}

// Read takes the cues of a text, in order of their first token. Cues inside an
// affirming cue ("jangan lupa") are dropped, and so are shorter cues of the same
// class inside longer ones.
func (r *Reading) Read(doc *text.Doc, cues []Cue) {
	r.doc, r.document, r.count = doc, 0, [Classes]uint8{}
	r.cues = r.cues[:0]
	sentences := 1
	if n := len(doc.Tokens); n > 0 {
		sentences = int(doc.Tokens[n-1].Sentence) + 1
	}
	r.sentence = cleared(r.sentence, sentences)
	r.asked = cleared(r.asked, sentences)
	bracket := r.markQuestions()
	cues = cues[:min(len(cues), maxCues)]
	for i := range cues {
		if !r.overridden(cues, i) {
			r.keep(cues[i])
		}
	}
	r.markVerdicts(bracket)
}

// verdicts are what fact-checkers write in brackets before a claim: [SALAH].
var verdicts = map[string]bool{
	"salah": true, "hoaks": true, "hoax": true, "disinformasi": true, "misinformasi": true, "keliru": true, "sesat": true, "palsu": true, "fakta": true, "klarifikasi": true,
}

// markVerdicts notes a fact-checker's verdict in brackets as a debunk of the
// whole text; bracket is the first one.
func (r *Reading) markVerdicts(bracket int) {
	tokens := r.doc.Tokens
	for i := bracket + 1; i < len(tokens); i++ {
		before := &tokens[i-1]
		if before.Kind == text.Punct && isBracket(r.doc.Text[before.Start]) && verdicts[string(r.doc.Norm(&tokens[i]))] {
			r.keep(Cue{Class: Debunk, First: i, Last: i})
			return
		}
	}
}

// cleared returns a slice of n zero values, in s where it is large enough.
func cleared[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// markQuestions notes which sentences ask, and returns the first token that is an
// opening bracket, or how many tokens there are.
func (r *Reading) markQuestions() (bracket int) {
	bracket = len(r.doc.Tokens)
	for i := range r.doc.Tokens {
		token := &r.doc.Tokens[i]
		if token.Kind != text.Punct {
			continue
		}
		switch mark := r.doc.Text[token.Start]; {
		case mark == '?':
			r.asked[token.Sentence] = true
		case isBracket(mark):
			bracket = min(bracket, i)
		}
	}
	return bracket
}

func isBracket(mark byte) bool { return mark == '[' || mark == '(' }

// denials are the classes of cues that may lie in an affirming one.
const denials Set = 1<<Negation | 1<<Prohibition | 1<<Question

// overridden reports whether cue i lies in an affirming cue, or denies nothing
// since a longer cue of a stronger class holds the same words.
func (r *Reading) overridden(cues []Cue, i int) bool {
	c := cues[i]
	if !denials.Has(c.Class) && c.Class != Report {
		return false
	}
	for j := max(i-overlapWindow, 0); j < min(i+overlapWindow, len(cues)); j++ {
		o := cues[j]
		if j == i || o.First > c.First || o.Last < c.Last || o.First == c.First && o.Last == c.Last && o.Class == c.Class {
			continue
		}
		longer := o.Last-o.First > c.Last-c.First
		switch {
		case o.Class == Affirming && longer && denials.Has(c.Class):
			return true
		case longer && c.Class == Negation && (o.Class == Prohibition || o.Class == Debunk):
			return true
		case longer && c.Class == Report && o.Class == FirstPerson: // "menurut saya"
			return true
		}
	}
	return false
}

func (r *Reading) keep(c Cue) {
	r.cues = append(r.cues, c)
	r.document.add(c.Class)
	if r.count[c.Class] < 255 {
		r.count[c.Class]++
	}
	for s := r.doc.Tokens[c.First].Sentence; s <= r.doc.Tokens[c.Last].Sentence; s++ {
		r.sentence[s].add(c.Class)
	}
}

// Cues returns the cues that were kept, in order; valid until the next Read.
func (r *Reading) Cues() []Cue { return r.cues }

// Context reads what reaches tokens first to last. Cues inside the range
// [coreFirst, coreLast], which is the matched term itself, do not count:
// "jangan pilih" is not forbidden by its own jangan.
func (r *Reading) Context(first, last, coreFirst, coreLast int) Context {
	tokens := r.doc.Tokens
	start := &tokens[first]
	c := Context{Document: r.document, Count: &r.count}
	for s := start.Sentence; s <= tokens[last].Sentence; s++ {
		c.Sentence |= r.sentence[s]
		c.Asked = c.Asked || r.asked[s]
	}
	c.Quoted = tokens[coreFirst].Is(text.InQuotes)
	turn := r.lastTurn(coreFirst)
	for _, cue := range r.cues {
		if cue.First >= coreFirst && cue.Last <= coreLast {
			continue
		}
		at := &tokens[cue.First]
		if at.Clause >= start.Clause && at.Clause <= tokens[last].Clause {
			c.Clause.add(cue.Class)
		}
		if at.Sentence != tokens[coreFirst].Sentence || cue.First >= coreFirst || cue.First < turn {
			continue
		}
		if cue.Class == Negation && tokens[cue.Last].Clause != tokens[coreFirst].Clause {
			continue // a negation ends with its clause
		}
		distance := int(tokens[coreFirst].Pos - tokens[cue.Last].Pos)
		if distance <= reachOf(cue.Class) {
			c.Before.add(cue.Class)
		}
		if distance <= nearReach {
			c.Near.add(cue.Class)
		}
	}
	return c
}

func reachOf(c Class) int {
	if c == Negation {
		return negReach
	}
	return reach
}

// lastTurn returns the first token behind the last turn before token at, in its
// sentence, or 0.
func (r *Reading) lastTurn(at int) int {
	turn := 0
	for _, cue := range r.cues {
		if cue.Class == Turn && cue.Last < at {
			turn = cue.First
		}
	}
	return turn
}

// Range is a range of tokens.
type Range struct{ First, Last int }

// Denied returns what negations and prohibitions cover: the words behind them
// in their clause or sentence, up to the next turn, in the order of their first
// tokens. It is valid until the next Read.
func (r *Reading) Denied() []Range {
	r.denied = r.denied[:0]
	for _, cue := range r.cues {
		if cue.Class == Negation || cue.Class == Prohibition {
			if last := r.coverEnd(cue); last > cue.Last {
				r.denied = append(r.denied, Range{cue.Last + 1, last})
			}
		}
	}
	return r.denied
}

// coverEnd returns the last token that a denial covers.
func (r *Reading) coverEnd(cue Cue) int {
	tokens := r.doc.Tokens
	at := &tokens[cue.Last]
	last := cue.Last
	for i := cue.Last + 1; i < len(tokens); i++ {
		t := &tokens[i]
		if t.Sentence != at.Sentence || t.Clause != at.Clause && cue.Class == Negation ||
			int(t.Pos-at.Pos) > reachOf(cue.Class) || r.turns(i) {
			break
		}
		last = i
	}
	return last
}

// turns reports whether a turn begins at token i. Cues are sorted by their
// first token.
func (r *Reading) turns(i int) bool {
	at, found := slices.BinarySearchFunc(r.cues, i, func(c Cue, i int) int { return c.First - i })
	for ; found && at < len(r.cues) && r.cues[at].First == i; at++ {
		if r.cues[at].Class == Turn {
			return true
		}
	}
	return false
}

// Whole is the context of the text as a whole: what stands anywhere in it.
func (r *Reading) Whole() Context {
	c := Context{Document: r.document, Count: &r.count}
	for _, asked := range r.asked {
		c.Asked = c.Asked || asked
	}
	return c
}
