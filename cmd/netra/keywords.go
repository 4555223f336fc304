package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers/keyword"
)

func keywordsCommand(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "keywords", Short: "Check, test, publish and take back keyword lists",
		Example: "  netra keywords check lists/\n  netra keywords test lists/\n  netra keywords pull lists/",
	}, keywordsCheckCommand(a), keywordsTestCommand(a), keywordsPullCommand(a), keywordsPushCommand(a),
		keywordsDiffCommand(a), keywordsPublishCommand(a), keywordsRollbackCommand(a), keywordsLogCommand(a), keywordsShadowCommand(a),
		keywordsHealthCommand(a), keywordsSuggestCommand(a))
}

// listsOf loads the lists of the folder that a command line names, or those of
// the configuration, and tells what is wrong in them.
func (a *app) listsOf(args []string) (*keyword.Set, error) {
	settings := a.cfg.Classify
	if len(args) > 0 {
		settings.Keywords = args[0]
		if info, err := os.Stat(args[0]); err == nil && !info.IsDir() {
			return nil, usage(fmt.Errorf("read keyword lists: %s is not a folder; allowed: a folder of .yaml files", args[0]))
		}
	}
	lists, err := a.lists(settings)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage(err)
	case err != nil:
		_, _ = fmt.Fprintln(a.errOut, err)
		return nil, fails()
	}
	return lists, nil
}

func keywordsCheckCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Find mistakes in keyword lists; exit code 1 where there are any",
		Long: `Check reads the lists of a folder (default: the configured or built-in ones) and
finds rules that can never match, shadowed and duplicate rules, phrases that
normalise to nothing, and very common words. Notes say what would make a list
better, such as examples; they do not change the exit code.`,
		Example: "  netra keywords check lists/",
		Args:    takes(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			lists, err := a.listsOf(args)
			if err != nil {
				return err
			}
			return a.reportFindings(lists, keyword.Check(lists))
		},
	}
	return cmd
}

func (a *app) reportFindings(lists *keyword.Set, findings []keyword.Finding) error {
	notes := 0
	for _, finding := range findings {
		_, _ = fmt.Fprintln(a.errOut, finding)
		if finding.Severity == keyword.Note {
			notes++
		}
	}
	_, _ = fmt.Fprintf(a.out, "%d lists, %d rules, %d findings, %d notes\n", len(lists.Lists), len(lists.Rules()), len(findings)-notes, notes)
	if len(findings) > notes {
		return fails()
	}
	return nil
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
				return err
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
