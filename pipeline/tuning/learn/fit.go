package learn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/netra-id/netra/classifiers/claims"
	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/classifiers/language"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/tuning"
)

// learner is one run.
type learner struct {
	cfg       Configuration
	compiler  *tuning.Compiler
	bundle    tuning.Bundle
	base      *tuning.Compiled
	models    *linear.Set // before
	learned   []post.Label
	language  *language.Identifier
	claims    *claims.Index
	elections map[string]*roster.Elections
	taught    []string
}

// Run learns from decisions and labelled posts, for a bundle. Posts are measured
// on too, and not learned from. The same input gives the same files.
func Run(cfg Configuration, compiler *tuning.Compiler, bundle tuning.Bundle, decisions []Decision, posts, measuring []Corpus) (Outcome, error) {
	decisions = sorted(decisions)
	reports, learned := tallied(decisions, cfg.Least)
	if len(learned) == 0 {
		return Outcome{}, tooFew(reports, cfg.Least)
	}
	l, err := newLearner(cfg, compiler, bundle, learned)
	if err != nil {
		return Outcome{}, err
	}
	first, last := split(decisions, cfg.HeldOut)
	corpora := slices.Concat(posts, l.examples(), l.corporaOf(first))
	outcome := Outcome{Report: Report{Decisions: len(decisions), Learned: len(first), Labels: reports}}
	for _, c := range posts {
		outcome.Report.Posts += len(c.Examples)
	}
	last, outcome.Report.Repeats = without(last, corpora)
	outcome.Report.HeldOut = len(last)
	if len(last) > 0 {
		outcome.Report.HeldOutFrom = last[0].At
	}
	if err := l.fit(corpora, &outcome); err != nil {
		return Outcome{}, err
	}
	return outcome, l.measure(&outcome, last, measuring)
}

func newLearner(cfg Configuration, compiler *tuning.Compiler, bundle tuning.Bundle, learned []post.Label) (*learner, error) {
	base, err := compiler.Compile(bundle)
	if err != nil {
		return nil, fmt.Errorf("the lists that models are learned for: %w", err)
	}
	l := &learner{cfg: cfg, compiler: compiler, bundle: bundle, base: base, learned: learned, claims: claims.Build(base.Claims), elections: map[string]*roster.Elections{}}
	if l.language, err = language.New(language.DefaultConfiguration()); err != nil {
		return nil, fmt.Errorf("load the language models: %w", err)
	}
	l.models, _, err = modelsOf(bundle)
	return l, err
}

// split cuts off the last decisions.
func split(decisions []Decision, heldOut float64) (first, last []Decision) {
	cut := len(decisions) - int(heldOut*float64(len(decisions)))
	return decisions[:cut], decisions[cut:]
}

// without leaves out the decisions whose texts are among those learned from: the
// same text is often posted many times.
func without(decisions []Decision, learned []Corpus) (rest []Decision, left int) {
	seen := map[string]bool{}
	for _, corpus := range learned {
		for i := range corpus.Examples {
			seen[plain(corpus.Examples[i].Text)] = true
		}
	}
	for _, d := range decisions {
		if !seen[plain(Text(&d.Post))] {
			rest = append(rest, d)
		}
	}
	return rest, len(decisions) - len(rest)
}

