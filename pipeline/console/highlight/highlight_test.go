package highlight_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/netra-id/netra/pipeline/console/highlight"
	"github.com/netra-id/netra/pipeline/post"
)

func TestSplit(t *testing.T) {
	type labels = []post.Label
	tests := map[string]struct {
		text  string
		spans []highlight.Span
		want  []highlight.Piece
	}{
		"no text":  {"", []highlight.Span{{0, 3, post.Support}}, nil},
		"no spans": {"halo", nil, []highlight.Piece{{Text: "halo"}}},
		"in the middle": {"ayo coblos 2", []highlight.Span{{4, 10, post.Support}}, []highlight.Piece{
			{Text: "ayo "}, {Text: "coblos", Labels: labels{post.Support}, Ends: labels{post.Support}}, {Text: " 2"},
		}},
		"overlap of two labels": {"abcdef", []highlight.Span{{2, 5, post.Attack}, {0, 4, post.Support}}, []highlight.Piece{
			{Text: "ab", Labels: labels{post.Support}},
			{Text: "cd", Labels: labels{post.Support, post.Attack}, Ends: labels{post.Support}},
			{Text: "e", Labels: labels{post.Attack}, Ends: labels{post.Attack}},
			{Text: "f"},
		}},
		"overlap of one label is one mark": {"abcdef", []highlight.Span{{0, 3, post.Hoax}, {2, 5, post.Hoax}, {1, 2, post.Hoax}}, []highlight.Piece{
			{Text: "abcde", Labels: labels{post.Hoax}, Ends: labels{post.Hoax}}, {Text: "f"},
		}},
		"cuts a letter": {"é✌️é", []highlight.Span{{3, 4, post.Support}}, []highlight.Piece{
			{Text: "é"}, {Text: "✌", Labels: labels{post.Support}, Ends: labels{post.Support}}, {Text: "\ufe0fé"},
		}},
		"outside": {"abc", []highlight.Span{{-5, -1, post.Support}, {7, 9, post.Hoax}, {2, 1, post.Attack}, {1, 1, post.Attack}, {-4, 1, post.Attack}, {2, 99, post.Hoax}}, []highlight.Piece{
			{Text: "a", Labels: labels{post.Attack}, Ends: labels{post.Attack}}, {Text: "b"},
			{Text: "c", Labels: labels{post.Hoax}, Ends: labels{post.Hoax}},
		}},
		"unknown label": {"abc", []highlight.Span{{0, 3, "baru"}, {0, 3, post.OfficePromise}}, []highlight.Piece{
			{Text: "abc", Labels: labels{post.OfficePromise, "baru"}, Ends: labels{post.OfficePromise, "baru"}},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := highlight.Split(test.text, test.spans)
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("pieces (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSpansKeepsQuotedApart(t *testing.T) {
	labels := []post.LabelScore{
		{Label: post.Support, Reasons: []post.Reason{{Start: 1, End: 2}, {Start: 3, End: 4, Quoted: true}}},
		{Label: post.Hoax, Reasons: []post.Reason{{Start: 5, End: 6}}},
	}
	if diff := cmp.Diff([]highlight.Span{{1, 2, post.Support}, {5, 6, post.Hoax}}, highlight.Spans(labels, false)); diff != "" {
		t.Errorf("own text:\n%s", diff)
	}
	if diff := cmp.Diff([]highlight.Span{{3, 4, post.Support}}, highlight.Spans(labels, true)); diff != "" {
		t.Errorf("quoted text:\n%s", diff)
	}
}

func TestWindowShowsTheFirstSpan(t *testing.T) {
	long := strings.Repeat("kata ", 1000)
	text := long + "coblos nomor 2 " + long
	cut := highlight.Window(text, []highlight.Span{{len(long), len(long) + 6, post.Support}}, 300)
	if !cut.Before || !cut.After || len(cut.Text) > 300 || len(cut.Spans) != 1 {
		t.Fatalf("window %+v", cut)
	}
	if got := cut.Text[cut.Spans[0].Start:cut.Spans[0].End]; got != "coblos" {
		t.Errorf("the span moved to %q", got)
	}
	if cut := highlight.Window("pendek", nil, 300); cut.Text != "pendek" || cut.Before || cut.After {
		t.Errorf("short text was cut: %+v", cut)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("ayo ✌️ coblos nomor 2", 4, 9, 7, 30, 10)
	f.Add("\xff\xfe\x80é", 1, 2, -3, 4, 1)
	f.Add("", 0, 0, 0, 0, 0)
	f.Fuzz(func(t *testing.T, text string, a, b, c, d, size int) {
		spans := []highlight.Span{{a, b, post.Support}, {c, d, post.Hoax}, {b, c, post.Support}}
		joined := ""
		for _, p := range highlight.Split(text, spans) {
			if p.Text == "" {
				t.Error("an empty piece")
			}
			if utf8.ValidString(text) && !utf8.ValidString(p.Text) {
				t.Errorf("piece %q cuts a letter", p.Text)
			}
			joined += p.Text
		}
		if joined != text {
			t.Errorf("pieces make %q, want %q", joined, text)
		}
		if size > 0 {
			cut := highlight.Window(text, spans, size)
			if len(cut.Text) > size || !strings.Contains(text, cut.Text) {
				t.Errorf("window of %d bytes, want at most %d", len(cut.Text), size)
			}
			highlight.Split(cut.Text, cut.Spans)
		}
	})
}

func BenchmarkSplitLongText(b *testing.B) {
	text := strings.Repeat("ayo coblos nomor 2 ", 1000)
	var spans []highlight.Span
	for i := range 500 {
		spans = append(spans, highlight.Span{Start: i * 19, End: i*19 + 9, Label: post.Labels[i%7]})
	}
	for b.Loop() {
		highlight.Split(text, spans)
	}
}
