// Package evaluate measures a classifier against labelled posts: precision,
// recall and F1 of every label, the share of benign posts that are flagged, the
// confusion of languages, and every error with the reasons that led to it.
//
// It measures any classifiers.Classifier and knows nothing of how it works. It
// neither reads contestants nor chooses thresholds; the eval command does.
package evaluate

import (
	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/post"
)

// Example is one labelled post.
type Example struct {
	ID   string
	Text string
	// Labels are the labels that the post deserves; none for a benign post.
	Labels []post.Label
	// Unlabelled says that nobody labelled the post: only its language counts.
	Unlabelled bool
	// Language is the expected language code, empty where it is not known.
	Language string
	// Line is where the example stands in its file.
	Line int
}

// Set is a number of labelled posts.
type Set struct {
	// Name is the file's name.
	Name     string
	Examples []Example
	// Labelled says that there is a column of labels.
	Labelled bool
}

// Options choose what is measured.
type Options struct {
	// Only are the labels measured; empty means all. A post's other labels, asked
	// for or given, do not count.
	Only []post.Label
	// Region is the region of the posts' authors, empty for any.
	Region string
}

// Run classifies every example and reports how well that went.
func Run(c classifiers.Classifier, set Set, options Options) Report {
	counter := newCounter(options)
	for _, example := range set.Examples {
		p := post.Post{ID: example.ID, Platform: "web", Kind: post.KindPost, Text: example.Text}
		counter.add(example, c.Classify(&p, options.Region))
	}
	report := counter.report()
	report.File, report.Versions = set.Name, c.Versions()
	return report
}
