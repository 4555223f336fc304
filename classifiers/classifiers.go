// Package classifiers turns one post into one verdict: its language, the labels
// that it may deserve, the contestant meant, and the reasons for an analyst. It
// never reads Kafka, ClickHouse or HTTP, and it decides nothing: a person does.
//
// The worker, the classify command, the evaluation and the back-test all call
// the same Classifier, so a verdict can be made again from its versions.
package classifiers

import "github.com/netra-id/netra/pipeline/post"

// Classifier gives a verdict on one post. Implementations are safe for
// concurrent use and pure: the same input gives the same verdict.
type Classifier interface {
	// Classify judges p, written by a person of the given region (a code such
	// as "61.08"; empty where it is not known, and then every election counts).
	Classify(p *post.Post, region string) post.Verdict
	// Versions says which lists and models the verdicts rest on.
	Versions() post.Versions
}
