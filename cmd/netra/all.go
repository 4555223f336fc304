package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func allCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "all",
		Short: "Run collector, worker and console in one process",
		Long: `All runs the three parts in one process. Where the configuration names no brokers or
no ClickHouse address, it runs an embedded broker and the embedded ClickHouse
engine in the data directory, so that one machine needs nothing else.`,
		Example: "  netra all --config netra.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withRoad(cmd.Context(), func(ctx context.Context, r *road) error {
				parts, err := a.allParts(ctx, r)
				if err != nil {
					return err
				}
				return a.serve(ctx, r.roster, parts...)
			})
		},
	}
}

// withRoad starts what is embedded, migrates, and opens the road for do.
func (a *app) withRoad(ctx context.Context, do func(context.Context, *road) error) error {
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("make the data directory (key data_dir): %w", err)
	}
	stop, err := a.startEmbedded(ctx)
	if err != nil {
		return err
	}
	defer stop()
	r, err := a.openRoad(ctx, migrate)
	if err != nil {
		return err
	}
	defer r.close()
	return do(ctx, r)
}

func (a *app) allParts(ctx context.Context, r *road) ([]part, error) {
	work, err := a.workPart(r)
	if err != nil {
		return nil, err
	}
	collect, err := a.collectPart(ctx, r)
	if err != nil {
		return nil, err
	}
	c, err := a.newConsole(r.store)
	if err != nil {
		return nil, err
	}
	if err := a.announce(ctx, c); err != nil {
		return nil, err
	}
	return []part{collect, work, consolePart(c)}, nil
}
