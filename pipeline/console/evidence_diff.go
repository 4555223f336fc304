package console

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"znkr.io/diff"
)

// diffPiece is a run of words that stayed, came or went.
type diffPiece struct {
	Text string
	// Added and Removed are both false for what stayed.
	Added, Removed bool
}

// mostDiffBytes bounds each text that is compared.
const mostDiffBytes = 16 << 10

// diffWords compares two texts word by word. Put together, what stayed and what
// came are the second text, and what stayed and what went the first one.
func diffWords(before, after string) []diffPiece {
	before, after = cutText(before), cutText(after)
	var pieces []diffPiece
	for _, edit := range diff.Edits(wordsAndGaps(before), wordsAndGaps(after)) {
		one := diffPiece{Text: edit.X, Added: edit.Op == diff.Insert, Removed: edit.Op == diff.Delete}
		if one.Added {
			one.Text = edit.Y
		}
		if n := len(pieces) - 1; n >= 0 && pieces[n].Added == one.Added && pieces[n].Removed == one.Removed {
			pieces[n].Text += one.Text
			continue
		}
		pieces = append(pieces, one)
	}
	return pieces
}

func cutText(text string) string {
	if len(text) <= mostDiffBytes {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.ToValidUTF8(text[:mostDiffBytes], "") + "…"
}

// wordsAndGaps splits a text into words, and what is between them.
func wordsAndGaps(text string) []string {
	var parts []string
	for len(text) > 0 {
		first, _ := utf8.DecodeRuneInString(text)
		word := inWord(first)
		end := strings.IndexFunc(text, func(r rune) bool { return inWord(r) != word })
		if end < 0 {
			end = len(text)
		}
		parts = append(parts, text[:end])
		text = text[end:]
	}
	return parts
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r == '_' || r == '\''
}
