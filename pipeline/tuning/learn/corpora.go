package learn

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/netra-id/netra/classifiers/evaluate/data"
	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
)

// Corpus is labelled posts, with the contestants of whom they speak; nil where
// they speak of none.
type Corpus struct {
	linear.Corpus
	Elections *roster.Elections
}

// Shipped are the labelled posts that Netra comes with: to learn from, and to
// measure on.
func Shipped() (training, measuring []Corpus, err error) {
	files := data.Files()
	names, err := fs.Glob(files, "*.tsv")
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		corpus, err := Open(files, name)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("shipped labelled posts: %w", err)
		case strings.HasPrefix(name, "train-"):
			training = append(training, corpus)
		default:
			measuring = append(measuring, corpus)
		}
	}
	return training, measuring, nil
}

// Open reads labelled posts from NAME.tsv, with the contestants in NAME.yaml where
// there is such a file; see linear.ParseCorpus.
func Open(files fs.FS, name string) (Corpus, error) {
	elections, err := electionsBeside(files, name)
	if err != nil {
		return Corpus{}, err
	}
	var known []string
	if elections != nil {
		known = post.LabelNames()
	}
	file, err := files.Open(name)
	if err != nil {
		return Corpus{}, fmt.Errorf("read labelled texts: %w", err)
	}
	defer func() { _ = file.Close() }()
	corpus, err := linear.ParseCorpus(name, file, known)
	return Corpus{Corpus: corpus, Elections: elections}, err
}

func electionsBeside(files fs.FS, name string) (*roster.Elections, error) {
	beside := strings.TrimSuffix(name, path.Ext(name)) + ".yaml"
	data, err := fs.ReadFile(files, beside)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read contestants: %w", err)
	}
	return roster.ParseElections(beside, data)
}

// known are the labels that were looked for in a corpus, for the fusion: posts
// that speak of no election have none of the labels that need one.
func (c *Corpus) known() []string {
	if c.Elections != nil {
		return c.Labels
	}
	return append([]string{
		string(post.MoneyPolitics), string(post.Intimidation), string(post.OfficePromise), string(post.Hoax),
	}, c.Labels...)
}

// corporaOf makes corpora of decisions: one for each set of labels that are known
// of a post and set of elections that it may speak of, in the order of their
// names.
func (l *learner) corporaOf(decisions []Decision) []Corpus {
	byName := map[string]*Corpus{}
	var names []string
	for i := range decisions {
		d := &decisions[i]
		var known, has []string
		for _, label := range l.learned {
			if d.knows(label) {
				known = append(known, string(label))
			}
			if d.has(label) {
				has = append(has, string(label))
			}
		}
		if len(known) == 0 {
			continue
		}
		elections, which := l.electionsOf(d)
		name := "decisions on " + strings.Join(known, "+") + " " + which
		if byName[name] == nil {
			names = append(names, name)
			byName[name] = &Corpus{Corpus: linear.Corpus{Name: name, Labels: known}, Elections: elections}
		}
		c := byName[name]
		c.Examples = append(c.Examples, linear.Example{ID: d.Post.ID, Text: Text(&d.Post), Labels: has})
	}
	slices.Sort(names)
	corpora := make([]Corpus, len(names))
	for i, name := range names {
		corpora[i] = *byName[name]
	}
	return corpora
}

// electionsOf are the elections that were open where and when a post was made,
// with a name for them.
func (l *learner) electionsOf(d *Decision) (*roster.Elections, string) {
	var open []roster.Election
	var ids []string
	for _, election := range l.base.Elections.Elections {
		if election.Covers(d.Region, d.Post.CreatedAt) {
			open, ids = append(open, election), append(ids, election.ID)
		}
	}
	name := strings.Join(ids, "+")
	if l.elections[name] == nil {
		if len(l.elections) >= l.cfg.MostElections {
			return l.base.Elections, "all"
		}
		l.elections[name] = &roster.Elections{Elections: open}
	}
	return l.elections[name], name
}

// lightRule is the weight below which nobody expects a rule to flag alone.
const lightRule = 0.5

// examples are the examples of the rules in force, a corpus a label: their authors
// say what must flag and what must not, and a draft is refused where it does not.
func (l *learner) examples() []Corpus {
	elections := judge.ExampleElections()
	elections.Elections = append(elections.Elections, l.base.Elections.Elections...)
	var corpora []Corpus
	for _, label := range post.Labels {
		name := string(label)
		c := Corpus{Corpus: linear.Corpus{Name: "examples of " + name, Labels: []string{name}, Weight: exampleWeight}, Elections: elections}
		for _, rule := range l.base.Lists.Rules() {
			if rule.List.Label != label || rule.Scope&keyword.Authored == 0 {
				continue
			}
			for _, example := range rule.Passes {
				c.Examples = append(c.Examples, linear.Example{Text: example.Text})
			}
			if rule.Weight < lightRule {
				continue
			}
			for _, example := range rule.Flags {
				c.Examples = append(c.Examples, linear.Example{Text: example.Text, Labels: []string{name}})
			}
		}
		if len(c.Examples) > 0 {
			corpora = append(corpora, c)
		}
	}
	return corpora
}

// exampleWeight is how many posts an example counts for: it is one among
// thousands, and must hold.
const exampleWeight = 3