func plain(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// reader is a classifier that reads posts of some elections, and flags nothing.
func (l *learner) reader(elections *roster.Elections, models *linear.Set) (*judge.Judge, error) {
	if elections == nil {
		elections = &roster.Elections{}
	}
	return judge.New(judge.Configuration{
		Elections: elections, Lists: l.base.Lists, Language: l.language, Models: models, Claims: l.claims, Fusion: judge.Untrained(),
	})
}

// fit fits the models and the fusion.
func (l *learner) fit(corpora []Corpus, outcome *Outcome) error {
	if err := l.mark(corpora); err != nil {
		return err
	}
	train := l.teach(corpora)
	set, report, err := linear.Train(linear.DefaultConfiguration(), train...)
	if err != nil {
		return fmt.Errorf("fit the models: %w", err)
	}
	for _, model := range report.Models {
		if slices.Contains(l.taught, model.Name) {
			outcome.Report.Taught = append(outcome.Report.Taught, Taught{Model: model.Name, F1: model.Balanced.F1})
		}
	}
	if outcome.Weights, err = set.Encode(); err != nil {
		return err
	}
	if set, err = linear.Open(outcome.Weights); err != nil { // as it will be read, with its version
		return err
	}
	if outcome.Fusion, err = l.fuse(set, report, corpora); err != nil {
		return err
	}
	outcome.Bundle, err = l.bundle.With(tuning.WeightsFile, outcome.Weights)
	if err == nil {
		outcome.Bundle, err = outcome.Bundle.With(tuning.FusionFile, outcome.Fusion)
	}
	return err
}

// mark finds the contestants in posts that speak of elections, which the models
// must not learn by heart.
func (l *learner) mark(corpora []Corpus) error {
	for i := range corpora {
		c := &corpora[i]
		if c.Elections == nil {
			continue
		}
		j, err := l.reader(c.Elections, l.models)
		if err != nil {
			return err
		}
		c.Examples = slices.Clone(c.Examples)
		for k := range c.Examples {
			c.Examples[k].Targets = j.Targets(c.Examples[k].Text)
		}
	}
	return nil
}

// teach adds to all posts what the models before say of them, for the models of
// which no corpus tells: without it, those would be lost.
func (l *learner) teach(corpora []Corpus) []linear.Corpus {
	train := make([]linear.Corpus, len(corpora))
	told := map[string]bool{}
	for i := range corpora {
		train[i] = corpora[i].Corpus
		for _, label := range corpora[i].Labels {
			told[label] = true
		}
	}
	l.taught = nil
	said := l.say(train)
	for lane, model := range l.models.Models() {
		if told[model.Name] || said[lane] < leastTaught {
			continue
		}
		l.taught = append(l.taught, model.Name)
	}
	if len(l.taught) == 0 {
		return train
	}
	var scratch linear.Scratch
	for i := range train {
		train[i].Labels = append(slices.Clone(train[i].Labels), l.taught...)
		train[i].Examples = slices.Clone(train[i].Examples)
		for k := range train[i].Examples {
			example := &train[i].Examples[k]
			example.Labels = append(slices.Clone(example.Labels), l.taughtLabels(example, &scratch)...)
		}
	}
	return train
}

// leastTaught is how many texts a model must find for another to learn from it.
const leastTaught = 25

// say counts in how many texts each model before finds its label.
func (l *learner) say(train []linear.Corpus) []int {
	counts := make([]int, len(l.models.Models()))
	var scratch linear.Scratch
	for _, corpus := range train {
		for k := range corpus.Examples {
			scores := l.score(&corpus.Examples[k], &scratch)
			for lane, model := range l.models.Models() {
				if scores[lane] >= model.Thresholds.Balanced {
					counts[lane]++
				}
			}
		}
	}
	return counts
}

func (l *learner) score(example *linear.Example, scratch *linear.Scratch) linear.Scores {
	targets := example.Targets
	if targets == nil {
		targets = linear.MaskPolitics(example.Text)
	}
	return l.models.Score(example.Text, targets, scratch)
}

func (l *learner) taughtLabels(example *linear.Example, scratch *linear.Scratch) []string {
	var labels []string
	scores := l.score(example, scratch)
	for lane, model := range l.models.Models() {
		if slices.Contains(l.taught, model.Name) && scores[lane] >= model.Thresholds.Balanced {
			labels = append(labels, model.Name)
		}
	}
	return labels
}

// fuse fits the fusion on all posts, with what the models say of them when they
// have not learned from them.
func (l *learner) fuse(set *linear.Set, report linear.Report, corpora []Corpus) ([]byte, error) {
	var posts []judge.Labelled
	readers := map[*roster.Elections]*judge.Judge{}
	for c := range corpora {
		corpus := &corpora[c]
		j := readers[corpus.Elections]
		if j == nil {
			var err error
			if j, err = l.reader(corpus.Elections, set); err != nil {
				return nil, err
			}
			readers[corpus.Elections] = j
		}
		posts = append(posts, judge.NewLabelled(j, &report, c, corpus.Corpus, corpus.known(), corpus.Elections != nil)...)
	}
	file, _, err := judge.Fit(set, posts)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(file, json.Deterministic(true), jsontext.WithIndent(" "))
	return append(data, '\n'), err
}

func readFusion(data []byte) (judge.FusionFile, error) {
	var file judge.FusionFile
	err := json.Unmarshal(data, &file, json.RejectUnknownMembers(true))
	if err != nil {
		err = fmt.Errorf("%s: %w", tuning.FusionFile, err)
	}
	return file, err
}
