package main

import (
	"context"
	"errors"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers"
)

func (a *app) addWorker(r *road, classifier classifiers.Classifier) error {
	w, err := a.newWorker(r.queue, r.store, r.roster, classifier)
	if err != nil {
		return err
	}
	r.parts = append(r.parts, part{name: "worker", run: w.Run, ready: w.Ready})
	return nil
}

func (a *app) addCollector(ctx context.Context, r *road) error {
	collector, closeAll, err := a.newCollector(ctx, r.queue, r.store, r.roster)
	if err != nil {
		return err
	}
	r.onClose(closeAll)
	r.parts = append(r.parts, part{name: "collector", run: collector.Run})
	return nil
}

// workerMemory is what the Go runtime of a worker aims to stay below, so that the
// process stays under 300 MB; GOMEMLIMIT sets another.
const workerMemory = 208 << 20

func boundMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(workerMemory)
	}
}

func workCommand(a *app) *cobra.Command {
	return drains(&cobra.Command{
		Use:   "work",
		Short: "Classify the posts in the queue and store what is flagged",
		Long: `Work reads the posts topic as a member of the workers' group, classifies each post
and stores flagged posts and hourly counts. Start as many as there are partitions;
each on a machine needs its own monitor.listen, or none. Kafka and ClickHouse may
come up later: it waits for them. On SIGTERM it finishes the batch in hand,
commits and ends.`,
		Example: "  netra work --config netra.yaml\n  NETRA_MONITOR_LISTEN=127.0.0.1:9465 netra work --config netra.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			boundMemory()
			classifier, err := a.newClassifier(a.cfg.Classify)
			if err != nil {
				return usage(err)
			}
			return a.serve(cmd.Context(), func(ctx context.Context, r *road, wait await) error {
				if err := a.openRoad(ctx, r, ping, wait); err != nil {
					return err
				}
				return a.addWorker(r, classifier)
			})
		},
	})
}

func collectCommand(a *app) *cobra.Command {
	return drains(&cobra.Command{
		Use:   "collect",
		Short: "Bring new posts from the configured sources into the queue",
		Long: `Collect visits the sources under the key collect.sources and sends the posts of roster
accounts to the queue. Where it was in each source is kept in the data directory.
Kafka and ClickHouse may come up later: it waits for them.`,
		Example: "  netra collect --config netra.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(a.cfg.Collect.Sources) == 0 {
				return usage(errors.New(`key "collect.sources": value []: allowed: one source or more, such as {name: exports, files: {paths: [inbox]}}`))
			}
			return a.serve(cmd.Context(), func(ctx context.Context, r *road, wait await) error {
				if err := a.openRoad(ctx, r, ping, wait); err != nil {
					return err
				}
				return a.addCollector(ctx, r)
			})
		},
	})
}
