package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/tuning/health"
)

func keywordsHealthCommand(a *app) *cobra.Command {
	var asJSON bool
	var at string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Say how each rule does: hits, precision from decisions, and what needs a look",
		Long: `Health counts for each rule and list the flagged posts that it found, what analysts
decided on them, and its share of all flags. It tells of rules whose rate of hits
changed suddenly (the last 24 hours against the two weeks before), that only produce
dismissed flags, and that never matched in 30 days although in force all that time.
Posts go by their own time. The exit code is 0 whatever it tells.

--at is a date, a time (RFC 3339), or how long ago: 7d, 36h (default: now).`,
		Example: "  netra keywords health\n  netra keywords health --json > health.json\n  netra keywords health --at 2024-11-20",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			now := time.Now()
			when, err := moment(at, now)
			if err != nil {
				return usage(fmt.Errorf("--at %w", err))
			}
			if when.IsZero() {
				when = now
			}
			return a.sayHealth(cmd.Context(), when, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the whole report as JSON, with days and weeks")
	cmd.Flags().StringVar(&at, "at", "", "the end of the days that are looked at")
	return cmd
}

func (a *app) sayHealth(ctx context.Context, at time.Time, asJSON bool) error {
	s, err := a.newStore()
	if err != nil {
		return err
	}
	defer func() { a.logged("the connection to ClickHouse did not close", s.Close()) }()
	watch, err := a.newHealthWatch(s)
	if err != nil {
		return err
	}
	report, err := watch.Report(ctx, at)
	if err != nil {
		return err
	}
	if asJSON {
		return a.printJSON(report)
	}
	return a.printHealth(&report)
}

// newHealthWatch builds what works out the health of rules, without metrics.
func (a *app) newHealthWatch(s *store.Store) (*health.Watch, error) {
	configured, err := a.lists(a.cfg.Classify)
	if err != nil {
		return nil, usage(err)
	}
	return health.NewWatch(health.DefaultConfiguration(), health.Dependencies{Data: s, Lists: listsBoard{s}, Configured: configured, Logger: a.log}), nil
}

// addHealth adds the hourly health of the rules to a process.
func (a *app) addHealth(r *road) error {
	configured, err := a.lists(a.cfg.Classify)
	if err != nil {
		return usage(err)
	}
	r.health = health.NewWatch(health.DefaultConfiguration(), health.Dependencies{
		Data: r.store, Lists: listsBoard{r.store}, Configured: configured, Logger: a.log, Registerer: a.registry,
	})
	r.parts = append(r.parts, part{name: "rule health", run: r.health.Run})
	return nil
}

func (a *app) printHealth(r *health.Report) error {
	version := "of the configuration"
	if r.Version != "" {
		version = tuning.Short(r.Version)
	}
	_, _ = fmt.Fprintf(a.out, "%s: lists %s, %d flagged posts, precision %s\n", r.At.In(jakarta).Format(time.RFC3339), version, r.Flags, precision(r.Precision))
	for _, part := range []struct {
		title string
		rows  []health.Row
	}{{"list", r.Lists}, {"rule", r.Rules}} {
		out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintf(out, "\n%s\thits\t24 h\t30 d\tshare\tconfirmed\tdismissed\tprecision (95%%)\tlast hit\t\n", part.title)
		for i := range part.rows {
			row := &part.rows[i]
			_, _ = fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%.1f%%\t%d\t%d\t%s\t%s\t%s\n", row.Name, row.Hits, row.Hits24h, row.Hits30d, 100*row.Share,
				row.Precision.Confirmed, row.Precision.Dismissed, precision(row.Precision), dayOf(row.LastHit), remarks(row))
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.In(jakarta).Format("2006-01-02 15:04")
}

// remarks are the alarms of a row, and what it is where it is no rule in force.
func remarks(row *health.Row) string {
	var said []string
	switch {
	case !row.InForce:
		said = append(said, "not in force")
	case row.Kind == health.KindModel, row.Kind == health.KindClaim:
		said = append(said, row.Kind)
	}
	for _, alarm := range row.Alarms {
		said = append(said, "ALARM "+alarmWords(alarm))
	}
	return strings.Join(said, "; ")
}

func alarmWords(alarm health.Alarm) string {
	switch alarm.Kind {
	case health.OnlyDismissed:
		return fmt.Sprintf("only dismissed: %d decisions, none confirmed", alarm.Dismissed)
	case health.NeverMatched:
		return fmt.Sprintf("never matched in %d days", alarm.Days)
	}
	return fmt.Sprintf("%s: %d of %d posts in 24 h, %d of %d before (p %.2g)",
		alarm.Kind, alarm.Hits, alarm.Posts, alarm.PastHits, alarm.PastPosts, alarm.P)
}
