package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
)

func trainCommand(a *app) *cobra.Command {
	cfg := linear.DefaultConfiguration()
	var out, models string
	cmd := &cobra.Command{
		Use:   "train FILE.tsv…",
		Short: "Fit the linear models on labelled posts",
		Long: `Train fits one hashed linear model a label on tab-separated files of labelled texts and
prints how well each does on held-out parts. The same files give the same weights,
byte for byte.`,
		Example: "  netra train --out weights.bin posts.tsv ../shared/data/hate/okky_train.tsv",
		Args:    someArguments,
		RunE: func(_ *cobra.Command, files []string) error {
			if models != "" {
				cfg.Models = strings.Split(models, ",")
			}
			var corpora []linear.Corpus
			for _, file := range files {
				corpus, err := linear.ReadCorpus(file, labelColumns)
				if err != nil {
					return usage(err)
				}
				corpora = append(corpora, corpus)
				_, _ = fmt.Fprintf(a.errOut, "%s: %d texts\n", file, len(corpus.Examples))
			}
			set, report, err := linear.Train(cfg, corpora...)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprint(a.out, report.String()); err != nil || out == "" {
				return err
			}
			data, err := set.Encode()
			if err != nil {
				return err
			}
			return os.WriteFile(out, data, 0o644) //nolint:gosec // weights are no secret
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write the weights to (default: only the report)")
	cmd.Flags().StringVar(&models, "models", "", "labels to train, separated by commas (default: all that the files know)")
	return cmd
}

var labelColumns = func() []string {
	names := make([]string, len(post.Labels))
	for i, label := range post.Labels {
		names[i] = string(label)
	}
	return names
}()
