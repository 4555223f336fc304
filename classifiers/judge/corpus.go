package judge

import (
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
)

// Targets returns where a text mentions contestants, for a trainer that masks
// them as the judge does.
func (j *Judge) Targets(body string) []linear.Span {
	s := j.scratch.Get().(*scratch)
	defer j.scratch.Put(s)
	s.reset()
	j.read(s.reading, &post.Post{}, "", body, &s.book)
	s.maskMentions(s.reading)
	targets := make([]linear.Span, len(s.spans)) // not nil: nothing found is an answer
	copy(targets, s.spans)
	return targets
}

// NewLabelled makes a post to fit on of a labelled text: of the labels that were
// looked for, it has those given.
func NewLabelled(j *Judge, body string, has, known []string, logits []float32) Labelled {
	l := Labelled{Judge: j, Text: body, Logits: logits}
	for i, label := range post.Labels {
		for _, name := range known {
			l.Known[i] = l.Known[i] || name == string(label)
		}
		for _, name := range has {
			l.Labels[i] = l.Labels[i] || name == string(label)
		}
	}
	return l
}
