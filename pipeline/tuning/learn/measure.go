package learn

import (
	"fmt"
	"slices"

	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/tuning"
)

// measure compares before and after, on the decisions held out and on the posts
// to measure on.
func (l *learner) measure(outcome *Outcome, last []Decision, measuring []Corpus) error {
	after, err := l.compiler.Compile(outcome.Bundle)
	if err != nil {
		return fmt.Errorf("compile what was learned: %w", err)
	}
	for i := range outcome.Report.Labels {
		r := &outcome.Report.Labels[i]
		for k := range last {
			d := &last[k]
			if !d.knows(r.Label) {
				continue
			}
			r.count(d.has(r.Label), flags(l.base.Judge, &d.Post, d.Region, r.Label), flags(after.Judge, &d.Post, d.Region, r.Label))
		}
		r.finish()
	}
	return l.measureShipped(outcome, measuring)
}

func flags(j *judge.Judge, p *post.Post, region string, label post.Label) bool {
	return slices.ContainsFunc(j.Classify(p, region).Labels, func(s post.LabelScore) bool { return s.Label == label })
}

func (r *LabelReport) count(has, before, after bool) {
	r.Measured++
	if has {
		r.Support++
	}
	r.Before.count(has, before)
	r.After.count(has, after)
}

func (r *LabelReport) finish() {
	r.Before.finish()
	r.After.finish()
}

func (f *Figures) count(has, said bool) {
	switch {
	case has && said:
		f.Hits++
	case has:
		f.Missed++
	case said:
		f.False++
	}
}

// measureShipped measures every label on labelled posts, by classifiers that know
// their contestants.
func (l *learner) measureShipped(outcome *Outcome, measuring []Corpus) error {
	reports := make([]LabelReport, len(post.Labels))
	for i, label := range post.Labels {
		reports[i].Label = label
	}
	for _, corpus := range measuring {
		before, err := l.with(l.bundle, corpus.Elections)
		if err != nil {
			return err
		}
		after, err := l.with(outcome.Bundle, corpus.Elections)
		if err != nil {
			return err
		}
		for _, example := range corpus.Examples {
			p := post.Post{ID: example.ID, Platform: "web", Kind: post.KindPost, Text: example.Text}
			was, is := before.Classify(&p, "").Labels, after.Classify(&p, "").Labels
			for i := range reports {
				label := reports[i].Label
				said := func(s post.LabelScore) bool { return s.Label == label }
				reports[i].count(slices.Contains(example.Labels, string(label)), slices.ContainsFunc(was, said), slices.ContainsFunc(is, said))
			}
		}
	}
	for i := range reports {
		reports[i].finish()
	}
	if len(measuring) > 0 {
		outcome.Report.Shipped = reports
	}
	return nil
}

// with is the classifier of a bundle with other elections.
func (l *learner) with(bundle tuning.Bundle, elections *roster.Elections) (*judge.Judge, error) {
	if elections == nil {
		elections = &roster.Elections{}
	}
	models, fusion, err := modelsOf(bundle)
	if err != nil {
		return nil, err
	}
	return judge.New(judge.Configuration{
		Elections: elections, Lists: l.base.Lists, Language: l.language, Models: models, Claims: l.claims,
		Fusion: fusion, Thresholds: l.base.Thresholds,
	})
}

// modelsOf are the models of a bundle, or those that Netra comes with.
func modelsOf(bundle tuning.Bundle) (*linear.Set, judge.FusionFile, error) {
	weights, ok := bundle.Read(tuning.WeightsFile)
	if !ok {
		models, err := linear.Default()
		if err != nil {
			return nil, judge.FusionFile{}, err
		}
		fusion, err := judge.DefaultFusion()
		return models, fusion, err
	}
	models, err := linear.Open(weights)
	if err != nil {
		return nil, judge.FusionFile{}, err
	}
	fused, _ := bundle.Read(tuning.FusionFile)
	fusion, err := readFusion(fused)
	return models, fusion, err
}
