package console

import (
	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/console/highlight"
	"github.com/netra-id/netra/pipeline/post"
)

// excerpt marks what a version finds in the beginning of a post that a report
// keeps; what stands behind it cannot be marked.
func (v viewer) excerpt(found *backtest.Finding, by *tuned) textView {
	var spans []highlight.Span
	if by.compiled != nil {
		verdict := by.compiled.Judge.Classify(&post.Post{ID: found.ID, Kind: post.KindPost, Text: found.Excerpt}, found.Region)
		spans = highlight.Spans(verdict.Labels, false)
	}
	return v.text(found.Excerpt, spans, mostFieldBytes, mostSpans/4)
}
