package linear

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/classifiers/wordbook"
)

// What is collected with notes of words must add up to what is extracted.
func TestNotesAddUpToTheFeatures(t *testing.T) {
	set, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	var book wordbook.Book
	var shared, alone Scratch
	for _, text := range []string{
		"", "a", "dasar goblok, otak lu di mana anjing", "g0bl0k b@ngsat jum'at! USER http://a.id #GantiSaja @budi 12 2019ganti",
		"Kafé 😀😀 tolol!!! КИTA Kita kITA -- kata.kata kata...", strings.Repeat("cebong kampret ", 200), strings.Repeat("panjang", 30),
	} {
		for _, targets := range [][]Span{nil, {{0, 3}, {10, 12}}} {
			var r wordbook.Reading
			for range 2 { // first new, then noted
				book.Read(text, &r)
				got, want := [2]tally{}, [2]tally{}
				set.collect(&r, targets, &shared)
				shared.noted.spill(&got[0], &got[1])
				set.addFeatures(&shared, &got)
				set.hasher.extract(text, targets, &alone)
				set.addFeatures(&alone, &want)
				if diff := cmp.Diff(want, got, cmp.AllowUnexported(tally{})); diff != "" {
					t.Errorf("%q with targets %v (-extracted +collected):\n%s", text, targets, diff)
				}
			}
		}
	}
}

func (s *Set) addFeatures(scratch *Scratch, blocks *[2]tally) {
	blocks[0].add(&s.words, scratch.words)
	blocks[1].add(&s.chars, scratch.chars)
}
