package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/files"
)

func importCommand(a *app) *cobra.Command {
	settings := files.DefaultConfiguration()
	var dryRun bool
	cmd := drains(&cobra.Command{
		Use:   "import FILE…",
		Short: "Bring posts from JSONL, JSON, CSV or XLSX files into the queue",
		Long: `Import reads posts from files (.jsonl, .csv, also packed as .gz or .zst; .json,
.xlsx) and sends those of roster accounts to the queue. What cannot be read is told
with file and line and kept in the dead letters. An import that was broken off goes
on where it was when it is started again.

Columns of a CSV: id, platform, kind, account_id, account_handle, account_name,
url, text, quoted, in_reply_to, media_urls, created_at, collected_at, source. The
export of another tool is read through a mapping (docs/formats.md), your own file or
one of: ` + strings.Join(files.Mappings(), ", ") + `.`,
		Example: "  netra import export.jsonl\n  netra import --dry-run --time-zone Asia/Makassar captures.csv\n  netra import --mapping crowdtangle --dry-run history.csv",
		Args:    someArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			settings.Paths = args
			if err := settings.Validate("import"); err != nil {
				return usage(err)
			}
			if err := readable(args); err != nil {
				return err
			}
			r := &road{}
			defer r.close()
			if err := a.openRoad(cmd.Context(), r, ping, once); err != nil {
				return err
			}
			if r.roster.Roster().Len() == 0 {
				return usage(errors.New("the roster is empty, so every post would be a stranger's: first `netra roster import FILE`"))
			}
			deps, closeAll, err := a.collectDependencies(cmd.Context(), r.queue, r.store, r.roster)
			if err != nil {
				return err
			}
			defer closeAll()
			importer := &files.Importer{
				Configuration: settings, Progress: a.importProgress(), Problems: 50,
				Patience: 2 * time.Minute, Grace: a.cfg.Collect.StopTimeout,
			}
			if dryRun {
				importer.Taker = collect.NewRehearsal(deps.Roster)
			} else {
				importer.Taker, importer.Cursors = collect.NewIntake(a.cfg.Collect.Configuration, deps), deps.State
			}
			return a.reportImport(cmd.Context(), importer.Import(cmd.Context(), args))
		},
	})
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only say what would come")
	cmd.Flags().StringVar(&settings.Format, "format", settings.Format, "jsonl, csv, xlsx, json (a list), or auto to tell it from the name")
	cmd.Flags().StringVar(&settings.Mapping, "mapping", "", "mapping of another tool's export: a file, or "+strings.Join(files.Mappings(), ", "))
	cmd.Flags().StringVar(&settings.TimeZone, "time-zone", settings.TimeZone, "zone of dates that have none")
	return cmd
}

// importProgress shows how far the import is, once a second at most.
func (a *app) importProgress() func(files.Progress) {
	last := time.Now()
	return func(p files.Progress) {
		if time.Since(last) < time.Second {
			return
		}
		last = time.Now()
		_, _ = fmt.Fprintf(a.errOut, "%s: line %d, %d posts sent, %d rejected, %.0f a second\n",
			p.Path, p.Lines, p.Tally.Sent, total(p.Tally.Rejected), p.PerSecond())
	}
}

func (a *app) reportImport(ctx context.Context, report files.Report) error {
	for _, problem := range report.Total.Problems {
		_, _ = fmt.Fprintf(a.errOut, "%s: %s\n", problem.Position, problem.Reason)
	}
	for _, file := range report.Files {
		_, _ = fmt.Fprintf(a.out, "%s: %d items, %d sent%s%s\n", file.Path, file.Tally.Items, file.Tally.Sent,
			causes("dropped", file.Tally.Dropped), causes("rejected", file.Tally.Rejected))
	}
	if err := report.Err(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the import was broken off; started again it goes on where it was: %w", ctx.Err())
	}
	if total(report.Total.Rejected) > 0 {
		return fails()
	}
	return nil
}

func total(counts map[collect.Cause]int) (n int) {
	for _, count := range counts {
		n += count
	}
	return n
}

// causes writes counts as ", 3 dropped (2 not_in_roster, 1 duplicate)".
func causes(what string, counts map[collect.Cause]int) string {
	if len(counts) == 0 {
		return ""
	}
	parts := make([]string, 0, len(counts))
	for _, cause := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[cause], cause))
	}
	return fmt.Sprintf(", %d %s (%s)", total(counts), what, strings.Join(parts, ", "))
}
