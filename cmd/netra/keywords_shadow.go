package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
)

func keywordsShadowCommand(a *app) *cobra.Command {
	var stop bool
	cmd := &cobra.Command{
		Use:   "shadow [DRAFT]",
		Short: "Run a draft beside the lists in force on live posts; without DRAFT, say what it would flag",
		Long: `Shadow lets every worker judge live posts by a draft, too. What the draft would flag is
counted and sampled, and shown in no queue. It costs a worker as much time as the
lists in force. One draft runs at a time.`,
		Example: "  netra keywords shadow slogan-baru\n  netra keywords shadow\n  netra keywords shadow --stop",
		Args:    takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			s, err := a.newStore()
			if err != nil {
				return err
			}
			defer func() { a.logged("the connection to ClickHouse did not close", s.Close()) }()
			return a.withBookOn(ctx, s, func(book *tuning.Book) error {
				switch {
				case stop && len(args) > 0:
					return usage(errors.New("--stop takes no draft: one runs at a time"))
				case stop:
					_, err := book.StopShadow(ctx, operatorName())
					return err
				case len(args) == 0:
					return a.sayShadow(ctx, book, s)
				}
				return a.startShadow(ctx, book, args[0])
			})
		},
	}
	cmd.Flags().BoolVar(&stop, "stop", false, "end the shadow")
	return cmd
}

func (a *app) startShadow(ctx context.Context, book *tuning.Book, draft string) error {
	shadow, err := book.StartShadow(ctx, draft, operatorName())
	if errors.Is(err, tuning.ErrNotChecked) {
		_, _ = fmt.Fprintln(a.errOut, err)
		return fails()
	}
	if err != nil {
		return notFound(err)
	}
	_, err = fmt.Fprintf(a.out, "draft %s: version %s runs in shadow; `netra keywords shadow` says what it would flag\n", draft, tuning.Short(shadow.Version))
	return err
}

// shadowShown is how far back the counts go that are printed.
const shadowShown = 30 * 24 * time.Hour

func (a *app) sayShadow(ctx context.Context, book *tuning.Book, s *store.Store) error {
	shadow, err := book.CurrentShadow(ctx)
	if err != nil {
		return err
	}
	if shadow.Version == "" {
		_, err = fmt.Fprintln(a.out, "no draft runs in shadow")
		return err
	}
	counts, err := s.ShadowCounts(ctx, shadow.Version, time.Now().Add(-shadowShown))
	if err != nil {
		return err
	}
	samples, err := s.ShadowSamples(ctx, shadow.Version, shownFindings)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(a.out, "draft %s: version %s in shadow since %s\n", shadow.Draft, tuning.Short(shadow.Version), shadow.At.Format(time.DateTime))
	out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "beside\tlabel\tposts\tin force\tshadow\tadded\tdropped")
	for _, c := range counts {
		label := c.Label
		if label == "" {
			label = "any"
		}
		_, _ = fmt.Fprintf(out, "%s\t%s\t%d\t%d\t%d\t%d\t%d\n", tuning.Short(c.Published), label, c.Posts, c.Live, c.Shadow, c.Shadow-c.Both, c.Live-c.Both)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for _, sample := range samples {
		_, err = fmt.Fprintf(a.out, "  %s  %v → %v %v  %q\n", sample.ID, sample.LiveLabels, sample.ShadowLabels, sample.ShadowRules, sample.Excerpt)
	}
	return err
}
