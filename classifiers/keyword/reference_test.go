package keyword_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/text"
)

// naive finds phrases of exact words by trying every phrase at every token.
func naive(d *text.Doc, phrases [][]string) []string {
	var found []string
	for first := range d.Tokens {
		for id, phrase := range phrases {
			if last, ok := naiveAt(d, first, phrase); ok {
				found = append(found, fmt.Sprint(first, last, id))
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func naiveAt(d *text.Doc, at int, phrase []string) (int, bool) {
	sentence, skipped := d.Tokens[at].Sentence, 0
	for i := at; i < len(d.Tokens); i++ {
		t := &d.Tokens[i]
		if t.Sentence != sentence {
			return 0, false
		}
		if t.Kind == text.Word && string(d.Norm(t)) == phrase[0] {
			phrase, skipped = phrase[1:], 0
			if len(phrase) == 0 {
				return i, true
			}
			continue
		}
		skipped++
		if i == at || t.Kind == text.Word || t.Kind == text.Number && t.Number < 0 || t.Number >= 0 || t.Kind == text.Mention || t.Kind == text.URL || skipped == 6 {
			return 0, false
		}
	}
	return 0, false
}

func FuzzMatchAgainstNaive(f *testing.F) {
	f.Add("aa bb cc, dd", "aa bb cc. bb aa, bb! cc dd ✌ cc, dd")
	f.Add("aa aa", "aa aa aa aa")
	f.Add("aa, aa bb, aa bb cc, bb cc", "#AaBb cc aa\n\nbb cc aa bb cc")
	f.Fuzz(func(t *testing.T, list, s string) {
		var phrases [][]string
		b := keyword.NewBuilder()
		space := b.NewSpace()
		for _, phrase := range strings.Split(list, ",") {
			words := strings.Fields(phrase)
			if len(words) == 0 || len(words) > 8 || !slices.ContainsFunc(words, plain) || slices.ContainsFunc(words, func(w string) bool { return !plain(w) }) {
				continue
			}
			if err := b.AddExact(space, phrase, uint32(len(phrases))); err != nil {
				t.Fatal(err)
			}
			phrases = append(phrases, words)
		}
		m := b.Freeze()
		var d text.Doc
		m.Analyze(&d, s)
		if slices.ContainsFunc(d.Tokens, func(t text.Token) bool { return t.Flags&(text.Altered|text.Reduplicated) != 0 }) {
			return // the naive matcher knows no disguises
		}
		var got []string
		last := int32(0)
		for _, match := range m.Match(&d, nil) {
			if match.First < last || match.Last < match.First || int(match.Last) >= len(d.Tokens) {
				t.Fatalf("match %+v behind one at %d", match, last)
			}
			last = match.First
			got = append(got, fmt.Sprint(match.First, match.Last, match.Payload))
		}
		slices.Sort(got)
		if want := naive(&d, phrases); !slices.Equal(got, want) {
			t.Errorf("phrases %q in %q: got %v, want %v", phrases, s, got, want)
		}
	})
}

// plain reports whether the word means only itself.
func plain(w string) bool {
	if len(w) < 2 || len(w) > 12 {
		return false
	}
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' || i > 0 && w[i] == w[i-1] && i > 1 {
			return false
		}
	}
	return true
}
