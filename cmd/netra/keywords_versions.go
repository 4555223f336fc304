package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/tuning"
)

const versionsHelp = `A version is named by draft:NAME, by a publication's number, by "published" (what is in
force), by sha256:… or by a folder.`

func keywordsPullCommand(a *app) *cobra.Command {
	var force bool
	var from string
	cmd := &cobra.Command{
		Use:   "pull DIR",
		Short: "Write the lists in force, with contestants, thresholds and claims, into a folder",
		Long:  "Pull writes a version's files into a folder, to be edited and pushed. " + versionsHelp,
		Example: `  netra keywords pull lists/
  netra keywords pull --from draft:slogan-baru lists/`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withBook(cmd.Context(), func(book *tuning.Book) error {
				bundle, err := a.bundleOf(cmd.Context(), book, from)
				if err != nil {
					return notFound(err)
				}
				err = bundle.WriteFolder(args[0], force)
				if errors.Is(err, tuning.ErrInTheWay) {
					return fmt.Errorf("%w; --force writes over them", err)
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(a.out, "%s: version %s, %d files\n", args[0], tuning.Short(bundle.ID()), len(bundle.Paths()))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "write over other content in the folder")
	cmd.Flags().StringVar(&from, "from", "published", "the version to write")
	return cmd
}

func keywordsPushCommand(a *app) *cobra.Command {
	var draft, why string
	cmd := &cobra.Command{
		Use:   "push DIR",
		Short: "Make or change a draft from the files of a folder, and check it; exit code 1 where it fails",
		Long: `Push keeps the files of a folder as a draft, says what it changes of the version in
force, and runs the checks and every rule's examples. Nothing is flagged otherwise
until the draft is published.`,
		Example: "  netra keywords push lists/ --draft slogan-baru -m 'slogan seen in Landak this morning'",
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			bundle, err := tuning.ReadFolder(args[0])
			if err != nil {
				return usage(err)
			}
			return a.withBook(ctx, func(book *tuning.Book) error {
				if _, err = book.Change(ctx, draft, 0, bundle, operatorName(), why); errors.Is(err, tuning.ErrNotFound) {
					_, err = book.NewDraft(ctx, draft, bundle, operatorName(), why)
				}
				if err != nil {
					return err
				}
				if err := a.sayDifference(ctx, book, "published", bundle); err != nil {
					return err
				}
				return a.checkDraft(ctx, book, draft)
			})
		},
	}
	cmd.Flags().StringVar(&draft, "draft", "draft", "name of the draft")
	cmd.Flags().StringVarP(&why, "message", "m", "", "why")
	return cmd
}

// sayDifference prints what differs from a version to a bundle.
func (a *app) sayDifference(ctx context.Context, book *tuning.Book, from string, to tuning.Bundle) error {
	before, err := a.bundleOf(ctx, book, from)
	if errors.Is(err, tuning.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, change := range tuning.Diff(before, to) {
		if _, err := fmt.Fprintln(a.out, change); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) checkDraft(ctx context.Context, book *tuning.Book, name string) error {
	report, err := book.Check(ctx, name)
	if err != nil {
		return err
	}
	for _, problem := range append(report.Problems, report.Failures...) {
		_, _ = fmt.Fprintln(a.errOut, problem)
	}
	_, _ = fmt.Fprintf(a.out, "draft %s: version %s, %d rules, %d examples, %d problems, %d failures\n",
		name, tuning.Short(report.Version), report.Rules, report.Examples, len(report.Problems), len(report.Failures))
	if !report.Passed() {
		return fails()
	}
	return nil
}

func keywordsDiffCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "diff FROM [TO]",
		Short: "Say in words what differs between two versions",
		Long:  "Diff says what TO (default: what is in force) has otherwise than FROM. " + versionsHelp,
		Example: `  netra keywords diff published lists/
  netra keywords diff 11 12`,
		Args: takes(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			to := "published"
			if len(args) == 2 {
				to = args[1]
			}
			return a.withBook(cmd.Context(), func(book *tuning.Book) error {
				after, err := a.bundleOf(cmd.Context(), book, to)
				if err != nil {
					return notFound(err)
				}
				if _, err := a.bundleOf(cmd.Context(), book, args[0]); err != nil {
					return notFound(err)
				}
				return a.sayDifference(cmd.Context(), book, args[0], after)
			})
		},
	}
}

func keywordsPublishCommand(a *app) *cobra.Command {
	var why string
	var over int64
	cmd := &cobra.Command{
		Use:   "publish DRAFT",
		Short: "Put a draft in force; every worker takes it within seconds, without a restart",
		Long: `Publish checks a draft once more and puts it in force. It is refused where another
version was published since --over (default: the one in force when the command
starts), where the configuration asks for a back-test that nobody has looked at, or
for a second person's approval.`,
		Example: "  netra backtest --draft slogan-baru\n  netra keywords publish slogan-baru -m 'slogan seen in Landak'",
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.withBook(ctx, func(book *tuning.Book) error {
				if !cmd.Flags().Changed("over") {
					current, err := book.Current(ctx)
					if err != nil && !errors.Is(err, tuning.ErrNotFound) {
						return err
					}
					over = current.Number
				}
				p, err := book.PublishDraft(ctx, args[0], over, operatorName(), why)
				return a.sayPublished(p, err)
			})
		},
	}
	cmd.Flags().StringVarP(&why, "message", "m", "", "why")
	cmd.Flags().Int64Var(&over, "over", 0, "number of the publication that this one replaces")
	return cmd
}

func (a *app) sayPublished(p tuning.Publication, err error) error {
	switch {
	case errors.Is(err, tuning.ErrNotChecked), errors.Is(err, tuning.ErrConflict):
		_, _ = fmt.Fprintln(a.errOut, err)
		return fails()
	case err != nil:
		return notFound(err)
	}
	_, err = fmt.Fprintf(a.out, "publication %d: version %s is in force\n", p.Number, tuning.Short(p.Version))
	return err
}

func keywordsRollbackCommand(a *app) *cobra.Command {
	var why string
	cmd := &cobra.Command{
		Use:     "rollback [NUMBER]",
		Short:   "Put an earlier publication's version in force again (default: the one before, once)",
		Example: "  netra keywords rollback -m 'flags greetings'\n  netra keywords rollback 11",
		Args:    takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.withBook(ctx, func(book *tuning.Book) error {
				current, err := book.Current(ctx)
				if err != nil {
					return notFound(err)
				}
				to := current.Previous
				if len(args) == 0 && current.Kind == tuning.Rollback { // its version would bring back what was taken back
					return usage(fmt.Errorf("publication %d is a rollback itself; allowed: the number of a publication, as `netra keywords log` lists them", current.Number))
				}
				if len(args) == 1 {
					if to, err = strconv.ParseInt(args[0], 10, 64); err != nil {
						return usage(fmt.Errorf("publication %q; allowed: a number, as `netra keywords log` lists them", args[0]))
					}
				}
				p, err := book.Rollback(ctx, to, current.Number, operatorName(), why)
				return a.sayPublished(p, err)
			})
		},
	}
	cmd.Flags().StringVarP(&why, "message", "m", "", "why")
	return cmd
}

