// Package highlight cuts a post's text into pieces by the spans of a verdict's
// reasons, so that a page can mark them. It writes no HTML; spans may overlap,
// lie outside the text or cut a letter in two, and the pieces put together are
// always the text. It is called by the console's pages.
package highlight

import (
	"slices"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/post"
)

// Span is a part of a text, in bytes, that was a reason for a label.
type Span struct {
	Start, End int // Start inclusive, End exclusive
	Label      post.Label
}

// Piece is a part of the text with the labels of all spans that cover it.
type Piece struct {
	Text   string
	Labels []post.Label // in the order of post.Labels, empty where nothing is marked
	// Ends holds the labels of Labels whose mark ends with this piece: there
	// the page says the label's name, once for each mark.
	Ends []post.Label
}

// Spans collects the spans of a verdict's reasons: those in the post's quoted
// text when quoted is true, else those in its own text.
func Spans(labels []post.LabelScore, quoted bool) []Span {
	var spans []Span
	for _, l := range labels {
		for _, r := range l.Reasons {
			if r.Quoted == quoted {
				spans = append(spans, Span{Start: r.Start, End: r.End, Label: l.Label})
			}
		}
	}
	return spans
}

// Split cuts text at the edges of the spans. Spans are cut to the text and
// widened to whole letters; empty ones are dropped.
func Split(text string, spans []Span) []Piece {
	if text == "" {
		return nil
	}
	fitted := fit(text, spans)
	edges := edgesOf(text, fitted)
	pieces := make([]Piece, 0, len(edges))
	cover := newCover(fitted)
	for i := 1; i < len(edges); i++ {
		labels := cover.at(edges[i-1])
		piece := Piece{Text: text[edges[i-1]:edges[i]], Labels: labels}
		if n := len(pieces); n > 0 && slices.Equal(pieces[n-1].Labels, labels) {
			pieces[n-1].Text = text[edges[i]-len(piece.Text)-len(pieces[n-1].Text) : edges[i]]
			continue
		}
		pieces = append(pieces, piece)
	}
	markEnds(pieces)
	return pieces
}

func fit(text string, spans []Span) []Span {
	fitted := make([]Span, 0, len(spans))
	for _, s := range spans {
		s.Start, s.End = max(s.Start, 0), min(s.End, len(text))
		if s.Start >= s.End {
			continue
		}
		s.Start, s.End = letterStart(text, s.Start), letterEnd(text, s.End)
		fitted = append(fitted, s)
	}
	return fitted
}

// letterStart moves i back to the first byte of the letter that it points into.
func letterStart(text string, i int) int {
	if i >= len(text) {
		return len(text)
	}
	for back := range utf8.UTFMax {
		j := i - back
		if j < 0 {
			break
		}
		if utf8.RuneStart(text[j]) {
			if _, size := utf8.DecodeRuneInString(text[j:]); j+size > i {
				return j
			}
			break
		}
	}
	return i // not inside a valid letter
}

// letterEnd moves i forward to behind the letter that it points into.
func letterEnd(text string, i int) int {
	start := letterStart(text, i)
	if start == i {
		return i
	}
	_, size := utf8.DecodeRuneInString(text[start:])
	return start + size
}

func edgesOf(text string, spans []Span) []int {
	edges := []int{0, len(text)}
	for _, s := range spans {
		edges = append(edges, s.Start, s.End)
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}

func markEnds(pieces []Piece) {
	for i := range pieces {
		for _, label := range pieces[i].Labels {
			if i+1 == len(pieces) || !slices.Contains(pieces[i+1].Labels, label) {
				pieces[i].Ends = append(pieces[i].Ends, label)
			}
		}
	}
}
