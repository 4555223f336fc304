package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/strict"
)

// collectOptions are the flags of collect.
type collectOptions struct {
	once, dryRun, backfill, all, anew bool
	source, account                   string
	from, until                       string
	format, roster                    string
	limit                             int
}

func collectCommand(a *app) *cobra.Command {
	var o collectOptions
	cmd := drains(&cobra.Command{
		Use:   "collect",
		Short: "Bring new posts from the configured sources into the queue",
		Long: `Collect visits the sources under the key collect.sources and sends the posts of roster
accounts to the queue. Where it was in each source is kept in the data directory.
Kafka and ClickHouse may come up later: it waits for them.

With --once it visits what is due once and ends: exit code 0 where everything was
collected, 1 where something failed or the budget was used up. With --account the
account is visited whether it is due or not. With --dry-run it shows what would
come, sends nothing and remembers nothing; with --roster FILE no server is needed
for that. With --backfill it goes back to a period; broken off, it goes on where
it was when it is started again. Dates are days in WIB, counted whole, or times
such as 2024-11-20T08:00:00+07:00.`,
		Example: `  netra collect --config netra.yaml
  netra collect --once --source mastodon --account @budi@contoh.id --dry-run
  netra collect --backfill --from 2024-09-22 --until 2024-11-26 --source youtube`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd); err != nil {
				return usage(err)
			}
			if len(a.cfg.Collect.Sources) == 0 {
				return usage(errors.New(`key "collect.sources": value []: allowed: one source or more, such as {name: exports, files: {paths: [inbox]}}`))
			}
			switch {
			case o.dryRun:
				return a.rehearseCollecting(cmd.Context(), &o)
			case o.once || o.backfill:
				return a.collectRound(cmd.Context(), &o)
			}
			return a.serve(cmd.Context(), func(ctx context.Context, r *road, wait await) error {
				if err := a.openRoad(ctx, r, ping, wait); err != nil {
					return err
				}
				return a.addCollector(ctx, r)
			})
		},
	})
	flags := cmd.Flags()
	flags.BoolVar(&o.once, "once", false, "visit what is due once, and end")
	flags.StringVar(&o.source, "source", "", "only the source of this name; with --once, --dry-run or --backfill")
	flags.StringVar(&o.account, "account", "", "only this account: its id, platform:id, handle or address")
	flags.BoolVar(&o.all, "all", false, "with --once, also what is not due yet")
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would come; send and remember nothing")
	flags.BoolVar(&o.anew, "from-start", false, "with --dry-run, as if nothing had been collected before")
	flags.StringVar(&o.roster, "roster", "", "with --dry-run, take the accounts from this roster file (CSV), not from the store")
	flags.StringVar(&o.format, "format", "table", "with --dry-run: table or jsonl")
	flags.IntVar(&o.limit, "limit", 0, "with --dry-run, show so many posts at most; 0 for all")
	flags.BoolVar(&o.backfill, "backfill", false, "go back to the period from --from until --until")
	flags.StringVar(&o.from, "from", "", "with --backfill: first day or time")
	flags.StringVar(&o.until, "until", "", "with --backfill: last day, or time at which it ends; now where it is left out")
	return cmd
}

// check refuses flags that do not go together.
func (o *collectOptions) check(cmd *cobra.Command) error {
	needs := map[string]bool{
		"source": o.once || o.dryRun || o.backfill, "account": o.once || o.dryRun || o.backfill, "all": o.once || o.dryRun,
		"from-start": o.dryRun, "roster": o.dryRun, "format": o.dryRun, "limit": o.dryRun, "from": o.backfill, "until": o.backfill,
	}
	with := map[string]string{
		"source": "--once, --dry-run or --backfill", "account": "--once, --dry-run or --backfill", "all": "--once",
		"from-start": "--dry-run", "roster": "--dry-run", "format": "--dry-run", "limit": "--dry-run", "from": "--backfill", "until": "--backfill",
	}
	for name, value := range map[string]string{"source": o.source, "account": o.account} {
		if cmd.Flags().Changed(name) && strings.TrimSpace(value) == "" {
			return fmt.Errorf("--%s %q; allowed: a name, or no --%[1]s for all", name, value)
		}
	}
	for _, name := range []string{"source", "account", "all", "from-start", "roster", "format", "limit", "from", "until"} {
		if cmd.Flags().Changed(name) && !needs[name] {
			return fmt.Errorf("--%s; allowed: with %s", name, with[name])
		}
	}
	switch {
	case o.backfill && o.from == "":
		return errors.New("--backfill; allowed: with --from, a day such as 2024-09-22")
	case o.backfill && o.all:
		return errors.New("--all; allowed: with --once")
	case o.format != "table" && o.format != "jsonl":
		return fmt.Errorf("--format %q; allowed: table, jsonl", o.format)
	case o.limit < 0:
		return fmt.Errorf("--limit %d; allowed: 0 or more", o.limit)
	}
	_, err := o.period()
	return err
}

// order is what the flags order.
func (o *collectOptions) order() (collect.Order, error) {
	period, err := o.period()
	return collect.Order{Source: o.source, Account: o.account, All: o.all, Anew: o.anew, Backfill: period}, err
}

func (o *collectOptions) period() (*collect.Period, error) {
	if !o.backfill {
		return nil, nil //nolint:nilnil // there is none
	}
	from, _, err := readMoment("--from", o.from)
	if err != nil {
		return nil, err
	}
	period := &collect.Period{From: from}
	if o.until != "" {
		until, day, err := readMoment("--until", o.until)
		if err != nil {
			return nil, err
		}
		if day {
			until = until.AddDate(0, 0, 1)
		}
		if !until.After(from) {
			return nil, fmt.Errorf("--until %s; allowed: after --from %s", o.until, o.from)
		}
		period.Until = until
	}
	if from.After(time.Now()) {
		return nil, fmt.Errorf("--from %s; allowed: a time that is past", o.from)
	}
	return period, nil
}

// readMoment reads a day in WIB or a time with its zone.
func readMoment(flag, value string) (at time.Time, day bool, err error) {
	if at, err = time.ParseInLocation(time.DateOnly, value, strict.WIB); err == nil {
		return at, true, nil
	}
	if at, err = time.Parse(time.RFC3339, value); err == nil {
		return at, false, nil
	}
	return at, false, fmt.Errorf("%s %q; allowed: a day such as 2024-11-20, or a time such as 2024-11-20T08:00:00+07:00", flag, value)
}
