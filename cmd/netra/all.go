package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/tuning"
)

func allCommand(a *app) *cobra.Command {
	return drains(&cobra.Command{
		Use:   "all",
		Short: "Run collector, worker and console in one process",
		Long: `All runs the three parts in one process. Where the configuration names no brokers or
no ClickHouse address, it runs an embedded broker and the embedded ClickHouse
engine in the data directory, so that one machine needs nothing else.`,
		Example: "  netra all --config netra.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.serve(cmd.Context(), func(ctx context.Context, r *road, wait await) error {
				if err := a.openWhole(ctx, r, wait); err != nil {
					return err
				}
				c, err := a.addAll(ctx, r, wait)
				if err != nil {
					return err
				}
				return a.announce(ctx, c)
			})
		},
	})
}

// openWhole starts what is embedded, migrates, and opens the road.
func (a *app) openWhole(ctx context.Context, r *road, wait await) error {
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("make the data directory (key data_dir): %w", err)
	}
	if err := a.startEmbedded(ctx, r); err != nil {
		return err
	}
	return a.openRoad(ctx, r, migrate, wait)
}

// addAll adds the three parts, and returns the console.
func (a *app) addAll(ctx context.Context, r *road, wait await) (*console.Console, error) {
	configured, err := a.configuredClassifier()
	if err != nil {
		return nil, usage(err)
	}
	err = a.withBookOn(ctx, r.store, func(book *tuning.Book) error { return a.publishFirst(ctx, book) })
	if err != nil {
		return nil, err
	}
	if err := a.addWorker(ctx, r, configured, wait); err != nil {
		return nil, err
	}
	if err := a.addCollector(ctx, r); err != nil {
		return nil, err
	}
	return a.addConsole(ctx, r)
}
