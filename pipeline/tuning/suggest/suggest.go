// Package suggest finds what an operator may want in a keyword list: words and
// phrases that stand out in confirmed posts and are in no rule (Words), and other
// spellings of a phrase in the data (Variants).
//
// Its functions are pure; Gather reads what they work on. The keywords command
// and the console's pages call it. It changes no list: a suggestion is something
// to look at.
package suggest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/text"
)

// Post is one text to look through.
type Post struct {
	ID      string
	Account string
	Text    string
}

// Configuration is what a suggestion must come up to.
type Configuration struct {
	// LeastPosts and LeastAccounts are in how many confirmed posts, of how many
	// accounts, a phrase must stand: one account's habit is no slogan.
	LeastPosts, LeastAccounts int
	// LeastG2 is the least log-likelihood ratio; 15.13 is a chance of 1 in 10,000.
	LeastG2 float64
	// MostWords bounds the words of a phrase, Most the suggestions.
	MostWords, Most int
	// LeastContext is how alike the surroundings of a variant must be to those of
	// the phrase, from 0 to 1.
	LeastContext float64
}

// DefaultConfiguration suggests up to fifty phrases of up to three words.
func DefaultConfiguration() Configuration {
	return Configuration{LeastPosts: 3, LeastAccounts: 2, LeastG2: 15.13, MostWords: 3, Most: 50, LeastContext: 0.1}
}

// Word is a word or phrase that stands out.
type Word struct {
	Phrase string `json:"phrase"`
	// Confirmed and Background are in how many posts of each kind it stands, of
	// Accounts accounts.
	Confirmed  int `json:"confirmed"`
	Background int `json:"background"`
	Accounts   int `json:"accounts"`
	// G2 is the log-likelihood ratio (Dunning 1993): the greater, the less by
	// chance.
	G2 float64 `json:"g2"`
	// Examples are the ids of some confirmed posts.
	Examples []string `json:"examples"`
}

// mostExamples bounds the examples of a suggestion.
const mostExamples = 3

// Words finds words and phrases that stand in confirmed posts more often than in
// the background (dismissed and benign posts), and that no rule of the lists looks
// for in any of its forms. Ignored are further phrases to leave out, such as the
// names of contestants.
func Words(cfg Configuration, lists *keyword.Set, ignored []string, confirmed, background []Post) []Word {
	r := newReader(cfg, lists, ignored)
	found := map[string]*finding{}
	for _, p := range confirmed {
		for phrase := range r.phrases(p.Text) {
			f := found[phrase]
			if f == nil {
				f = &finding{accounts: map[string]bool{}}
				found[phrase] = f
			}
			f.posts = append(f.posts, p.ID)
			f.accounts[p.Account] = true
		}
	}
	maps.DeleteFunc(found, func(_ string, f *finding) bool {
		return len(f.posts) < cfg.LeastPosts || len(f.accounts) < cfg.LeastAccounts
	})
	for _, p := range background {
		for phrase := range r.phrases(p.Text) {
			if f := found[phrase]; f != nil {
				f.background++
			}
		}
	}
	return chosen(cfg, found, len(confirmed), len(background))
}

// finding is a phrase while it is counted.
type finding struct {
	posts      []string
	accounts   map[string]bool
	background int
}

// chosen are the findings that stand out, without those that are parts of others
// in the same posts.
func chosen(cfg Configuration, found map[string]*finding, confirmed, background int) []Word {
	var words []Word
	for phrase, f := range found {
		g2 := G2(len(f.posts), confirmed, f.background, background)
		if g2 >= cfg.LeastG2 {
			words = append(words, Word{
				Phrase: phrase, Confirmed: len(f.posts), Background: f.background, Accounts: len(f.accounts), G2: math.Round(g2*100) / 100,
				Examples: f.posts[:min(len(f.posts), mostExamples)],
			})
		}
	}
	slices.SortFunc(words, func(a, b Word) int {
		return cmp.Or(cmp.Compare(b.G2, a.G2), cmp.Compare(len(b.Phrase), len(a.Phrase)), cmp.Compare(a.Phrase, b.Phrase))
	})
	kept := []Word{}
	for _, word := range words {
		same := slices.ContainsFunc(kept, func(k Word) bool {
			return within(word.Phrase, k.Phrase) && share(found[word.Phrase].posts, found[k.Phrase].posts) >= sameShare
		})
		if !same {
			kept = append(kept, word)
		}
		if len(kept) == cfg.Most {
			break
		}
	}
	return kept
}

// sameShare is the share of posts in common from which a phrase and its part are
// one suggestion.
const sameShare = 0.6

// within says whether one phrase holds the other, in whole words.
func within(a, b string) bool {
	return strings.Contains(" "+a+" ", " "+b+" ") || strings.Contains(" "+b+" ", " "+a+" ")
}

