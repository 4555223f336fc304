package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers/keyword"
)

func keywordsCommand(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "keywords", Short: "Check and test keyword lists",
		Example: "  netra keywords check lists/\n  netra keywords test lists/",
	}, keywordsCheckCommand(a), keywordsTestCommand(a))
}

// listsOf loads the lists of the folder that a command line names, or those of
// the configuration.
func (a *app) listsOf(args []string) (*keyword.Set, error) {
	settings := a.cfg.Classify
	if len(args) > 0 {
		settings.Keywords = args[0]
	}
	return a.lists(settings)
}

func keywordsCheckCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Find mistakes in keyword lists; exit code 1 where there are any",
		Long: `Check reads the lists of a folder (default: the configured or built-in ones) and
finds rules that can never match, shadowed and duplicate rules, phrases that
normalise to nothing, very common words, and rules without examples.`,
		Example: "  netra keywords check lists/",
		Args:    takes(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			lists, err := a.listsOf(args)
			if err != nil {
				_, _ = fmt.Fprintln(a.errOut, err)
				return fails()
			}
			findings := keyword.Check(lists)
			for _, finding := range findings {
				_, _ = fmt.Fprintln(a.errOut, finding)
			}
			_, _ = fmt.Fprintf(a.out, "%d lists, %d rules, %d findings\n", len(lists.Lists), len(lists.Rules()), len(findings))
			if len(findings) > 0 {
				return fails()
			}
			return nil
		},
	}
	return cmd
}

func keywordsTestCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Run the examples of every rule through the whole classifier; exit code 1 names those that fail",
		Long: `Test runs every example of every rule (flags: must be flagged with the rule's label,
passes: must not) through the classifier. Without --contestants the examples speak
of an example election with the numbers 1 to 5.`,
		Example: "  netra keywords test lists/\n  netra keywords test lists/ --contestants contestants.yaml",
		Args:    takes(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			lists, err := a.listsOf(args)
			if err != nil {
				_, _ = fmt.Fprintln(a.errOut, err)
				return fails()
			}
			settings := a.cfg.Classify
			if len(args) > 0 {
				settings.Keywords = args[0]
			}
			classifier, err := a.exampleClassifier(settings)
			if err != nil {
				return usage(err)
			}
			examples, failures := keyword.Test(lists, classifier.Holds)
			for _, failure := range failures {
				_, _ = fmt.Fprintln(a.errOut, failure)
			}
			_, _ = fmt.Fprintf(a.out, "%d examples, %d failures\n", examples, len(failures))
			if len(failures) > 0 {
				return fails()
			}
			return nil
		},
	}
	classifierFlags(cmd, a)
	return cmd
}
