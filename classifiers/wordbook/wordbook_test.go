package wordbook_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/classifiers/wordbook"
)

// words shows the words of a text: those that are not plain in parentheses.
func words(t testing.TB, book *wordbook.Book, text string) []string {
	t.Helper()
	var r wordbook.Reading
	book.Read(text, &r)
	var shown []string
	for i := range r.Words {
		w := &r.Words[i]
		word := text[w.Start:w.End]
		if w.Plain && !w.HasPlace() {
			t.Errorf("%q of %q is plain and has no place", word, text)
		}
		if !w.Plain {
			word = "(" + word + ")"
		}
		shown = append(shown, word)
	}
	return shown
}

func TestWordsArePlainWhereEveryReaderTakesThemSo(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"spaces and marks":        {"Satu, dua (tiga); empat-lima.", []string{"Satu", "dua", "tiga", "empat", "lima"}},
		"digits go on":            {"c0blos teman2 2kali", []string{"(c)", "blos", "(teman)", "kali"}},
		"apostrophes go on":       {"jum'at", []string{"(jum)", "at"}},
		"letters of other kinds":  {"kafé éta", []string{"(kaf)", "(ta)"}},
		"signs for letters":       {"b@ngsat du$ta ha!lo ha! lo", []string{"(b)", "ngsat", "(du)", "ta", "(ha)", "lo", "ha", "lo"}},
		"names of places on line": {"kompas.com lihat. http://a.id www", []string{"(kompas)", "com", "lihat", "(http)", "(a)", "id", "(www)"}},
		"masks of data sets":      {"USER url kata", []string{"(USER)", "(url)", "kata"}},
		"longer than the longest": {strings.Repeat("ab", 12) + " " + strings.Repeat("a", 25), []string{strings.Repeat("ab", 12), "(" + strings.Repeat("a", 25) + ")"}},
		"nothing":                 {"😀 12 !?", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, words(t, new(wordbook.Book), test.text)); diff != "" {
				t.Errorf("words of %q (-want +got):\n%s", test.text, diff)
			}
		})
	}
}

func TestSpellingIsNoted(t *testing.T) {
	var book wordbook.Book
	var r wordbook.Reading
	book.Read("Kata KATA kata saat pemilihaan aabcdefg abcdefghhi", &r)
	for i, want := range []struct{ capital, allCaps, repeated bool }{
		{true, false, false}, {true, true, false}, {}, {repeated: true}, {repeated: true}, {repeated: true}, {repeated: true},
	} {
		w := &r.Words[i]
		if w.Capital != want.capital || w.AllCaps != want.allCaps || w.Repeated != want.repeated {
			t.Errorf("%q: got %+v, want %+v", r.Text[w.Start:w.End], *w, want)
		}
	}
}

func TestNotesBelongToTheirWord(t *testing.T) {
	var book wordbook.Book
	var r wordbook.Reading
	owner := new(int)
	for round := range 3 {
		// More words in one text than the book has places.
		var text strings.Builder
		for n := range 3 * wordbook.Places {
			_, _ = fmt.Fprintf(&text, "%s ", letters(n*(round+1)))
		}
		book.Read(text.String(), &r)
		r.Serve(wordbook.Claims, owner)
		for i := range r.Words {
			w := &r.Words[i]
			note := r.Note(w)
			want := valueOf(text.String()[w.Start:w.End])
			if !note.Knows(wordbook.Claims) {
				note.Claims = want
			}
			if note.Claims != want {
				t.Fatalf("note of %q is %d, want %d", text.String()[w.Start:w.End], note.Claims, want)
			}
		}
	}
}

func TestAnotherOwnerFindsNoNotes(t *testing.T) {
	var book wordbook.Book
	var r wordbook.Reading
	one, other := new(int), new(int)
	book.Read("kata", &r)
	r.Serve(wordbook.Claims, one)
	r.Serve(wordbook.Linear, one)
	r.Note(&r.Words[0]).Knows(wordbook.Claims)
	r.Note(&r.Words[0]).Knows(wordbook.Linear)
	r.Serve(wordbook.Claims, other)
	if note := r.Note(&r.Words[0]); note.Knows(wordbook.Claims) || !note.Knows(wordbook.Linear) {
		t.Error("the claims' part should be forgotten, and no other")
	}
}

func letters(n int) string {
	var word []byte
	for ; n > 0 || len(word) == 0; n /= 26 {
		word = append(word, byte('a'+n%26))
	}
	return string(word)
}

func valueOf(word string) (value uint64) {
	for _, c := range word {
		value = value*31 + uint64(c)
	}
	return value
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", "Satu dua", "c0blos jum'at", "@budi #Tagar http://a.id", "a\xffb", strings.Repeat("x", 100), "saaat kafé 😀kata"} {
		f.Add(seed)
	}
	run := regexp.MustCompile("[A-Za-z]+")
	var book wordbook.Book
	f.Fuzz(func(t *testing.T, text string) {
		var r wordbook.Reading
		book.Read(text, &r)
		runs := run.FindAllStringIndex(text, -1)
		if len(runs) != len(r.Words) {
			t.Fatalf("%d words in %q, want %d", len(r.Words), text, len(runs))
		}
		before := 0
		for i, at := range runs {
			w := &r.Words[i]
			word := text[at[0]:at[1]]
			if int(w.Start) != at[0] || int(w.End) != at[1] {
				t.Fatalf("word %d of %q is from %d to %d, want %v", i, text, w.Start, w.End, at)
			}
			if int(w.From) < before || w.From > w.Start {
				t.Errorf("separators before %q from %d, want from %d to %d", word, w.From, before, w.Start)
			}
			before = at[1]
			if w.HasPlace() != (len(word) <= wordbook.Longest) {
				t.Errorf("%q has a place: %v", word, w.HasPlace())
			}
			if w.AllCaps != (strings.ToUpper(word) == word) || w.Repeated != repeats(word) {
				t.Errorf("%q: got %+v", word, *w)
			}
		}
	})
}

func repeats(word string) bool {
	word = strings.ToLower(word)
	for i := 1; i < len(word); i++ {
		if word[i] == word[i-1] {
			return true
		}
	}
	return false
}