// share is the size of what two sets of posts have in common, by the larger one.
func share(a, b []string) float64 {
	in := make(map[string]bool, len(a))
	for _, id := range a {
		in[id] = true
	}
	common := 0
	for _, id := range b {
		if in[id] {
			common++
		}
	}
	return float64(common) / float64(max(len(a), len(b)))
}

// G2 is the log-likelihood ratio of a phrase in a of all posts and in b of the
// others, 0 where it is not more frequent in the first.
func G2(a, all, b, others int) float64 {
	if all == 0 || others == 0 || float64(a)/float64(all) <= float64(b)/float64(others) {
		return 0
	}
	n := float64(all + others)
	sum := 0.0
	for _, cell := range [][3]int{{a, a + b, all}, {b, a + b, others}, {all - a, all + others - a - b, all}, {others - b, all + others - a - b, others}} {
		if cell[0] > 0 {
			sum += float64(cell[0]) * math.Log(float64(cell[0])*n/(float64(cell[1])*float64(cell[2])))
		}
	}
	return 2 * sum
}

// reader finds the phrases of texts.
type reader struct {
	cfg     Configuration
	matcher *keyword.Matcher
	common  map[string]bool
	doc     text.Doc
	matches []keyword.Match
}

// newReader knows what rules look for, in all forms in which they find it.
func newReader(cfg Configuration, lists *keyword.Set, ignored []string) *reader {
	builder := keyword.NewBuilder()
	space := builder.NewSpace()
	for _, phrase := range append(termsOf(lists), ignored...) {
		_ = builder.Add(space, phrase, 0) // it refuses what no text holds: too long, or nothing to match
	}
	r := &reader{cfg: cfg, matcher: builder.Freeze(), common: map[string]bool{}}
	for _, word := range text.CommonWords() {
		r.common[word] = true
	}
	return r
}

// termsOf are the words and phrases of all rules and groups. What a rule excepts
// (none) is not looked for.
func termsOf(lists *keyword.Set) []string {
	if lists == nil {
		return nil
	}
	var terms []string
	add := func(some []keyword.Term) {
		for _, term := range some {
			if term.Group() == "" {
				terms = append(terms, term.Text)
			}
		}
	}
	groups := func(of map[string][]keyword.Term) {
		for _, name := range slices.Sorted(maps.Keys(of)) {
			add(of[name])
		}
	}
	groups(lists.Groups)
	for _, list := range lists.Lists {
		groups(list.Groups)
		for _, rule := range list.Rules {
			add(rule.Any)
			add(rule.All)
			for _, near := range rule.Near {
				add(near.What)
			}
		}
	}
	return terms
}

// unit is a word of a text, with its sentence.
type unit struct {
	word     string
	sentence int32
	known    bool // part of what a rule looks for
}

// units reads the words of a text, with the words of hashtags where they are
// known, else the hashtag.
func (r *reader) units(body string) []unit {
	r.matcher.Analyze(&r.doc, body)
	r.matches = r.matcher.Match(&r.doc, r.matches[:0])
	known := make([]bool, len(r.doc.Tokens))
	for _, m := range r.matches {
		for i := m.First; i <= m.Last; i++ {
			known[i] = true
		}
	}
	units := make([]unit, 0, len(r.doc.Tokens))
	for i := range r.doc.Tokens {
		token := &r.doc.Tokens[i]
		switch {
		case token.Kind == text.Hashtag:
			name := string(r.doc.Norm(token))
			units = append(units, unit{word: "#" + strings.TrimPrefix(name, "#"), sentence: -token.Sentence - 1, known: known[i]})
		case token.Kind == text.Word && !token.Is(text.InHashtag):
			units = append(units, unit{word: string(r.doc.Norm(token)), sentence: token.Sentence, known: known[i]})
		case token.Kind == text.Number:
			units = append(units, unit{word: string(r.doc.Norm(token)), sentence: token.Sentence, known: true})
		}
	}
	return units
}

// phrases are the words and phrases of a text that no rule looks for. A phrase
// neither begins nor ends with a word that says nothing.
func (r *reader) phrases(body string) map[string]bool {
	units := r.units(body)
	phrases := map[string]bool{}
	for i := range units {
		if r.empty(&units[i]) {
			continue
		}
		phrase := ""
		for n := range min(r.cfg.MostWords, len(units)-i) {
			u := &units[i+n]
			if u.known || u.sentence != units[i].sentence {
				break
			}
			phrase = strings.TrimPrefix(phrase+" "+u.word, " ")
			if !r.empty(u) {
				phrases[phrase] = true
			}
		}
	}
	return phrases
}

func (r *reader) empty(u *unit) bool {
	return u.known || r.common[u.word] || len([]rune(u.word)) < 3
}

// String is the suggestion in one line.
func (w Word) String() string {
	return fmt.Sprintf("%q in %d confirmed posts of %d accounts, %d others", w.Phrase, w.Confirmed, w.Accounts, w.Background)
}
