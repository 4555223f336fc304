package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/classifiers/language"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/config"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
)

func trainCommand(a *app) *cobra.Command {
	t := &training{app: a, cfg: linear.DefaultConfiguration()}
	decided := &decisionTraining{app: a}
	cmd := &cobra.Command{
		Use:   "train FILE.tsv…",
		Short: "Fit the linear models, and how they count with rules, on labelled posts",
		Long: `Train fits one hashed linear model a label on tab-separated files of labelled texts and
prints how well each does on held-out parts. With --fusion it also fits how models,
rules, claims and speech act count together. The same files give the same weights,
byte for byte. Where FILE.yaml lies beside FILE.tsv, it holds the contestants of
whom the posts speak.`,
		Example: "  netra train --out default.weights --fusion fusion.json posts.tsv hate.tsv",
		Args: func(cmd *cobra.Command, args []string) error {
			if decided.on {
				return nil
			}
			return someArguments(cmd, args)
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			if decided.on {
				return decided.run(cmd, files)
			}
			return t.run(files)
		},
	}
	decided.flags(cmd)
	cmd.Flags().StringVar(&t.out, "out", "", "file to write the weights to (default: only the report)")
	cmd.Flags().StringVar(&t.fusion, "fusion", "", "file to write the fusion to (default: it is not fitted)")
	cmd.Flags().StringVar(&t.models, "models", "", "labels to train, separated by commas (default: all that the files know)")
	cmd.AddCommand(trainLanguageCommand())
	return cmd
}

func trainLanguageCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "language FOLDER",
		Short:   "Fit the model that tells the languages of Indonesia apart, on the training data in a folder",
		Example: "  netra train language --out model.bin.gz ../shared/data",
		Args:    func(cmd *cobra.Command, args []string) error { return usage(cobra.ExactArgs(1)(cmd, args)) },
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := os.Create(out)
			if err != nil {
				return usage(err)
			}
			if err := language.Train(args[0], file); err != nil {
				_ = file.Close()
				return err
			}
			return file.Close()
		},
	}
	cmd.Flags().StringVar(&out, "out", "model.bin.gz", "file to write the weights to")
	return cmd
}

// training is one run of the train command.
type training struct {
	*app
	cfg                 linear.Configuration
	out, fusion, models string
}

func (t *training) run(files []string) error {
	if t.models != "" {
		t.cfg.Models = strings.Split(t.models, ",")
	}
	var corpora []linear.Corpus
	var elections []*roster.Elections // of each corpus, nil where it speaks of none
	for _, file := range files {
		corpus, beside, err := t.read(file)
		if err != nil {
			return usage(err)
		}
		corpora, elections = append(corpora, corpus), append(elections, beside)
		_, _ = fmt.Fprintf(t.errOut, "%s: %d texts\n", file, len(corpus.Examples))
	}
	set, report, err := linear.Train(t.cfg, corpora...)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(t.app.out, report.String()); err != nil {
		return err
	}
	data, err := set.Encode()
	if err != nil {
		return err
	}
	if t.out != "" {
		if err := os.WriteFile(t.out, data, 0o644); err != nil { //nolint:gosec // weights are no secret
			return err
		}
	}
	if set, err = linear.Open(data); err != nil { // as it will be read, with its version
		return err
	}
	if t.fusion == "" {
		return nil
	}
	return t.fitFusion(set, report, corpora, elections)
}

// read reads a corpus, and marks the contestants where the file beside it names
// them; without such a file the elections are nil.
func (t *training) read(file string) (linear.Corpus, *roster.Elections, error) {
	elections, err := electionsBeside(file)
	if err != nil {
		return linear.Corpus{}, nil, err
	}
	if elections == nil {
		corpus, err := linear.ReadCorpus(file, nil)
		return corpus, nil, err
	}
	corpus, err := linear.ReadCorpus(file, post.LabelNames())
	if err != nil {
		return corpus, nil, err
	}
	j, err := t.reader(elections)
	if err != nil {
		return corpus, nil, err
	}
	for i := range corpus.Examples {
		corpus.Examples[i].Targets = j.Targets(corpus.Examples[i].Text)
	}
	return corpus, elections, nil
}

// reader is a judge that finds contestants; what it would flag does not matter.
func (t *training) reader(elections *roster.Elections) (*judge.Judge, error) {
	models, err := linear.Default()
	if err != nil {
		return nil, err
	}
	return t.classifierWith(elections, config.Classify{}, models, judge.Untrained())
}

// electionsBeside reads FILE.yaml for FILE.tsv; nil where there is none.
func electionsBeside(file string) (*roster.Elections, error) {
	elections, err := roster.ReadElections(strings.TrimSuffix(file, filepath.Ext(file)) + ".yaml")
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return elections, err
}

// fitFusion fits the fusion on all posts, with what the models say of them when
// they have not learned from them.
func (t *training) fitFusion(set *linear.Set, report linear.Report, corpora []linear.Corpus, elections []*roster.Elections) error {
	var posts []judge.Labelled
	for c, corpus := range corpora {
		beside, known := elections[c], corpus.Labels
		if beside == nil {
			beside, known = &roster.Elections{}, benignBut(known)
		}
		j, err := t.classifierWith(beside, config.Classify{}, set, judge.Untrained())
		if err != nil {
			return err
		}
		posts = append(posts, judge.NewLabelled(j, &report, c, corpus, known, elections[c] != nil)...)
	}
	file, reports, err := judge.Fit(set, posts)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(t.app.out, "\nfusion\n%16s %7s %9s %9s %9s %6s %6s %11s\n", "label", "posts", "positive", "threshold", "precision", "recall", "F1", "false flags")
	for _, r := range reports {
		_, _ = fmt.Fprintf(t.app.out, "%16s %7d %9d %9.3f %9.3f %6.3f %6.3f %10.2f%%\n", r.Label, r.Posts, r.Positives, r.Threshold, r.Precision, r.Recall, r.F1, 100*r.FalseFlags)
	}
	data, err := json.Marshal(file, json.Deterministic(true), jsontext.WithIndent(" "))
	if err != nil {
		return err
	}
	return os.WriteFile(t.fusion, append(data, '\n'), 0o644) //nolint:gosec // weights are no secret
}

// benignBut are the labels that count as looked for in posts that speak of no
// election: those that were, and the ones that such posts do not have.
func benignBut(known []string) []string {
	return append([]string{
		string(post.MoneyPolitics), string(post.Intimidation), string(post.OfficePromise), string(post.Hoax),
	}, known...)
}
