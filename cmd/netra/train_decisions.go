package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/tuning/learn"
)

const trainDecisionsHelp = `

With --from-decisions it learns from what analysts decided, together with the labelled
posts that Netra comes with and the files that are named, and keeps the models in a
draft of the lists, which is back-tested and published like any other. The last fifth
of the decisions is held out and measured on, before and after.`

// decisionTraining is one run of train --from-decisions.
type decisionTraining struct {
	*app
	on    bool
	draft string
	why   string
	cfg   learn.Configuration
}

func (d *decisionTraining) flags(cmd *cobra.Command) {
	d.cfg = learn.DefaultConfiguration()
	cmd.Long += trainDecisionsHelp
	cmd.Example += "\n  netra train --from-decisions --draft belajar"
	cmd.Flags().BoolVar(&d.on, "from-decisions", false, "learn from the analysts' decisions, into a draft of the lists")
	cmd.Flags().StringVar(&d.draft, "draft", "learned", "with --from-decisions: name of the draft; one that is there gets the models")
	cmd.Flags().StringVarP(&d.why, "message", "m", "", "with --from-decisions: why")
	cmd.Flags().IntVar(&d.cfg.Least, "least", d.cfg.Least, "with --from-decisions: how many confirmed and how many dismissed flags a label must have to be learned")
}

func (d *decisionTraining) run(cmd *cobra.Command, files []string) error {
	for _, name := range []string{"out", "fusion", "models"} {
		if cmd.Flags().Changed(name) {
			return usage(fmt.Errorf("--%s; allowed: without --from-decisions, which keeps its models in a draft", name))
		}
	}
	if d.cfg.Least < 5 {
		return usage(fmt.Errorf("--least %d; allowed: 5 or more", d.cfg.Least))
	}
	posts, measuring, err := learn.Shipped()
	if err != nil {
		return err
	}
	for _, file := range files {
		corpus, err := learn.Open(os.DirFS(filepath.Dir(file)), filepath.Base(file))
		if err != nil {
			return usage(fmt.Errorf("%s: %w", file, err))
		}
		posts = slices.DeleteFunc(posts, func(c learn.Corpus) bool { return c.Name == corpus.Name }) // another edition of it
		posts = append(posts, corpus)
	}
	ctx := cmd.Context()
	s, err := d.newStore()
	if err != nil {
		return err
	}
	defer func() { d.logged("the connection to ClickHouse did not close", s.Close()) }()
	return d.withBookOn(ctx, s, func(book *tuning.Book) error { return d.learn(ctx, s, book, posts, measuring) })
}

// learn learns for the draft where there is one, else for what is in force.
func (d *decisionTraining) learn(ctx context.Context, s *store.Store, book *tuning.Book, posts, measuring []learn.Corpus) error {
	draft, err := book.Draft(ctx, d.draft)
	fresh := errors.Is(err, tuning.ErrNotFound)
	if err != nil && !fresh {
		return err
	}
	from := "draft:" + d.draft
	if fresh {
		from = "published"
	}
	bundle, err := d.bundleOf(ctx, book, from)
	if err != nil {
		return notFound(err)
	}
	decisions, passed, err := learn.Gather(ctx, s)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(d.errOut, "%d decisions; not used: %d on posts collected again since, %d not the person's, %d without words, %d on posts that are gone\n",
		len(decisions), passed.Edited, passed.Person, passed.Wordless, passed.Gone)
	outcome, err := learn.Run(d.cfg, book.Compiler(), bundle, decisions, posts, measuring)
	if errors.Is(err, learn.ErrTooFew) {
		_, _ = fmt.Fprintln(d.errOut, err)
		return fails()
	}
	if err != nil {
		return err
	}
	if err := d.print(&outcome.Report); err != nil {
		return err
	}
	why := d.why
	if why == "" {
		why = fmt.Sprintf("models learned from %d decisions", outcome.Report.Learned)
	}
	if fresh {
		_, err = book.NewDraft(ctx, d.draft, outcome.Bundle, operatorName(), why)
	} else {
		_, err = book.Change(ctx, d.draft, draft.Revision, outcome.Bundle, operatorName(), why)
	}
	if err != nil {
		return err
	}
	return d.checkDraft(ctx, book, d.draft)
}

func (d *decisionTraining) print(r *learn.Report) error {
	_, _ = fmt.Fprintf(d.out, "%d decisions: %d learned from, with %d labelled posts; %d held out", r.Decisions, r.Learned, r.Posts, r.HeldOut)
	if r.HeldOut > 0 {
		_, _ = fmt.Fprintf(d.out, ", from %s on", r.HeldOutFrom.In(jakarta).Format(time.RFC3339))
	}
	_, _ = fmt.Fprintf(d.out, " (%d left out: their texts are among those learned from)\n", r.Repeats)
	for _, taught := range r.Taught {
		_, _ = fmt.Fprintf(d.out, "model %s: no file tells of it; it learned from its predecessor (F1 against it %.3f)\n", taught.Model, taught.F1)
	}
	if len(r.Taught) > 0 {
		_, _ = fmt.Fprintln(d.out, "name the files that those were trained on (see deploy/train.sh) to keep them as good as they are")
	}
	_, _ = fmt.Fprintln(d.out, "\non the decisions held out (95% intervals); posts that were not flagged are not among them")
	if err := d.table(r.Labels, true); err != nil || len(r.Shipped) == 0 {
		return err
	}
	_, _ = fmt.Fprintln(d.out, "\non labelled posts that nothing is fitted on")
	return d.table(r.Shipped, false)
}

func (d *decisionTraining) table(rows []learn.LabelReport, decided bool) error {
	out := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprint(out, "label\t")
	if decided {
		_, _ = fmt.Fprint(out, "confirmed\tdismissed\t")
	}
	_, _ = fmt.Fprintln(out, "support\tof\t\tprecision\trecall\tF1\t")
	for i := range rows {
		row := &rows[i]
		_, _ = fmt.Fprintf(out, "%s\t", row.Label)
		if decided {
			_, _ = fmt.Fprintf(out, "%d\t%d\t", row.Confirmed, row.Dismissed)
		}
		_, _ = fmt.Fprintf(out, "%d\t%d\tbefore\t%s\n", row.Support, row.Measured, figures(&row.Before))
		empty := "\t"
		if decided {
			empty = "\t\t\t"
			if !row.Learned {
				empty = "\ttoo few to learn\t\t"
			}
		}
		_, _ = fmt.Fprintf(out, "%s\t\tafter\t%s\n", empty, figures(&row.After))
	}
	return out.Flush()
}

func figures(f *learn.Figures) string {
	return fmt.Sprintf("%s\t%s\t%.3f\t", interval(f.Precision), interval(f.Recall), f.F1)
}

// interval is a share with its interval.
func interval(p backtest.Precision) string {
	if p.Confirmed+p.Dismissed == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f (%.3f–%.3f)", p.Value, p.Low, p.High)
}
