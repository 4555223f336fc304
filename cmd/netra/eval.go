package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers/evaluate"
	"github.com/netra-id/netra/pipeline/post"
)

func evalCommand(a *app) *cobra.Command {
	var (
		only    string
		region  string
		asJSON  bool
		quietly bool
	)
	cmd := &cobra.Command{
		Use:   "eval FILE.tsv",
		Short: "Measure the classifier against labelled posts",
		Long: `Eval reads labelled posts (tab-separated; columns id, labels, lang, text, of which any
but text may be missing; labels are separated by commas, or none) and prints
precision, recall and F1 per label, macro and micro F1, the false-flag rate on
benign posts, the language confusion, and the errors with their reasons.`,
		Example: "  netra eval posts.tsv --contestants contestants.yaml\n  netra eval posts.tsv --only hate_speech --json",
		Args:    takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			labels, err := parseOnly(only)
			if err != nil {
				return usage(err)
			}
			set, err := evaluate.ReadFile(args[0])
			if err != nil {
				return usage(err)
			}
			classifier, err := a.newClassifier(a.cfg.Classify)
			if err != nil {
				return usage(err)
			}
			report := evaluate.Run(classifier, set, evaluate.Options{Only: labels, Region: region})
			if quietly {
				report.Errors = nil
			}
			if asJSON {
				return report.WriteJSON(a.out)
			}
			return report.WriteText(a.out)
		},
	}
	cmd.Flags().StringVar(&only, "only", "", "labels to measure, separated by commas (default: all)")
	cmd.Flags().StringVar(&region, "region", "", "code of the authors' region")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&quietly, "no-errors", false, "leave out the list of errors")
	classifierFlags(cmd, a)
	return cmd
}

func parseOnly(only string) ([]post.Label, error) {
	var labels []post.Label
	for name := range strings.SplitSeq(only, ",") {
		label := post.Label(strings.TrimSpace(name))
		if label == "" {
			continue
		}
		if !slices.Contains(post.Labels, label) {
			return nil, fmt.Errorf("--only %q; allowed: %v", name, post.Labels)
		}
		labels = append(labels, label)
	}
	return labels, nil
}
