package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/retention"
	"github.com/netra-id/netra/pipeline/review"
)

func retentionCommand(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "retention", Short: "Plan and do the purge of what is no longer needed; hold what must stay",
		Example: "  netra retention plan\n  netra retention run --yes\n  netra retention hold mastodon:1093 --reason \"sengketa di PTUN\"",
	}, retentionPlanCommand(a), retentionRunCommand(a), retentionHoldCommand(a))
}

func retentionPlanCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "List what a run would purge now, and why the rest stays; changes nothing",
		Long: `Plan lists the flagged posts that are due to be purged with why and since when, the files
that belong to nothing, and how many decided posts stay and why. How long what is
kept is said by the section retention of the configuration.`,
		Example: "  netra retention plan\n  netra retention plan --json > plan.json",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withRetention(cmd.Context(), func(r *road, _ *audit.Log, _ access.Viewer) error {
				plan, err := r.retention.Plan(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(a, plan)
				}
				return a.tellPlan(plan)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return cmd
}

func writeJSON(a *app, value any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// planWords say why posts go or stay.
var planWords = map[retention.Why]string{
	retention.Dismissed: "found to be no violation long enough ago", retention.Withdrawn: "no longer flagged, and nobody decided on it",
	retention.Closed: "its cases were closed long enough ago", retention.DuplicateOf: "repeats a post that was purged",
	retention.Held: "under legal hold", retention.NotYet: "not old enough", retention.NoCase: "confirmed and in no case: never goes by itself",
	retention.OpenCase: "in a case that is not closed", retention.Original: "repeats a post that is still there",
}

func (a *app) tellPlan(plan retention.Plan) error {
	out := bufio.NewWriter(a.out)
	_, _ = fmt.Fprintf(out, "retention plan of %s: %d posts and %d files would go\n", plan.At.Format(time.RFC3339), len(plan.Due), len(plan.Files))
	if plan.Unfinished > 0 {
		_, _ = fmt.Fprintf(out, "%d posts of an earlier purge are to be finished first\n", plan.Unfinished)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(plan.Due) > 0 {
		_, _ = fmt.Fprintln(table, "POST\tREGION\tSTATUS\tDUE SINCE\tPIECES\tWHY")
	}
	for _, due := range plan.Due {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\n", due.Post, due.Region, due.Status, due.Since.Format(time.DateOnly), due.Pieces, planWords[due.Why])
	}
	for _, why := range retention.Stays {
		if n := plan.Stays[why]; n > 0 {
			_, _ = fmt.Fprintf(table, "stays\t%d posts\t%s\n", n, planWords[why])
		}
	}
	if plan.Waiting > 0 {
		_, _ = fmt.Fprintf(table, "stays\t%d posts\tnobody has decided on them\n", plan.Waiting)
	}
	return errors.Join(table.Flush(), out.Flush())
}

func retentionRunCommand(a *app) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Purge what the plan lists, for good",
		Long: `Run finishes what an earlier run left, and purges what is due: from the console's
database, from ClickHouse and from the storage of files. Tombstones are sealed and the
audit log tells of it. Without --yes it prints the plan and purges nothing.`,
		Example: "  netra retention run --yes",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withRetention(cmd.Context(), func(r *road, _ *audit.Log, by access.Viewer) error {
				if !yes {
					plan, err := r.retention.Plan(cmd.Context())
					if err != nil {
						return err
					}
					if err := a.tellPlan(plan); err != nil {
						return err
					}
					_, err = fmt.Fprintln(a.out, "nothing was purged; with --yes it is")
					return err
				}
				counts, err := r.retention.Purge(cmd.Context(), by, nil)
				posts := 0
				for _, n := range counts.Posts {
					posts += n
				}
				_, told := fmt.Fprintf(a.out, "purged %d posts, %d pieces of evidence, %d statements, %d files; finished %d of an earlier run\n",
					posts, counts.Pieces, counts.Statements, counts.Files, counts.Finished)
				return errors.Join(err, told)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "purge")
	return cmd
}

func retentionHoldCommand(a *app) *cobra.Command {
	var reason string
	var lift bool
	cmd := &cobra.Command{
		Use:   "hold POST|CASE",
		Short: "Keep a post or a case from being purged, or lift that",
		Long: `Hold takes the id of a flagged post, or the number or id of a case, and keeps it from
being purged until the hold is lifted. The reason is recorded in the audit log.`,
		Example: "  netra retention hold mastodon:1093 --reason \"sengketa di PTUN\"\n  netra retention hold 2026/61/0042 --lift --reason \"putusan berkekuatan hukum tetap\"",
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" {
				return usage(errors.New("--reason is missing: a hold and its end need one"))
			}
			return a.withRetention(cmd.Context(), func(r *road, log *audit.Log, by access.Viewer) error {
				err := a.hold(cmd.Context(), r, log, by, args[0], reason, lift)
				if errors.Is(err, retention.ErrNotFound) || errors.Is(err, retention.ErrNotHeld) {
					return usage(err)
				}
				if err != nil {
					return err
				}
				done := "held"
				if lift {
					done = "no longer held"
				}
				_, err = fmt.Fprintf(a.out, "%s is %s\n", args[0], done)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	cmd.Flags().BoolVar(&lift, "lift", false, "end the hold")
	return cmd
}

// hold holds a post or a case, or ends that.
func (a *app) hold(ctx context.Context, r *road, log *audit.Log, by access.Viewer, what, reason string, lift bool) error {
	id, revision, err := caseNamed(ctx, r, what)
	if err != nil {
		return err
	}
	if id == "" {
		if lift {
			return r.retention.Lift(ctx, by, what, reason)
		}
		return r.retention.Hold(ctx, by, what, reason)
	}
	posts, err := review.New(a.cfg.Review, review.Dependencies{Database: r.database, Audit: log, Registerer: a.registry, Logger: a.log})
	if err != nil {
		return usage(err)
	}
	all, err := cases.New(cases.DefaultConfiguration(), cases.Dependencies{Database: r.database, Posts: posts, Audit: log, Seal: r.seal, Logger: a.log, Registerer: a.registry})
	if err != nil {
		return usage(err)
	}
	if lift {
		_, err = all.LiftHold(ctx, by, id, revision, reason)
		return err
	}
	_, err = all.Hold(ctx, by, id, revision, reason)
	return err
}

// caseNamed finds a case by its number or id; an empty id where there is none.
func caseNamed(ctx context.Context, r *road, name string) (id string, revision int64, err error) {
	if err := cases.Migrate(ctx, r.database); err != nil {
		return "", 0, err
	}
	err = r.database.QueryRow(ctx, "SELECT id, revision FROM cases WHERE number = ? OR id = ?", name, name).Scan(&id, &revision)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, nil
	}
	return id, revision, err
}
