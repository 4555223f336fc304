package judge

import (
	"slices"

	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
)

// Targets returns where a text mentions contestants, for a trainer that masks
// them as the judge does.
func (j *Judge) Targets(body string) []linear.Span {
	s := j.scratch.Get()
	defer j.scratch.Put(s)
	s.reset()
	j.read(s.reading, &post.Post{}, "", body, &s.book)
	s.maskMentions(s.reading)
	targets := make([]linear.Span, len(s.spans)) // not nil: nothing found is an answer
	copy(targets, s.spans)
	return targets
}

// NewLabelled makes posts to fit on of the c-th corpus of those that models were
// trained on, of which report has what models say that did not learn from a text.
// Known are the labels that were looked for. Together says that the posts are held
// out together, as those of one election are.
func NewLabelled(j *Judge, report *linear.Report, c int, corpus linear.Corpus, known []string, together bool) []Labelled {
	posts := make([]Labelled, len(corpus.Examples))
	for k, example := range corpus.Examples {
		l := Labelled{Judge: j, Text: example.Text, Logits: report.HeldOut(c, k)}
		for i, label := range post.Labels {
			l.Known[i] = slices.Contains(known, string(label))
			l.Labels[i] = slices.Contains(example.Labels, string(label))
		}
		if together {
			l.Group = c + 1
		}
		posts[k] = l
	}
	return posts
}