func keywordsLogCommand(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:     "log",
		Short:   "List drafts and publications: who, when, why",
		Example: "  netra keywords log",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			return a.withBook(ctx, func(book *tuning.Book) error {
				drafts, err := book.Drafts(ctx)
				if err != nil {
					return err
				}
				list, err := book.Publications(ctx, limit)
				if err != nil {
					return err
				}
				return a.printLog(drafts, list)
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 20, "how many publications, the newest first")
	return cmd
}

func (a *app) printLog(drafts []tuning.Draft, list []tuning.Publication) error {
	out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "NUMBER\tSTATE\tVERSION\tBY\tAT\tWHY")
	for _, d := range drafts {
		_, _ = fmt.Fprintf(out, "draft:%s\t%s\t%s\t%s\t%s\t%s\n", d.Name, d.State(), tuning.Short(d.Version), d.By, d.Changed.Format(time.DateTime), d.Why)
	}
	for i, p := range list {
		state := tuning.StateRetired
		if i == 0 {
			state = tuning.StatePublished
		}
		_, _ = fmt.Fprintf(out, "%d\t%s\t%s\t%s\t%s\t%s\n", p.Number, state, tuning.Short(p.Version), p.By, p.At.Format(time.DateTime), p.Why)
	}
	return out.Flush()
}

// bundleOf finds the version that a person names.
func (a *app) bundleOf(ctx context.Context, book *tuning.Book, name string) (tuning.Bundle, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return tuning.ReadFolder(name)
	}
	if draft, ok := strings.CutPrefix(name, "draft:"); ok {
		d, err := book.Draft(ctx, draft)
		if err != nil {
			return tuning.Bundle{}, err
		}
		return book.Bundle(ctx, d.Version)
	}
	if name == "published" {
		p, err := book.Current(ctx)
		if err != nil {
			return tuning.Bundle{}, fmt.Errorf("nothing is published yet: %w", err)
		}
		return book.Bundle(ctx, p.Version)
	}
	if number, err := strconv.ParseInt(name, 10, 64); err == nil {
		p, err := book.Publication(ctx, number)
		if err != nil {
			return tuning.Bundle{}, err
		}
		return book.Bundle(ctx, p.Version)
	}
	if !strings.HasPrefix(name, "sha256:") {
		return tuning.Bundle{}, usage(fmt.Errorf("version %q; allowed: draft:NAME, a publication's number, published, sha256:…, or a folder", name))
	}
	return book.Bundle(ctx, name)
}
