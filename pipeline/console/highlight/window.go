package highlight

import "strings"

// Cut is a part of a text with its spans, and whether something was left out.
type Cut struct {
	Text          string
	Spans         []Span
	Before, After bool
}

// Window returns at most size bytes of text, such that the first span is in
// sight, with the spans moved along. It cuts between words where it can.
func Window(text string, spans []Span, size int) Cut {
	if len(text) <= size {
		return Cut{Text: text, Spans: spans}
	}
	start := windowStart(text, spans, size)
	end := letterStart(text, min(start+size, len(text)))
	if space := strings.LastIndexAny(text[start:end], " \n\t"); end < len(text) && space > (end-start)*3/4 {
		end = start + space
	}
	cut := Cut{Text: text[start:end], Before: start > 0, After: end < len(text)}
	for _, s := range spans {
		if s.End > start && s.Start < end {
			cut.Spans = append(cut.Spans, Span{Start: s.Start - start, End: s.End - start, Label: s.Label})
		}
	}
	return cut
}

// windowStart keeps the beginning of the text when the first span ends within
// it, else begins a third of the window before that span.
func windowStart(text string, spans []Span, size int) int {
	first := -1
	for _, s := range fit(text, spans) {
		if first < 0 || s.Start < first {
			first = s.Start
		}
	}
	if first < size*2/3 {
		return 0
	}
	start := letterStart(text, min(first-size/3, len(text)-size))
	if space := strings.IndexAny(text[start:first], " \n\t"); space >= 0 && space < size/6 {
		start += space + 1
	}
	return start
}
