package main

import (
	"bufio"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers/stream"
	"github.com/netra-id/netra/pipeline/post"
)

func classifyCommand(a *app) *cobra.Command {
	var (
		format    string
		region    string
		threshold float64
	)
	cmd := &cobra.Command{
		Use:   "classify",
		Short: "Classify posts from standard input; no server needed",
		Long: `Classify reads one post a line on standard input and prints one verdict a line, as
JSON, in input order. A line that cannot be read is reported on standard error
with its number; the others are classified, and the exit code is 1.`,
		Example: `  echo 'ayo coblos nomor 2' | netra classify --format text --contestants contestants.yaml
  netra classify --contestants contestants.yaml --keywords lists/ < posts.jsonl > verdicts.jsonl`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(stream.Formats, stream.Format(format)) {
				return usage(fmt.Errorf("--format %q; allowed: jsonl, text", format))
			}
			if region != "" && !regionCode.MatchString(region) {
				return usage(fmt.Errorf("--region %q; allowed: a code such as 61 or 61.08", region))
			}
			settings := a.cfg.Classify
			if cmd.Flags().Changed("threshold") {
				if !(threshold > 0 && threshold <= 1) { // also refuses NaN
					return usage(fmt.Errorf("--threshold %v; allowed: more than 0, at most 1", threshold))
				}
				settings.Thresholds = allThresholds(threshold)
			}
			classifier, err := a.newClassifier(settings)
			if err != nil {
				return usage(err)
			}
			out := bufio.NewWriterSize(a.out, 64<<10)
			job := &stream.Job{
				Classifier: classifier, Format: stream.Format(format), Region: region, Name: "stdin",
				In: a.in, Out: flushing{out}, Now: time.Now,
				Report: func(err error) { _, _ = fmt.Fprintln(a.errOut, err) },
			}
			summary, err := job.Run(cmd.Context())
			if err != nil {
				return err
			}
			if summary.Bad > 0 {
				return &exitError{code: exitFails, err: fmt.Errorf("%d of %d posts could not be classified", summary.Bad, summary.Bad+summary.Posts)}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", string(stream.JSONL), "jsonl: a post as JSON a line; text: a post's text a line")
	cmd.Flags().StringVar(&region, "region", "", "code of the authors' region, such as 61.08; without it every election counts")
	cmd.Flags().Float64Var(&threshold, "threshold", 0, "score from which on every label flags (default: each label's own)")
	classifierFlags(cmd, a)
	return cmd
}

// regionCode is the form of the codes of provinces, regencies and what is in them.
var regionCode = regexp.MustCompile(`^\d+(\.\d+)*$`)

// flushing writes through at once: a verdict is seen when it is made.
type flushing struct{ *bufio.Writer }

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	if err != nil {
		return n, err
	}
	return n, f.Flush()
}

func allThresholds(threshold float64) map[post.Label]float64 {
	all := map[post.Label]float64{}
	for _, label := range post.Labels {
		all[label] = threshold
	}
	return all
}

// classifierFlags let a command line name other lists than the configuration.
func classifierFlags(cmd *cobra.Command, a *app) {
	var contestants, keywords, claims string
	cmd.Flags().StringVar(&contestants, "contestants", "", "YAML file of elections and contestants")
	cmd.Flags().StringVar(&keywords, "keywords", "", "folder of keyword lists (default: the built-in lists)")
	cmd.Flags().StringVar(&claims, "claims", "", "CSV file of debunked claims (default: the built-in ones)")
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		for flag, target := range map[string]*string{
			"contestants": &a.cfg.Classify.Contestants, "keywords": &a.cfg.Classify.Keywords, "claims": &a.cfg.Classify.Claims,
		} {
			if cmd.Flags().Changed(flag) {
				*target = cmd.Flag(flag).Value.String()
			}
		}
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
}
