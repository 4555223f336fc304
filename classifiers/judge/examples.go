package judge

import (
	"fmt"
	"strings"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
)

// ExampleElections is the election of which the examples of keyword lists
// speak where no contestants file is given: five contestants without a past.
func ExampleElections() *roster.Elections {
	names := [][]string{
		{"Contoh Kesatu", "Wakil Kesatu"}, {"Contoh Kedua", "Wakil Kedua"}, {"Contoh Ketiga", "Wakil Ketiga"},
		{"Contoh Keempat", "Wakil Keempat"}, {"Contoh Kelima", "Wakil Kelima"},
	}
	election := roster.Election{ID: "contoh", Name: "Pemilihan contoh"}
	for i, pair := range names {
		election.Contestants = append(election.Contestants, roster.Contestant{
			ID: fmt.Sprintf("contoh-%d", i+1), Number: i + 1, Names: pair,
			Hashtags: []string{fmt.Sprintf("#ContohNomor%d", i+1)},
		})
	}
	return &roster.Elections{Elections: []roster.Election{election}}
}

// lightRule is the weight below which nobody expects a rule to flag alone.
const lightRule = 0.5

// Holds runs one example of a rule through the whole classifier, as
// keyword.Test asks: it holds when the post is flagged with the rule's label,
// or when a rule too light to flag alone stands with its full weight.
func (j *Judge) Holds(rule *keyword.Rule, example string) (holds bool, why string) {
	p := post.Post{ID: "example", Kind: post.KindPost, Text: example, CreatedAt: rule.From}
	if rule.Scope == keyword.Quoted {
		p.Kind, p.Text, p.Quoted = post.KindRepost, "", example
	}
	s := j.scratch.Get()
	defer j.scratch.Put(s)
	verdict := j.classify(&p, "", s)
	var reasons []string
	for _, e := range s.evidence {
		reasons = append(reasons, fmt.Sprintf("%s %.2f on %q", e.reason.Source, e.reason.Weight, e.reason.Text))
		if e.rule != nil && e.rule.Source() == rule.Source() && rule.Weight < lightRule && e.reason.Weight >= rule.Weight-0.01 {
			holds = true
		}
	}
	for _, label := range verdict.Labels {
		holds = holds || label.Label == rule.List.Label
	}
	if len(reasons) == 0 {
		return holds, "nothing matches"
	}
	return holds, strings.Join(reasons, "; ")
}
